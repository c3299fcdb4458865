import { parseConfiguration } from "./configuration.js";
import { containerError } from "./errors.js";
import { MAX_LEDGER_BYTES, MAX_RECORD_BYTES, MAX_TILE_BYTES } from "./limits.js";
import { buildLevels, checkPlace } from "./pyramid.js";
import { RangedFile } from "./ranges.js";

/** The OME-Zarr binding, 0.5 with or without shards, and 0.4: read by ranges. */

/** No tile, in the index of a shard. */
const MISSING = 2n ** 64n - 1n;

/**
 * @param {string} url Of the group, without a slash at its end.
 * @returns {Promise<import("./slide.js").Container>}
 */
export async function openOmeZarr(url) {
  const traffic = { requests: 0, bytes: 0 };
  const json = (name) => readJson(url, name, traffic);
  const group = await json("zarr.json");
  const attributes = group ? group.attributes : await json(".zattrs");
  const multiscales = (group ? attributes?.ome : attributes)?.multiscales;
  const paths = multiscales?.[0]?.datasets?.map(({ path }) => path);
  if (!attributes?.pathae || !Array.isArray(paths) || !paths.every((p) => /^[\w-]+$/.test(p))) {
    throw containerError(`${url}: expected an OME-Zarr with a pathae record`);
  }
  const metadata = await Promise.all(
    paths.map((path) => json(group ? `${path}/zarr.json` : `${path}/.zarray`)),
  );
  const arrays = metadata.map((found) => (group ? arrayOfVersion3(found) : arrayOfVersion2(found)));
  const tile = arrays[0].tile;
  const levels = buildLevels(arrays.map(({ sides }) => sides), tile, attributes.pathae);
  // Level 0 has the decoder, if one is embedded; the other levels have the same parameters.
  const { parameters } = await parseConfiguration(arrays[0].configuration);
  if (!parameters) throw containerError(`${url}: expected codec parameters at level 0`);
  /** @type {Map<string, Promise<BigUint64Array | null>>} */
  const indices = new Map();
  return {
    kind: group ? "zarr3" : "zarr2",
    levels,
    tile,
    record: attributes.pathae,
    parameters,
    traffic,
    async ledgerBytes() {
      const name = `${url}/ledger/${group ? "c/" : ""}0`;
      return new RangedFile(name, traffic).readWhole(MAX_LEDGER_BYTES);
    },
    async tileBytes(level, row, column, signal) {
      checkPlace(levels, level, row, column);
      const { shard } = arrays[level];
      const folder = `${url}/${paths[level]}${group ? "/c" : ""}/0`;
      if (!shard) {
        const file = new RangedFile(`${folder}/${row}/${column}`, traffic);
        return file.readWhole(MAX_TILE_BYTES);
      }
      const [high, across] = shard;
      const name = `${folder}/${Math.floor(row / high)}/${Math.floor(column / across)}`;
      const file = new RangedFile(name, traffic);
      if (!indices.has(name)) indices.set(name, readIndex(file, high * across));
      const index = await indices.get(name);
      const place = (row % high) * across + (column % across);
      if (!index || index[2 * place] === MISSING) return null;
      const [start, length] = [Number(index[2 * place]), Number(index[2 * place + 1])];
      if (length > MAX_TILE_BYTES) throw containerError(`shard ${name}: expected a tile in it`);
      return file.read(start, start + length, signal);
    },
  };
}

async function readJson(url, name, traffic) {
  const bytes = await new RangedFile(`${url}/${name}`, traffic).readWhole(MAX_RECORD_BYTES);
  return bytes && JSON.parse(new TextDecoder().decode(bytes));
}

/**
 * @typedef {{sides: number[], tile: number, shard: number[] | null, configuration: any}} TileArray
 * @param {any} metadata Of `zarr.json`.
 * @returns {TileArray}
 */
function arrayOfVersion3(metadata) {
  const chunk = metadata?.chunk_grid?.configuration?.chunk_shape;
  const outer = metadata?.codecs?.[0];
  const sharded = outer?.name === "sharding_indexed";
  const codec = sharded ? outer.configuration.codecs?.[0] : outer;
  const inner = sharded ? outer.configuration.chunk_shape : chunk;
  if (codec?.name !== "pathae" || (sharded && outer.configuration.index_location === "start")) {
    throw containerError("array: expected the codec pathae, in shards with an index at their end");
  }
  const shard = sharded ? [chunk[1] / inner[1], chunk[2] / inner[2]] : null;
  return checkArray(metadata.shape, inner, shard, codec.configuration);
}

/** @param {any} metadata Of `.zarray`. @returns {TileArray} */
function arrayOfVersion2(metadata) {
  if (metadata?.compressor?.id !== "pathae" || metadata.dimension_separator !== "/") {
    throw containerError("array: expected the compressor pathae and / between the numbers of chunks");
  }
  return checkArray(metadata.shape, metadata.chunks, null, metadata.compressor);
}

/** @returns {TileArray} */
function checkArray(shape, chunk, shard, configuration) {
  const sound =
    shape?.length === 3 && shape[0] === 3 && chunk?.[0] === 3 && chunk[1] === chunk[2] &&
    (shard ?? []).every((side) => Number.isInteger(side) && side >= 1 && side <= 4096);
  if (!sound) throw containerError(`array: expected (3, height, width) in tiles, got ${shape}`);
  return { sides: [shape[2], shape[1]], tile: chunk[1], shard, configuration };
}

/** @param {RangedFile} file @param {number} tiles @returns {Promise<BigUint64Array | null>} */
async function readIndex(file, tiles) {
  const size = 16 * tiles + 4;
  const bytes = await file.read(-size);
  if (!bytes) return null;
  if (bytes.length !== size) throw containerError(`shard ${file.url}: expected an index at its end`);
  const packed = bytes.slice(0, -4);
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(size - 4, true);
  if (crc32c(packed) !== stored) throw containerError(`shard ${file.url}: its index was changed`);
  return new BigUint64Array(packed.buffer);
}

/** CRC-32C, which closes the index of a shard. @param {Uint8Array} bytes */
function crc32c(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
