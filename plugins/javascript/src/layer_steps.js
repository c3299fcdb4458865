import { ENDINGS } from "./kernel.js";

/**
 * What each plain layer of a synthesis does with a picture. Model artifact, section 3.1.
 *
 * Convolutions run in the kernel; the rest moves values, or is rare.
 *
 * @typedef {import("./network.js").Network} Network
 * @typedef {import("./picture.js").Picture} Picture
 * @typedef {(network: Network, source: Picture, layer: any, name: string) => Picture} Step
 */

const GROUP_EPSILON = 1e-5;

/** @type {Record<string, Step>} */
export const LAYER_STEPS = {
  conv: (network, source, layer, name) => network.convolve(source, name, ENDINGS.none),
  residual(network, source, layer, name) {
    const first = network.convolve(source, `${name}.first`, ENDINGS.silu);
    return network.convolve(first, `${name}.second`, ENDINGS.add, source);
  },
  block(network, source, layer, name) {
    const first = network.convolve(source, `${name}.first`, ENDINGS.relu);
    const second = network.convolve(first, `${name}.second`, ENDINGS.relu);
    return network.convolve(second, `${name}.third`, ENDINGS.addRelu, source);
  },
  group_branch(network, source, layer, name) {
    const first = network.convolve(source, `${name}.first`, ENDINGS.none);
    normalizeGroups(network, first, layer, name);
    return network.convolve(first, `${name}.second`, ENDINGS.add, source);
  },
  depth_to_space: (network, source, layer) => unfold(network, source, layer.factor),
  upsample: (network, source, layer) => repeat(network, source, layer.factor),
  relu: pointwise(() => (value) => Math.max(value, 0)),
  soft_clamp: pointwise(({ limit }) => (value) => Math.tanh(value / limit) * limit),
  to_unit: pointwise(() => (value) => (value + 1) / 2),
  from_unit: pointwise(() => (value) => 2 * value - 1),
};

/**
 * @param {(layer: any) => (value: number) => number} make
 * @returns {Step}
 */
function pointwise(make) {
  return (network, source, layer) => {
    const change = make(layer);
    const values = network.values;
    // What pads the channels stays zero.
    for (let y = 0; y < source.height; y++) {
      for (let x = 0; x < source.width; x++) {
        const place = source.at(y, x);
        for (let c = place; c < place + source.channels; c++) values[c] = change(values[c]);
      }
    }
    return source;
  };
}

/** Channel (row * factor + column) * C + c becomes channel c of that place. */
function unfold(network, source, factor) {
  const channels = source.channels / factor ** 2;
  const target = network.picture(source.height * factor, source.width * factor, channels);
  const values = network.values;
  const together = target.pixel === channels;
  for (let y = 0; y < source.height; y++) {
    for (let x = 0; x < source.width; x++) {
      for (let row = 0; row < factor; row++) {
        const from = source.at(y, x) + row * factor * channels;
        const to = target.at(y * factor + row, x * factor);
        if (together) {
          values.copyWithin(to, from, from + factor * channels);
          continue;
        }
        for (let column = 0; column < factor; column++) {
          for (let c = 0; c < channels; c++) {
            values[to + column * target.pixel + c] = values[from + column * channels + c];
          }
        }
      }
    }
  }
  return target;
}

function repeat(network, source, factor) {
  const target = network.picture(source.height * factor, source.width * factor, source.channels);
  const values = network.values;
  for (let y = 0; y < target.height; y++) {
    for (let x = 0; x < target.width; x++) {
      const from = source.at(Math.floor(y / factor), Math.floor(x / factor));
      values.copyWithin(target.at(y, x), from, from + source.channels);
    }
  }
  return target;
}

/** Normalize each group over its channels and all positions, then weight, bias and relu. */
function normalizeGroups(network, picture, layer, name) {
  const weight = network.weights.get(`${name}.norm.weight`);
  const bias = network.weights.get(`${name}.norm.bias`);
  const values = network.values;
  const size = layer.inner / layer.groups;
  const each = (first, visit) => {
    for (let y = 0; y < picture.height; y++) {
      for (let x = 0; x < picture.width; x++) {
        const place = picture.at(y, x);
        for (let c = first; c < first + size; c++) visit(place + c, c);
      }
    }
  };
  const count = size * picture.height * picture.width;
  for (let first = 0; first < layer.inner; first += size) {
    let sum = 0;
    each(first, (place) => (sum += values[place]));
    const mean = sum / count;
    let squares = 0;
    each(first, (place) => (squares += (values[place] - mean) ** 2));
    const scale = 1 / Math.sqrt(squares / count + GROUP_EPSILON);
    each(first, (place, c) => {
      values[place] = Math.max((values[place] - mean) * scale * weight[c] + bias[c], 0);
    });
  }
}
