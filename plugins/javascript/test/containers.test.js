/** Whole containers: the valid ones to the pixel; the damaged ones end in an error of ours, or are read. */
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { PathAEError, TileDecoder, decodersIn, loadParameters, openSlide } from "../src/index.js";
import { serveFolders } from "./file_server.js";
import { readNpy } from "./npy.js";

const FOLDER = fileURLToPath(new URL("../../../format_spec/v1/vectors/containers/", import.meta.url));
const { url, close } = await serveFolders({ containers: FOLDER });
after(close);

async function open(folder) {
  const inside = await readdir(`${FOLDER}${folder}`);
  const name = inside.find((one) => one.startsWith("slide."));
  const slide = await openSlide(`${url}/containers/${folder}/${name}`);
  const decoder = new TileDecoder(loadParameters(slide.parameters), decodersIn("file:///none/"));
  return { slide, decoder };
}

/** Decode every tile of a level; `visit` gets its place and pixels. */
async function eachTile({ slide, decoder }, level, visit) {
  const { rows, columns } = slide.levels[level];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const bytes = await slide.tileBytes(level, row, column);
      const white = { data: new Uint8Array(slide.tile ** 2 * 3).fill(255), width: slide.tile };
      await visit(row, column, bytes ? await decoder.decode(bytes) : white);
    }
  }
}

for (const name of await readdir(`${FOLDER}valid`)) {
  test(`valid/${name}`, async () => {
    const { peak_error: peak } = JSON.parse(await readFile(`${FOLDER}valid/${name}/case.json`, "utf8"));
    const opened = await open(`valid/${name}`);
    await opened.slide.ledger();
    for (let level = 0; level < opened.slide.levels.length; level++) {
      const { shape, data } = readNpy(await readFile(`${FOLDER}valid/${name}/level-${level}.npy`));
      const [height, width] = shape;
      let worst = 0;
      await eachTile(opened, level, (row, column, tile) => {
        const [top, left] = [row * opened.slide.tile, column * opened.slide.tile];
        for (let y = top; y < Math.min(height, top + opened.slide.tile); y++) {
          for (let x = left; x < Math.min(width, left + opened.slide.tile); x++) {
            for (let c = 0; c < 3; c++) {
              const found = tile.data[((y - top) * tile.width + (x - left)) * 3 + c];
              worst = Math.max(worst, Math.abs(found - data[(y * width + x) * 3 + c]));
            }
          }
        }
      });
      assert.ok(worst <= peak, `level ${level}: off by ${worst}`);
    }
  });
}

test("damaged containers end in errors of ours, most are refused", async () => {
  const names = await readdir(`${FOLDER}invalid`);
  const taken = [];
  for (const name of names) {
    try {
      const opened = await open(`invalid/${name}`);
      await opened.slide.ledger();
      for (const level of opened.slide.levels.keys()) await eachTile(opened, level, () => {});
      taken.push(name);
    } catch (error) {
      assert.ok(error instanceof PathAEError, `${name}: ${error.stack}`);
    }
  }
  // A viewer reads what it needs: much that `pathae validate` refuses does not change a pixel.
  assert.ok(taken.length < names.length / 2, `${taken.length} of ${names.length}: ${taken}`);
});
