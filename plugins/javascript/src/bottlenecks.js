import { artifactError } from "./errors.js";
import { FrequencyTables } from "./frequency_tables.js";
import { MAX_QUALITY, MAX_TABLES } from "./limits.js";
import { tensorValues } from "./safetensors.js";

/**
 * What lies between the networks at one quality. Model artifact, section 2.
 *
 * @typedef {{tables: FrequencyTables, codewords: Float32Array}} Bottleneck
 */

/**
 * Return the bottlenecks of an artifact by quality.
 *
 * @param {import("./safetensors.js").Tensors} tensors
 * @param {number} channels Of the latent.
 * @returns {Map<number, Bottleneck>}
 * @throws {PathAEError} invalid_artifact.
 */
export function readBottlenecks(tensors, channels) {
  const names = [...tensors.keys()]
    .filter((name) => name.endsWith(".alphabets"))
    .map((name) => name.split(".")[1]);
  const sets = names.reduce((all, name) => all + countSets(need(tensors, name, "frequencies")), 0);
  if (sets * channels > MAX_TABLES) {
    throw artifactError(`bottleneck tables: expected ${MAX_TABLES} at most, got ${sets * channels}`);
  }
  const bottlenecks = new Map();
  for (const name of names) {
    const quality = Number(name);
    if (String(quality) !== name || !(quality >= 0 && quality <= MAX_QUALITY)) {
      throw artifactError("bottleneck: expected a quality of 0 to 100");
    }
    bottlenecks.set(quality, readBottleneck(tensors, name, channels));
  }
  return bottlenecks;
}

/** @param {any} tensors @param {string} quality @param {string} part */
function need(tensors, quality, part) {
  const tensor = tensors.get(`bottleneck.${quality}.${part}`);
  if (!tensor) throw artifactError(`bottleneck.${quality}.${part}: expected, not found`);
  return tensor;
}

/** @param {import("./safetensors.js").Tensor} frequencies */
const countSets = ({ shape }) => (shape.length === 2 ? shape[0] : 1);

/** @param {any} tensors @param {string} name @param {number} channels @returns {Bottleneck} */
function readBottleneck(tensors, name, channels) {
  const take = (part, dtype, ...shape) => {
    const tensor = need(tensors, name, part);
    if (tensor.dtype !== dtype || tensor.shape.join() !== shape.join()) {
      throw artifactError(`bottleneck.${name}.${part}: expected ${dtype} (${shape})`);
    }
    return tensorValues(tensor);
  };
  const alphabets = /** @type {Uint16Array} */ (take("alphabets", "U16", channels));
  if (alphabets.includes(0)) throw artifactError(`bottleneck.${name}.alphabets: expected no zero`);
  const total = alphabets.reduce((all, one) => all + one, 0);
  const frequencies = need(tensors, name, "frequencies");
  const sets = countSets(frequencies);
  const axis = frequencies.shape.length === 2 ? [sets] : [];
  const codewords = /** @type {Float32Array} */ (take("codewords", "F32", total));
  checkAscending(codewords, alphabets, `bottleneck.${name}.codewords`);
  if (tensors.has(`bottleneck.${name}.thresholds`)) {
    const ends = alphabets.map((alphabet) => alphabet - 1);
    const thresholds = take("thresholds", "F32", total - channels);
    checkAscending(thresholds, ends, `bottleneck.${name}.thresholds`, true);
  }
  const stored = /** @type {Uint16Array} */ (take("frequencies", "U16", ...axis, total));
  return { tables: new FrequencyTables(alphabets, stored, sets), codewords };
}

/** Thresholds may be infinite, codewords may not; neither may be NaN. */
function checkAscending(values, lengths, name, infinite = false) {
  let place = 0;
  for (const length of lengths) {
    for (let index = 0; index < length; index++, place++) {
      const value = values[place];
      const bad = infinite ? Number.isNaN(value) : !Number.isFinite(value);
      if (bad || (index && value < values[place - 1])) {
        throw artifactError(`${name}: expected ascending finite values`);
      }
    }
  }
}
