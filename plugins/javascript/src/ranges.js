import { PathAEError } from "./errors.js";

/**
 * Ranges of the bytes of a file over HTTP, and what they cost.
 *
 * @typedef {{requests: number, bytes: number}} Traffic
 */

export class RangedFile {
  /**
   * @param {string} url
   * @param {Traffic} [traffic] Where requests and bytes are counted.
   */
  constructor(url, traffic = { requests: 0, bytes: 0 }) {
    this.url = url;
    this.traffic = traffic;
    /** @type {Promise<Uint8Array> | null} All of it, from a host that knows no ranges. */
    this.whole = null;
  }

  /**
   * Read bytes; fewer where the file ends before.
   *
   * @param {number} start From the end, if negative.
   * @param {number} [end]
   * @param {AbortSignal} [signal]
   * @returns {Promise<Uint8Array | null>} Null where there is no such file.
   * @throws {PathAEError} slide_unreadable.
   */
  async read(start, end, signal) {
    if (this.whole) return (await this.whole).slice(start, end);
    const range = start < 0 ? `bytes=${start}` : `bytes=${start}-${Number(end) - 1}`;
    const response = await this.#fetch({ headers: { Range: range }, signal });
    if (response.status === 404 || response.status === 403) return null;
    const bytes = await this.#take(response);
    if (response.status === 206) return bytes;
    // The host sent everything: it is kept, so that it is sent once.
    this.whole = Promise.resolve(bytes);
    return bytes.slice(start, end);
  }

  /**
   * Read all of the file.
   *
   * @param {number} most
   * @returns {Promise<Uint8Array | null>} Null where there is no such file.
   */
  async readWhole(most) {
    const response = await this.#fetch({});
    if (response.status === 404 || response.status === 403) return null;
    const bytes = await this.#take(response);
    if (bytes.length > most) {
      throw new PathAEError("invalid_container", `${this.url}: expected ${most} bytes at most`);
    }
    return bytes;
  }

  /** @param {RequestInit} options */
  async #fetch(options) {
    this.traffic.requests++;
    try {
      return await fetch(this.url, options);
    } catch (error) {
      if (/** @type {Error} */ (error).name === "AbortError") throw error;
      throw new PathAEError(
        "slide_unreadable",
        `${this.url}: expected an answer, got none: ${/** @type {Error} */ (error).message}`,
      );
    }
  }

  /** @param {Response} response */
  async #take(response) {
    if (response.status === 416) return new Uint8Array();
    if (!response.ok) {
      throw new PathAEError("slide_unreadable", `${this.url}: expected bytes, got ${response.status}`);
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    this.traffic.bytes += bytes.length;
    return bytes;
  }
}
