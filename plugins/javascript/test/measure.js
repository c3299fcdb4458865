/**
 * Measure a viewer in headless Chromium and print the figures as JSON; see benchmarks/viewer.py.
 *
 *     node measure.js speed SITE PICTURES     a static site, and its tiles as AVIF, JPEG, ...
 *     node measure.js open URL                 the first picture of a large slide, and its memory
 */
import { readFile, readdir } from "node:fs/promises";
import { launch } from "./chromium.js";
import { serveFolders } from "./file_server.js";

const [, , what, place, pictures] = process.argv;
/** Tiles that are looked at before memory is measured. */
const PANNED_TILES = Number(process.env.PANNED_TILES ?? 500);

async function speed(browser) {
  const { url } = await serveFolders({ site: place, pictures });
  const page = await browser.newPage();
  const names = (await readdir(pictures)).sort();
  await page.goto(`${url}/site/decoder/src/index.js`);
  return page.evaluate(measureSpeed, names);
}

/** Runs in the page. */
async function measureSpeed(names) {
  const load = (name) => import(`/site/decoder/src/${name}.js`);
  const [{ openSlide }, { DecoderPool }, { TileDecoder }, { loadArtifact }, { decodersIn }] =
    await Promise.all(["slide", "pool", "decoder", "artifact", "decoders"].map(load));
  const [{ loadKernel, isFused }, { Network }, { unpackTile }] =
    await Promise.all(["kernel", "network", "tile"].map(load));
  const listing = await (await fetch("/site/slides.json")).json();
  const slide = await openSlide(new URL(listing.slides[0].url, `${location.origin}/site/`).href);
  const [{ rows, columns }] = slide.levels;
  const tiles = [];
  for (let k = 0; tiles.length < 12 && k < rows * columns; k++) {
    const bytes = await slide.tileBytes(0, Math.floor(k / columns), k % columns);
    if (bytes && bytes[3] === 1) tiles.push(bytes);
  }
  const find = decodersIn(new URL("/site/decoders/", location.origin).href);
  const artifact = loadArtifact(slide.parameters);
  const decoder = new TileDecoder(artifact, find);
  const best = async (work, rounds = 5) => {
    let least = Infinity;
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      await work();
      least = Math.min(least, performance.now() - started);
    }
    return least;
  };
  const found = { fused: isFused(), side: slide.tile, tiles: tiles.length };
  const opened = tiles.map(unpackTile);
  decoder.decodeSymbols(opened[0]);
  found.symbols = (await best(() => opened.forEach((tile) => decoder.decodeSymbols(tile)))) / tiles.length;
  const { layers, weights } = artifact.synthesis ?? (await find(artifact.decoderId, artifact.name));
  const { faceWeights } = await load("realism");
  const floats = faceWeights({ layers, weights, natural: null }, 0);
  const input = decoder.synthesisInput(opened[0], decoder.decodeSymbols(opened[0]));
  const side = slide.tile / artifact.factor;
  for (const [name, fused, winograd] of [
    ["direct", false, false], ["winograd", false, true], ["fused", true, false],
    ["fusedWinograd", true, true],
  ]) {
    if (fused && !found.fused) continue;
    const network = new Network(await loadKernel(fused), layers, floats);
    if (!winograd) for (const conv of network.packed.values()) conv.transformed = 0;
    found[name] = await best(async () => network.run(input, side, side), 8);
  }
  for (const size of [1, 2]) {
    const pool = new DecoderPool({ size, decoders: new URL("/site/decoders/", location.origin).href });
    const number = pool.add(slide.parameters);
    const all = () => Promise.all(tiles.map((bytes) => pool.decode(number, bytes)));
    await all();
    found[`workers${size}`] = (await best(all, 3)) / tiles.length;
    pool.close();
  }
  for (const ending of new Set(names.map((name) => name.split(".").pop()))) {
    const own = names.filter((name) => name.endsWith(`.${ending}`));
    const blobs = await Promise.all(own.map(async (name) => (await fetch(`/pictures/${name}`)).blob()));
    const draw = async () => {
      for (const blob of blobs) {
        const bitmap = await createImageBitmap(blob);
        // Some engines decode only when a picture is drawn.
        const context = new OffscreenCanvas(8, 8).getContext("2d");
        context.drawImage(bitmap, 0, 0);
        context.getImageData(0, 0, 1, 1);
        bitmap.close();
      }
    };
    await draw();
    found[ending] = (await best(draw)) / blobs.length;
    found[`${ending}Bytes`] = blobs.reduce((all, { size }) => all + size, 0) / blobs.length;
  }
  found.bytes = tiles.reduce((all, { length }) => all + length, 0) / tiles.length;
  return found;
}

async function open(browser) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1440, height: 900 });
  const loaded = { page: 0, decoder: 0, slide: 0, requests: 0 };
  page.on("response", async (response) => {
    const path = new URL(response.url()).pathname;
    const size = Number(response.headers()["content-length"] ?? 0);
    loaded.requests++;
    if (path.includes("/slides/")) loaded.slide += size;
    else if (path.includes("/decoders/")) loaded.decoder += size;
    else loaded.page += size;
  });
  const before = await cpuSeconds(browser);
  const started = Date.now();
  await page.goto(place);
  await page.waitForFunction(
    () => window.pathae?.left?.image?.getTilesToDraw().flat().length > 0, { polling: 20 },
  );
  const first = Date.now() - started;
  const firstCpu = (await cpuSeconds(browser)) - before;
  const settled = () =>
    page.waitForFunction(() => window.pathae.left.settled, { timeout: 120000, polling: 100 });
  await settled();
  const whole = Date.now() - started;
  const wholeCpu = (await cpuSeconds(browser)) - before;
  const atFirst = { ...loaded, own: await page.evaluate(() => ({ ...window.pathae.left.shown.traffic })) };
  let seen = 0;
  while ((seen = await page.evaluate(() => window.pathae.left.facts.size)) < PANNED_TILES) {
    await page.evaluate((step) => {
      const { left } = window.pathae;
      const { levels } = left.shown;
      left.zoomTo(1);
      const x = 3000 + ((step * 1400) % (levels[0].width - 6000));
      const y = 3000 + Math.floor((step * 1400) / (levels[0].width - 6000)) * 900;
      const point = left.image.imageToViewportCoordinates(x, y);
      left.viewer.viewport.panTo(point, true);
    }, seen);
    await new Promise((done) => setTimeout(done, 150));
    await settled();
  }
  const memory = await rendererBytes(browser);
  return { first, firstCpu, whole, wholeCpu, atFirst, seen, memory };
}

/** Processor time of all of the browser: what other work on the machine does not change. */
async function cpuSeconds(browser) {
  const session = await browser.target().createCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return processInfo.reduce((all, { cpuTime }) => all + cpuTime, 0);
}

/** Memory of the page's process, workers and decoded tiles with it. */
async function rendererBytes(browser) {
  const session = await browser.target().createCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  let most = 0;
  for (const { type, id } of processInfo) {
    if (type !== "renderer") continue;
    const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
    most = Math.max(most, 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }
  return most;
}

const browser = await launch();
try {
  const found = what === "speed" ? await speed(browser) : await open(browser);
  process.stdout.write(JSON.stringify(found));
} finally {
  await browser.close();
}
process.exit(0);
