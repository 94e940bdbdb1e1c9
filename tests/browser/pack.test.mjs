// Packs: fetched in pieces, checked, kept, and shared between tabs.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { launch, open } from "./chromium.mjs";
import { writePack } from "./pack.mjs";
import { failed, flip, heap, look, press, reach, ready, recovered, rows } from "./page.mjs";
import { serve } from "./server.mjs";

const here = import.meta.dirname;
const fixtures = join(here, "../fixtures/golden/case3");
const drawing = join(fixtures, "drawing_0.png");
/** Ten shards of 30 MB. */
const [SHARDS, PADDING] = [10, 30 << 20];
/** What a worker may hold: far less than the pack. */
const HEAP = 200e6;

let browser, server, folder, shards, overrides;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "easel-pack-"));
  const from = [join(fixtures, "model"), join(fixtures, "adapters")];
  shards = await writePack(...from, join(folder, "large"), { shards: SHARDS, padding: PADDING });
  await writePack(...from, join(folder, "small"), { shards: 3 });
  overrides = {};
  const roots = { "/": join(here, "../../web/dist"), "/large/": join(folder, "large") };
  server = await serve({ ...roots, "/small/": join(folder, "small") }, overrides);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
  await rm(folder, { recursive: true });
});

/** How often each shard was asked for since `from`. */
const asked = (from = 0) => {
  const lines = server.requests.slice(from);
  return shards.map((shard) => lines.filter((line) => line.endsWith(`/${shard}`)).length);
};

async function scores(page) {
  await look(page, drawing);
  await reach(page, "writing", "done");
  const { cases } = JSON.parse(await readFile(join(fixtures, "expected.json"), "utf8"));
  const wanted = cases.filter((one) => one.adapter && one.image === "drawing_0.png");
  for (const [index, [name, score]] of (await rows(page)).entries()) {
    assert.ok(Math.abs(score - wanted[index].score) < 1e-3, `${name}: ${score}`);
  }
}

describe("a pack", () => {
  test("of 300 MB arrives whole over a line that is cut five times, and is fetched once", async (t) => {
    let cuts = 5;
    // Every second shard is cut off in the middle, the first time.
    for (const shard of shards.filter((_, at) => at % 2 === 0)) {
      overrides[`/large/${shard}`] = (request, response) => {
        delete overrides[`/large/${shard}`];
        cuts -= 1;
        response.writeHead(200, { "content-length": PADDING });
        response.write(Buffer.alloc(1 << 20), () => response.destroy());
      };
    }
    const from = server.requests.length;
    const { context, page } = await open(
      browser,
      `${server.origin}/?model=large&device=cpu&view=teacher`,
    );
    const start = Date.now();
    await ready(page);
    t.diagnostic(`${((Date.now() - start) / 1000).toFixed(1)} seconds`);
    assert.equal(cuts, 0);
    const held = await heap(page);
    t.diagnostic(`${Math.round(held / 1e6)} MB of memory at most`);
    assert.ok(held < HEAP, `${held} bytes`);
    assert.deepEqual(asked(from), shards.map((_, at) => (at % 2 === 0 ? 2 : 1)));
    await scores(page);

    // A byte flips where it is kept: that shard is fetched again, and no other.
    await flip(page, shards[3]);
    const again = server.requests.length;
    await page.reload();
    await ready(page);
    assert.deepEqual(asked(again), shards.map((_, at) => (at === 3 ? 1 : 0)));

    // A second tab has it already.
    const second = await context.newPage();
    const last = server.requests.length;
    await second.goto(`${server.origin}/?model=large&device=cpu`);
    await ready(second);
    assert.deepEqual(asked(last), shards.map(() => 0));
    await context.close();
  });

  test("is fetched once by two tabs that are opened together", async () => {
    const from = server.requests.length;
    const context = await browser.newContext();
    const pages = await Promise.all([context.newPage(), context.newPage()]);
    const url = `${server.origin}/?model=small&device=cpu`;
    await Promise.all(pages.map((page) => page.goto(url)));
    await Promise.all(pages.map(ready));
    assert.deepEqual(asked(from).slice(0, 3), [1, 1, 1]);
    await context.close();
  });

  test("that has no room in the browser is refused, with a way on", async () => {
    const { context, page } = await open(browser, "about:blank");
    const client = await context.newCDPSession(page);
    const { origin } = server;
    await client.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 40e6 });
    await page.goto(`${origin}/?model=large&device=cpu`);
    const text = await failed(page);
    assert.match(text, /could not be loaded.*this browser has too little room: \d+ MB more are needed/);
    await press(page, "Use the demo model");
    await recovered(page);
    await ready(page);
    await context.close();
  });
});
