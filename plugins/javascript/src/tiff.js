import { containerError } from "./errors.js";
import { buildLevels, checkPlace } from "./pyramid.js";
import { MAX_LEDGER_BYTES, MAX_PARAMETERS_BYTES, MAX_RECORD_BYTES, MAX_TILE_BYTES } from "./limits.js";
import { RangedFile } from "./ranges.js";

/** The TIFF binding: tiles, record and codec parameters of a TIFF, read by ranges. */

const COMPRESSION = 44718;
const [WIDTH, HEIGHT, CODING, TILE_WIDTH, TILE_HEIGHT] = [256, 257, 259, 322, 323];
const [OFFSETS, COUNTS, RECORD, PARAMETERS, LEDGER] = [324, 325, 65501, 65502, 65503];
const WANTED = [
  WIDTH, HEIGHT, CODING, TILE_WIDTH, TILE_HEIGHT, OFFSETS, COUNTS, RECORD, PARAMETERS,
  LEDGER,
];
/** Bytes of a value by its type; others are of no use here. */
const TYPE_BYTES = { 1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 13: 4, 16: 8, 18: 8 };
const BLOCK = 65536;
const MAX_DIRECTORIES = 256;

/**
 * @param {string} url
 * @returns {Promise<import("./slide.js").Container>}
 */
export async function openTiff(url) {
  const file = new RangedFile(url);
  const bytes = new Blocks(file);
  const { classic, first } = await readStart(bytes);
  const found = [];
  for (let at = first, count = 0; at; count++) {
    if (count === MAX_DIRECTORIES) throw containerError(`${url}: expected an end of its directories`);
    const { entries, next } = await readDirectory(bytes, at, classic);
    if ((await number(bytes, entries, CODING)) === COMPRESSION) found.push(entries);
    at = next;
  }
  if (!found.length) throw containerError(`${url}: expected tiles of compression ${COMPRESSION}`);
  const text = await blob(bytes, found[0], RECORD, MAX_RECORD_BYTES);
  const record = JSON.parse(new TextDecoder().decode(text).replace(/\0+$/, ""));
  const tile = await number(bytes, found[0], TILE_WIDTH);
  const sides = await Promise.all(
    found.map((entries) =>
      Promise.all([number(bytes, entries, WIDTH), number(bytes, entries, HEIGHT)]),
    ),
  );
  const levels = buildLevels(sides, tile, record);
  /** @type {Promise<{offsets: number[], counts: number[]}>[]} Read when a level is looked at. */
  const places = [];
  return {
    kind: "tiff",
    levels,
    tile,
    record,
    parameters: await blob(bytes, found[0], PARAMETERS, MAX_PARAMETERS_BYTES),
    traffic: file.traffic,
    async ledgerBytes() {
      const entry = found[0].get(LEDGER);
      if (!entry) return null;
      if (entry.count > MAX_LEDGER_BYTES) throw containerError("ledger: expected fewer bytes");
      return file.read(entry.place, entry.place + entry.count);
    },
    async tileBytes(level, row, column, signal) {
      const { rows, columns } = checkPlace(levels, level, row, column);
      places[level] ??= readPlaces(bytes, found[level], rows * columns);
      const { offsets, counts } = await places[level];
      const index = row * columns + column;
      if (!counts[index]) throw containerError(`tile ${[level, row, column]}: expected bytes, none`);
      if (counts[index] > MAX_TILE_BYTES) throw containerError("tile: expected fewer bytes");
      return file.read(offsets[index], offsets[index] + counts[index], signal);
    },
  };
}

/** Blocks of a file, each read once: what describes a slide lies together. */
class Blocks {
  /** @param {RangedFile} file */
  constructor(file) {
    this.file = file;
    /** @type {Map<number, Promise<Uint8Array>>} */
    this.blocks = new Map();
  }

  /** @param {number} start @param {number} length @returns {Promise<DataView>} */
  async view(start, length) {
    const [from, to] = [Math.floor(start / BLOCK), Math.floor((start + length - 1) / BLOCK)];
    const parts = [];
    for (let block = from; block <= to; block++) {
      if (!this.blocks.has(block)) {
        let last = block;
        while (last < to && !this.blocks.has(last + 1)) last++;
        this.#fetch(block, last);
      }
      parts.push(/** @type {Promise<Uint8Array>} */ (this.blocks.get(block)));
    }
    const joined = new Uint8Array((to - from + 1) * BLOCK);
    let end = 0;
    for (const part of await Promise.all(parts)) {
      joined.set(part, end);
      end += part.length;
    }
    const first = start - from * BLOCK;
    if (first + length > end) {
      throw containerError(`${this.file.url}: expected ${length} bytes at ${start}, it ends before`);
    }
    return new DataView(joined.buffer, first, length);
  }

  /** One request for blocks that lie side by side. */
  #fetch(first, last) {
    const all = this.file.read(first * BLOCK, (last + 1) * BLOCK).then((bytes) => {
      if (!bytes) throw containerError(`${this.file.url}: no such file`);
      return bytes;
    });
    for (let block = first; block <= last; block++) {
      const at = (block - first) * BLOCK;
      this.blocks.set(block, all.then((bytes) => bytes.subarray(at, at + BLOCK)));
    }
  }
}

/** @param {Blocks} bytes */
async function readStart(bytes) {
  const view = await bytes.view(0, 16);
  const magic = view.getUint16(2, true);
  if (view.getUint16(0, true) !== 0x4949 || ![42, 43].includes(magic)) {
    throw containerError(`${bytes.file.url}: expected a little-endian TIFF`);
  }
  const classic = magic === 42;
  return { classic, first: classic ? view.getUint32(4, true) : wide(view, 8) };
}

/** @param {DataView} view @param {number} at */
const wide = (view, at) => Number(view.getBigUint64(at, true));

/**
 * @param {Blocks} bytes
 * @param {number} at
 * @param {boolean} classic
 * @returns {Promise<{entries: Map<number, Entry>, next: number}>}
 *
 * @typedef {{type: number, count: number, place: number}} Entry Where its values lie.
 */
async function readDirectory(bytes, at, classic) {
  const [head, size, short] = classic ? [2, 12, 4] : [8, 20, 8];
  const start = await bytes.view(at, head);
  const count = classic ? start.getUint16(0, true) : wide(start, 0);
  if (count > 4096) throw containerError("directory: expected fewer tags");
  const view = await bytes.view(at + head, count * size + short);
  const entries = new Map();
  for (let place = 0; place < count * size; place += size) {
    const tag = view.getUint16(place, true);
    if (!WANTED.includes(tag)) continue;
    const type = view.getUint16(place + 2, true);
    const values = classic ? view.getUint32(place + 4, true) : wide(view, place + 4);
    const here = place + size - short;
    const inside = values * (TYPE_BYTES[type] ?? 0) <= short;
    const elsewhere = classic ? view.getUint32(here, true) : wide(view, here);
    entries.set(tag, { type, count: values, place: inside ? at + head + here : elsewhere });
  }
  const after = count * size;
  return { entries, next: classic ? view.getUint32(after, true) : wide(view, after) };
}

/** @param {Blocks} bytes @param {Map<number, Entry>} entries @param {number} tag */
async function numbers(bytes, entries, tag, most = 1) {
  const entry = entries.get(tag);
  const width = entry && TYPE_BYTES[entry.type];
  if (!entry || !width || entry.count > most) throw containerError(`tag ${tag}: expected, not found`);
  const view = await bytes.view(entry.place, entry.count * width);
  return Array.from({ length: entry.count }, (_, index) => {
    if (width === 8) return wide(view, 8 * index);
    return width === 4 ? view.getUint32(4 * index, true) : view.getUint16(2 * index, true);
  });
}

/** @param {Blocks} bytes @param {Map<number, Entry>} entries @param {number} tag */
const number = async (bytes, entries, tag) => (await numbers(bytes, entries, tag))[0];

/** @param {Blocks} bytes @param {Map<number, Entry>} entries @param {number} tag */
async function blob(bytes, entries, tag, most) {
  const entry = entries.get(tag);
  if (!entry || entry.count > most) throw containerError(`tag ${tag}: expected ${most} bytes at most`);
  const view = await bytes.view(entry.place, entry.count);
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** @param {Blocks} bytes @param {Map<number, Entry>} entries @param {number} tiles */
async function readPlaces(bytes, entries, tiles) {
  const [offsets, counts] = await Promise.all([
    numbers(bytes, entries, OFFSETS, tiles),
    numbers(bytes, entries, COUNTS, tiles),
  ]);
  if (offsets.length !== tiles || counts.length !== tiles) {
    throw containerError(`level: expected ${tiles} tiles, got ${offsets.length}`);
  }
  return { offsets, counts };
}
