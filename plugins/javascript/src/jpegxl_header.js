import { payloadError } from "./errors.js";

/**
 * Size and channels of a JPEG XL, read before anything is allocated for it. ISO/IEC 18181-1,
 * annexes A, D; specification, section 3.5.
 */

const BOX = [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20, 13, 10, 0x87, 10];
const SIDE = [[1, 9], [1, 13], [1, 18], [1, 30]];
const ENUM = [[0, 0], [1, 0], [2, 4], [18, 6]];
const COUNT = [[0, 0], [1, 0], [2, 4], [1, 12]];
const DEPTH = [[8, 0], [10, 0], [12, 0], [1, 6]];
const FLOAT_DEPTH = [[32, 0], [16, 0], [24, 0], [1, 6]];
const RATIOS = [[1, 1], [12, 10], [4, 3], [3, 2], [16, 9], [5, 4], [2, 1]];

/**
 * @param {Uint8Array} bytes A codestream or a file.
 * @returns {{width: number, height: number, channels: number, bits: number}}
 * @throws {PathAEError} invalid_payload: not JPEG XL, or its header is cut.
 */
export function jpegXlHeader(bytes) {
  const bits = new Bits(codestream(bytes).subarray(2));
  const [width, height] = readSize(bits);
  // All metadata as by default: RGB of 8 bits in XYB.
  if (bits.read(1)) return { width, height, channels: 3, bits: 8 };
  const further = bits.read(1);
  if (further) readFurther(bits);
  const depth = readDepth(bits);
  bits.read(1);
  const extra = bits.choose(COUNT);
  for (let index = 0; index < extra; index++) readChannel(bits);
  const xyb = bits.read(1);
  const gray = readIsGray(bits);
  return { width, height, channels: (gray && !xyb ? 1 : 3) + extra, bits: depth };
}

/** @param {Uint8Array} bytes @returns {Uint8Array} */
function codestream(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0x0a) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let place = BOX.every((value, index) => bytes[index] === value) ? BOX.length : bytes.length;
  while (place + 16 <= bytes.length) {
    const name = String.fromCharCode(...bytes.subarray(place + 4, place + 8));
    const wide = view.getUint32(place) === 1;
    const length = wide ? Number(view.getBigUint64(place + 8)) : view.getUint32(place);
    const start = place + (wide ? 16 : 8) + (name === "jxlp" ? 4 : 0);
    if (name === "jxlc" || name === "jxlp") {
      if (bytes[start] === 0xff && bytes[start + 1] === 0x0a) return bytes.subarray(start);
      break;
    }
    if (length < 8) break;
    place += length;
  }
  throw payloadError("fallback payload: expected JPEG XL, got other bytes");
}

/** Bits of a codestream, the lowest of a byte first. */
class Bits {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.place = 0;
  }

  /** @param {number} count */
  read(count) {
    let value = 0;
    for (let index = 0; index < count; index++, this.place++) {
      const byte = this.bytes[this.place >> 3];
      if (byte === undefined) throw payloadError("fallback payload: expected more of a header");
      value += ((byte >> (this.place & 7)) & 1) * 2 ** index;
    }
    return value;
  }

  /** Two bits choose an offset and how many bits are added. @param {number[][]} distributions */
  choose(distributions) {
    const [offset, count] = distributions[this.read(2)];
    return offset + this.read(count);
  }
}

/** @param {Bits} bits */
function readSize(bits) {
  const small = bits.read(1);
  const side = () => (small ? 8 * (bits.read(5) + 1) : bits.choose(SIDE));
  const height = side();
  const ratio = bits.read(3);
  if (!ratio) return [side(), height];
  const [over, under] = RATIOS[ratio - 1];
  return [Math.floor((height * over) / under), height];
}

/** @param {Bits} bits */
function readFurther(bits) {
  bits.read(3);
  if (bits.read(1)) readSize(bits);
  if (bits.read(1) || bits.read(1)) {
    throw payloadError("fallback payload: expected one frame, got a preview or an animation");
  }
}

/** @param {Bits} bits */
function readDepth(bits) {
  if (!bits.read(1)) return bits.choose(DEPTH);
  const depth = bits.choose(FLOAT_DEPTH);
  bits.read(4);
  return depth;
}

/** @param {Bits} bits */
function readChannel(bits) {
  if (bits.read(1)) return;
  const kind = bits.choose(ENUM);
  readDepth(bits);
  bits.choose([[0, 0], [3, 0], [4, 0], [1, 3]]);
  bits.read(8 * bits.choose([[0, 0], [0, 4], [16, 5], [48, 10]]));
  if (kind !== 0) throw payloadError("fallback payload: expected alpha, got another channel");
  bits.read(1);
}

/** @param {Bits} bits */
function readIsGray(bits) {
  if (bits.read(1)) return false;
  bits.read(1); // An ICC profile follows further down: the space is stated all the same.
  return bits.choose(ENUM) === 1;
}
