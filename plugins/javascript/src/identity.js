import { Sha256 } from "./sha256.js";

/** What tells one network, and one artifact, from every other. Model artifact, section 4. */

/** dtypes as numpy names them. */
const NUMPY = {
  U8: "uint8", I8: "int8", BOOL: "bool", U16: "uint16", I16: "int16", F16: "float16",
  U32: "uint32", I32: "int32", F32: "float32", U64: "uint64", I64: "int64", F64: "float64",
  BF16: "bfloat16",
};
const WEIGHTS = /^(analysis|synthesis|natural)\./;
const encoder = new TextEncoder();

/**
 * Return the identity of a network.
 *
 * @param {number} factor
 * @param {number} latentChannels
 * @param {import("./artifact.js").Transform} transform
 * @returns {string}
 */
export function transformId(factor, latentChannels, transform) {
  const sha = new Sha256();
  sha.update(line({ factor, latent_channels: latentChannels, layers: transform.layers }));
  addTensors(sha, transform.weights);
  if (transform.natural) {
    const named = [...transform.natural].map(([name, tensor]) => [`natural.${name}`, tensor]);
    addTensors(sha, new Map(/** @type {any} */ (named)));
  }
  return `sha256:${sha.hex()}`;
}

/**
 * Return the digest of an artifact: of its record and of every tensor that is no weight.
 *
 * @param {string} record The record's text with nothing between the quotes of `digest`.
 * @param {import("./safetensors.js").Tensors} tensors
 * @returns {string}
 */
export function artifactDigest(record, tensors) {
  const sha = new Sha256().update(encoder.encode(`${record}\n`));
  addTensors(sha, new Map([...tensors].filter(([name]) => !WEIGHTS.test(name))));
  return `sha256:${sha.hex()}`;
}

/** @param {Sha256} sha @param {import("./safetensors.js").Tensors} tensors */
function addTensors(sha, tensors) {
  for (const name of [...tensors.keys()].sort()) {
    const { dtype, shape, bytes } = /** @type {any} */ (tensors.get(name));
    sha.update(line({ dtype: NUMPY[dtype], name, shape })).update(bytes);
  }
}

/** @param {unknown} value */
const line = (value) => encoder.encode(`${ascii(JSON.stringify(sorted(value)))}\n`);

/** @param {any} value @returns {any} */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

/** @param {string} text */
const ascii = (text) =>
  text.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
