/**
 * Transform the weights of 3 x 3 convolutions for Winograd's F(2 x 2, 3 x 3): G g G', with the rows
 * of G (1, 0, 0), (1, 1, 1) / 2, (1, -1, 1) / 2, (0, 0, 1).
 *
 * @param {Float32Array} weights (kernels, 3, 3).
 * @returns {Float32Array} (kernels, 4, 4).
 */
export function transformWeights(weights) {
  const kernels = weights.length / 9;
  const transformed = new Float32Array(kernels * 16);
  const rows = new Float64Array(12);
  for (let kernel = 0; kernel < kernels; kernel++) {
    for (let column = 0; column < 3; column++) {
      const at = kernel * 9 + column;
      stretch(weights[at], weights[at + 3], weights[at + 6], rows, column, 3);
    }
    for (let row = 0; row < 4; row++) {
      const at = row * 3;
      stretch(rows[at], rows[at + 1], rows[at + 2], transformed, kernel * 16 + row * 4, 1);
    }
  }
  return transformed;
}

/** Three values become four, `step` apart. */
function stretch(a, b, c, target, place, step) {
  target[place] = a;
  target[place + step] = (a + b + c) / 2;
  target[place + 2 * step] = (a - b + c) / 2;
  target[place + 3 * step] = c;
}
