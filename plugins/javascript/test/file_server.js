/** A static host: files of a folder, by ranges, as GitHub Pages and S3 serve them. */
import { open, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm",
  ".json": "application/json", ".svg": "image/svg+xml",
};

const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' blob: data:";

/**
 * Serve folders until the process ends.
 *
 * @param {Record<string, string>} folders By the first part of an address.
 * @returns {Promise<{url: string, close: () => void}>}
 */
export async function serveFolders(folders) {
  const server = createServer(async (request, response) => {
    const [, first, ...rest] = decodeURIComponent(new URL(request.url, "http://x").pathname).split("/");
    const path = join(folders[first] ?? "/nowhere", normalize(rest.join("/") || "index.html"));
    const found = await stat(path).catch(() => null);
    if (!found?.isFile() || path.includes("..")) return response.writeHead(404).end();
    const { size } = found;
    const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
    const start = range ? (range[1] ? Number(range[1]) : Math.max(0, size - Number(range[2]))) : 0;
    const end = range && range[1] && range[2] ? Math.min(size, Number(range[2]) + 1) : size;
    if (range && start >= end) return response.writeHead(416).end();
    const file = await open(path);
    const bytes = Buffer.alloc(end - start);
    await file.read(bytes, 0, bytes.length, start);
    await file.close();
    response.writeHead(range ? 206 : 200, {
      "Content-Type": TYPES[extname(path)] ?? "application/octet-stream",
      "Content-Length": bytes.length,
      "Accept-Ranges": "bytes",
      ...(range && { "Content-Range": `bytes ${start}-${end - 1}/${size}` }),
      // As the viewer's own server has it.
      "Content-Security-Policy": POLICY,
    });
    response.end(bytes);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
  server.unref();
  const { port } = /** @type {any} */ (server.address());
  return { url: `http://127.0.0.1:${port}`, close: () => server.closeAllConnections() };
}
