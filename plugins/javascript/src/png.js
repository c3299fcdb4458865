import { inflate } from "./inflate.js";

/** PNG of 8 bits a sample, not interlaced: what the JPEG XL decoder hands its samples over in. */

const CHANNELS = { 0: 1, 2: 3, 4: 2, 6: 4 };

/**
 * Return the samples of a PNG.
 *
 * @param {Uint8Array} bytes
 * @returns {Promise<{width: number, height: number, channels: number, data: Uint8Array}>}
 */
export async function decodePng(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, colour, , , interlaced] = bytes.subarray(24, 29);
  const channels = CHANNELS[colour];
  if (depth !== 8 || !channels || interlaced) throw new Error(`PNG: ${depth} bits, kind ${colour}`);
  const parts = [];
  for (let at = 8; at < bytes.length; ) {
    const length = view.getUint32(at);
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (kind === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const row = width * channels;
  const filtered = await inflate(parts, height * (row + 1));
  return { width, height, channels, data: unfilter(filtered, height, row, channels) };
}

/** Undo the filter of each row. */
function unfilter(filtered, height, row, channels) {
  const data = new Uint8Array(height * row);
  for (let y = 0; y < height; y++) {
    const kind = filtered[y * (row + 1)];
    const from = y * (row + 1) + 1;
    const to = y * row;
    for (let x = 0; x < row; x++) {
      const left = x >= channels ? data[to + x - channels] : 0;
      const up = y ? data[to + x - row] : 0;
      const corner = y && x >= channels ? data[to + x - row - channels] : 0;
      data[to + x] = filtered[from + x] + predicted(kind, left, up, corner);
    }
  }
  return data;
}

function predicted(kind, left, up, corner) {
  if (kind === 0) return 0;
  if (kind === 1) return left;
  if (kind === 2) return up;
  if (kind === 3) return (left + up) >> 1;
  const [a, b, c] = [up - corner, left - corner, left + up - 2 * corner].map(Math.abs);
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
