import { convolutions } from "./layers.js";
import { LAYER_STEPS } from "./layer_steps.js";
import { Picture, padded } from "./picture.js";
import { transformWeights } from "./winograd.js";

/** The synthesis network, run by the kernel. Model artifact, section 3.1. */

/** Pairs of rows that Winograd's convolution does together: its scratch stays in the cache. */
const STRIP = 4;
const PAGE = 65536;
const START = 1024;

export class Network {
  /**
   * @param {import("./kernel.js").Kernel} kernel Its memory is this network's alone.
   * @param {import("./layers.js").Layer[]} layers Plain ones.
   * @param {Map<string, Float32Array>} weights By the names of `weightShapes`.
   */
  constructor(kernel, layers, weights) {
    this.kernel = kernel;
    this.layers = layers;
    this.weights = weights;
    this.free = START;
    /**
     * Where the weights of each convolution lie; `transformed` is 0 where they are not.
     *
     * @type {Map<string, {outputs: number, kernel: number, weights: number, transformed: number,
     *   bias: number}>}
     */
    this.packed = new Map();
    const kernels = layers.flatMap((layer) => Object.values(convolutions(layer)));
    this.border = Math.max(0, ...kernels.map((conv) => conv.kernel >> 1));
    layers.forEach((layer, index) => {
      for (const [name, conv] of Object.entries(convolutions(layer))) {
        this.#pack(name ? `${index}.${name}` : `${index}`, conv);
      }
    });
    /** Where pictures begin. */
    this.pictures = this.free;
  }

  /** All float32 values of the memory: taken anew where the memory may have grown. */
  get values() {
    return new Float32Array(this.kernel.memory.buffer);
  }

  /**
   * Return the network's output.
   *
   * @param {Float32Array} input (channels, height * width).
   * @param {number} height
   * @param {number} width
   * @returns {Picture} 3 channels, valid until the next call.
   */
  run(input, height, width) {
    this.free = this.pictures;
    const channels = input.length / (height * width);
    let picture = this.picture(height, width, channels);
    const values = this.values;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const place = picture.at(y, x);
        const position = y * width + x;
        for (let c = 0; c < channels; c++) values[place + c] = input[c * height * width + position];
      }
    }
    this.layers.forEach((layer, index) => {
      picture = LAYER_STEPS[layer.op](this, picture, layer, `${index}`);
    });
    return picture;
  }

  /**
   * Return the pixels of a tile.
   *
   * @param {Float32Array} input (channels, height * width).
   * @param {number} height
   * @param {number} width
   * @returns {Uint8Array} Row by row, red, green and blue together.
   */
  pixels(input, height, width) {
    const picture = this.run(input, height, width);
    const values = this.values;
    const data = new Uint8ClampedArray(picture.height * picture.width * 3);
    for (let y = 0, out = 0; y < picture.height; y++) {
      for (let x = 0, place = picture.at(y, 0); x < picture.width; x++, place += picture.pixel) {
        // A clamped array rounds to the nearest, halves to the even one, as the specification does.
        data[out++] = (values[place] + 1) * 127.5;
        data[out++] = (values[place + 1] + 1) * 127.5;
        data[out++] = (values[place + 2] + 1) * 127.5;
      }
    }
    return new Uint8Array(data.buffer);
  }

  /**
   * Return a new picture of zeros.
   *
   * @param {number} height
   * @param {number} width
   * @param {number} channels
   */
  picture(height, width, channels) {
    const picture = new Picture(this.free, height, width, channels, this.border);
    this.#reserve(picture.size);
    new Uint8Array(this.kernel.memory.buffer, picture.address, picture.size).fill(0);
    return picture;
  }

  /**
   * Convolve a picture.
   *
   * @param {Picture} source
   * @param {string} name Of the convolution, as its weights begin.
   * @param {number} ending One of `ENDINGS` of kernel.js.
   * @param {Picture} [other] What an ending adds.
   */
  convolve(source, name, ending, other) {
    const conv = /** @type {any} */ (this.packed.get(name));
    const { height, width } = source;
    const target = this.picture(height, width, conv.outputs);
    const added = other ?? target;
    const reach = conv.kernel >> 1;
    const corners = [4 * source.at(-reach, -reach), 4 * target.at(0, 0)];
    const strides = [
      4 * source.pixel, 4 * source.row, 4 * target.pixel, 4 * target.row, 4 * added.pixel,
      4 * added.row, ending,
    ];
    const place = 4 * added.at(0, 0);
    const blocks = target.pixel / 8;
    if (conv.transformed && height % 2 === 0 && width % 2 === 0) {
      const scratch = this.free;
      const windows = (STRIP * width) / 2;
      this.#reserve(4 * 16 * windows * (source.pixel + target.pixel));
      this.kernel.winograd(
        ...corners, conv.transformed, conv.bias, place, height, width, blocks, STRIP,
        4 * source.pixel, ...strides, scratch,
      );
      this.free = scratch;
    } else {
      this.kernel.convolve(
        ...corners, conv.weights, conv.bias, place, height, width, blocks, conv.kernel,
        4 * conv.kernel * source.pixel, ...strides,
      );
    }
    return target;
  }

  /** Lay the weights of a convolution out as the kernel reads them. */
  #pack(name, conv) {
    const { inputs, outputs, kernel } = conv;
    const weight = /** @type {Float32Array} */ (this.weights.get(`${name}.weight`));
    const bias = /** @type {Float32Array} */ (this.weights.get(`${name}.bias`));
    const at = { outputs, kernel, weights: 0, transformed: 0, bias: this.free };
    // As many zeros behind it: what has no bias reads them.
    this.#reserve(2 * 4 * padded(outputs));
    this.values.set(bias, at.bias / 4);
    at.weights = this.#packTaps(weight, conv, kernel * kernel, false);
    if (kernel === 3) at.transformed = this.#packTaps(transformWeights(weight), conv, 16, true);
    this.packed.set(name, at);
  }

  /**
   * @param {Float32Array} weight (outputs, inputs, taps).
   * @param {{inputs: number, outputs: number}} conv
   * @param {number} taps
   * @param {boolean} apart Whether taps lie apart, each with all of its blocks.
   * @returns {number} The address of float32 (blocks, taps, channels, 8), or with taps first.
   */
  #packTaps(weight, { inputs, outputs }, taps, apart) {
    const address = this.free;
    const blocks = padded(outputs) / 8;
    const channels = padded(inputs);
    this.#reserve(4 * blocks * taps * channels * 8);
    const values = this.values;
    for (let output = 0; output < outputs; output++) {
      const block = output >> 3;
      for (let input = 0; input < inputs; input++) {
        const from = (output * inputs + input) * taps;
        for (let tap = 0; tap < taps; tap++) {
          const run = apart ? tap * blocks + block : block * taps + tap;
          values[address / 4 + (run * channels + input) * 8 + (output & 7)] = weight[from + tap];
        }
      }
    }
    return address;
  }

  /** @param {number} bytes */
  #reserve(bytes) {
    this.free += Math.ceil(bytes / 64) * 64;
    const { memory } = this.kernel;
    // The kernel may read one vector past the end of the last picture.
    const missing = this.free + PAGE - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  }
}
