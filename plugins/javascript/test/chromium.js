/** Headless Chromium for tests, where there is one. */
import { existsSync } from "node:fs";

const PLACES = [
  process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const found = PLACES.find((place) => place && existsSync(place));

/** Why tests in a browser are skipped; false where they are not. */
export const noChromium = found ? false : "no Chromium here: set CHROMIUM to one";

/** @returns {Promise<import("puppeteer-core").Browser>} */
export async function launch() {
  const { launch: start } = await import("puppeteer-core");
  // A container has no sandbox of its own to offer, and no GPU.
  const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
  return start({ executablePath: found, headless: true, args });
}
