/** Arrays as numpy stores them. */

const KINDS = { "|u1": Uint8Array, "<u2": Uint16Array, "<f4": Float32Array };

/**
 * @param {Uint8Array} bytes Of a .npy file of version 1.
 * @returns {{shape: number[], data: any}}
 */
export function readNpy(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint16(8, true);
  const header = new TextDecoder().decode(bytes.subarray(10, 10 + length));
  const kind = /** @type {any} */ (header.match(/'descr': '([^']+)'/))[1];
  const shape = /** @type {any} */ (header.match(/'shape': \(([^)]*)\)/))[1];
  const order = header.includes("'fortran_order': False");
  if (!KINDS[kind] || !order) throw new Error(`npy: ${header}`);
  return {
    shape: shape.split(",").filter((part) => part.trim()).map(Number),
    data: new KINDS[kind](new Uint8Array(bytes.subarray(10 + length)).buffer),
  };
}
