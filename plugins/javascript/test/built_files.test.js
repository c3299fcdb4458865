/** What is committed built or copied is what its source gives. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { defaultDecoder } from "../build_decoders.mjs";
import { compileKernel } from "../build_kernel.mjs";
import { loadArtifact } from "../src/artifact.js";
import * as everything from "../src/index.js";

const read = (name) => readFile(new URL(`../${name}`, import.meta.url));
const PAGE = "../../pathae_codec/viewing/page";

for (const fused of [false, true]) {
  const name = `src/kernel${fused ? "-fused" : ""}.wasm`;
  test(`${name} is assembly/kernel.ts, compiled`, async () => {
    assert.ok(Buffer.from(await compileKernel(fused)).equals(await read(name)), "npm run build");
  });
}

for (const [copy, source] of [
  ["vendor/jpegxl/jxl_oxide_wasm.js", "jxl-oxide-wasm/jxl_oxide_wasm.js"],
  ["vendor/jpegxl/jxl_oxide_wasm_bg.wasm", "jxl-oxide-wasm/jxl_oxide_wasm_bg.wasm"],
  [`${PAGE}/openseadragon/openseadragon.min.js`, "openseadragon/build/openseadragon/openseadragon.min.js"],
]) {
  test(`${copy} is that of the package`, async () => {
    const text = (bytes) => bytes.toString("latin1").replace(/\n?\/\/# sourceMappingURL=.*\n?/, "\n").trim();
    assert.equal(text(await read(copy)), text(await read(`node_modules/${source}`)));
  });
}

test("the default decoder is taken out of its model whole", async () => {
  const { identity, bytes } = await defaultDecoder();
  const { decoderId, synthesis } = loadArtifact(bytes);
  assert.equal(decoderId, identity);
  assert.ok(synthesis.weights.size > 10);
  assert.ok(bytes.length < 2.5e6);
});

test("types hold", async () => {
  const here = fileURLToPath(new URL("..", import.meta.url));
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "jsconfig.json"], { cwd: here });
  const stated = (await read("src/index.d.ts")).toString();
  for (const name of Object.keys(everything)) {
    assert.match(stated, new RegExp(`export (class|function) ${name}\\b`));
  }
});
