/**
 * Open a viewer in headless Chromium, do what is asked, and print what was seen as JSON.
 *
 *     node look.js URL_OR_FOLDER [STEP ...]
 *
 * A folder is served as a static host does. Steps: `key:K` presses a key, `tile:LEVEL/ROW/COLUMN`
 * decodes a tile of the first slide in the page, `realism:EIGHTHS` moves the slider, `shot:PATH` takes a
 * picture, `dark`, `wait:MS`.
 * Exit code 77: there is no Chromium.
 */
import { launch, noChromium } from "./chromium.js";
import { serveFolders } from "./file_server.js";

const [, , place, ...steps] = process.argv;
if (noChromium) {
  console.error(noChromium);
  process.exit(77);
}

const url = place.startsWith("http") ? place : `${(await serveFolders({ site: place })).url}/site/`;
const browser = await launch();
const page = await browser.newPage();
await page.setViewport({ width: 1280, height: 800 });
const errors = [];
page.on("pageerror", (error) => errors.push(String(error)));
page.on("console", (message) => message.type() === "error" && errors.push(message.text()));

const settled = () =>
  page.waitForFunction(
    () => {
      const { left, right, state } = window.pathae ?? {};
      const panes = state?.layout === "single" ? [left] : [left, right];
      return left?.image && panes.every((pane) => pane.image && pane.settled);
    },
    { timeout: 60000, polling: 100 },
  );

/** Decode in the page itself, by its own modules. */
const decodeTile = (name) =>
  page.evaluate(async (wanted) => {
    const [level, row, column] = wanted.split("/").map(Number);
    const { DecoderPool } = await import(new URL("decoder/src/pool.js", document.baseURI).href);
    const { shown, realism } = window.pathae.left;
    const { slide } = shown;
    const pool = new DecoderPool({ size: 1, decoders: new URL("decoders/", document.baseURI).href });
    const bytes = await slide.tileBytes(level, row, column);
    const { rgba } = await pool.decode(pool.add(slide.parameters), bytes, { form: "rgba", realism });
    pool.close();
    return [...rgba];
  }, name);

const tiles = {};
let failed = null;
try {
  await page.goto(url);
  await settled();
  for (const step of steps) {
    const [what, ...rest] = step.split(":");
    const value = rest.join(":");
    if (what === "key") await page.keyboard.press(value);
    else if (what === "tile") tiles[value] = await decodeTile(value);
    else if (what === "wait") await new Promise((done) => setTimeout(done, Number(value)));
    else if (what === "realism") {
      await page.evaluate((eighths) => {
        const slider = document.querySelector("#realism input");
        slider.value = eighths;
        for (const event of ["input", "change"]) slider.dispatchEvent(new Event(event));
      }, value);
      await page.waitForFunction((wanted) => window.pathae.left.realism === wanted / 8, {}, value);
    } else if (what === "dark") {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
    } else if (what === "shot") {
      await new Promise((done) => setTimeout(done, 900));
      await settled();
      await page.screenshot({ path: value });
    }
  }
  // Springs of OpenSeadragon come to rest.
  await new Promise((done) => setTimeout(done, 900));
  await settled();
  const seen = await page.evaluate(() => {
    const { left, state } = window.pathae;
    const facts = [...left.facts.values()];
    const canvas = left.element.querySelector(".view canvas");
    const small = new OffscreenCanvas(64, 64);
    const context = small.getContext("2d");
    context.drawImage(canvas, 0, 0, 64, 64);
    const { data } = context.getImageData(0, 0, 64, 64);
    const reds = data.filter((_, index) => index % 4 === 0);
    const mean = reds.reduce((all, one) => all + one, 0) / reds.length;
    const squares = reds.reduce((all, one) => all + (one - mean) ** 2, 0);
    const text = (selector) => {
      const element = document.querySelector(selector);
      return element.hidden ? null : element.innerText;
    };
    return {
      layout: state.layout,
      damaged: facts.filter(({ mode }) => mode === "damaged").length,
      decoded: facts.filter(({ mode }) => mode !== "damaged").length,
      deviation: Math.sqrt(squares / reds.length),
      notice: text("#notice"), panel: text("#panel"), scale: text("#scale"),
      modes: [...new Set(facts.map(({ mode }) => mode))], slider: text("#realism"),
      traffic: left.shown.traffic,
    };
  });
  process.stdout.write(JSON.stringify({ ...seen, tiles, errors }));
} catch (error) {
  failed = error;
  console.error(error, errors);
} finally {
  await browser.close();
}
process.exit(failed ? 1 : 0);
