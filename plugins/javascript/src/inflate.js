/**
 * Inflate zlib, to a bound.
 *
 * @param {Uint8Array[]} parts
 * @param {number} most Bytes that may come out.
 * @returns {Promise<Uint8Array>}
 */
export async function inflate(parts, most) {
  const stream = new Blob(/** @type {BlobPart[]} */ (parts))
    .stream()
    .pipeThrough(new DecompressionStream("deflate"));
  const found = [];
  let total = 0;
  for (const reader = stream.getReader(); ; ) {
    const { value, done } = await reader.read();
    if (done) break;
    total += value.length;
    if (total > most) throw new Error(`expected ${most} bytes at most`);
    found.push(value);
  }
  const whole = new Uint8Array(total);
  found.reduce((place, part) => (whole.set(part, place), place + part.length), 0);
  return whole;
}
