/** The kernel against convolutions written out: every size of kernel, even and odd sides. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { crc32 as zlibCrc } from "node:zlib";
import { crc32 } from "../src/crc32.js";
import { loadKernel } from "../src/kernel.js";
import { Network } from "../src/network.js";
import { Sha256 } from "../src/sha256.js";

let seed = 1;
const random = () => ((seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32) * 2 - 1;
const randoms = (count, scale = 1) => Float32Array.from({ length: count }, () => random() * scale);

/** (channels, height, width) in, the same out. */
function convolvePlainly(input, [height, width], weight, bias, { inputs, outputs, kernel }) {
  const reach = kernel >> 1;
  const result = new Float64Array(outputs * height * width);
  for (let o = 0; o < outputs; o++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = bias[o];
        for (let i = 0; i < inputs; i++) {
          for (let r = 0; r < kernel; r++) {
            for (let c = 0; c < kernel; c++) {
              const [row, column] = [y + r - reach, x + c - reach];
              if (row < 0 || row >= height || column < 0 || column >= width) continue;
              sum +=
                input[(i * height + row) * width + column] *
                weight[((o * inputs + i) * kernel + r) * kernel + c];
            }
          }
        }
        result[(o * height + y) * width + x] = sum;
      }
    }
  }
  return result;
}

function valuesOf(network, picture) {
  const { height, width, channels } = picture;
  const result = new Float64Array(channels * height * width);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        result[(c * height + y) * width + x] = network.values[picture.at(y, x) + c];
      }
    }
  }
  return result;
}

for (const kernel of [1, 3, 5]) {
  for (const [height, width] of [[1, 1], [3, 7], [6, 4], [8, 14], [4, 5]]) {
    test(`a convolution of ${kernel} on ${height} x ${width}`, async () => {
      const conv = { op: "conv", inputs: 5, outputs: 11, kernel };
      const weight = randoms(11 * 5 * kernel ** 2);
      const bias = randoms(11);
      const input = randoms(5 * height * width);
      const weights = new Map([["0.weight", weight], ["0.bias", bias]]);
      const network = new Network(await loadKernel(), [conv], weights);
      const found = valuesOf(network, network.run(input, height, width));
      const wanted = convolvePlainly(input, [height, width], weight, bias, conv);
      wanted.forEach((value, i) => assert.ok(Math.abs(value - found[i]) < 2e-5, `${value} ${found[i]}`));
    });
  }
}

test("a residual layer, and the next run does not see the one before", async () => {
  const weights = new Map();
  for (const name of ["first", "second"]) {
    weights.set(`0.${name}.weight`, randoms(8 * 8 * 9, 0.3)).set(`0.${name}.bias`, randoms(8, 0.3));
  }
  const network = new Network(await loadKernel(), [{ op: "residual", channels: 8 }], weights);
  const conv = { inputs: 8, outputs: 8, kernel: 3 };
  for (const sides of [[10, 12], [4, 6], [5, 9]]) {
    const input = randoms(8 * sides[0] * sides[1], 3);
    const found = valuesOf(network, network.run(input, ...sides));
    const plain = (values, name) =>
      convolvePlainly(values, sides, weights.get(`0.${name}.weight`), weights.get(`0.${name}.bias`), conv);
    const first = plain(input, "first").map((value) => value / (1 + Math.exp(-value)));
    plain(first, "second").forEach((value, i) => {
      assert.ok(Math.abs(value + input[i] - found[i]) < 5e-5);
    });
  }
});

test("hashes are those of node", () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    const bytes = Uint8Array.from({ length }, () => random() * 128 + 128);
    const hex = new Sha256().update(bytes.subarray(0, 7)).update(bytes.subarray(7)).hex();
    assert.equal(hex, createHash("sha256").update(bytes).digest("hex"));
    if (zlibCrc) assert.equal(crc32(bytes), zlibCrc(bytes));
  }
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});
