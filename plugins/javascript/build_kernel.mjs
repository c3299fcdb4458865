/** Compile assembly/kernel.ts to src/kernel.wasm and src/kernel-fused.wasm: `npm run build`. */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * @param {boolean} fused
 * @returns {Promise<Uint8Array>} The module's bytes.
 */
export async function compileKernel(fused) {
  /** @type {Uint8Array | undefined} */
  let binary;
  const { error, stderr } = await asc.main(
    [
      "kernel.ts", "--outFile", "kernel.wasm", "-O3", "--noAssert", "--runtime", "stub",
      "--enable", "simd,relaxed-simd", "--memoryBase", "1024",
      "--initialMemory", "1",
    ],
    {
      readFile: (name) =>
        name === "fused.ts"
          ? `export const FUSED: bool = ${fused};`
          : readFile(here(`assembly/${name}`), "utf8").catch(() => null),
      writeFile: (name, content) => void (binary = /** @type {Uint8Array} */ (content)),
      listFiles: () => [],
    },
  );
  if (error || !binary) throw new Error(`kernel: ${stderr.toString() || error}`);
  return binary;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const fused of [false, true]) {
    const name = `src/kernel${fused ? "-fused" : ""}.wasm`;
    const binary = await compileKernel(fused);
    await writeFile(here(name), binary);
    console.log(`${name}: ${binary.length} bytes`);
  }
}
