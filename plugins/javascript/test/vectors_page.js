/** Checks vectors in a browser: `checkVector(folder)` gives null, or what is wrong. */
import { DecoderPool, loadArtifact } from "../src/index.js";
import { isFused } from "../src/kernel.js";
import { checkInvalid, checkValid } from "./check_vector.js";

const read = async (path) => {
  const response = await fetch(`/vectors/${path}`);
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
};

Object.assign(window, {
  fused: isFused(),
  async checkVector(folder) {
    try {
      await (folder.startsWith("valid/") ? checkValid : checkInvalid)(read, folder);
      return null;
    } catch (error) {
      return `${folder}: ${error.message}`;
    }
  },
  /** Decode a tile by a pool of workers: sides, the first pixel, and how a damaged one fails. */
  async decodeInWorkers() {
    const pool = new DecoderPool({ size: 2 });
    pool.start();
    const slide = pool.add(await read("model.safetensors"));
    const tile = await read("valid/latent-32x32-lanes2/tile.pae");
    const crop = { width: 20, height: 30 };
    const [first, second, third] = await Promise.allSettled([
      pool.decode(slide, tile, { form: "rgba" }),
      pool.decode(slide, tile, { crop }),
      pool.decode(slide, await read("invalid/crc-payload/tile.pae")),
    ]);
    const waiting = new AbortController();
    const unwanted = [0, 1, 2].map(() => pool.decode(slide, tile, { signal: waiting.signal }));
    waiting.abort();
    const ends = await Promise.allSettled(unwanted);
    pool.close();
    return {
      rgba: [first.value.width, first.value.height, ...first.value.rgba.slice(0, 4)],
      bitmap: [second.value.bitmap.width, second.value.bitmap.height],
      reason: third.reason.reason,
      aborted: ends.filter(({ reason }) => reason?.name === "AbortError").length,
    };
  },
  loadArtifact,
});
