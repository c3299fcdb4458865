import { loadParameters } from "./artifact.js";
import { TileDecoder } from "./decoder.js";
import { decodersIn } from "./decoders.js";
import { PathAEError } from "./errors.js";

/**
 * Compression 44718 for geotiff.js:
 *
 *     import { addDecoder, fromUrl } from "geotiff";
 *     import { preparePathAE, registerPathAE } from "pathae/geotiff";
 *     registerPathAE(addDecoder);
 *     const tiff = await preparePathAE(await fromUrl("slide.tif"));
 *     const pixels = await (await tiff.getImage(0)).readRasters({ interleave: true });
 *
 * Codec parameters lie in the first directory and hold for all of them, while geotiff.js shows a
 * decoder its own directory alone: hence `preparePathAE`.
 */

const COMPRESSION = 44718;
const PARAMETERS = 65502;

/** @type {WeakMap<object, TileDecoder>} By directory. */
const decoders = new WeakMap();

/**
 * Teach geotiff.js the compression.
 *
 * @param {(...argument: any[]) => void} addDecoder That of geotiff.js.
 */
export function registerPathAE(addDecoder) {
  addDecoder(COMPRESSION, async () => PathAEBlocks, directoryParameters, false);
}

/**
 * Read the codec parameters of a TIFF.
 *
 * @template {{getImage: (index: number) => Promise<any>, getImageCount: () => Promise<number>}} Tiff
 * @param {Tiff} tiff
 * @param {import("./decoder.js").FindDecoder} [findDecoder]
 * @returns {Promise<Tiff>} The same.
 * @throws {PathAEError} bad_magic: it is no PathAE TIFF.
 */
export async function preparePathAE(tiff, findDecoder = decodersIn()) {
  const first = (await tiff.getImage(0)).fileDirectory;
  const parameters = await first.loadValue(PARAMETERS);
  if (!parameters) throw new PathAEError("bad_magic", `TIFF: expected tag ${PARAMETERS}, found none`);
  const decoder = new TileDecoder(loadParameters(Uint8Array.from(parameters)), findDecoder);
  for (let index = 0; index < (await tiff.getImageCount()); index++) {
    decoders.set((await tiff.getImage(index)).fileDirectory, decoder);
  }
  return tiff;
}

async function directoryParameters(directory) {
  const decoder = decoders.get(directory);
  if (!decoder) {
    throw new PathAEError("invalid_setting", "TIFF: expected preparePathAE(tiff) before it is read");
  }
  return { decoder, predictor: 1 };
}

class PathAEBlocks {
  /** @param {{decoder: TileDecoder}} parameters */
  constructor({ decoder }) {
    this.decoder = decoder;
  }

  /** @param {ArrayBuffer} bytes @returns {Promise<ArrayBuffer>} Row by row, interleaved. */
  async decode(bytes) {
    return /** @type {ArrayBuffer} */ ((await this.decoder.decode(new Uint8Array(bytes))).data.buffer);
  }
}
