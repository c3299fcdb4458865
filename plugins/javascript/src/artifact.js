import { readBottlenecks } from "./bottlenecks.js";
import { checkWork, decoderCost } from "./cost.js";
import { PathAEError, artifactError } from "./errors.js";
import { artifactDigest, transformId } from "./identity.js";
import {
  FOLDING,
  UNFOLDING,
  isPlain,
  isTileGlobal,
  outputChannels,
  parseLayers,
  scaleFactor,
  weightShapes,
} from "./layers.js";
import {
  MAX_FACTOR,
  MAX_JPEG_SETS,
  MAX_JPEG_SET_BYTES,
  MAX_LATENT_CHANNELS,
  MAX_PARAMETERS_BYTES,
} from "./limits.js";
import { readRealism } from "./realism.js";
import { readSafetensors, tensorValues } from "./safetensors.js";
import { unpackTile } from "./tile.js";

/**
 * The model artifact: codec parameters of a file, or a model. All that can be checked without
 * running it is checked. Model artifact, sections 2 to 6.
 *
 * @typedef {import("./safetensors.js").Tensors} Tensors
 * @typedef {{layers: import("./layers.js").Layer[], weights: Tensors, natural: Tensors | null}}
 *   Transform A network; `natural` holds the weights of its second face.
 * @typedef {{tile: Uint8Array, pixels: Uint8Array, faces: Map<number, Uint8Array>}} Canary
 * @typedef {object} Artifact
 * @property {string} name For people.
 * @property {import("./cost.js").DecoderCost | null} cost Of an embedded decoder.
 * @property {number} factor Pixels per latent position, per side.
 * @property {number} latentChannels
 * @property {string} decoderId
 * @property {Transform | null} synthesis
 * @property {Map<number, import("./bottlenecks.js").Bottleneck>} bottlenecks By quality.
 * @property {Canary | null} canary
 * @property {import("./realism.js").Realism | null} realism
 * @property {number} jpegSets How many JPEG sets there are: exact tiles name them.
 */

const CANARY_FACES = [0, 8];

/**
 * Read an artifact.
 *
 * @param {Uint8Array} bytes A safetensors value.
 * @param {number} [mostBytes]
 * @returns {Artifact}
 * @throws {PathAEError} invalid_artifact, unsupported_version.
 */
export function loadArtifact(bytes, mostBytes = MAX_PARAMETERS_BYTES) {
  if (bytes.length > mostBytes) {
    throw artifactError(`artifact: expected ${mostBytes} bytes at most, got ${bytes.length}`);
  }
  const { metadata, tensors } = readSafetensors(bytes);
  const record = readRecord(metadata);
  checkDigest(record, metadata.pathae, tensors);
  const factor = whole(record, "factor", MAX_FACTOR);
  // A latent never has more values than its pixels have samples: bounds the memory of a tile.
  const limit = Math.min(MAX_LATENT_CHANNELS, 3 * factor ** 2);
  const latentChannels = whole(record, "latent_channels", limit);
  const realism = readRealism(record, limit);
  text(record, "name");
  if (typeof record.card !== "object" || !record.card || Array.isArray(record.card)) {
    throw artifactError("artifact card: expected an object");
  }
  const analysis = readTransform(record.encoder, tensors, "analysis");
  const synthesis = readTransform(record.decoder, tensors, "synthesis", realism !== null);
  refuseSurplusWeights(tensors, { analysis, synthesis });
  checkLocality(record, [analysis, synthesis]);
  const inputs = latentChannels + (realism?.noiseChannels ?? 0);
  checkTransform(record, analysis, UNFOLDING, record.encoder.id, 3, latentChannels);
  checkTransform(record, synthesis, FOLDING, record.decoder.id, inputs, 3);
  const cost = synthesis && decoderCost(synthesis.layers, inputs, synthesis.weights);
  // Nobody chose a decoder that a container brings along.
  if (cost && mostBytes === MAX_PARAMETERS_BYTES) checkWork(cost);
  return {
    name: record.name,
    cost: analysis ? null : cost,
    factor,
    latentChannels,
    decoderId: record.decoder.id,
    synthesis,
    bottlenecks: readBottlenecks(tensors, latentChannels),
    canary: readCanary(tensors, realism),
    realism,
    jpegSets: countJpegSets(tensors),
  };
}

/** JPEG sets are numbered from 0 without a gap. @returns {number} */
function countJpegSets(tensors) {
  const named = [...tensors.keys()].filter((name) => name.startsWith("jpeg."));
  const count = new Set(named.map((name) => name.split(".")[1])).size;
  if (count > MAX_JPEG_SETS) throw artifactError(`JPEG sets: expected ${MAX_JPEG_SETS} at most`);
  for (let number = 0; number < count; number++) {
    for (const part of ["tables", "reconstruction"]) {
      const tensor = tensors.get(`jpeg.${number}.${part}`);
      const sound = tensor?.dtype === "U8" && tensor.shape.length === 1;
      if (!sound || tensor.shape[0] > MAX_JPEG_SET_BYTES) {
        throw artifactError(
          `jpeg.${number}.${part}: expected uint8 of ${MAX_JPEG_SET_BYTES} bytes at most`,
        );
      }
    }
  }
  return count;
}

/**
 * Read the codec parameters of a container, which must have a canary: nothing else would tell a wrong
 * decoder.
 *
 * @param {Uint8Array} bytes
 * @returns {Artifact}
 * @throws {PathAEError} invalid_artifact, unsupported_version.
 */
export function loadParameters(bytes) {
  const artifact = loadArtifact(bytes);
  if (!artifact.canary) throw artifactError(`parameters of ${artifact.name}: expected a canary`);
  return artifact;
}

/** @param {Record<string, string>} metadata @returns {any} */
function readRecord(metadata) {
  let record;
  try {
    record = JSON.parse(metadata.pathae);
  } catch {
    throw artifactError("artifact: expected safetensors with a pathae record");
  }
  const version = record?.artifact_version;
  if (version === undefined) throw artifactError("artifact: expected a version");
  // JSON.parse takes 1.0 for 1, which no writer writes.
  if (version !== 1 || !/"artifact_version"\s*:\s*1\s*[,}]/.test(metadata.pathae)) {
    throw new PathAEError("unsupported_version", `artifact version: expected 1, got ${version}`);
  }
  return record;
}

/** Neither an identity nor the digest covers a weight that no layer has. */
function refuseSurplusWeights(tensors, { analysis, synthesis }) {
  const known = {
    analysis: analysis?.weights,
    synthesis: synthesis?.weights,
    natural: synthesis?.natural,
  };
  for (const name of tensors.keys()) {
    const [prefix] = name.split(".", 1);
    if (prefix in known && !known[prefix]?.has(name.slice(prefix.length + 1))) {
      throw artifactError(`artifact: expected weights of its layers only, got ${name}`);
    }
  }
}

function checkDigest(record, stored, tensors) {
  if (!("digest" in record)) return; // Written before there was one.
  const stated = text(record, "digest");
  const parts = stored.split(stated);
  const blank = parts.length === 2 ? parts.join("") : stored;
  if (artifactDigest(blank, tensors) !== stated) {
    throw artifactError("artifact digest: expected that of its content; the artifact is damaged");
  }
}

function text(record, name) {
  if (typeof record?.[name] !== "string") throw artifactError(`artifact ${name}: expected text`);
  return record[name];
}

function whole(record, name, limit) {
  const value = record[name];
  if (!Number.isInteger(value) || value < 1 || value > limit) {
    throw artifactError(`artifact ${name}: expected 1 to ${limit}`);
  }
  return value;
}

/** @returns {Transform | null} */
function readTransform(half, tensors, prefix, twoFaces = false) {
  text(half, "id");
  if (!("layers" in half)) return null;
  const layers = parseLayers(half.layers);
  const weights = readWeights(layers, tensors, prefix);
  if (!twoFaces) return { layers, weights, natural: null };
  const natural = readWeights(layers, tensors, "natural");
  for (const name of new Set([...weights.keys(), ...natural.keys()])) {
    const [faithful, other] = [weights.get(name), natural.get(name)];
    if (faithful?.dtype !== other?.dtype || `${faithful?.shape}` !== `${other?.shape}`) {
      throw artifactError(`natural.${name}: expected the dtype and shape of its faithful one`);
    }
  }
  return { layers, weights, natural };
}

/** @returns {Tensors} */
function readWeights(layers, tensors, prefix) {
  const shapes = weightShapes(layers);
  const names = isPlain(layers)
    ? [...shapes.keys()]
    : [...tensors.keys()].filter((n) => n.startsWith(`${prefix}.`)).map((n) => n.slice(prefix.length + 1));
  const weights = new Map();
  for (const name of new Set([...shapes.keys(), ...names])) {
    const tensor = tensors.get(`${prefix}.${name}`);
    if (!tensor) throw artifactError(`${prefix}.${name}: expected, not found`);
    const shape = shapes.get(name) ?? tensor.shape;
    if (!["F16", "F32"].includes(tensor.dtype) || `${tensor.shape}` !== `${shape}`) {
      throw artifactError(`${prefix}.${name}: expected float16 or float32 (${shape})`);
    }
    if (!tensorValues(tensor).every(Number.isFinite)) {
      throw artifactError(`${prefix}.${name}: expected finite values`);
    }
    weights.set(name, tensor);
  }
  return weights;
}

function checkLocality(record, transforms) {
  const stated = record.tile_global ?? false;
  if (typeof stated !== "boolean") throw artifactError("artifact tile_global: expected true or false");
  const known = transforms.filter((transform) => transform);
  const found = known.some((transform) => isTileGlobal(transform.layers));
  // One network alone may be local while the other, which is elsewhere, is not.
  if ((found && !stated) || (known.length === 2 && found !== stated)) {
    throw artifactError(`artifact tile_global: expected ${found} by its layers, got ${stated}`);
  }
}

function checkTransform(record, transform, refused, identity, inputs, outputs) {
  if (!transform) return;
  // With both kinds the product of the factors would no longer be the scale of the network.
  if (transform.layers.some((layer) => refused.includes(layer.op))) {
    throw artifactError("network: expected analysis only to fold and synthesis only to unfold");
  }
  const actual = outputChannels(transform.layers, inputs);
  if (actual !== outputs || scaleFactor(transform.layers) !== record.factor) {
    throw artifactError(`network: expected ${outputs} channels at factor ${record.factor}`);
  }
  const computed = transformId(record.factor, record.latent_channels, transform);
  if (computed !== identity) {
    throw artifactError(`network identity: expected ${identity.slice(0, 80)}, got ${computed}`);
  }
}

/** @returns {Canary | null} */
function readCanary(tensors, realism) {
  const stored = tensors.get("canary.tile");
  if (!stored) return null;
  if (stored.dtype !== "U8") throw artifactError("canary.tile: expected uint8");
  let tile;
  try {
    tile = unpackTile(stored.bytes);
  } catch (error) {
    throw artifactError(`canary.tile: ${/** @type {Error} */ (error).message}`);
  }
  if (tile.header.mode !== "latent") throw artifactError("canary: expected a latent tile");
  const pixels = (name) => {
    const tensor = tensors.get(name);
    const shape = `${[tile.header.height, tile.header.width, 3]}`;
    if (tensor?.dtype !== "U8" || `${tensor.shape}` !== shape) {
      throw artifactError(`${name}: expected uint8 (${shape})`);
    }
    return tensor.bytes;
  };
  const faces = realism ? CANARY_FACES : [];
  return {
    tile: stored.bytes,
    pixels: pixels("canary.pixels"),
    faces: new Map(faces.map((steps) => [steps, pixels(`canary.pixels.${steps}`)])),
  };
}
