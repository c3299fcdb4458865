import { payloadError } from "./errors.js";
import { jpegXlHeader } from "./jpegxl_header.js";
import { readBytes } from "./kernel.js";
import { decodePng } from "./png.js";

/** Fallback tiles. Specification, section 3.5. */

/** @type {Promise<typeof import("../vendor/jpegxl/jxl_oxide_wasm.js")> | undefined} */
let decoder;

/** Loaded when the first such tile is met: 1.8 MB, of which a host that compresses sends 0.6. */
function loadDecoder() {
  decoder ??= Promise.all([
    import("../vendor/jpegxl/jxl_oxide_wasm.js"),
    readBytes(new URL("../vendor/jpegxl/jxl_oxide_wasm_bg.wasm", import.meta.url)),
  ]).then(async ([module, bytes]) => {
    await module.default({ module_or_path: bytes });
    return module;
  });
  return decoder;
}

/**
 * Decode a fallback tile.
 *
 * @param {import("./tile.js").Tile} tile
 * @returns {Promise<Uint8Array>} (height, width, channels).
 * @throws {PathAEError} invalid_payload: not JPEG XL, or not as the header states.
 */
export async function decodeJpegXl({ header, payload }) {
  const { height, width, channels } = header;
  const found = jpegXlHeader(payload);
  if (
    found.height !== height || found.width !== width ||
    found.channels !== channels || found.bits !== 8
  ) {
    throw payloadError(
      `fallback payload: expected uint8 (${[height, width, channels]}), got ${found.bits} bits ` +
        `(${[found.height, found.width, found.channels]})`,
    );
  }
  const { JxlImage } = await loadDecoder();
  let image;
  try {
    image = await decodePng(render(new JxlImage(), payload));
  } catch (error) {
    throw payloadError(`fallback payload: expected a sound JPEG XL image: ${error}`);
  }
  const { data } = image;
  if (data.length !== height * width * channels) {
    throw payloadError("fallback payload: expected a whole JPEG XL image of its sides");
  }
  return data;
}

/** @param {InstanceType<typeof import("../vendor/jpegxl/jxl_oxide_wasm.js").JxlImage>} image */
function render(image, payload) {
  try {
    image.feedBytes(payload);
    if (!image.tryInit() || !image.loaded || image.animated) throw new Error("it is cut, or moves");
    return image.render().encodeToPng();
  } finally {
    image.free();
  }
}
