import { crc32 } from "./crc32.js";
import { PathAEError } from "./errors.js";
import {
  MAX_JPEG_SETS,
  MAX_LANES_LOG2,
  MAX_PIXEL_CHANNELS,
  MAX_QUALITY,
  MAX_TABLE_SETS,
  MAX_TILE_SIDE,
} from "./limits.js";

/**
 * The tile bitstream: header, payload, CRC. Specification, section 3.
 *
 * @typedef {"constant" | "latent" | "fallback" | "exact"} Mode
 * @typedef {{mode: Mode, height: number, width: number, channels: number, quality: number,
 *   tableSet: number, coding: number, payloadLength: number}} TileHeader
 * @typedef {{header: TileHeader, payload: Uint8Array}} Tile
 */

export const HEADER_BYTES = 16;
const CRC_BYTES = 4;
/** @type {Mode[]} */
const MODES = ["constant", "latent", "fallback", "exact"];
const CODINGS = {
  constant: [0, 0], latent: [0, MAX_LANES_LOG2], fallback: [1, 1], exact: [1, 4],
};

/**
 * Return the header at the start of a tile's bytes.
 *
 * @param {Uint8Array} bytes
 * @returns {TileHeader}
 * @throws {PathAEError} bad_magic, truncated, unsupported_version, field_out_of_range.
 */
export function parseHeader(bytes) {
  if ((bytes.length > 0 && bytes[0] !== 0x50) || (bytes.length > 1 && bytes[1] !== 0xae)) {
    throw new PathAEError("bad_magic", "tile magic: expected 50ae, got other bytes");
  }
  if (bytes.length < HEADER_BYTES) {
    throw new PathAEError(
      "truncated",
      `tile header: expected ${HEADER_BYTES} bytes, got ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes[2] !== 1) {
    throw new PathAEError(
      "unsupported_version",
      `tile version: expected 1, got ${bytes[2]}; a newer reader may know it`,
    );
  }
  const mode = MODES[bytes[3]];
  if (!mode) throw fieldError("mode", "0 to 3", bytes[3]);
  const latent = mode === "latent";
  const fields = {
    height: [view.getUint16(4, true), 1, MAX_TILE_SIDE],
    width: [view.getUint16(6, true), 1, MAX_TILE_SIDE],
    channels: mode === "exact" ? [bytes[8], 3, 3] : [bytes[8], 1, MAX_PIXEL_CHANNELS],
    quality: [bytes[9], 0, latent ? MAX_QUALITY : 0],
    tableSet: [bytes[10], 0, mode === "exact" ? MAX_JPEG_SETS - 1 : latent ? MAX_TABLE_SETS - 1 : 0],
    coding: [bytes[11], ...CODINGS[mode]],
    payloadLength: [view.getUint32(12, true), 0, 2 ** 32 - 1],
  };
  /** @type {any} */
  const header = { mode };
  for (const [name, [value, least, most]] of Object.entries(fields)) {
    if (value < least || value > most) throw fieldError(name, `${least} to ${most}`, value);
    header[name] = value;
  }
  return header;
}

/**
 * Split a tile bitstream into its header and payload.
 *
 * @param {Uint8Array} bytes
 * @returns {Tile}
 * @throws {PathAEError} As `parseHeader`, and truncated, trailing_bytes, checksum_mismatch.
 */
export function unpackTile(bytes) {
  const header = parseHeader(bytes);
  const end = HEADER_BYTES + header.payloadLength;
  if (bytes.length !== end + CRC_BYTES) {
    throw new PathAEError(
      bytes.length < end + CRC_BYTES ? "truncated" : "trailing_bytes",
      `tile: expected ${end + CRC_BYTES} bytes, got ${bytes.length}`,
    );
  }
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(end, true);
  if (stored !== crc32(bytes.subarray(0, end))) {
    throw new PathAEError(
      "checksum_mismatch",
      "tile crc: expected that of its bytes, got another; bytes were changed",
    );
  }
  return { header, payload: bytes.subarray(HEADER_BYTES, end) };
}

/** @param {string} name @param {string} expected @param {number | string} value */
export function fieldError(name, expected, value) {
  return new PathAEError("field_out_of_range", `tile ${name}: expected ${expected}, got ${value}`);
}
