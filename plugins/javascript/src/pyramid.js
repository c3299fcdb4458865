import { PathAEError, containerError } from "./errors.js";
import { MAX_LEVELS, MAX_LEVEL_SIDE, MAX_LEVEL_TILES, MAX_TILE_SIDE } from "./limits.js";

/**
 * Levels and grids of tiles. Specification, section 2.
 *
 * @typedef {{width: number, height: number, rows: number, columns: number, downsample: number}} Level
 */

/**
 * Return the levels of sides that a container states.
 *
 * @param {number[][]} sides Width and height of each, finest first.
 * @param {number} tile
 * @param {any} record
 * @returns {Level[]}
 */
export function buildLevels(sides, tile, record) {
  if (record?.format !== "pathae" || record.version !== 1) {
    throw containerError("slide record: expected format pathae, version 1");
  }
  if (!Number.isInteger(tile) || tile < 1 || tile > MAX_TILE_SIDE) {
    throw containerError(`tile: expected a side of 1 to ${MAX_TILE_SIDE}, got ${tile}`);
  }
  if (sides.length < 1 || sides.length > MAX_LEVELS) {
    throw containerError(`levels: expected 1 to ${MAX_LEVELS}, got ${sides.length}`);
  }
  if (record.levels && `${record.levels}` !== `${sides}`) {
    throw containerError(`levels: expected ${record.levels} by the record, got ${sides}`);
  }
  return sides.map(([width, height]) => {
    const [rows, columns] = [Math.ceil(height / tile), Math.ceil(width / tile)];
    const within = [width, height].every((side) => side >= 1 && side <= MAX_LEVEL_SIDE);
    if (!within || rows * columns > MAX_LEVEL_TILES) {
      throw containerError(`level: expected sides within the limits, got ${width} x ${height}`);
    }
    return { width, height, rows, columns, downsample: sides[0][0] / width };
  });
}

/**
 * Refuse a tile that is not on the grid.
 *
 * @param {Level[]} levels
 * @param {number} level
 * @param {number} row
 * @param {number} column
 * @returns {Level}
 */
export function checkPlace(levels, level, row, column) {
  const found = levels[level];
  if (!found || !(row >= 0 && row < found.rows && column >= 0 && column < found.columns)) {
    throw new PathAEError("invalid_setting", `tile ${[level, row, column]}: expected one of the grid`);
  }
  return found;
}
