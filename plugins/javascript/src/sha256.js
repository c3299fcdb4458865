/**
 * SHA-256 (FIPS 180-4), in parts. A page that comes by plain HTTP has no `crypto.subtle`, and
 * identities are checked there too.
 */

/** The first 32 bits of the fractional part of a root of the first primes. */
function constants(count, root) {
  const values = new Uint32Array(count);
  for (let found = 0, candidate = 2; found < count; candidate++) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= candidate && prime; divisor++) {
      prime = candidate % divisor !== 0;
    }
    if (prime) values[found++] = (candidate ** root % 1) * 2 ** 32;
  }
  return values;
}

const ROUNDS = constants(64, 1 / 3);
const START = constants(8, 1 / 2);

export class Sha256 {
  constructor() {
    this.state = START.slice();
    this.block = new Uint8Array(64);
    this.schedule = new Uint32Array(64);
    this.length = 0;
  }

  /** @param {Uint8Array} bytes @returns {this} */
  update(bytes) {
    let used = this.length % 64;
    this.length += bytes.length;
    let place = 0;
    while (place < bytes.length) {
      const count = Math.min(64 - used, bytes.length - place);
      this.block.set(bytes.subarray(place, place + count), used);
      place += count;
      used += count;
      if (used === 64) {
        this.#compress();
        used = 0;
      }
    }
    return this;
  }

  /** @returns {string} 64 hexadecimal digits; nothing can be added afterwards. */
  hex() {
    const bits = this.length * 8;
    const padding = new Uint8Array(((119 - (this.length % 64)) % 64) + 9);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(padding.length - 4, bits >>> 0);
    this.update(padding);
    return Array.from(this.state, (word) => word.toString(16).padStart(8, "0")).join("");
  }

  #compress() {
    const w = this.schedule;
    const view = new DataView(this.block.buffer);
    for (let i = 0; i < 16; i++) w[i] = view.getUint32(4 * i);
    for (let i = 16; i < 64; i++) {
      const a = w[i - 15];
      const b = w[i - 2];
      const low = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
      const high = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
      w[i] = w[i - 16] + low + w[i - 7] + high;
    }
    let [a, b, c, d, e, f, g, h] = this.state;
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const first = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((value, index) => (this.state[index] += value));
  }
}
