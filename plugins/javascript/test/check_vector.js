/**
 * What a conformance vector asks of a decoder, in node and in a browser alike.
 */
import { loadArtifact } from "../src/artifact.js";
import { TileDecoder } from "../src/decoder.js";
import { Sha256 } from "../src/sha256.js";
import { crc32 } from "../src/crc32.js";
import { unpackTile } from "../src/tile.js";
import { readNpy } from "./npy.js";

/**
 * @typedef {(path: string) => Promise<Uint8Array | null>} ReadVector Null where there is no file.
 */

const UNAVAILABLE = "backend_unavailable";
const UNSEEN = /exact-(garbage|grey-as-rgb|jpeg-2000-\w+|jpeg-as-jpeg-2000|markers|other-\w+)$/;
const text = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

/**
 * Check a valid vector.
 *
 * @param {ReadVector} read
 * @param {string} folder `valid/<name>`
 * @returns {Promise<{peak: number, rms: number} | null>} Of the pixels; null without pixels.
 */
export async function checkValid(read, folder) {
  const stated = text(await read(`${folder}/case.json`));
  const bytes = /** @type {Uint8Array} */ (await read(`${folder}/tile.pae`));
  const model = stated.model ?? "model.safetensors";
  const artifact = loadArtifact(/** @type {Uint8Array} */ (await read(model)));
  const decoder = new TileDecoder(artifact);
  if (isExact(bytes)) return checkUnavailable(decoder, bytes);
  const symbols = await read(`${folder}/symbols.npy`);
  if (symbols) await checkSymbols(read, folder, decoder, unpackTile(bytes), stated, readNpy(symbols));
  const pixels = await read(`${folder}/pixels.npy`);
  if (!pixels) return null;
  const found = await decoder.decode(bytes, stated.realism ?? null);
  const wanted = readNpy(pixels);
  equal(wanted.shape, [found.height, found.width, found.channels], "shape");
  const errors = Array.from(wanted.data, (value, index) => Math.abs(value - found.data[index]));
  const peak = Math.max(...errors);
  const rms = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
  if (peak > stated.peak_error || rms > stated.rms_error) {
    throw new Error(`pixels: peak ${peak} of ${stated.peak_error}, rms ${rms} of ${stated.rms_error}`);
  }
  return { peak, rms };
}

const isExact = (bytes) => bytes[3] === 3;

/** Exact tiles are not decoded here: that is told, and no other pixels are given. */
async function checkUnavailable(decoder, bytes) {
  const reason = await decoder.decode(bytes).then(
    () => "none: it was decoded",
    (error) => error.reason,
  );
  equal(reason, UNAVAILABLE, "reason");
  return null;
}

async function checkSymbols(read, folder, decoder, tile, stated, wanted) {
  const symbols = decoder.decodeSymbols(tile);
  equal(symbols, wanted.data, "symbols");
  equal(new Sha256().update(new Uint8Array(symbols.buffer)).hex(), stated.symbols_sha256, "sha256");
  const input = await read(`${folder}/input.npy`);
  if (!input) return;
  equal(crc32(tile.payload), stated.seed, "seed");
  equal(decoder.synthesisInput(tile, symbols), readNpy(input).data, "input of the synthesis");
}

/**
 * Check that an invalid vector is refused, for the reason that it states.
 *
 * @param {ReadVector} read
 * @param {string} folder `invalid/<name>`
 */
export async function checkInvalid(read, folder) {
  const stated = text(await read(`${folder}/case.json`));
  const artifact = await read(`${folder}/artifact.safetensors`);
  let reason = "none: it was taken";
  try {
    const model = loadArtifact(/** @type {Uint8Array} */ (artifact ?? (await read(stated.model))));
    const tile = await read(`${folder}/tile.pae`);
    if (tile) await new TileDecoder(model).decode(tile);
  } catch (error) {
    reason = /** @type {any} */ (error).reason ?? String(/** @type {any} */ (error).stack);
  }
  // What only the streams of an exact tile show is not found by who does not decode them.
  if (reason === UNAVAILABLE && UNSEEN.test(folder)) return;
  equal(reason, stated.error, "reason");
}

function equal(found, wanted, what) {
  if (found.length !== wanted.length || `${found}` !== `${wanted}`) {
    throw new Error(`${what}: expected ${`${wanted}`.slice(0, 80)}, got ${`${found}`.slice(0, 400)}`);
  }
}
