/** Tiles for OpenSeadragon: from a slide that the page decodes, or from pictures of the server. */
import { parseHeader } from "./decoder/src/tile.js";
import { markDamaged, whiteTile } from "./drawn_tiles.js";

/** Levels finest first, as PathAE counts them; OpenSeadragon counts from the coarsest. */
export const levelOf = (levels, zoomLevel) => levels.length - 1 - zoomLevel;

/** What of a tile lies on its level. */
const shownSize = (level, tile, row, column) => ({
  width: Math.min(tile, level.width - column * tile),
  height: Math.min(tile, level.height - row * tile),
});

/**
 * @typedef {object} TileFacts What is known of a tile once it was looked at.
 * @property {"constant" | "latent" | "fallback" | "omitted" | "damaged" | string} mode
 * @property {number} [quality]
 * @property {number} [bytes]
 * @property {string} [error]
 */

/** Make a tile source of a pyramid whose tiles `load` gives as bitmaps. */
function tileSource({ levels, tile, name }, load) {
  const [finest] = levels;
  const source = new OpenSeadragon.TileSource({
    width: finest.width, height: finest.height, tileSize: tile, minLevel: 0,
    maxLevel: levels.length - 1,
  });
  const of = (zoomLevel) => levels[levelOf(levels, zoomLevel)];
  const tall = finest.height / finest.width;
  return Object.assign(source, {
    getLevelScale: (zoomLevel) => of(zoomLevel).width / finest.width,
    getNumTiles(zoomLevel) {
      const { width, height } = of(zoomLevel);
      return new OpenSeadragon.Point(Math.ceil(width / tile), Math.ceil(height / tile));
    },
    getTileBounds(zoomLevel, column, row, inSource) {
      const level = of(zoomLevel);
      const { width, height } = shownSize(level, tile, row, column);
      if (inSource) return new OpenSeadragon.Rect(0, 0, width, height);
      const [right, down] = [1 / level.width, tall / level.height];
      return new OpenSeadragon.Rect(
        column * tile * right, row * tile * down, width * right, height * down,
      );
    },
    getTileAtPoint(zoomLevel, point) {
      const { width, height } = of(zoomLevel);
      const place = (at, side) => Math.max(0, Math.min(Math.ceil(side / tile) - 1, Math.floor(at)));
      return new OpenSeadragon.Point(
        place((point.x * width) / tile, width),
        place(((point.y / tall) * height) / tile, height),
      );
    },
    getTileUrl: (zoomLevel, column, row) => `${name}/${zoomLevel}/${row}/${column}`,
    downloadTileStart(context) {
      const { level: zoomLevel, x: column, y: row } = context.tile;
      const index = levelOf(levels, zoomLevel);
      const abort = new AbortController();
      context.userData.abort = abort;
      load({ index, row, column, tile: context.tile, signal: abort.signal }).then(
        (bitmap) => context.finish(bitmap, null, "imageBitmap"),
        (error) => context.fail(String(error.message ?? error), null),
      );
    },
    downloadTileAbort(context) {
      context.userData.abort?.abort();
    },
  });
}

/**
 * Tiles that the page decodes. A damaged one is shown marked, and the rest goes on.
 *
 * @param {{slide: import("./decoder/src/slide.js").Slide, name: string, numberInPool: number,
 *   pixels?: string}} shown `pixels`: where a server has pictures of tiles that the page cannot
 *   decode, exact ones.
 * @param {import("./decoder/src/pool.js").DecoderPool} pool
 * @param {() => number | null} realism
 * @param {(place: {index: number, row: number, column: number}, facts: TileFacts) => void} tell
 */
export function decodedTiles({ slide, name, numberInPool: number, pixels }, pool, realism, tell) {
  const { levels, tile } = slide;
  const asked = realism();
  return tileSource({ levels, tile, name: `${name}@${asked}` }, async (place) => {
    const { index, row, column, signal } = place;
    const size = shownSize(levels[index], tile, row, column);
    let bytes = null;
    try {
      bytes = await slide.tileBytes(index, row, column, signal);
      if (!bytes) {
        tell(place, { mode: "omitted", bytes: 0 });
        return whiteTile(size);
      }
      const { bitmap } = await pool.decode(number, bytes, {
        realism: asked, crop: size, signal,
        // Coarse ones first: they fill the view; then those nearest to its middle.
        rank: () => place.tile.level * 1e9 + (place.tile.squaredDistance ?? 0),
      });
      const { mode, quality } = parseHeader(bytes);
      tell(place, { mode, quality, bytes: bytes.length });
      return bitmap;
    } catch (error) {
      if (error.name === "AbortError") throw error;
      if (error.reason === "backend_unavailable" && bytes && pixels) {
        const picture = await fetchPicture(pixels, place);
        tell(place, { mode: parseHeader(bytes).mode, bytes: bytes.length });
        return picture;
      }
      tell(place, { mode: "damaged", bytes: bytes?.length, error: error.message, reason: error.reason });
      return markDamaged(size, error.reason ?? "unreadable");
    }
  });
}

/**
 * Tiles that the server decodes.
 *
 * @param {{levels: {width: number, height: number}[], tile: number, pixels: string}} shown
 * @param {string} name
 * @param {(place: {index: number, row: number, column: number}, facts: TileFacts) => void} tell
 */
export function servedTiles(shown, name, tell) {
  const { levels, tile, pixels } = shown;
  return tileSource({ levels, tile, name }, async (place) => {
    const { index, row, column } = place;
    try {
      const picture = await fetchPicture(pixels, place);
      tell(place, { mode: "decoded by the server" });
      return picture;
    } catch (error) {
      if (error.name === "AbortError") throw error;
      tell(place, { mode: "damaged", error: error.message });
      return markDamaged(shownSize(levels[index], tile, row, column), "unreadable");
    }
  });
}

async function fetchPicture(pixels, { index, row, column, signal }) {
  const response = await fetch(`${pixels}/${index}/${row}/${column}`, { signal });
  if (!response.ok) throw new Error(await response.text());
  return createImageBitmap(await response.blob());
}
