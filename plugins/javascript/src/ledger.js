import { crc32 } from "./crc32.js";
import { PathAEError, containerError } from "./errors.js";
import { Sha256 } from "./sha256.js";

/**
 * The ledger: what is known of each tile beside its bytes. Specification, section 10.1.
 *
 * @typedef {{omitted: boolean, glass: boolean, psnr: number | null}} TileEntry `psnr` in dB, at
 *   least; null where it was not measured.
 */

const MAGIC = 0x4c454150;
const HEAD_BYTES = 8;
const HASH_BYTES = 8;
const INFINITE = 255;

/** Bytes of a ledger of these levels. @param {import("./pyramid.js").Level[]} levels */
export function ledgerBytes(levels) {
  const tiles = levels.map(({ rows, columns }) => rows * columns);
  const each = tiles.map((n) => 8 + 2 * Math.ceil(n / 8) + n + HASH_BYTES * n);
  return HEAD_BYTES + 4 + each.reduce((all, one) => all + one, 0);
}

export class Ledger {
  /**
   * @param {Uint8Array} bytes
   * @param {import("./pyramid.js").Level[]} levels
   * @throws {PathAEError} unsupported_version, checksum_mismatch, invalid_container.
   */
  constructor(bytes, levels) {
    const size = ledgerBytes(levels);
    if (bytes.length !== size) {
      throw containerError(`ledger: expected ${size} bytes, got ${bytes.length}`);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, size);
    if (view.getUint32(0, true) !== MAGIC) throw containerError("ledger: expected its magic");
    const version = view.getUint16(4, true);
    if (version !== 1) {
      throw new PathAEError("unsupported_version", `ledger version: expected 1, got ${version}`);
    }
    if (crc32(bytes.subarray(0, -4)) !== view.getUint32(size - 4, true)) {
      throw new PathAEError("checksum_mismatch", "ledger: its bytes were changed");
    }
    const grids = levels.map((_, i) => [8 + 8 * i, 12 + 8 * i].map((at) => view.getUint32(at, true)));
    const wanted = levels.map(({ rows, columns }) => [rows, columns]);
    if (view.getUint16(6, true) !== levels.length || `${grids}` !== `${wanted}`) {
      throw containerError(`ledger: expected the grids ${wanted}, got ${grids}`);
    }
    this.levels = levels;
    let place = HEAD_BYTES + 8 * levels.length;
    const split = (bytesOf) =>
      levels.map(({ rows, columns }) => {
        const length = bytesOf(rows * columns);
        place += length;
        return bytes.subarray(place - length, place);
      });
    this.omitted = split((n) => Math.ceil(n / 8));
    this.glass = split((n) => Math.ceil(n / 8));
    this.quality = split((n) => n);
    this.hashes = split((n) => HASH_BYTES * n);
  }

  /** @param {number} level @param {number} row @param {number} column @returns {TileEntry} */
  entry(level, row, column) {
    const k = row * this.levels[level].columns + column;
    const bit = (map) => Boolean(map[level][k >> 3] & (1 << (k & 7)));
    const omitted = bit(this.omitted);
    return { omitted, glass: omitted || bit(this.glass), psnr: psnrOf(this.quality[level][k]) };
  }

  /**
   * Return the tiles of least PSNR among those that were measured, the worst first.
   *
   * @param {number} count
   * @returns {{level: number, row: number, column: number, psnr: number}[]}
   */
  worst(count) {
    const found = this.quality.flatMap((quality, level) => {
      const { columns } = this.levels[level];
      return Array.from(quality, (value, k) => ({ value, k }))
        .filter(({ value }) => value && value !== INFINITE)
        .sort((a, b) => a.value - b.value)
        .slice(0, count)
        .map(({ value, k }) => ({
          level, row: Math.floor(k / columns), column: k % columns, psnr: value / 4,
        }));
    });
    return found.sort((a, b) => a.psnr - b.psnr).slice(0, count);
  }

  /**
   * Refuse a tile that is not the one of its place.
   *
   * @param {Uint8Array} bytes
   * @throws {PathAEError} checksum_mismatch.
   */
  check(bytes, level, row, column) {
    const place = new DataView(new ArrayBuffer(12));
    [level, row, column].forEach((value, index) => place.setUint32(4 * index, value, true));
    const hex = new Sha256().update(new Uint8Array(place.buffer)).update(bytes).hex();
    const at = HASH_BYTES * (row * this.levels[level].columns + column);
    const stored = this.hashes[level].subarray(at, at + HASH_BYTES);
    const text = Array.from(stored, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (!hex.startsWith(text)) {
      throw new PathAEError(
        "checksum_mismatch",
        `tile ${[level, row, column]}: expected the hash of the ledger, got another; it was exchanged`,
      );
    }
  }
}

/** @param {number} value @returns {number | null} */
function psnrOf(value) {
  if (value === 0) return null;
  return value === INFINITE ? Infinity : value / 4;
}
