// The build with threads: used where the page is isolated, and nowhere else.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { launch, open } from "./chromium.mjs";
import { kept, look, quiet, reach, ready, rows, status } from "./page.mjs";
import { ISOLATED, serve } from "./server.mjs";

const here = import.meta.dirname;
const dist = join(here, "../../web/dist");
const target = process.env.CARGO_TARGET_DIR ?? join(here, "../../target");
const easel = process.env.EASEL_PROGRAM ?? join(target, "release/easel");
const sample = join(here, "../../app/assets/samples/2.png");
const TOLERANCE = 2e-3;
const built = await access(join(dist, "threads/easel_web_bg.wasm")).then(() => true, () => false);

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

/** Which of the two builds were asked for. */
const asked = (requests) =>
  ["pkg", "threads"].filter((name) =>
    requests.some((line) => line.endsWith(`/${name}/easel_web_bg.wasm`)),
  );

/** What the page's worker for times without a network keeps of them. */
const shell = (page) =>
  page.evaluate(async () => {
    const [name] = await caches.keys();
    const urls = (await (await caches.open(name)).keys()).map(({ url }) => url);
    return ["pkg", "threads"].filter((build) => urls.some((url) => url.includes(`/${build}/`)));
  });

async function scored(page) {
  await look(page, sample);
  await reach(page, "done");
  return rows(page);
}

/** The same by the program. */
function native() {
  const args = ["score", sample, "--device", "cpu", "--format", "json"];
  const { scores } = JSON.parse(execFileSync(easel, args, { stdio: ["ignore", "pipe", "ignore"] }));
  return Object.entries(scores).map(([name, { score, probabilities }]) => [name, score, probabilities]);
}

function assertClose(found, wanted) {
  assert.deepEqual(found.map(([name]) => name), wanted.map(([name]) => name));
  for (const [at, [name, score, probabilities]] of found.entries()) {
    const pairs = [[score, wanted[at][1]], ...probabilities.map((p, n) => [p, wanted[at][2][n]])];
    assert.equal(pairs.length, 6);
    for (const [value, reference] of pairs) {
      assert.ok(Math.abs(value - reference) <= TOLERANCE, `${name}: ${value} for ${reference}`);
    }
  }
}

const skip = built ? false : "web/build made no threads";

describe("a page's threads", { skip }, () => {
  test("compute where the page is isolated, and the scores are the program's", async () => {
    const server = await serve({ "/some/where/": dist }, {}, ISOLATED);
    const opened = await open(browser, `${server.origin}/some/where/?device=cpu&view=teacher`);
    const { page, context } = opened;
    await ready(page);
    const cores = await page.evaluate(() => crossOriginIsolated && navigator.hardwareConcurrency);
    const device = cores > 1 ? `processor, ${Math.min(cores, 16)} threads` : "processor";
    assert.equal(await status(page).getAttribute("data-device"), device);
    const threads = page.workers().filter((worker) => worker.url().endsWith("/thread.js"));
    assert.ok(cores === 1 || threads.length === 0 || threads.length === cores, `${threads.length}`);
    const wanted = native();
    assertClose(await scored(page), wanted);
    await kept(page);
    assert.deepEqual(asked(server.requests), ["threads"]);
    assert.deepEqual(await shell(page), ["threads"]);

    // Without a network there are as many.
    await server.close();
    await page.reload();
    await ready(page);
    assert.equal(await status(page).getAttribute("data-device"), device);
    assertClose(await scored(page), wanted);
    const gone = (text) => text.includes("net::ERR_CONNECTION_REFUSED");
    quiet({ complaints: opened.complaints.filter((text) => !gone(text)) });
    await context.close();
  });

  test("are not started where a GPU computes, which reads memory that is shared", async () => {
    const server = await serve({ "/": dist }, {}, ISOLATED);
    const opened = await open(browser, `${server.origin}/?device=gpu&view=teacher`);
    const { page, context } = opened;
    await ready(page);
    assert.match(await status(page).getAttribute("data-device"), /^WebGPU/);
    assertClose(await scored(page), native());
    assert.deepEqual(asked(server.requests), ["threads"]);
    quiet(opened);
    await context.close();
    await server.close();
  });

  test("are left alone by a page that is not", async () => {
    const server = await serve({ "/": dist });
    const opened = await open(browser, `${server.origin}/?device=cpu&view=teacher`);
    const { page, context } = opened;
    await ready(page);
    assert.equal(await status(page).getAttribute("data-device"), "processor");
    await kept(page);
    assert.deepEqual(asked(server.requests), ["pkg"]);
    assert.deepEqual(await shell(page), ["pkg"]);
    quiet(opened);
    await context.close();
    await server.close();
  });

  test("are done without where their build does not start", async () => {
    const broken = (_, response) => response.writeHead(404, ISOLATED).end();
    const overrides = { "/threads/easel_web_bg.wasm": broken };
    const server = await serve({ "/": dist }, overrides, ISOLATED);
    const { page, context } = await open(browser, `${server.origin}/?device=cpu&view=teacher`);
    await ready(page);
    assert.equal(await status(page).getAttribute("data-device"), "processor");
    assert.equal((await scored(page)).length, 9);
    assert.deepEqual(asked(server.requests), ["pkg", "threads"]);
    await context.close();
    await server.close();
  });

  test("that cannot be started leave one", async () => {
    const broken = (_, response) => response.writeHead(404, ISOLATED).end();
    const server = await serve({ "/": dist }, { "/thread.js": broken }, ISOLATED);
    const { page, context } = await open(browser, `${server.origin}/?device=cpu&view=teacher`);
    await ready(page);
    assert.equal(await status(page).getAttribute("data-device"), "processor");
    assertClose(await scored(page), native());
    await context.close();
    await server.close();
  });
});
