// The tests' own server: what it gives, and what it refuses.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { serve } from "./server.mjs";

let folder, server;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "easel-serve-"));
  await mkdir(join(folder, "site", "sub"), { recursive: true });
  await writeFile(join(folder, "site", "index.html"), "page");
  await writeFile(join(folder, "site", "sub", "a.json"), "{}");
  await writeFile(join(folder, "secret"), "secret");
  await symlink(join(folder, "secret"), join(folder, "site", "link"));
  server = await serve({ "/": join(folder, "site") }, { "/sub/b.json": "other" });
});

after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

// `fetch` would tidy the path before it is sent.
const get = (path) =>
  new Promise((resolve, reject) => {
    const { port } = new URL(server.origin);
    const call = request({ host: "127.0.0.1", port, path }, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => resolve([response.statusCode, body]));
    });
    call.on("error", reject).end();
  });

test("files are served, the folder itself by its page", async () => {
  assert.deepEqual(await get("/"), [200, "page"]);
  assert.deepEqual(await get("/sub/a.json"), [200, "{}"]);
  assert.deepEqual(await get("/sub/b.json"), [200, "other"]);
  assert.ok(server.requests.includes("GET /sub/a.json"));
});

test("nothing outside the folder is served", async () => {
  const outside = ["/../secret", "/%2e%2e/secret", "/sub/..%2f..%2fsecret", "/link"];
  for (const path of [...outside, "/sub", "/x"]) {
    const [status, body] = await get(path);
    assert.notEqual(status, 200, path);
    assert.ok(!body.includes("secret"), path);
  }
  assert.equal((await get("/%zz"))[0], 400);
});
