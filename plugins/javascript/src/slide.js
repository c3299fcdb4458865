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
 *   Promise<Uint8Array | null>} tileBytes The bitstream of a tile; null for one that is left out.
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
  return /\.zarr$/i.test(path) ? openOmeZarr(url.replace(/\/$/, "")) : openTiff(url);
}
