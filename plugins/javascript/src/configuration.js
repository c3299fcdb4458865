import { PathAEError, artifactError } from "./errors.js";
import { MAX_PARAMETERS_BYTES } from "./limits.js";

/**
 * What zarr's metadata holds for the codec. OME-Zarr binding, part 1.
 *
 * @param {any} configuration
 * @returns {Promise<{parameters: Uint8Array | null}>} Codec parameters, inflated; null for an array
 *   of tiles that need none, such as an associated image.
 * @throws {PathAEError} unsupported_version, invalid_artifact.
 */
export async function parseConfiguration(configuration) {
  if (configuration?.version !== 1) {
    throw new PathAEError(
      "unsupported_version",
      `pathae configuration: expected version 1, got ${configuration?.version}`,
    );
  }
  if (configuration.parameters === undefined && configuration.decoder === undefined) {
    return { parameters: null };
  }
  if (typeof configuration.parameters !== "string") {
    throw artifactError("pathae configuration: expected parameters as text");
  }
  try {
    const text = atob(configuration.parameters);
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    return { parameters: await inflate(bytes, MAX_PARAMETERS_BYTES) };
  } catch (error) {
    throw artifactError(`pathae parameters: expected base64 of zlib: ${error}`);
  }
}

/** @param {Uint8Array} bytes @param {number} most @returns {Promise<Uint8Array>} */
async function inflate(bytes, most) {
  const stream = new Blob([/** @type {BlobPart} */ (bytes)])
    .stream()
    .pipeThrough(new DecompressionStream("deflate"));
  const parts = [];
  let total = 0;
  for (const reader = stream.getReader(); ; ) {
    const { value, done } = await reader.read();
    if (done) break;
    total += value.length;
    if (total > most) throw new Error(`more than ${most} bytes`);
    parts.push(value);
  }
  const whole = new Uint8Array(total);
  parts.reduce((place, part) => (whole.set(part, place), place + part.length), 0);
  return whole;
}
