import { PathAEError } from "./errors.js";

/**
 * Decoding in workers: each has a kernel and a memory of its own, and nothing is shared, since
 * static hosts send no isolation headers.
 *
 * @typedef {object} Decoded
 * @property {number} width
 * @property {number} height
 * @property {ImageBitmap | null} bitmap In `bitmap` form.
 * @property {Uint8ClampedArray | null} rgba In `rgba` form.
 * @property {number} ms What decoding took, on the worker.
 *
 * @typedef {object} Wish
 * @property {number | null} [realism] 0 to 1, null for the default.
 * @property {"bitmap" | "rgba"} [form]
 * @property {{width: number, height: number}} [crop] What of the tile lies on its level.
 * @property {() => number} [rank] The lowest goes first; asked when a worker is free.
 * @property {AbortSignal} [signal]
 *
 * @typedef {{slide: number, bytes: Uint8Array, wish: Wish, resolve: (decoded: Decoded) => void,
 *   reject: (error: Error) => void}} Job
 */

/** More workers than cores gain nothing, and each holds a network's weights. */
const MOST_WORKERS = 8;

export class DecoderPool {
  /**
   * @param {object} [options]
   * @param {number} [options.size] Workers; by default one for each core but the page's own.
   * @param {string} [options.decoders] Folder of decoders, as `decodersIn` takes it.
   */
  constructor({ size, decoders } = {}) {
    const cores = globalThis.navigator?.hardwareConcurrency ?? 2;
    this.size = size ?? Math.max(1, Math.min(MOST_WORKERS, cores - 1));
    this.decoders = decoders;
    /** @type {{worker: Worker, job: Job | null}[]} */
    this.workers = [];
    /** @type {Job[]} */
    this.waiting = [];
    /** @type {Uint8Array[]} Codec parameters of each slide. */
    this.slides = [];
    this.decoded = 0;
    this.ms = 0;
  }

  /**
   * Make a slide's codec parameters known.
   *
   * @param {Uint8Array} parameters
   * @returns {number} What `decode` takes.
   */
  add(parameters) {
    const slide = this.slides.push(parameters) - 1;
    const message = { slide, parameters, first: slide === 0 };
    for (const { worker } of this.workers) worker.postMessage(message);
    return slide;
  }

  /** Hire all workers now, so that they are ready when the first tile comes. */
  start() {
    while (this.workers.length < this.size) this.#hire();
  }

  /**
   * Decode a tile.
   *
   * @param {number} slide As `add` gave it.
   * @param {Uint8Array} bytes
   * @param {Wish} [wish]
   * @returns {Promise<Decoded>}
   * @throws {PathAEError} As `TileDecoder.decode`; AbortError where the signal says so.
   */
  decode(slide, bytes, wish = {}) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ slide, bytes, wish, resolve, reject });
      wish.signal?.addEventListener("abort", () => this.#drop(wish), { once: true });
      this.#next();
    });
  }

  /** End all workers. */
  close() {
    for (const { worker } of this.workers) worker.terminate();
    this.workers = [];
  }

  /** @param {Wish} wish */
  #drop(wish) {
    const index = this.waiting.findIndex((job) => job.wish === wish);
    if (index < 0) return;
    const [job] = this.waiting.splice(index, 1);
    job.reject(new DOMException("the tile is no longer wanted", "AbortError"));
  }

  #next() {
    if (!this.waiting.length) return;
    let free = this.workers.find(({ job }) => !job);
    if (!free && this.workers.length < this.size) free = this.#hire();
    if (!free) return;
    const ranks = this.waiting.map(({ wish }) => wish.rank?.() ?? 0);
    const first = ranks.indexOf(Math.min(...ranks));
    const [job] = this.waiting.splice(first, 1);
    free.job = job;
    const { slide, bytes, wish } = job;
    const { realism = null, form = "bitmap", crop = null } = wish;
    free.worker.postMessage({ slide, bytes, realism, form, crop });
  }

  #hire() {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    const hired = { worker, job: /** @type {Job | null} */ (null) };
    worker.postMessage({ decoders: this.decoders });
    this.slides.forEach((parameters, slide) =>
      worker.postMessage({ slide, parameters, first: slide === 0 }),
    );
    worker.onmessage = ({ data }) => this.#finish(hired, data);
    worker.onerror = (event) => {
      // Without its files a worker never answers: its job fails, and another one is hired.
      event.preventDefault();
      this.workers.splice(this.workers.indexOf(hired), 1);
      const message = `worker: ${event.message ?? "its files could not be loaded"}`;
      hired.job?.reject(new PathAEError("backend_unavailable", message));
      this.#next();
    };
    this.workers.push(hired);
    return hired;
  }

  #finish(hired, { error, ...decoded }) {
    const job = hired.job;
    hired.job = null;
    this.#next();
    if (error) {
      job?.reject(new PathAEError(error.reason, error.message));
    } else {
      this.decoded++;
      this.ms += decoded.ms;
      job?.resolve(decoded);
    }
  }
}
