/** The vectors by onnxruntime-web's WebAssembly, where it is installed: 139 MB, so not by `npm ci`. */
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { TileDecoder, loadArtifact } from "../src/index.js";
import { onnxruntime } from "../src/onnxruntime.js";
import { readNpy } from "./npy.js";

const VECTORS = new URL("../../../format_spec/v1/vectors/valid/", import.meta.url);
const module = process.env.ONNXRUNTIME_WEB ?? "onnxruntime-web";
const ort = await import(module).catch(() => null);
const skip = ort ? false : "no onnxruntime-web here: npm install --no-save onnxruntime-web";

for (const name of (await readdir(VECTORS)).filter((one) => /^latent-(\d|all|realism|branches)/.test(one))) {
  test(`by onnxruntime-web: ${name}`, { skip }, async () => {
    const read = (file) => readFile(new URL(`${name}/${file}`, VECTORS)).then((bytes) => new Uint8Array(bytes));
    const stated = JSON.parse(new TextDecoder().decode(await read("case.json")));
    const model = loadArtifact(await read(`../../${stated.model}`));
    const pixels = await read("pixels.npy").catch(() => null);
    if (!pixels) return;
    const decoder = new TileDecoder(model, undefined, onnxruntime(ort, ["wasm"]));
    const { data } = await decoder.decode(await read("tile.pae"), stated.realism ?? null);
    const wanted = readNpy(pixels).data;
    const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i])), 0);
    assert.ok(worst <= stated.peak_error, `off by ${worst}`);
  });
}
