import { PathAEError, artifactError } from "./errors.js";
import { inflate } from "./inflate.js";
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
    return { parameters: await inflate([bytes], MAX_PARAMETERS_BYTES) };
  } catch (error) {
    throw artifactError(`pathae parameters: expected base64 of zlib: ${error}`);
  }
}
