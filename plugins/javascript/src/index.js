/** PathAE in JavaScript: tiles, artifacts and slides of the format; nothing is ever encoded. */
export { loadArtifact, loadParameters } from "./artifact.js";
export { parseConfiguration } from "./configuration.js";
export { TileDecoder } from "./decoder.js";
export { decodersIn } from "./decoders.js";
export { PathAEError } from "./errors.js";
export { DecoderPool } from "./pool.js";
export { openSlide } from "./slide.js";
export { parseHeader, unpackTile } from "./tile.js";
