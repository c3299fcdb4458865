import { PathAEError, containerError } from "./errors.js";
import { Ledger } from "./ledger.js";
import { openOmeZarr } from "./ome_zarr.js";
import { openTiff } from "./tiff.js";

/**
 * A slide in a container, by URL: its pyramid, its record, the bytes of its tiles.
 *
 * @typedef {import("./pyramid.js").Level} Level
 * @typedef {object} Slide
 * @property {"tiff" | "zarr3" | "zarr2"} kind
 * @property {Level[]} levels Finest first.
 * @property {number} tile Side of a tile in pixels.
 * @property {any} record The slide record, specification section 6.
 * @property {Uint8Array} parameters Codec parameters.
 * @property {import("./ranges.js").Traffic} traffic
 * @property {(level: number, row: number, column: number, signal?: AbortSignal) =>
 *   Promise<Uint8Array | null>} tileBytes The bitstream of a tile; null for one that is omitted,
 *   which is white.
 * @property {() => Promise<Ledger | null>} ledger What is known of each tile, fetched when asked for;
 *   null in files of before there was one.
 * @typedef {Omit<Slide, "ledger"> & {ledgerBytes: () => Promise<Uint8Array | null>}} Container
 */

/**
 * Open a PathAE TIFF or OME-Zarr.
 *
 * @param {string} url Of a file, or of the folder of an OME-Zarr.
 * @returns {Promise<Slide>}
 * @throws {import("./errors.js").PathAEError} invalid_container, slide_unreadable.
 */
export async function openSlide(url) {
  const path = new URL(url, globalThis.location?.href).pathname.replace(/\/$/, "");
  const zarr = /\.zarr$/i.test(path);
  try {
    return withLedger(await (zarr ? openOmeZarr(url.replace(/\/$/, "")) : openTiff(url)));
  } catch (error) {
    if (error instanceof PathAEError) throw error;
    // What a hostile container makes of our reading is its fault, and told so.
    throw containerError(`${url}: ${/** @type {Error} */ (error).message}`);
  }
}

/** @param {Container} container @returns {Slide} */
function withLedger(container) {
  /** @type {Promise<Ledger | null> | null} */
  let asked = null;
  const ledger = () => {
    asked ??= container.ledgerBytes().then((bytes) => bytes && new Ledger(bytes, container.levels));
    return asked;
  };
  return {
    ...container,
    ledger,
    async tileBytes(level, row, column, signal) {
      const bytes = await container.tileBytes(level, row, column, signal);
      if (bytes) {
        // Who has the ledger compares; who has not does not fetch it for that.
        if (asked) (await asked)?.check(bytes, level, row, column);
        return bytes;
      }
      const known = await ledger();
      if (known && !known.entry(level, row, column).omitted) {
        throw containerError(`tile ${[level, row, column]}: expected bytes, it is lost`);
      }
      return null;
    },
  };
}
