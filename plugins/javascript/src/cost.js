import { artifactError } from "./errors.js";
import { convolutions, outputChannels, scaleFactor } from "./layers.js";
import { MAX_ACTIVATION_BYTES, MAX_DECODER_WORK } from "./limits.js";
import { fieldError } from "./tile.js";

/**
 * What a decoder costs, from its layers, before anything runs. Specification, section 8.1.
 *
 * @typedef {{work: number, values: number, attention: number}} DecoderCost Of a pixel;
 *   `attention`: pixels of a position where each is compared with each, else 0.
 */

/** Multiply-accumulates that a value between layers counts for. */
const VALUE_WORK = 64;
const FLOAT_BYTES = 4;

/**
 * Return the cost of a synthesis.
 *
 * @param {import("./layers.js").Layer[]} layers
 * @param {number} inputs Channels of latent and noise.
 * @param {import("./safetensors.js").Tensors} weights
 * @returns {DecoderCost}
 */
export function decoderCost(layers, inputs, weights) {
  let side = scaleFactor(layers);
  let channels = inputs;
  let [work, values, attention] = [0, 0, 0];
  layers.forEach((layer, number) => {
    const taken = channels / side ** 2;
    channels = outputChannels([layer], channels);
    const own = scaleFactor([layer]);
    let held;
    if (layer.op === "diffusers_decoder") {
      const named = [...weights].filter(([name]) => name.startsWith(`${number}.`));
      const shapes = named.map(([, tensor]) => tensor.shape);
      if (layer.network === "AutoencoderKL") attention = side ** 2;
      side /= own;
      work += shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
      held = Math.max(0, ...shapes.filter((s) => s.length > 1).map((s) => s[0] + s[1]));
    } else {
      side /= own;
      held = Math.max(channels, layer.inner ?? 0) / side ** 2;
      work += multiplyAccumulates(layer) / side ** 2 + VALUE_WORK * held;
    }
    values = Math.max(values, taken + held);
  });
  return { work, values, attention };
}

/** @param {import("./layers.js").Layer} layer */
function multiplyAccumulates(layer) {
  return Object.values(convolutions(layer)).reduce(
    (sum, { inputs, outputs, kernel }) => sum + inputs * outputs * kernel ** 2,
    0,
  );
}

/** @param {DecoderCost} cost @throws {PathAEError} invalid_artifact. */
export function checkWork({ work }) {
  if (work > MAX_DECODER_WORK) {
    throw artifactError(
      `embedded decoder: expected ${MAX_DECODER_WORK} multiply-accumulates a pixel at most, ` +
        `got ${Math.round(work)}`,
    );
  }
}

/**
 * @param {DecoderCost} cost
 * @param {import("./tile.js").TileHeader} header
 * @throws {PathAEError} field_out_of_range.
 */
export function checkTileMemory({ values, attention }, { height, width }) {
  const pixels = height * width;
  const scores = attention ? (pixels / attention) ** 2 : 0;
  if (FLOAT_BYTES * (values * pixels + scores) > MAX_ACTIVATION_BYTES) {
    throw fieldError("sides", "such as an embedded decoder has the memory for", pixels);
  }
}
