/**
 * Convolution for the networks of PathAE, in WebAssembly SIMD. Compiled twice, see package.json:
 * with FUSED products are added without rounding in between (relaxed SIMD, twice as fast), without,
 * by two instructions that every engine with SIMD has.
 *
 * Values lie position by position, the channels of a position together and their number a multiple
 * of 8, the last of them zero. A picture has a border of zeros, so that the K rows of a window are
 * K runs of K * channels values that lie one behind the other.
 */

import { FUSED } from "./fused";

/** What is done with a sum: see `finish`. */
const NONE: i32 = 0;
const SILU: i32 = 1;
const RELU: i32 = 2;
const ADD: i32 = 3;
const ADD_RELU: i32 = 4;

// @ts-ignore: decorator
@inline
function multiplyAdd(a: v128, b: v128, sum: v128): v128 {
  if (FUSED) return f32x4.relaxed_madd(a, b, sum);
  return f32x4.add(f32x4.mul(a, b), sum);
}

/** e^x, within 2e-7 of it, for -87 to 88: x = n ln 2 + r, and a polynomial for e^r. */
// @ts-ignore: decorator
@inline
function exp(given: v128): v128 {
  const x = f32x4.max(f32x4.min(given, f32x4.splat(88)), f32x4.splat(-87));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(p, power);
}

// @ts-ignore: decorator
@inline
function finish(sum: v128, mode: i32, other: usize): v128 {
  const zero = f32x4.splat(0);
  if (mode == SILU) {
    return f32x4.div(sum, f32x4.add(f32x4.splat(1), exp(f32x4.neg(sum))));
  }
  if (mode >= ADD) sum = f32x4.add(sum, v128.load(other));
  return mode == RELU || mode == ADD_RELU ? f32x4.max(sum, zero) : sum;
}

/**
 * Convolve a picture; stride 1.
 *
 * @param src The corner of the first window, in the border.
 * @param dst The first position that is written.
 * @param weights float32 (blocks, kernel, kernel * channels, 8).
 * @param bias float32 (blocks, 8).
 * @param other What ADD adds, of the form of `dst`.
 * @param run Bytes of a row of a window: kernel * channels * 4.
 * @param srcPixel,srcRow,dstPixel,dstRow,otherPixel,otherRow Bytes from one to the next.
 */
export function convolve(
  src: usize, dst: usize, weights: usize, bias: usize, other: usize,
  height: i32, width: i32, blocks: i32, kernel: i32, run: i32,
  srcPixel: i32, srcRow: i32, dstPixel: i32, dstRow: i32, otherPixel: i32, otherRow: i32,
  mode: i32,
): void {
  const blockBytes = kernel * run * 8;
  for (let block = 0; block < blocks; block++) {
    const w = weights + block * blockBytes;
    const b = bias + block * 32;
    for (let y = 0; y < height; y++) {
      const from = src + y * srcRow;
      const to = dst + y * dstRow + block * 32;
      const beside = other + y * otherRow + block * 32;
      let x = 0;
      if (width >= 6) {
        while (x < width) {
          // The last six may overlap those before them, and get the same values.
          if (x > width - 6) x = width - 6;
          six(from + x * srcPixel, to + x * dstPixel, w, b, beside + x * otherPixel,
            kernel, run, srcPixel, srcRow, dstPixel, otherPixel, mode);
          x += 6;
        }
      }
      for (; x < width; x++) {
        one(from + x * srcPixel, to + x * dstPixel, w, b, beside + x * otherPixel,
          kernel, run, srcRow, mode);
      }
    }
  }
}

/**
 * Convolve a picture of even sides with a kernel of 3 by Winograd's F(2 x 2, 3 x 3): 16 products
 * where there were 36. Each 2 x 2 positions come of a window of 4 x 4; windows and weights are
 * transformed, multiplied place by place of the 16, and the sums transformed back.
 *
 * @param weights float32 (16, blocks, channels, 8), transformed.
 * @param bias float32 (blocks, 8), and as many zeros behind it.
 * @param scratch Room for 16 * windows * (channels + blocks * 8) float32, windows being those of
 *   `strip` pairs of rows.
 * @param strip Pairs of rows that are done together.
 * @param run Bytes of a position's channels. The others are as for `convolve`.
 */
export function winograd(
  src: usize, dst: usize, weights: usize, bias: usize, other: usize,
  height: i32, width: i32, blocks: i32, strip: i32, run: i32,
  srcPixel: i32, srcRow: i32, dstPixel: i32, dstRow: i32, otherPixel: i32, otherRow: i32,
  mode: i32, scratch: usize,
): void {
  const across = width >> 1;
  const placeBytes = blocks * run * 8;
  const out = blocks * 32;
  for (let first = 0; first < height; first += 2 * strip) {
    const pairs = min(strip, (height - first) >> 1);
    const windows = pairs * across;
    const sums = scratch + 16 * windows * run;
    for (let t = 0; t < windows; t++) {
      const y = first + 2 * (t / across);
      const x = 2 * (t % across);
      spread(src + y * srcRow + x * srcPixel, scratch + t * run, run, srcPixel, srcRow,
        windows * run);
    }
    for (let place = 0; place < 16; place++) {
      convolve(scratch + place * windows * run, sums + place * windows * out,
        weights + place * placeBytes, bias + out, 0, 1, windows, blocks, 1, run,
        run, 0, out, 0, 0, 0, NONE);
    }
    for (let t = 0; t < windows; t++) {
      const y = first + 2 * (t / across);
      const x = 2 * (t % across);
      gather(sums + t * out, dst + y * dstRow + x * dstPixel, bias,
        other + y * otherRow + x * otherPixel, out, windows * out,
        dstPixel, dstRow, otherPixel, otherRow, mode);
    }
  }
}

/** Transform a window of 4 x 4 positions, `step` bytes from one place of the 16 to the next. */
function spread(src: usize, dst: usize, run: i32, pixel: i32, row: i32, step: i32): void {
  for (let c = 0; c < run; c += 16) {
    for (let half = 0; half < 4; half++) {
      // Row `half` of the transform over the rows of the window, for its four columns.
      const a = src + c + (half == 0 ? 0 : half == 2 ? 2 * row : row);
      const b = src + c + (half == 0 || half == 1 ? 2 * row : half == 2 ? row : 3 * row);
      let v0: v128, v1: v128, v2: v128, v3: v128;
      if (half == 1) {
        v0 = f32x4.add(v128.load(a), v128.load(b));
        v1 = f32x4.add(v128.load(a + pixel), v128.load(b + pixel));
        v2 = f32x4.add(v128.load(a + 2 * pixel), v128.load(b + 2 * pixel));
        v3 = f32x4.add(v128.load(a + 3 * pixel), v128.load(b + 3 * pixel));
      } else {
        v0 = f32x4.sub(v128.load(a), v128.load(b));
        v1 = f32x4.sub(v128.load(a + pixel), v128.load(b + pixel));
        v2 = f32x4.sub(v128.load(a + 2 * pixel), v128.load(b + 2 * pixel));
        v3 = f32x4.sub(v128.load(a + 3 * pixel), v128.load(b + 3 * pixel));
      }
      const to = dst + c + 4 * half * step;
      v128.store(to, f32x4.sub(v0, v2));
      v128.store(to + step, f32x4.add(v1, v2));
      v128.store(to + 2 * step, f32x4.sub(v2, v1));
      v128.store(to + 3 * step, f32x4.sub(v1, v3));
    }
  }
}

/** Transform sums back: 2 x 2 positions, all of their channels. */
function gather(
  src: usize, dst: usize, bias: usize, other: usize, out: i32, step: i32,
  dstPixel: i32, dstRow: i32, otherPixel: i32, otherRow: i32, mode: i32,
): void {
  for (let c = 0; c < out; c += 16) {
    const b = v128.load(bias + c);
    for (let half = 0; half < 2; half++) {
      let p = src + c + (half ? 4 * step : 0);
      let q = p + 4 * step;
      let r = q + 4 * step;
      let s0: v128, s1: v128, s2: v128, s3: v128;
      if (half) {
        s0 = f32x4.sub(f32x4.sub(v128.load(p), v128.load(q)), v128.load(r));
        s1 = f32x4.sub(f32x4.sub(v128.load(p + step), v128.load(q + step)), v128.load(r + step));
        p += 2 * step; q += 2 * step; r += 2 * step;
        s2 = f32x4.sub(f32x4.sub(v128.load(p), v128.load(q)), v128.load(r));
        s3 = f32x4.sub(f32x4.sub(v128.load(p + step), v128.load(q + step)), v128.load(r + step));
      } else {
        s0 = f32x4.add(f32x4.add(v128.load(p), v128.load(q)), v128.load(r));
        s1 = f32x4.add(f32x4.add(v128.load(p + step), v128.load(q + step)), v128.load(r + step));
        p += 2 * step; q += 2 * step; r += 2 * step;
        s2 = f32x4.add(f32x4.add(v128.load(p), v128.load(q)), v128.load(r));
        s3 = f32x4.add(f32x4.add(v128.load(p + step), v128.load(q + step)), v128.load(r + step));
      }
      const left = f32x4.add(f32x4.add(f32x4.add(s0, s1), s2), b);
      const right = f32x4.add(f32x4.sub(f32x4.sub(s1, s2), s3), b);
      const to = dst + c + half * dstRow;
      const beside = other + c + half * otherRow;
      v128.store(to, finish(left, mode, beside));
      v128.store(to + dstPixel, finish(right, mode, beside + otherPixel));
    }
  }
}

/** Eight channels of one position. */
function one(
  src: usize, dst: usize, w: usize, b: usize, other: usize,
  kernel: i32, run: i32, srcRow: i32, mode: i32,
): void {
  let low = v128.load(b);
  let high = v128.load(b, 16);
  for (let row = 0; row < kernel; row++) {
    const end = src + run;
    for (let p = src; p < end; p += 4, w += 32) {
      const v = v128.load32_splat(p);
      low = multiplyAdd(v, v128.load(w), low);
      high = multiplyAdd(v, v128.load(w, 16), high);
    }
    src += srcRow;
  }
  v128.store(dst, finish(low, mode, other));
  v128.store(dst, finish(high, mode, other + 16), 16);
}

/** Eight channels of six positions: twelve sums, two weights and a value fill the registers. */
function six(
  src: usize, dst: usize, w: usize, b: usize, other: usize,
  kernel: i32, run: i32, srcPixel: i32, srcRow: i32, dstPixel: i32, otherPixel: i32, mode: i32,
): void {
  let l0 = v128.load(b), l1 = l0, l2 = l0, l3 = l0, l4 = l0, l5 = l0;
  let h0 = v128.load(b, 16), h1 = h0, h2 = h0, h3 = h0, h4 = h0, h5 = h0;
  for (let row = 0; row < kernel; row++) {
    const end = src + run;
    let p0 = src, p1 = p0 + srcPixel, p2 = p1 + srcPixel;
    let p3 = p2 + srcPixel, p4 = p3 + srcPixel, p5 = p4 + srcPixel;
    // A run is a multiple of eight values: two at a time halve what counting costs.
    while (p0 < end) {
      let a = v128.load(w, 0);
      let c = v128.load(w, 16);
      let v = v128.load32_splat(p0, 0);
      l0 = multiplyAdd(v, a, l0);
      h0 = multiplyAdd(v, c, h0);
      v = v128.load32_splat(p1, 0);
      l1 = multiplyAdd(v, a, l1);
      h1 = multiplyAdd(v, c, h1);
      v = v128.load32_splat(p2, 0);
      l2 = multiplyAdd(v, a, l2);
      h2 = multiplyAdd(v, c, h2);
      v = v128.load32_splat(p3, 0);
      l3 = multiplyAdd(v, a, l3);
      h3 = multiplyAdd(v, c, h3);
      v = v128.load32_splat(p4, 0);
      l4 = multiplyAdd(v, a, l4);
      h4 = multiplyAdd(v, c, h4);
      v = v128.load32_splat(p5, 0);
      l5 = multiplyAdd(v, a, l5);
      h5 = multiplyAdd(v, c, h5);
      a = v128.load(w, 32);
      c = v128.load(w, 48);
      v = v128.load32_splat(p0, 4);
      l0 = multiplyAdd(v, a, l0);
      h0 = multiplyAdd(v, c, h0);
      v = v128.load32_splat(p1, 4);
      l1 = multiplyAdd(v, a, l1);
      h1 = multiplyAdd(v, c, h1);
      v = v128.load32_splat(p2, 4);
      l2 = multiplyAdd(v, a, l2);
      h2 = multiplyAdd(v, c, h2);
      v = v128.load32_splat(p3, 4);
      l3 = multiplyAdd(v, a, l3);
      h3 = multiplyAdd(v, c, h3);
      v = v128.load32_splat(p4, 4);
      l4 = multiplyAdd(v, a, l4);
      h4 = multiplyAdd(v, c, h4);
      v = v128.load32_splat(p5, 4);
      l5 = multiplyAdd(v, a, l5);
      h5 = multiplyAdd(v, c, h5);
      p0 += 8; p1 += 8; p2 += 8; p3 += 8; p4 += 8; p5 += 8;
      w += 64;
    }
    src += srcRow;
  }
  put(dst, other, l0, h0, mode);
  put(dst + dstPixel, other + otherPixel, l1, h1, mode);
  put(dst + 2 * dstPixel, other + 2 * otherPixel, l2, h2, mode);
  put(dst + 3 * dstPixel, other + 3 * otherPixel, l3, h3, mode);
  put(dst + 4 * dstPixel, other + 4 * otherPixel, l4, h4, mode);
  put(dst + 5 * dstPixel, other + 5 * otherPixel, l5, h5, mode);
}

function put(dst: usize, other: usize, low: v128, high: v128, mode: i32): void {
  v128.store(dst, finish(low, mode, other));
  v128.store(dst, finish(high, mode, other + 16), 16);
}
