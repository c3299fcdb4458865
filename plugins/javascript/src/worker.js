import { loadParameters } from "./artifact.js";
import { TileDecoder } from "./decoder.js";
import { decodersIn } from "./decoders.js";

/** A worker of `DecoderPool`: codec parameters come first, then tiles, one at a time. */

/** @type {Map<number, TileDecoder>} */
const decoders = new Map();
/** @type {Map<number, Uint8Array>} */
const parameters = new Map();
let find = decodersIn();

self.onmessage = async ({ data }) => {
  if (data.bytes) {
    const started = performance.now();
    try {
      const pixels = await decoderOf(data.slide).decode(data.bytes, data.realism);
      const ms = performance.now() - started;
      await answer(pixels, data, ms);
    } catch (error) {
      const { reason = "pathae_error", message } = /** @type {any} */ (error);
      self.postMessage({ error: { reason, message } });
    }
  } else if (data.parameters) {
    parameters.set(data.slide, data.parameters);
    // The decoder loads while the page looks for its first tile; what fails is told with a tile.
    if (data.first) Promise.resolve(data.slide).then((slide) => decoderOf(slide).prepare()).catch(() => {});
  } else if (data.decoders) {
    find = decodersIn(data.decoders);
  }
};

/** @param {number} slide */
function decoderOf(slide) {
  let decoder = decoders.get(slide);
  if (!decoder) {
    decoder = new TileDecoder(loadParameters(/** @type {Uint8Array} */ (parameters.get(slide))), find);
    decoders.set(slide, decoder);
  }
  return decoder;
}

/**
 * @param {import("./decoder.js").Pixels} pixels
 * @param {{form: string, crop: {width: number, height: number} | null}} wish
 * @param {number} ms
 */
async function answer({ width, height, channels, data }, { form, crop }, ms) {
  const rgba = toRgba(data, channels);
  if (form === "rgba") {
    self.postMessage({ width, height, rgba, bitmap: null, ms }, { transfer: [rgba.buffer] });
    return;
  }
  const shown = crop ?? { width, height };
  const image = new ImageData(rgba, width, height);
  const bitmap = await createImageBitmap(image, 0, 0, shown.width, shown.height);
  self.postMessage({ ...shown, rgba: null, bitmap, ms }, { transfer: [bitmap] });
}

/** @param {Uint8Array} data @param {number} channels @returns {Uint8ClampedArray<ArrayBuffer>} */
function toRgba(data, channels) {
  const pixels = data.length / channels;
  const words = new Uint32Array(pixels);
  const gray = channels < 3;
  const alpha = channels % 2 === 0;
  for (let pixel = 0, place = 0; pixel < pixels; pixel++, place += channels) {
    const red = data[place];
    const green = gray ? red : data[place + 1];
    const blue = gray ? red : data[place + 2];
    const opaque = alpha ? data[place + channels - 1] : 255;
    words[pixel] = red | (green << 8) | (blue << 16) | (opaque << 24);
  }
  return new Uint8ClampedArray(words.buffer);
}
