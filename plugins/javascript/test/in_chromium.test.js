/** All vectors, and the pool of workers, in headless Chromium; under the policy of the viewer. */
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, noChromium } from "./chromium.js";
import { serveFolders } from "./file_server.js";
import { readNpy } from "./npy.js";

const HERE = fileURLToPath(new URL("../", import.meta.url));
const VECTORS = fileURLToPath(new URL("../../../format_spec/v1/vectors/", import.meta.url));

describe("in Chromium", { skip: noChromium }, () => {
  let browser;
  let page;
  before(async () => {
    const { url } = await serveFolders({ javascript: HERE, vectors: VECTORS });
    browser = await launch();
    page = await browser.newPage();
    await page.goto(`${url}/javascript/test/vectors.html`);
    await page.waitForFunction("window.checkVector");
  });
  after(() => browser?.close());

  for (const kind of ["valid", "invalid"]) {
    test(`all ${kind} vectors`, async () => {
      const folders = (await readdir(`${VECTORS}${kind}`)).map((name) => `${kind}/${name}`);
      assert.ok(folders.length > 30);
      const wrong = await page.evaluate(
        async (names) => (await Promise.all(names.map((name) => window.checkVector(name)))).filter(Boolean),
        folders,
      );
      assert.deepEqual(wrong, []);
    });
  }

  test("products are fused, as Chromium has it", async () => {
    assert.equal(await page.evaluate("window.fused"), true);
  });

  test("workers decode, crop, tell what is damaged and drop what is not wanted", async () => {
    const { data } = readNpy(await readFile(`${VECTORS}valid/latent-32x32-lanes2/pixels.npy`));
    const found = await page.evaluate("window.decodeInWorkers()");
    assert.deepEqual(found.rgba.slice(0, 2), [32, 32]);
    found.rgba.slice(2, 5).forEach((value, i) => assert.ok(Math.abs(value - data[i]) <= 2));
    assert.equal(found.rgba[5], 255);
    assert.deepEqual(found.bitmap, [20, 30]);
    assert.equal(found.reason, "checksum_mismatch");
    assert.ok(found.aborted >= 1);
  });
});
