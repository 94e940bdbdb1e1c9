// A server of named folders on the loopback, for the tests: it writes down what it is asked.

import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, sep } from "node:path";

const types = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** Serves `{ "/prefix/": folder }`; `overrides` maps whole paths to other bytes, or to a function;
 * `more` are headers of what is served. */
export async function serve(folders, overrides = {}, more = {}) {
  const requests = [];
  const roots = await Promise.all(
    Object.entries(folders).map(async ([prefix, folder]) => [prefix, await realpath(folder)]),
  );
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    try {
      const path = decodeURIComponent(new URL(request.url, "http://127.0.0.1").pathname);
      if (Object.hasOwn(overrides, path)) return override(overrides[path], request, response, more);
      const file = request.method === "GET" && (await locate(roots, path));
      if (!file) return response.writeHead(404).end();
      const type = types[extname(file)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, "cache-control": "no-store", ...more });
      createReadStream(file).pipe(response);
    } catch {
      response.writeHead(400).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, requests, close };
}

function override(other, request, response, more) {
  if (typeof other === "function") return other(request, response);
  const { pathname } = new URL(request.url, "http://127.0.0.1");
  const type = types[extname(pathname)] ?? types[pathname.endsWith("/") ? ".html" : ""];
  return response.writeHead(200, { ...(type && { "content-type": type }), ...more }).end(other);
}

/** The file of a path, or undefined where there is none inside its folder. */
async function locate(roots, path) {
  const root = roots
    .filter(([prefix]) => path.startsWith(prefix))
    .sort(([a], [b]) => b.length - a.length)[0];
  if (!root) return undefined;
  const [prefix, folder] = root;
  const rest = path.slice(prefix.length) || "index.html";
  // The real path counts: neither `..` nor a link leads out of the folder.
  const file = await realpath(join(folder, rest)).catch(() => undefined);
  if (!file?.startsWith(folder + sep) || !(await stat(file)).isFile()) return undefined;
  return file;
}

/** What isolates a page from other origins, so that its workers may share memory. */
export const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Serves the page, and beside it one without the interface: `blank.html`. */
export const servePage = (page = join(import.meta.dirname, "../../web/dist"), more = {}) =>
  serve({ "/": page }, { "/blank.html": "<!doctype html><title>blank</title>" }, more);

/** Serves the page, and beside it the reference case's model as `golden`. */
export function serveGolden() {
  const fixtures = join(import.meta.dirname, "../fixtures/golden/case3");
  return serve({
    "/": join(import.meta.dirname, "../../web/dist"),
    "/golden/": join(fixtures, "model"),
    "/golden/adapters/": join(fixtures, "adapters"),
  });
}
