import { payloadError } from "./errors.js";
import { jpegXlHeader } from "./jpegxl_header.js";
import { MAX_STREAMS_SIDE } from "./limits.js";
import { fieldError } from "./tile.js";

/**
 * Exact tiles: the compressed tiles of a source. Their layout is checked; their streams are not
 * decoded, since a JPEG has to be given back from JPEG XL first, and no kept package for browsers
 * does. Specification, section 3.7.
 */

const JPEG_2000 = 4;

/**
 * Check what can be checked without decoding a stream.
 *
 * @param {import("./tile.js").Tile} tile
 * @param {number} jpegSets Of the codec parameters.
 * @throws {PathAEError} field_out_of_range, invalid_payload.
 */
export function checkExact({ header, payload }, jpegSets) {
  const jpeg = header.coding !== JPEG_2000;
  if (jpeg && header.tableSet >= jpegSets) {
    throw fieldError("tableSet", `below ${jpegSets}, the file's JPEG sets`, header.tableSet);
  }
  const [rows = 0, columns = 0] = payload.subarray(0, 2);
  const inside = [rows, columns].every((count) => count >= 1 && count <= MAX_STREAMS_SIDE);
  if (!inside || header.height % rows || header.width % columns) {
    throw payloadError(`exact payload: expected parts of equal sides, got ${rows} x ${columns}`);
  }
  const start = 2 + 8 * rows * columns;
  if (payload.length < start) {
    throw payloadError(`exact payload: expected ${start} bytes or more, got ${payload.length}`);
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  let end = start;
  for (let at = 2; at < start; at += 8) {
    const [reconstruction, codestream] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
    if (reconstruction && !(jpeg && codestream)) {
      throw payloadError("exact payload: expected no reconstruction data, got some");
    }
    end += reconstruction + codestream;
  }
  if (end !== payload.length) {
    throw payloadError(`exact payload: expected lengths that fill it, got ${end}`);
  }
  if (jpeg) checkSides(header, payload, view, rows, columns);
}

/** Sides that codestreams state are those of their parts. */
function checkSides(header, payload, view, rows, columns) {
  let place = 2 + 8 * rows * columns;
  for (let at = 2; at < 2 + 8 * rows * columns; at += 8) {
    place += view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    if (length) {
      const { height, width } = jpegXlHeader(payload.subarray(place, place + length));
      if (height !== header.height / rows || width !== header.width / columns) {
        throw payloadError(`exact payload: expected the sides of a part, got ${height} x ${width}`);
      }
    }
    place += length;
  }
}
