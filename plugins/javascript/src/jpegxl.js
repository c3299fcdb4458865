import { payloadError } from "./errors.js";
import { jpegXlHeader } from "./jpegxl_header.js";
import { readBytes } from "./kernel.js";

/** Fallback tiles. Specification, section 3.5. */

/** @type {Promise<any> | undefined} Loaded when the first such tile is met: 0.9 MB. */
let decoder;

function loadDecoder() {
  decoder ??= Promise.all([
    import("../vendor/jpegxl/jxl_dec.js"),
    readBytes(new URL("../vendor/jpegxl/jxl_dec.wasm", import.meta.url)),
  ]).then(([module, wasmBinary]) =>
    module.default({ noInitialRun: true, wasmBinary, printErr() {}, print() {} }),
  );
  return decoder;
}

/**
 * Decode a fallback tile.
 *
 * @param {import("./tile.js").Tile} tile
 * @returns {Promise<Uint8Array>} (height, width, channels).
 * @throws {PathAEError} invalid_payload: not JPEG XL, or not as the header states.
 */
export async function decodeJpegXl({ header, payload }) {
  const { height, width, channels } = header;
  const found = jpegXlHeader(payload);
  if (
    found.height !== height || found.width !== width ||
    found.channels !== channels || found.bits !== 8
  ) {
    throw payloadError(
      `fallback payload: expected uint8 (${[height, width, channels]}), got ${found.bits} bits ` +
        `(${[found.height, found.width, found.channels]})`,
    );
  }
  const module = await loadDecoder();
  let image;
  try {
    image = module.decode(payload);
  } catch (error) {
    // A decoder that failed inside keeps what it had: the next tile gets a new one.
    decoder = undefined;
    throw payloadError(`fallback payload: ${error}`);
  }
  if (image?.width !== width || image?.height !== height) {
    throw payloadError("fallback payload: expected a whole JPEG XL image");
  }
  return takeChannels(image.data, channels);
}

/** @param {Uint8ClampedArray} rgba @param {number} channels @returns {Uint8Array} */
function takeChannels(rgba, channels) {
  const places = { 1: [0], 2: [0, 3], 3: [0, 1, 2], 4: [0, 1, 2, 3] }[channels] ?? [];
  const data = new Uint8Array((rgba.length / 4) * channels);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    for (const place of places) data[to++] = rgba[from + place];
  }
  return data;
}
