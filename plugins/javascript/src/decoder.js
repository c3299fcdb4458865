import { checkTileMemory } from "./cost.js";
import { crc32 } from "./crc32.js";
import { PathAEError } from "./errors.js";
import { checkExact } from "./exact.js";
import { decodeJpegXl } from "./jpegxl.js";
import { loadKernel } from "./kernel.js";
import { isPlain, outputChannels } from "./layers.js";
import { MAX_LANE_STEPS } from "./limits.js";
import { Network } from "./network.js";
import { decodeSymbols } from "./rans.js";
import { chosenSteps, drawNoise, faceWeights } from "./realism.js";
import { fieldError, unpackTile } from "./tile.js";

/**
 * Tile bytes -> pixels. Specification, sections 3 to 5 and 7.2.
 *
 * @typedef {{height: number, width: number, channels: number, data: Uint8Array}} Pixels
 *   Row by row, the channels of a pixel together.
 * @typedef {(identity: string, name: string) =>
 *   Promise<import("./artifact.js").Transform | null>} FindDecoder
 * @typedef {{pixels: (input: Float32Array, height: number, width: number) =>
 *   Uint8Array | Promise<Uint8Array>}} Engine What runs a network: channels and positions to pixels.
 * @typedef {(layers: import("./layers.js").Layer[], weights: Map<string, Float32Array>) =>
 *   Promise<Engine | null>} LoadEngine Null for a network that it does not run.
 */

/** Most that a sample of the canary may differ, in steps of 255. */
const CANARY_TOLERANCE = 2;
const CANARY_FACES = [0, 8];

export class TileDecoder {
  /**
   * @param {import("./artifact.js").Artifact} artifact Codec parameters of a file.
   * @param {FindDecoder} [findDecoder] Where decoders are that the parameters do not embed.
   * @param {LoadEngine} [loadEngine] What runs the network in place of the kernel.
   */
  constructor(artifact, findDecoder, loadEngine) {
    this.artifact = artifact;
    this.findDecoder = findDecoder;
    this.loadEngine = loadEngine;
    /** @type {Map<number, Promise<Engine>>} By eighths of realism. */
    this.networks = new Map();
  }

  /**
   * Decode a tile.
   *
   * @param {Uint8Array} bytes A tile bitstream.
   * @param {number | null} [realism] 0 to 1, null for the default.
   * @returns {Promise<Pixels>}
   * @throws {PathAEError}
   */
  async decode(bytes, realism = null) {
    const tile = unpackTile(bytes);
    const { mode, height, width, channels } = tile.header;
    if (mode === "constant") return constantPixels(tile);
    if (mode === "fallback") {
      return { height, width, channels, data: await decodeJpegXl(tile) };
    }
    if (mode === "exact") {
      checkExact(tile, this.artifact.jpegSets);
      throw new PathAEError(
        "backend_unavailable",
        "exact tile: no decoder here gives a JPEG back from JPEG XL; Python decodes it",
      );
    }
    // Symbols first: a tile that is wrong in itself is told so without a decoder at hand.
    const input = this.synthesisInput(tile, this.decodeSymbols(tile));
    const network = await this.#network(chosenSteps(this.artifact.realism, realism));
    return this.#synthesize(network, tile, input);
  }

  /**
   * Load the decoder and prove it, before a tile asks for it.
   *
   * @param {number | null} [realism] As of `decode`.
   * @throws {PathAEError} model_not_found, model_mismatch, backend_unavailable.
   */
  async prepare(realism = null) {
    await this.#network(chosenSteps(this.artifact.realism, realism));
  }

  /**
   * Decode the symbols of a latent tile: exact on every machine.
   *
   * @param {import("./tile.js").Tile} tile
   * @returns {Uint16Array} (latent channels, rows * columns).
   */
  decodeSymbols({ header, payload }) {
    const { factor, bottlenecks } = this.artifact;
    const bottleneck = bottlenecks.get(header.quality);
    if (header.mode !== "latent") throw fieldError("mode", "latent", header.mode);
    if (header.channels !== 3) throw fieldError("channels", "3", header.channels);
    for (const side of [header.height, header.width]) {
      if (side % factor) throw fieldError("side", `a multiple of ${factor}`, side);
    }
    if (!bottleneck) {
      throw fieldError("quality", `one of ${[...bottlenecks.keys()]}`, header.quality);
    }
    const { tables } = bottleneck;
    if (header.tableSet >= tables.sets) {
      throw fieldError("tableSet", `0 to ${tables.sets - 1}`, header.tableSet);
    }
    if (this.artifact.cost) checkTileMemory(this.artifact.cost, header);
    const positions = (header.height / factor) * (header.width / factor);
    if (positions > MAX_LANE_STEPS << header.coding) {
      throw fieldError("coding", `lanes for ${positions} positions`, header.coding);
    }
    return decodeSymbols(payload, tables, header.tableSet, positions, 1 << header.coding);
  }

  /**
   * Return what the synthesis takes: exact.
   *
   * @param {import("./tile.js").Tile} tile
   * @param {Uint16Array} symbols
   * @returns {Float32Array} (channels of latent and noise, rows * columns).
   */
  synthesisInput(tile, symbols) {
    const { bottlenecks, latentChannels, realism } = this.artifact;
    const { tables, codewords } = /** @type {any} */ (bottlenecks.get(tile.header.quality));
    const positions = symbols.length / latentChannels;
    const input = new Float32Array(positions * (latentChannels + (realism?.noiseChannels ?? 0)));
    let first = 0;
    for (let channel = 0; channel < latentChannels; channel++) {
      for (let place = channel * positions; place < (channel + 1) * positions; place++) {
        input[place] = codewords[first + symbols[place]];
      }
      first += tables.alphabets[channel];
    }
    if (realism) drawNoise(input.subarray(symbols.length), crc32(tile.payload));
    return input;
  }

  /** @param {number} steps @returns {Promise<Engine>} Of a face, proven by the canary. */
  #network(steps) {
    let network = this.networks.get(steps);
    if (!network) {
      network = this.#prove(steps);
      this.networks.set(steps, network);
      // Another try is worth it: what was missing may have come.
      network.catch(() => this.networks.delete(steps));
    }
    return network;
  }

  /** @param {number} steps */
  async #prove(steps) {
    const { canary, realism } = this.artifact;
    const transform = await this.#transform();
    const network = await this.#load(transform, steps);
    if (!canary) return network;
    const shown = new Map([...canary.faces, [realism?.default ?? 0, canary.pixels]]);
    // A face that the canary does not show is mixed of both ends, which it shows.
    const proving = shown.has(steps) ? [steps] : CANARY_FACES;
    for (const face of proving) {
      const proven = face === steps ? network : await this.#load(transform, face);
      await this.#checkCanary(proven, canary.tile, /** @type {Uint8Array} */ (shown.get(face)));
    }
    return network;
  }

  async #transform() {
    const { name, decoderId, latentChannels, realism, synthesis } = this.artifact;
    const found = synthesis ?? (await this.findDecoder?.(decoderId, name));
    if (!found) {
      throw new PathAEError("model_not_found", `decoder of model ${name} (${decoderId}): not found`);
    }
    if (!isPlain(found.layers)) {
      throw new PathAEError("backend_unavailable", `model ${name}: its layers are not run here`);
    }
    let sound = (found.natural === null) === (realism === null);
    try {
      sound &&= outputChannels(found.layers, latentChannels + (realism?.noiseChannels ?? 0)) === 3;
    } catch {
      sound = false;
    }
    if (!sound) {
      throw new PathAEError("model_mismatch", `decoder of model ${name}: not one for this file`);
    }
    return found;
  }

  /** @param {import("./artifact.js").Transform} transform @param {number} steps */
  async #load(transform, steps) {
    const weights = faceWeights(transform, steps);
    const engine = await this.loadEngine?.(transform.layers, weights);
    return engine ?? new Network(await loadKernel(), transform.layers, weights);
  }

  /** @param {Engine} network @param {Uint8Array} bytes @param {Uint8Array} stated */
  async #checkCanary(network, bytes, stated) {
    const tile = unpackTile(bytes);
    const input = this.synthesisInput(tile, this.decodeSymbols(tile));
    const { data } = await this.#synthesize(network, tile, input);
    const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - stated[i])), 0);
    if (data.length !== stated.length || worst > CANARY_TOLERANCE) {
      throw new PathAEError(
        "model_mismatch",
        `canary of model ${this.artifact.name}: expected pixels within ${CANARY_TOLERANCE}, ` +
          `got one off by ${worst}; the decoder is not the one that the file was made for`,
      );
    }
  }

  /** @param {Engine} engine @param {import("./tile.js").Tile} tile @param {Float32Array} input */
  async #synthesize(engine, { header: { height, width } }, input) {
    const { factor } = this.artifact;
    const data = await engine.pixels(input, height / factor, width / factor);
    return { height, width, channels: 3, data };
  }
}

/** @param {import("./tile.js").Tile} tile @returns {Pixels} */
function constantPixels({ header, payload }) {
  const { height, width, channels } = header;
  if (payload.length !== channels) {
    throw new PathAEError(
      "invalid_payload",
      `constant payload: expected ${channels} bytes, got ${payload.length}`,
    );
  }
  const data = new Uint8Array(height * width * channels);
  for (let place = 0; place < data.length; place += channels) data.set(payload, place);
  return { height, width, channels, data };
}
