import { weightShapes } from "./layers.js";

/**
 * A synthesis as an ONNX model, for onnxruntime-web: the few messages of its protobuf by hand.
 *
 * @typedef {import("./layers.js").Layer} Layer
 * @typedef {{nodes: Uint8Array[], initializers: Uint8Array[], weights: Map<string, Float32Array>,
 *   shapes: Map<string, number[]>, names: number}} Graph
 */

const OPSET = 17;
const IR_VERSION = 8;
const FLOAT = 1;

/**
 * Return the bytes of a model: `input` (1, channels, h, w) to `output` (1, 3, H, W), of any sides.
 *
 * @param {Layer[]} layers Plain ones.
 * @param {Map<string, Float32Array>} weights By the names of `weightShapes`.
 * @param {number} inputs Channels that the network takes.
 * @returns {Uint8Array}
 */
export function onnxModel(layers, weights, inputs) {
  const shapes = weightShapes(layers);
  /** @type {Graph} */
  const graph = { nodes: [], initializers: [], weights, shapes, names: 0 };
  let name = "input";
  layers.forEach((layer, index) => (name = addLayer(graph, layer, `${index}`, name)));
  graph.nodes.push(node("Identity", [name], "output"));
  const graphBytes = join(
    ...graph.nodes.map((one) => field(1, one)), field(2, text("synthesis")),
    ...graph.initializers.map((one) => field(5, one)),
    field(11, picture("input", inputs, ["h", "w"])), field(12, picture("output", 3, ["H", "W"])),
  );
  const opset = join(field(1, text("")), number(2, OPSET));
  return join(number(1, IR_VERSION), field(8, opset), field(7, graphBytes));
}

/** @param {Graph} graph @returns {string} The name of what the layer gives. */
function addLayer(graph, layer, name, x) {
  const add = (op, inputs, attributes) => addNode(graph, op, inputs, attributes);
  const conv = (part, source) => convolve(graph, part, source);
  switch (layer.op) {
    case "conv":
      return conv(name, x);
    case "residual": {
      const first = conv(`${name}.first`, x);
      const silu = add("Mul", [first, add("Sigmoid", [first])]);
      return add("Add", [x, conv(`${name}.second`, silu)]);
    }
    case "block": {
      const first = add("Relu", [conv(`${name}.first`, x)]);
      const second = add("Relu", [conv(`${name}.second`, first)]);
      return add("Relu", [add("Add", [x, conv(`${name}.third`, second)])]);
    }
    case "depth_to_space":
      return add("DepthToSpace", [x], [integer("blocksize", layer.factor), string("mode", "DCR")]);
    case "relu":
      return add("Relu", [x]);
    case "soft_clamp": {
      const limit = constant(graph, [], Float32Array.of(layer.limit));
      return add("Mul", [add("Tanh", [add("Div", [x, limit])]), limit]);
    }
    case "to_unit": {
      const one = constant(graph, [], Float32Array.of(1));
      return add("Div", [add("Add", [x, one]), constant(graph, [], Float32Array.of(2))]);
    }
    case "from_unit": {
      const doubled = add("Mul", [x, constant(graph, [], Float32Array.of(2))]);
      return add("Sub", [doubled, constant(graph, [], Float32Array.of(1))]);
    }
    default:
      throw new Error(`layer ${layer.op}: see isBuilt`);
  }
}

const BUILT = ["conv", "residual", "block", "depth_to_space", "relu", "soft_clamp", "to_unit", "from_unit"];

/** @param {Layer[]} layers Whether a model can be made of them. */
export const isBuilt = (layers) => layers.every(({ op }) => BUILT.includes(op));

/** @param {Graph} graph */
function convolve(graph, name, x) {
  const weight = /** @type {Float32Array} */ (graph.weights.get(`${name}.weight`));
  const bias = /** @type {Float32Array} */ (graph.weights.get(`${name}.bias`));
  const shape = /** @type {number[]} */ (graph.shapes.get(`${name}.weight`));
  const reach = (shape[3] - 1) / 2;
  const inputs = [x, constant(graph, shape, weight), constant(graph, [bias.length], bias)];
  return addNode(graph, "Conv", inputs, [integers("pads", [reach, reach, reach, reach])]);
}

/** @param {Graph} graph */
function addNode(graph, op, inputs, attributes = []) {
  const output = `v${graph.names++}`;
  graph.nodes.push(node(op, inputs, output, attributes));
  return output;
}

/** @param {Graph} graph @param {number[]} shape @param {Float32Array} values */
function constant(graph, shape, values) {
  const name = `c${graph.names++}`;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  graph.initializers.push(
    join(...shape.map((side) => number(1, side)), number(2, FLOAT), field(8, text(name)), field(9, bytes)),
  );
  return name;
}

const node = (op, inputs, output, attributes = []) =>
  join(
    ...inputs.map((name) => field(1, text(name))), field(2, text(output)), field(4, text(op)),
    ...attributes.map((one) => field(5, one)),
  );

const integer = (name, value) => join(field(1, text(name)), number(3, value), number(20, 2));
const string = (name, value) => join(field(1, text(name)), field(4, text(value)), number(20, 3));
const integers = (name, values) =>
  join(field(1, text(name)), ...values.map((value) => number(8, value)), number(20, 7));

/** What a graph takes or gives: one picture of floats. */
function picture(name, channels, sides) {
  const dimensions = [number(1, 1), number(1, channels), ...sides.map((side) => field(2, text(side)))];
  const shape = join(...dimensions.map((one) => field(1, one)));
  const tensor = join(number(1, FLOAT), field(2, shape));
  return join(field(1, text(name)), field(2, field(1, tensor)));
}

/** Protobuf: a field of bytes, and one of a whole number. */
const field = (tag, bytes) => join(varint(tag * 8 + 2), varint(bytes.length), bytes);
const number = (tag, value) => join(varint(tag * 8), varint(value));
const text = (value) => new TextEncoder().encode(value);

function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Uint8Array.of(...bytes, value);
}

/** @param {...Uint8Array} parts */
function join(...parts) {
  const whole = new Uint8Array(parts.reduce((all, { length }) => all + length, 0));
  parts.reduce((place, part) => (whole.set(part, place), place + part.length), 0);
  return whole;
}
