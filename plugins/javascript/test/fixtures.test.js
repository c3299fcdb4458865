/** Files of an earlier version, read by our own readers, by zarrita and by geotiff.js. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { addDecoder, fromArrayBuffer } from "geotiff";
import * as zarr from "zarrita";
import { TileDecoder, loadArtifact, openSlide } from "../src/index.js";
import { preparePathAE, registerPathAE } from "../src/geotiff.js";
import { serveFolders } from "./file_server.js";
import { readNpz } from "./npz.js";

const FOLDER = fileURLToPath(new URL("../../../tests/fixtures/0.1.0/", import.meta.url));
const FILES = ["slide.tif", "slide.ome.zarr", "slide-0.4.ome.zarr"];
const { window: finest, level_1: coarse } = readNpz(await readFile(`${FOLDER}pixels.npz`));
/** Rows 96 to 224 and columns 64 to 192 of level 0: where `finest` lies. */
const [TOP, LEFT, SIDE] = [96, 64, 128];
const { url, close } = await serveFolders({ files: FOLDER });
after(close);

registerPathAE(addDecoder);
for (const name of ["pathae", "numcodecs.pathae"]) {
  zarr.registry.set(name, () => import("../src/zarrita.js").then((module) => module.default));
}

/** Networks may differ by 2 of 255 from one backend to the next. */
function assertNear(found, wanted) {
  assert.equal(found.length, wanted.length);
  assert.ok(wanted.some((value) => value !== wanted[0]), "a picture, not one colour");
  const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i])), 0);
  assert.ok(worst <= 2, `off by ${worst}`);
}

const interleave = ({ data, shape: [channels, height, width] }) =>
  Uint8Array.from({ length: data.length }, (_, place) => {
    const [pixel, channel] = [Math.floor(place / channels), place % channels];
    return data[channel * height * width + pixel];
  });

for (const file of FILES) {
  test(`${file}: by ranges, tile by tile`, async () => {
    const slide = await openSlide(`${url}/files/${file}`);
    assert.deepEqual(slide.levels.map(({ width, height }) => [width, height]), [[400, 320], [100, 80]]);
    assert.equal(slide.record.format, "pathae");
    const decoder = new TileDecoder(loadArtifact(slide.parameters));
    const tile = await decoder.decode(await slide.tileBytes(1, 0, 0));
    const rows = Array.from({ length: 80 }, (_, row) =>
      tile.data.subarray(row * tile.width * 3, (row * tile.width + 100) * 3),
    );
    assertNear(Uint8Array.from(rows.flatMap((row) => [...row])), coarse.data);
    await assert.rejects(slide.tileBytes(1, 0, 1), { reason: "invalid_setting" });
  });
}

for (const file of FILES.slice(1)) {
  test(`${file}: by zarrita`, async () => {
    const root = zarr.root(new zarr.FetchStore(`${url}/files/${file}`));
    const open = file.includes("0.4") ? zarr.open.v2 : zarr.open.v3;
    const level = await open(root.resolve("1"), { kind: "array" });
    assertNear(interleave(await zarr.get(level)), coarse.data);
    const all = await open(root.resolve("0"), { kind: "array" });
    const rows = zarr.slice(TOP, TOP + SIDE);
    const part = await zarr.get(all, [null, rows, zarr.slice(LEFT, LEFT + SIDE)]);
    assertNear(interleave(part), finest.data);
  });
}

test("slide.tif: by geotiff.js", async () => {
  const bytes = await readFile(`${FOLDER}slide.tif`);
  const tiff = await fromArrayBuffer(new Uint8Array(bytes).buffer);
  await assert.rejects((await tiff.getImage(0)).readRasters(), /preparePathAE/);
  await preparePathAE(tiff);
  const image = await tiff.getImage(0);
  const window = [LEFT, TOP, LEFT + SIDE, TOP + SIDE];
  assertNear(await image.readRasters({ window, interleave: true }), finest.data);
  const last = await tiff.getImage((await tiff.getImageCount()) - 1);
  assertNear(await last.readRasters({ interleave: true }), coarse.data);
});

test("a page opens a TIFF in few requests", async () => {
  const slide = await openSlide(`${url}/files/slide.tif`);
  await slide.tileBytes(1, 0, 0);
  assert.ok(slide.traffic.requests <= 4, `${slide.traffic.requests} requests`);
});

test("what is no slide is told so", async () => {
  await assert.rejects(openSlide(`${url}/files/pixels.npz`), { reason: "invalid_container" });
  await assert.rejects(openSlide(`${url}/files/none.tif`), { reason: "invalid_container" });
  await assert.rejects(openSlide(`${url}/files/none.ome.zarr`), { reason: "invalid_container" });
});
