/** One picture: an OpenSeadragon viewer, what is drawn over it, and what is known of its tiles. */
import { DecoderPool } from "./decoder/src/pool.js";
import { openSlide } from "./decoder/src/slide.js";
import { decodedTiles, servedTiles } from "./slide_tiles.js";

/** Decoded tiles that a pane keeps, in bytes: two panes stay far below what a page may take. */
const CACHE_BYTES = 160e6;

const pool = new DecoderPool({
  size: Number(new URLSearchParams(location.search).get("workers")) || undefined,
  decoders: new URL("decoders/", document.baseURI).href,
});

/** Let workers load while the slide is opened, unless the server decodes. */
export const startWorkers = () => pool.start();

/** Open what `slides.json` names: the slide itself, or a description of the server's pictures. */
export async function openEntry(entry) {
  if (entry.decode === "server") {
    const url = new URL(entry.pixels, document.baseURI).href;
    return { ...entry, pixels: url, traffic: null, numberInPool: null, realism: null };
  }
  const slide = await openSlide(new URL(entry.url, document.baseURI).href);
  const numberInPool = pool.add(slide.parameters);
  return {
    ...entry, slide, kind: slide.kind,
    pixels: entry.pixels && new URL(entry.pixels, document.baseURI).href, numberInPool, levels: slide.levels, tile: slide.tile, record: slide.record,
    mpp: slide.record.mpp ?? null, magnification: slide.record.magnification ?? null, traffic: slide.traffic,
    realism: slide.record.model?.realism ?? null,
  };
}

export const poolFacts = () => ({ workers: pool.size, decoded: pool.decoded, ms: pool.ms });

export class Pane {
  /**
   * @param {HTMLElement} element With a `.view`, an `.overlay` and a `.tag`.
   * @param {object} options
   * @param {HTMLElement | null} options.navigator Where a small view of all of it goes.
   * @param {number} options.tile The largest side of a tile that it will show.
   * @param {(pane: Pane) => void} options.changed Called when a tile came or failed.
   */
  constructor(element, { navigator, tile, changed }) {
    this.element = element;
    this.changed = changed;
    this.shown = null;
    /** @type {import("./decoder/src/ledger.js").Ledger | null | undefined} Fetched when wanted. */
    this.ledger = undefined;
    this.marked = null;
    this.realism = null;
    /** @type {Map<string, import("./slide_tiles.js").TileFacts>} By level, row and column. */
    this.facts = new Map();
    this.viewer = OpenSeadragon({
      element: element.querySelector(".view"),
      drawer: "canvas",
      showNavigationControl: false,
      showNavigator: Boolean(navigator),
      navigatorElement: navigator ?? undefined,
      animationTime: 0.55,
      springStiffness: 9,
      maxZoomPixelRatio: 8,
      minZoomImageRatio: 0.6,
      visibilityRatio: 0.35,
      zoomPerScroll: 1.35,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      gestureSettingsTouch: { pinchRotate: true },
      imageLoaderLimit: 2 * pool.size + 2,
      maxTilesPerFrame: 8,
      maxImageCacheCount: Math.max(48, Math.round(CACHE_BYTES / (4 * tile ** 2))),
      timeout: 120000,
      // What floats over the picture covers none of it when all of it is shown.
      viewportMargins: { left: 70, top: 70, right: 10, bottom: 10 },
      preserveImageSizeOnResize: true,
      crossOriginPolicy: false,
    });
    this.canvas = element.querySelector(".overlay");
    this.viewer.world.addHandler("add-item", ({ item }) => {
      item.addHandler("fully-loaded-change", () => this.changed(this));
    });
  }

  /** Fetch what the file knows of each tile; null where it knows nothing. */
  async fetchLedger() {
    this.ledger ??= (await this.shown?.slide?.ledger()) ?? null;
    return this.ledger;
  }

  /** Show an opened entry; the view stays where it is if `keep` says so. */
  show(shown, realism, keep) {
    this.shown = shown;
    this.realism = realism;
    this.facts.clear();
    this.ledger = undefined;
    this.marked = null;
    this.element.querySelector(".tag").textContent = shown.name;
    const tell = ({ index, row, column }, facts) => {
      this.facts.set(`${index}/${row}/${column}`, { index, row, column, ...facts });
      this.changed(this);
    };
    const source = shown.slide
      ? decodedTiles(shown, pool, () => this.realism, tell)
      : servedTiles(shown, shown.name, tell);
    const replaced = keep && this.viewer.world.getItemCount() > 0;
    return new Promise((resolve) => {
      const success = () => {
        if (!replaced) this.viewer.viewport.goHome(true);
        resolve(undefined);
      };
      this.viewer.addTiledImage({
        tileSource: source, index: 0, replace: this.viewer.world.getItemCount() > 0, success,
      });
    });
  }

  get image() {
    return this.viewer.world.getItemAt(0);
  }

  /** Whether all tiles of the view are there. */
  get settled() {
    return !this.image || this.image.getFullyLoaded();
  }

  /** Pixels of the screen for one pixel of level 0. */
  get scale() {
    return this.image ? this.image.viewportToImageZoom(this.viewer.viewport.getZoom(true)) : 1;
  }

  /** @param {number} scale Pixels of the screen for one of level 0. */
  zoomTo(scale) {
    if (this.image) this.viewer.viewport.zoomTo(this.image.imageToViewportZoom(scale));
  }

  /** Bring a tile into view. */
  goTo({ level, row, column }) {
    const { levels, tile } = this.shown;
    const { width } = levels[level];
    const ratio = levels[0].width / width;
    const side = tile * ratio;
    const rectangle = new OpenSeadragon.Rect(column * side, row * side, side, side);
    this.viewer.viewport.fitBounds(this.image.imageToViewportRectangle(rectangle));
    this.marked = { level, row, column };
  }
}
