import { loadArtifact } from "./artifact.js";
import { PathAEError } from "./errors.js";
import { readBytes } from "./kernel.js";
import { MAX_MODEL_BYTES } from "./limits.js";

/**
 * Decoders of models, as files named by their identity: what a file needs that embeds none.
 *
 * The package brings that of the default model; `folder` names another place, such as the server's
 * of `pathae view` or that of a static site.
 *
 * @param {string | URL} [folder]
 * @returns {import("./decoder.js").FindDecoder}
 */
export function decodersIn(folder = new URL("../decoders/", import.meta.url)) {
  return async (identity) => {
    const digits = /^sha256:([0-9a-f]{64})$/.exec(identity)?.[1];
    if (!digits) return null;
    const base = new URL(folder, globalThis.location?.href);
    let bytes;
    try {
      bytes = await readBytes(new URL(`${digits}.safetensors`, base));
    } catch {
      return null;
    }
    // The identity is that of the weights, not what the file says of itself. Whoever lays a decoder
    // out vouches for it: it may cost more than one that a slide brings along.
    const { decoderId, synthesis } = loadArtifact(bytes, MAX_MODEL_BYTES);
    if (decoderId !== identity || !synthesis) {
      throw new PathAEError("model_mismatch", `decoder ${identity}: its file holds another one`);
    }
    return synthesis;
  };
}
