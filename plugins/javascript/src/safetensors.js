import { artifactError } from "./errors.js";
import { halfToFloat } from "./half.js";

/**
 * Safetensors: 8 bytes length of the header, a JSON header, the tensors.
 *
 * @typedef {{dtype: string, shape: number[], bytes: Uint8Array}} Tensor
 * @typedef {Map<string, Tensor>} Tensors
 */

const WIDTHS = { U8: 1, I8: 1, BOOL: 1, U16: 2, I16: 2, F16: 2, BF16: 2, U32: 4, I32: 4, F32: 4 };
const WIDE = { U64: 8, I64: 8, F64: 8 };

/**
 * Read a safetensors value; tensors are views of its bytes.
 *
 * @param {Uint8Array} bytes
 * @returns {{metadata: Record<string, string>, tensors: Tensors}}
 * @throws {PathAEError} invalid_artifact.
 */
export function readSafetensors(bytes) {
  const { header, start } = readHeader(bytes);
  const { __metadata__: metadata = {}, ...entries } = header;
  /** @type {Tensors} */
  const tensors = new Map();
  const spans = [];
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, data_offsets: offsets } = entry ?? {};
    const width = { ...WIDTHS, ...WIDE }[dtype];
    const sound =
      width && isCounts(shape) && isCounts(offsets) && offsets.length === 2 &&
      offsets[1] - offsets[0] === shape.reduce((all, one) => all * one, width) &&
      start + offsets[1] <= bytes.length;
    if (!sound) throw artifactError(`safetensors ${name.slice(0, 60)}: expected a sound entry`);
    spans.push(offsets);
    const part = bytes.subarray(start + offsets[0], start + offsets[1]);
    tensors.set(name, { dtype, shape, bytes: part });
  }
  // No holes and no overlaps: one value, one way to write it.
  spans.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let end = 0;
  for (const [from, to] of spans) {
    if (from !== end) throw artifactError("safetensors: expected tensors one after another");
    end = to;
  }
  if (start + end !== bytes.length) {
    throw artifactError(`safetensors: expected ${start + end} bytes, got ${bytes.length}`);
  }
  return { metadata, tensors };
}

/** @param {Uint8Array} bytes @returns {{header: any, start: number}} */
function readHeader(bytes) {
  if (bytes.length < 8) throw artifactError(`safetensors: expected a header, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > bytes.length - 8) {
    throw artifactError(`safetensors: expected a header of ${length} bytes`);
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length));
    const header = JSON.parse(text);
    if (typeof header !== "object" || header === null || Array.isArray(header)) throw Error("list");
    return { header, start: 8 + length };
  } catch (error) {
    throw artifactError(`safetensors header: expected JSON: ${/** @type {Error} */ (error).message}`);
  }
}

const isCounts = (value) =>
  Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0);

/**
 * Return a tensor's values. float16 becomes float32.
 *
 * @param {Tensor} tensor U8, U16, F16 or F32.
 * @returns {Uint8Array | Uint16Array | Float32Array}
 */
export function tensorValues(tensor) {
  const { dtype, bytes } = tensor;
  if (dtype === "U8") return bytes;
  // Tensors need not lie at multiples of their width in the file: a copy does.
  const copy = new Uint8Array(bytes).buffer;
  if (dtype === "U16") return new Uint16Array(copy);
  if (dtype === "F16") return halfToFloat(new Uint16Array(copy));
  return new Float32Array(copy);
}
