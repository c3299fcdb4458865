import { checkHalf, halfFactor, isTileGlobalHalf } from "./diffusers_halves.js";
import { artifactError } from "./errors.js";
import { MAX_CHANNELS, MAX_FACTOR, MAX_LAYERS } from "./limits.js";

/**
 * The network as data: a list of known layers. Model artifact, section 3.
 *
 * @typedef {{op: string, [field: string]: any}} Layer
 */

/** The fields of each op, all of them whole numbers but those of diffusers. */
const FIELDS = {
  conv: ["inputs", "kernel", "outputs"],
  residual: ["channels"],
  space_to_depth: ["factor"],
  depth_to_space: ["factor"],
  downsample: ["factor", "inputs", "outputs"],
  upsample: ["factor"],
  relu: [],
  block: ["channels"],
  group_branch: ["channels", "groups", "inner"],
  soft_clamp: ["limit"],
  to_unit: [],
  from_unit: [],
  diffusers_encoder: ["config", "network"],
  diffusers_decoder: ["config", "network"],
};
/** What only analysis, and what only synthesis has. */
export const FOLDING = ["space_to_depth", "downsample", "diffusers_encoder"];
export const UNFOLDING = ["depth_to_space", "upsample", "diffusers_decoder"];

/**
 * Check layers in their JSON form.
 *
 * @param {unknown} records
 * @returns {Layer[]}
 * @throws {PathAEError} invalid_artifact: an unknown op, a missing or surplus field, a value out of
 *   range.
 */
export function parseLayers(records) {
  if (!Array.isArray(records) || records.length < 1 || records.length > MAX_LAYERS) {
    throw artifactError(`layers: expected a list of 1 to ${MAX_LAYERS}`);
  }
  records.forEach(checkLayer);
  return records;
}

/** @param {any} record */
function checkLayer(record) {
  const wanted = Object.hasOwn(FIELDS, record?.op) ? FIELDS[record.op] : null;
  if (!wanted) throw artifactError("layer op: expected a known one");
  const found = Object.keys(record).filter((name) => name !== "op").sort();
  if (found.join() !== wanted.join()) {
    throw artifactError(`layer ${record.op}: expected the fields ${wanted}, got ${found}`);
  }
  if (isDiffusers(record)) {
    checkHalf(record);
    return;
  }
  for (const name of wanted) {
    const limit = name === "factor" ? MAX_FACTOR : MAX_CHANNELS;
    const value = record[name];
    if (!Number.isInteger(value) || value < 1 || value > limit) {
      throw artifactError(`layer ${name}: expected 1 to ${limit}, got ${value}`);
    }
  }
  if (record.op === "conv" && ![1, 3, 5].includes(record.kernel)) {
    throw artifactError(`layer kernel: expected 1, 3 or 5, got ${record.kernel}`);
  }
  if (record.op === "group_branch" && record.inner % record.groups) {
    throw artifactError(`layer groups: expected a divisor of ${record.inner}`);
  }
}

/** @param {Layer} layer */
const isDiffusers = (layer) => layer.op.startsWith("diffusers_");

/** @param {Layer[]} layers Whether all of them can be run here: none of diffusers. */
export const isPlain = (layers) => !layers.some(isDiffusers);

/** @param {Layer[]} layers Whether a pixel may depend on all of its tile. */
export const isTileGlobal = (layers) =>
  layers.some((layer) => layer.op === "group_branch" || isTileGlobalHalf(layer));

/**
 * Return the convolutions of a layer by their names; "" for a layer that is one.
 *
 * @param {Layer} layer
 * @returns {Record<string, {inputs: number, outputs: number, kernel: number}>}
 */
export function convolutions(layer) {
  const { op, channels, inputs, outputs, inner } = layer;
  const square = { inputs: channels, outputs: channels, kernel: 3 };
  switch (op) {
    case "conv":
      return { "": { inputs, outputs, kernel: layer.kernel } };
    case "downsample":
      return { "": { inputs, outputs, kernel: 3 } };
    case "residual":
      return { first: square, second: square };
    case "block":
      return { first: square, second: square, third: square };
    case "group_branch":
      return {
        first: { inputs: channels, outputs: inner, kernel: 1 },
        second: { inputs: inner, outputs: channels, kernel: 1 },
      };
    default:
      return {};
  }
}

/**
 * Return the shapes of the weights of plain layers, by name.
 *
 * @param {Layer[]} layers
 * @returns {Map<string, number[]>}
 */
export function weightShapes(layers) {
  const shapes = new Map();
  layers.forEach((layer, index) => {
    for (const [name, conv] of Object.entries(convolutions(layer))) {
      const prefix = name ? `${index}.${name}` : `${index}`;
      shapes.set(`${prefix}.weight`, [conv.outputs, conv.inputs, conv.kernel, conv.kernel]);
      shapes.set(`${prefix}.bias`, [conv.outputs]);
    }
    if (layer.op === "group_branch") {
      shapes.set(`${index}.norm.weight`, [layer.inner]);
      shapes.set(`${index}.norm.bias`, [layer.inner]);
    }
  });
  return shapes;
}

/**
 * Follow the channels through the layers.
 *
 * @param {Layer[]} layers
 * @param {number} inputs
 * @returns {number}
 * @throws {PathAEError} invalid_artifact: a layer does not take what the one before it gives.
 */
export function outputChannels(layers, inputs) {
  let channels = inputs;
  layers.forEach((layer, index) => {
    const expected = expectedChannels(layer) ?? channels;
    if (expected !== channels) {
      throw artifactError(`layer ${index}: expected ${expected} channels, got ${channels}`);
    }
    const area = (layer.factor ?? 1) ** 2;
    if (layer.op === "conv" || layer.op === "downsample") channels = layer.outputs;
    else if (layer.op === "diffusers_encoder") channels = layer.config.latent_channels;
    else if (layer.op === "diffusers_decoder") channels = 3;
    else if (layer.op === "space_to_depth") channels *= area;
    else if (layer.op === "depth_to_space") {
      if (channels % area) {
        throw artifactError(`layer ${index}: ${channels} channels do not unfold by ${layer.factor}`);
      }
      channels /= area;
    }
  });
  return channels;
}

/** @param {Layer} layer */
function expectedChannels(layer) {
  if (layer.op === "diffusers_encoder") return 3;
  if (layer.op === "diffusers_decoder") return layer.config.latent_channels;
  return layer.inputs ?? layer.channels;
}

/** @param {Layer[]} layers Pixels per latent position, per side. */
export function scaleFactor(layers) {
  return layers.reduce(
    (all, layer) => all * (isDiffusers(layer) ? halfFactor(layer) : (layer.factor ?? 1)),
    1,
  );
}
