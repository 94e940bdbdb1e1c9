// A pack of 300 MB whose weights are all used: it comes in shards, each is checked, little of it is
// ever in the page's memory, and the scores are the program's.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, open as openFile, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { THREE_B, writeAdapters, writeCheckpoint } from "./checkpoint.mjs";
import { launch, open } from "./chromium.mjs";
import { heap, look, quiet, reach, ready, rows, sinceLoading } from "./page.mjs";
import { serve } from "./server.mjs";

const here = import.meta.dirname;
const target = process.env.CARGO_TARGET_DIR ?? join(here, "../../target");
const easel = process.env.EASEL_PROGRAM ?? join(target, "release/easel");
const fixtures = join(here, "../fixtures/golden/case3");
const drawing = join(fixtures, "drawing_0.png");
/** 3B's words and its vision tower's widths. A layer's weights meet nine prompts, the tower's one picture:
 * a GPU in software takes that much longer over layers, so these are small. */
const shape = { ...THREE_B, hidden: 1024, inner: 1408, layers: 2, heads: 8, depth: 4 };
const LEAST = 300e6;
/** What of it is multiplied; the rest is embeddings and head. */
const COMPUTED = 130e6;
/** What a worker may hold. */
const HEAP = 400e6;
const TOLERANCE = 2e-3;

let browser, server, folder, manifest, wanted, overrides;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "easel-big-"));
  const [model, adapters, pack] = ["model", "adapters", "pack"].map((name) => join(folder, name));
  await writeCheckpoint(model, shape, join(fixtures, "model"));
  await writeAdapters(adapters, shape);
  const stdio = ["ignore", "pipe", "inherit"];
  const packing = ["pack", model, "--adapters", adapters, "--weights", "q8", "--out", pack];
  execFileSync(easel, packing, { stdio });
  await rm(model, { recursive: true });
  manifest = JSON.parse(await readFile(join(pack, "manifest.json"), "utf8"));
  const scoring = ["score", drawing, "--model", pack, "--device", "cpu", "--format", "json"];
  wanted = JSON.parse(execFileSync(easel, scoring, { stdio })).scores;
  overrides = {};
  server = await serve({ "/": join(here, "../../web/dist"), "/pack/": pack }, overrides);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
  await rm(folder, { recursive: true });
});

const shards = () => Object.keys(manifest.files).filter((name) => name.startsWith("weights-"));

/** `[tensor, bytes]` of everything that a shard holds, by its own header. */
async function held(shard) {
  const file = await openFile(join(folder, "pack", shard));
  try {
    const { buffer: length } = await file.read(Buffer.alloc(8), 0, 8, 0);
    const size = Number(length.readBigUInt64LE());
    const { buffer: json } = await file.read(Buffer.alloc(size), 0, size, 8);
    return Object.entries(JSON.parse(json)).map(([name, { data_offsets: [start, end] }]) => [
      name.split("/")[0],
      end - start,
    ]);
  } finally {
    await file.close();
  }
}

describe("a pack of 300 MB", () => {
  test("is weights that a picture meets", async () => {
    const all = (await Promise.all(shards().map(held))).flat();
    const sum = (list) => list.reduce((sum, [, bytes]) => sum + bytes, 0);
    assert.ok(sum(all) >= LEAST, `${sum(all)} bytes`);
    // By the program's own list, and none of them filling.
    for (const [name] of all) assert.ok(Object.hasOwn(manifest.tensors, name), name);
    const towers = all.filter(([name]) => /^(model\.layers|visual)\./.test(name));
    assert.ok(sum(towers) >= COMPUTED, `${sum(towers)} bytes`);
  });

  test("is loaded by shards and scores as the program does", async (t) => {
    const seconds = (start) => ((performance.now() - start) / 1000).toFixed(1);
    // One shard is not what it should be, the first time.
    const [, bad] = shards();
    overrides[`/pack/${bad}`] = async (request, response) => {
      delete overrides[`/pack/${bad}`];
      const bytes = await readFile(join(folder, "pack", bad));
      bytes[bytes.length - 1] ^= 1;
      response.writeHead(200, { "content-length": bytes.length }).end(bytes);
    };
    const opened = await open(browser, `${server.origin}/?model=pack&device=gpu&view=teacher`);
    const { context, page, requests } = opened;
    let start = performance.now();
    await ready(page);
    t.diagnostic(`${seconds(start)} seconds to the model`);
    const loaded = await heap(page);
    t.diagnostic(`${Math.round(loaded / 1e6)} MB of memory at most`);
    assert.ok(loaded <= HEAP, `${loaded} bytes`);
    for (const shard of shards()) {
      const asked = requests.filter((url) => url.endsWith(`/${shard}`)).length;
      assert.equal(asked, shard === bad ? 2 : 1, shard);
    }

    // Nothing is left for later, when there may be no network.
    const from = server.requests.length;
    start = performance.now();
    await look(page, drawing);
    await reach(page, "writing", "done");
    t.diagnostic(`${seconds(start)} seconds to the scores`);
    assert.deepEqual(sinceLoading(server, from), []);
    const found = await rows(page);
    assert.deepEqual(found.map(([name]) => name).toSorted(), Object.keys(wanted).toSorted());
    const scores = found.map(([, score]) => score);
    const spread = Math.max(...scores) - Math.min(...scores);
    assert.ok(spread > 0.1, `nine scores within ${spread}`);
    const off = Math.max(...found.map(([name, score]) => Math.abs(score - wanted[name].score)));
    t.diagnostic(`${off.toExponential(1)} from the program's at most`);
    assert.ok(off <= TOLERANCE, `${off} from the program's`);
    const scored = await heap(page);
    t.diagnostic(`${Math.round(scored / 1e6)} MB of memory at most`);
    assert.ok(scored <= HEAP, `${scored} bytes`);
    quiet(opened);
    await context.close();
  });
});
