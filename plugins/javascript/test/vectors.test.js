import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { checkInvalid, checkValid } from "./check_vector.js";

const VECTORS = new URL("../../../format_spec/v1/vectors/", import.meta.url);
const read = (path) => readFile(new URL(path, VECTORS)).catch(() => null);

for (const [kind, check] of [["valid", checkValid], ["invalid", checkInvalid]]) {
  for (const name of await readdir(new URL(`${kind}/`, VECTORS))) {
    test(`${kind}/${name}`, () => /** @type {any} */ (check)(read, `${kind}/${name}`));
  }
}
