import { loadParameters } from "./artifact.js";
import { parseConfiguration } from "./configuration.js";
import { TileDecoder } from "./decoder.js";
import { decodersIn } from "./decoders.js";
import { PathAEError } from "./errors.js";

/**
 * The codec `pathae` for zarrita:
 *
 *     import { registry } from "zarrita";
 *     registry.set("pathae", () => import("pathae/zarrita").then((module) => module.default));
 *
 * A chunk is one tile, (channels, height, width).
 */

const CACHED_CHUNKS = 16;

/**
 * Decoders that arrays brought along, by identity: of an OME-Zarr only level 0 does, and zarrita
 * gives a codec the metadata of one array. OME-Zarr binding, "One decoder for all levels".
 *
 * @type {Map<string, import("./artifact.js").Transform>}
 */
const carried = new Map();

/** What decodes constant and fallback tiles. @type {import("./artifact.js").Artifact} */
const WITHOUT_PARAMETERS = {
  name: "none",
  factor: 1,
  latentChannels: 1,
  decoderId: "",
  synthesis: null,
  bottlenecks: new Map(),
  canary: null,
  realism: null,
  jpegSets: 0,
  cost: null,
};

export class PathAECodec {
  kind = /** @type {const} */ ("array_to_bytes");

  /**
   * @param {any} configuration
   * @param {{shape: number[]}} metadata Of a chunk.
   * @param {import("./decoder.js").FindDecoder} [findDecoder]
   */
  constructor(configuration, { shape }, findDecoder = decodersIn()) {
    this.shape = shape;
    this.decoder = parseConfiguration(configuration).then(
      ({ parameters }) => {
        const artifact = parameters ? loadParameters(parameters) : WITHOUT_PARAMETERS;
        if (artifact.synthesis) carried.set(artifact.decoderId, artifact.synthesis);
        const find = async (identity, name) =>
          carried.get(identity) ?? findDecoder(identity, name);
        return new TileDecoder(artifact, find);
      },
    );
    // A reader that never decodes shall not fail for it.
    this.decoder.catch(() => {});
    /** Viewers ask for a chunk once for each channel. @type {Map<number, any>} */
    this.cache = new Map();
  }

  /** @param {any} configuration @param {{shape: number[]}} metadata */
  static fromConfig(configuration, metadata) {
    return new PathAECodec(configuration, metadata);
  }

  encode() {
    throw new PathAEError("invalid_setting", "pathae: JavaScript decodes only; write with Python");
  }

  /**
   * Decode a chunk.
   *
   * @param {Uint8Array} bytes
   * @returns {Promise<{data: Uint8Array, shape: number[], stride: number[]}>}
   */
  async decode(bytes) {
    const decoder = await this.decoder;
    const [channels, height, width] = tileShape(this.shape);
    const key = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4);
    let planes = this.cache.get(key);
    if (!planes || !sameBytes(planes.bytes, bytes)) {
      planes = { bytes: bytes.slice(), data: decoder.decode(bytes).then(toPlanes) };
      this.cache.set(key, planes);
      planes.data.catch(() => this.cache.delete(key));
      if (this.cache.size > CACHED_CHUNKS) this.cache.delete([...this.cache.keys()][0]);
    }
    const { data, found } = await planes.data;
    if (`${found}` !== `${[channels, height, width]}`) {
      throw new PathAEError(
        "invalid_payload",
        `chunk: expected a tile of (${[channels, height, width]}), got (${found})`,
      );
    }
    return { data: data.slice(), shape: this.shape, stride: strides(this.shape) };
  }
}

export default PathAECodec;

/** Axes of length 1 may stand in front. @param {number[]} shape */
function tileShape(shape) {
  const [height, width] = shape.slice(-2);
  return [shape.slice(0, -2).reduce((all, one) => all * one, 1), height, width];
}

/** @param {number[]} shape */
const strides = (shape) =>
  shape.map((_, axis) => shape.slice(axis + 1).reduce((all, one) => all * one, 1));

/** @param {import("./decoder.js").Pixels} pixels */
function toPlanes({ data, height, width, channels }) {
  const planes = new Uint8Array(data.length);
  const area = height * width;
  for (let place = 0; place < area; place++) {
    for (let c = 0; c < channels; c++) planes[c * area + place] = data[place * channels + c];
  }
  return { data: planes, found: [channels, height, width] };
}

/** @param {Uint8Array} a @param {Uint8Array} b */
const sameBytes = (a, b) => a.length === b.length && a.every((value, index) => value === b[index]);
