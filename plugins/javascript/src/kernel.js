import { PathAEError } from "./errors.js";

/**
 * The convolution in WebAssembly SIMD, assembly/kernel.ts, and its memory.
 *
 * @typedef {(...numbers: number[]) => void} Convolution
 * @typedef {{memory: WebAssembly.Memory, convolve: Convolution, winograd: Convolution}} Kernel
 */

/** How `convolve` ends a sum; the numbers are those of assembly/kernel.ts. */
export const ENDINGS = { none: 0, silu: 1, relu: 2, add: 3, addRelu: 4 };

/** A module of one function with `f32x4.relaxed_madd`: does this engine have it? */
const FUSED_PROBE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0,
  65, 0, 253, 17, 65, 0, 253, 17, 65, 0, 253, 17, 253, 133, 2, 11,
);

/** @type {Map<string, Promise<WebAssembly.Module>>} */
const compiled = new Map();

/** @returns {boolean} Whether products are added without rounding in between. */
export const isFused = () => WebAssembly.validate(FUSED_PROBE);

/**
 * Return a kernel with a memory of its own; a module is loaded and compiled once.
 *
 * @param {boolean} [fused] For measurements; an engine that has it takes it.
 * @returns {Promise<Kernel>}
 */
export async function loadKernel(fused = isFused()) {
  const name = fused ? "./kernel-fused.wasm" : "./kernel.wasm";
  let module = compiled.get(name);
  if (!module) {
    module = readBytes(new URL(name, import.meta.url)).then((bytes) =>
      WebAssembly.compile(/** @type {BufferSource} */ (bytes)),
    );
    compiled.set(name, module);
  }
  try {
    const instance = await WebAssembly.instantiate(await module, {});
    return /** @type {any} */ (instance.exports);
  } catch (error) {
    compiled.delete(name);
    throw new PathAEError(
      "backend_unavailable",
      `kernel: expected an engine with WebAssembly SIMD: ${/** @type {Error} */ (error).message}`,
    );
  }
}

/**
 * Return the bytes of a file of this package, in a browser or in node.
 *
 * @param {URL} url
 * @returns {Promise<Uint8Array>}
 */
export async function readBytes(url) {
  if (url.protocol === "file:" && /** @type {any} */ (globalThis).process?.versions?.node) {
    // By a name that bundlers for browsers do not follow.
    const files = "node:fs/promises";
    return new Uint8Array(await (await import(files)).readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new PathAEError("backend_unavailable", `${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
