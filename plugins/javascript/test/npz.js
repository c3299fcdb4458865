import { inflateRawSync } from "node:zlib";
import { readNpy } from "./npy.js";

/**
 * Read arrays that numpy stored together: a zip without options, its sizes in its directory.
 *
 * @param {Buffer} bytes
 * @returns {Record<string, {shape: number[], data: any}>}
 */
export function readNpz(bytes) {
  const end = bytes.lastIndexOf("PK\x05\x06", undefined, "latin1");
  const arrays = {};
  for (let at = bytes.readUInt32LE(end + 16); bytes.readUInt32LE(at) === 0x02014b50; ) {
    const [size, name] = [bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28)];
    const local = bytes.readUInt32LE(at + 42);
    const key = bytes.toString("latin1", at + 46, at + 46 + name).replace(/\.npy$/, "");
    const data = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    arrays[key] = readNpy(inflateRawSync(bytes.subarray(data, data + size)));
    at += 46 + name + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return arrays;
}
