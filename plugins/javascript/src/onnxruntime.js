import { isBuilt, onnxModel } from "./onnx_graph.js";

/**
 * onnxruntime-web in place of the kernel, where a page has it:
 *
 *     import * as ort from "onnxruntime-web/webgpu";
 *     new TileDecoder(artifact, decodersIn(), onnxruntime(ort, ["webgpu", "wasm"]));
 *
 * With its WebAssembly the vectors pass; with WebGPU nothing was run: no machine of ours has one. The
 * canary refuses it where it is too coarse. Layers that are rare run in the kernel all the same.
 *
 * @param {any} ort The module.
 * @param {string[]} [providers] What runs the network, the first that can.
 * @returns {import("./decoder.js").LoadEngine}
 */
export function onnxruntime(ort, providers = ["webgpu", "wasm"]) {
  return async (layers, weights) => {
    if (!isBuilt(layers)) return null;
    const inputs = layers.find(({ op }) => op === "conv")?.inputs ?? 0;
    const model = onnxModel(layers, weights, inputs);
    const session = await ort.InferenceSession.create(model, { executionProviders: providers });
    return { pixels: (input, height, width) => run(ort, session, input, height, width) };
  };
}

async function run(ort, session, input, height, width) {
  const channels = input.length / (height * width);
  const tensor = new ort.Tensor("float32", input, [1, channels, height, width]);
  const { output } = await session.run({ input: tensor });
  const values = /** @type {Float32Array} */ (await output.getData());
  const area = values.length / 3;
  const data = new Uint8ClampedArray(values.length);
  for (let place = 0, out = 0; place < area; place++) {
    for (let c = 0; c < 3; c++) data[out++] = (values[c * area + place] + 1) * 127.5;
  }
  output.dispose();
  return new Uint8Array(data.buffer);
}
