import { PathAEError, artifactError } from "./errors.js";
import { MAX_NOISE_CHANNELS } from "./limits.js";
import { tensorValues } from "./safetensors.js";

/**
 * One latent, two faces. Model artifact, section 6.
 *
 * @typedef {{default: number, noiseChannels: number}} Realism Eighths, and planes of noise.
 */

export const STEPS = 8;

/**
 * Return how an artifact's synthesis takes realism; null if it takes none.
 *
 * @param {any} record
 * @param {number} limit Most planes of noise at its factor.
 * @returns {Realism | null}
 */
export function readRealism(record, limit) {
  if (!("realism" in record)) return null;
  const stated = record.realism;
  const keys = stated && typeof stated === "object" ? Object.keys(stated).sort().join() : "";
  const within = (value, most) => Number.isInteger(value) && value >= 0 && value <= most;
  if (
    keys !== "default,noise_channels" ||
    !within(stated.default, STEPS) ||
    !within(stated.noise_channels, Math.min(limit, MAX_NOISE_CHANNELS))
  ) {
    throw artifactError("artifact realism: expected default and noise_channels in their ranges");
  }
  return { default: stated.default, noiseChannels: stated.noise_channels };
}

/**
 * Return the eighths at which tiles are decoded.
 *
 * @param {Realism | null} realism Of the artifact.
 * @param {number | null | undefined} asked 0 to 1; null for the default.
 * @returns {number}
 */
export function chosenSteps(realism, asked) {
  if (asked === null || asked === undefined) return realism?.default ?? 0;
  const steps = asked * STEPS;
  if (!realism || !Number.isInteger(steps) || steps < 0 || steps > STEPS) {
    const wanted = realism ? "0 to 1 in eighths" : "none: the model has one face only";
    throw new PathAEError("invalid_setting", `realism: expected ${wanted}, got ${asked}`);
  }
  return steps;
}

/**
 * Return the weights of a face, float32 by name.
 *
 * @param {import("./artifact.js").Transform} transform
 * @param {number} steps Eighths.
 * @returns {Map<string, Float32Array>}
 */
export function faceWeights(transform, steps) {
  const natural = transform.natural;
  const faithful = [...transform.weights].map(
    ([name, tensor]) => /** @type {[string, Float32Array]} */ ([name, tensorValues(tensor)]),
  );
  if (!natural) return new Map(faithful);
  const share = steps / STEPS;
  return new Map(
    faithful.map(([name, values]) => {
      const other = /** @type {Float32Array} */ (tensorValues(/** @type {any} */ (natural.get(name))));
      // Each product and the sum are rounded to float32, as the specification says.
      return [
        name,
        values.map((value, i) => Math.fround(value * (1 - share)) + Math.fround(other[i] * share)),
      ];
    }),
  );
}

/**
 * Write planes of noise behind a latent: integers of the tile's own bytes.
 *
 * @param {Float32Array} values Where they go, (channels, positions).
 * @param {number} seed CRC-32 of the payload.
 */
export function drawNoise(values, seed) {
  for (let place = 0; place < values.length; place++) {
    const bits = mix((seed ^ mix(place + 1)) >>> 0);
    const total = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
    values[place] = (total - 510) / 148;
  }
}

/** Scramble 32 bits, one to one (Wellons 2018, `lowbias32`). @param {number} x */
function mix(x) {
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
