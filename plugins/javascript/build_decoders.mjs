/**
 * Lay the default model's decoder, without its encoder, into decoders/: run when the package is
 * packed, and before tests that need it.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readSafetensors } from "./src/safetensors.js";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * @param {Uint8Array} model
 * @returns {{identity: string, bytes: Uint8Array}} An artifact of the synthesis alone.
 */
export function decoderOf(model) {
  const { metadata, tensors } = readSafetensors(model);
  const { encoder, digest, card, ...record } = JSON.parse(metadata.pathae);
  const kept = [...tensors].filter(([name]) => /^(synthesis|natural)\./.test(name));
  /** @type {any} */
  const header = {
    __metadata__: {
      pathae: JSON.stringify({ ...record, encoder: { id: encoder.id }, card: { license: card.license } }),
    },
  };
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of kept) {
    header[name] = { dtype, shape, data_offsets: [end, (end += bytes.length)] };
  }
  let text = JSON.stringify(header);
  text = text.padEnd(Math.ceil(text.length / 8) * 8);
  const bytes = new Uint8Array(8 + text.length + end);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(new TextEncoder().encode(text), 8);
  let place = 8 + text.length;
  for (const [, tensor] of kept) {
    bytes.set(tensor.bytes, place);
    place += tensor.bytes.length;
  }
  return { identity: record.decoder.id, bytes };
}

/** @returns {Promise<{identity: string, bytes: Uint8Array}>} */
export async function defaultDecoder() {
  const source = await readFile(here("../../pathae_codec/model/default.py"), "utf8");
  const name = /** @type {any} */ (/= "([\w-]+)"/.exec(source))[1];
  return decoderOf(await readFile(here(`../../pathae_codec/models/${name}.safetensors`)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { identity, bytes } = await defaultDecoder();
  await mkdir(here("decoders"), { recursive: true });
  await writeFile(here(`decoders/${identity.slice(7)}.safetensors`), bytes);
  console.log(`decoders/${identity.slice(7)}.safetensors: ${bytes.length} bytes`);
}
