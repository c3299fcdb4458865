/**
 * Turn float16 into float32: exact.
 *
 * @param {Uint16Array} bits
 * @returns {Float32Array}
 */
export function halfToFloat(bits) {
  const values = new Float32Array(bits.length);
  const words = new Uint32Array(values.buffer);
  for (let index = 0; index < bits.length; index++) {
    const half = bits[index];
    const exponent = (half >>> 10) & 31;
    const sign = (half & 0x8000) << 16;
    if (exponent === 0) {
      // Zero, or below the normal numbers: a whole number of 2^-24.
      values[index] = (half & 0x8000 ? -1 : 1) * (half & 1023) * 2 ** -24;
    } else {
      const wide = exponent === 31 ? 255 : exponent + 112;
      words[index] = sign | (wide << 23) | ((half & 1023) << 13);
    }
  }
  return values;
}
