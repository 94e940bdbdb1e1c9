// The page in a real browser, held against what PyTorch computes for the reference case.

import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { launch, open } from "./chromium.mjs";
import {
  dismiss, failed, kept, look, PATIENCE, press, quiet, reach, ready, recovered, rows,
  sinceLoading, status,
} from "./page.mjs";
import { serve } from "./server.mjs";

const here = import.meta.dirname;
const dist = join(here, "../../web/dist");
const fixtures = join(here, "../fixtures/golden/case3");
const TOLERANCE = 1e-3;

let browser, server, expected, folder;

before(async () => {
  await readFile(join(dist, "pkg/easel_web_bg.wasm")).catch(() => {
    throw new Error("web/dist is empty: run web/build first");
  });
  const { cases } = JSON.parse(await readFile(join(fixtures, "expected.json"), "utf8"));
  const adapted = cases.filter((one) => one.adapter);
  const of = (image) => adapted.filter((one) => one.image === image);
  expected = new Map(adapted.map(({ image }) => [image, of(image)]));
  assert.deepEqual([...expected.values()].map((wanted) => wanted.length), [9, 9, 9, 9]);
  // A model with its adapters in it, as people have it.
  folder = await mkdtemp(join(tmpdir(), "easel-model-"));
  await cp(join(fixtures, "model"), join(folder, "golden"), { recursive: true });
  await cp(join(fixtures, "adapters"), join(folder, "golden/adapters"), { recursive: true });
  const weights = await readFile(join(fixtures, "model/model.safetensors"));
  server = await serve(
    { "/": dist, "/golden/": join(folder, "golden"), "/broken/": join(folder, "golden") },
    { "/broken/model.safetensors": weights.subarray(0, weights.length / 2) },
  );
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
  await rm(folder, { recursive: true });
});

/** Scores all drawings and compares; returns the largest difference and the seconds of each. */
async function scoreAll(page) {
  let largest = 0;
  const seconds = [];
  for (const [image, wanted] of expected) {
    await look(page, join(fixtures, image));
    await reach(page, "writing", "done");
    seconds.push(Number(await status(page).getAttribute("data-seconds")));
    const found = await rows(page);
    assert.deepEqual(found.map(([name]) => name), wanted.map((one) => one.adapter));
    for (const [index, [name, score, probabilities]] of found.entries()) {
      const pairs = [[score, wanted[index].score]];
      probabilities.forEach((p, digit) => pairs.push([p, wanted[index].probabilities[digit]]));
      assert.equal(pairs.length, 6);
      for (const [value, reference] of pairs) {
        const difference = Math.abs(value - reference);
        assert.ok(difference <= TOLERANCE, `${image}, ${name}: ${value} instead of ${reference}`);
        largest = Math.max(largest, difference);
      }
    }
  }
  return { largest, seconds };
}

/** Counts what the model's worker hands to the GPU from now on. */
async function countSubmissions(page) {
  for (const worker of page.workers()) {
    await worker.evaluate(() => {
      const { submit } = GPUQueue.prototype;
      self.submissions = 0;
      GPUQueue.prototype.submit = function (...commands) {
        self.submissions += 1;
        return submit.apply(this, commands);
      };
    });
  }
  return async () => {
    const counts = page.workers().map((worker) => worker.evaluate(() => self.submissions));
    return Math.max(...(await Promise.all(counts)));
  };
}

function report(context, { largest, seconds }) {
  const each = seconds.map((s) => s.toFixed(2)).join(", ");
  context.diagnostic(`largest difference ${largest.toExponential(1)}; seconds: ${each}`);
}

describe("the page", () => {
  test("scores as PyTorch does by WebGPU, and asks for nothing once it is loaded", async (t) => {
    const opened = await open(browser, `${server.origin}/?model=golden&device=gpu&view=teacher`);
    const { page, requests } = opened;
    await ready(page);
    assert.match(await status(page).getAttribute("data-device"), /^WebGPU.*swiftshader/i);
    assert.ok(server.requests.some((line) => line.endsWith("golden/model.safetensors")));

    // The first picture starts the worker that opens pictures: a part of the page.
    await look(page, join(fixtures, "drawing_0.png"));
    await reach(page, "writing", "done");
    await kept(page);
    const submitted = await countSubmissions(page);
    const asked = [requests.length, server.requests.length];
    report(t, await scoreAll(page));
    assert.ok((await submitted()) >= expected.size, "the drawings were not computed by the GPU");
    assert.deepEqual(requests.slice(asked[0]), []);
    assert.deepEqual(sinceLoading(server, asked[1]), []);
    assert.ok(requests.every((url) => url.startsWith(server.origin)), `${requests}`);
    quiet(opened);
    await opened.context.close();
  });

  test("scores as PyTorch does by the processor, from a folder a person chooses", async (t) => {
    const opened = await open(browser, `${server.origin}/?device=cpu&view=teacher`);
    const { page } = opened;
    await ready(page);
    await page.locator('[data-easel="folder"]').setInputFiles(join(folder, "golden"));
    await page.waitForSelector('[data-easel="status"][data-demo="false"]', {
      ...PATIENCE,
      state: "attached",
    });
    await ready(page);
    assert.match(await status(page).getAttribute("data-device"), /processor/);
    report(t, await scoreAll(page));
    quiet(opened);
    await opened.context.close();
  });

  test("opens with the demo, which says what it is, and scores a drawing", async () => {
    const opened = await open(browser, `${server.origin}/?view=teacher`);
    const { page } = opened;
    await ready(page);
    assert.equal(await status(page).getAttribute("data-demo"), "true");
    assert.equal(await page.getByText("A small demo model speaks here").count(), 1);
    await press(page, "Sample drawing 2");
    await reach(page, "preview");
    await press(page, "Look at my drawing");
    await reach(page, "done");
    const scores = (await rows(page)).map(([, score]) => score);
    assert.equal(scores.length, 9);
    assert.ok(scores.every((score) => score >= 1 && score <= 5), `${scores}`);
    assert.ok(new Set(scores).size > 1, `${scores}`);
    quiet(opened);
    await opened.context.close();
  });

  for (const device of ["gpu", "cpu"]) {
    test(`says in one sentence what is wrong with a broken model (${device})`, async () => {
      const opened = await open(browser, `${server.origin}/?model=broken&device=${device}`);
      const { page } = opened;
      const text = await failed(page);
      assert.match(text, /could not be loaded\. In detail: broken\/model\.safetensors: [^\n]+$/);
      assert.doesNotMatch(text, /panicked|RuntimeError|unreachable/);
      // A way on.
      await press(page, "Use the demo model");
      await recovered(page);
      await ready(page);
      assert.equal(await status(page).getAttribute("data-demo"), "true");
      quiet(opened);
      await opened.context.close();
    });
  }

  test("says so when a file is no picture, and goes on", async () => {
    const { context, page } = await open(
      browser,
      `${server.origin}/?model=golden&device=cpu&view=teacher`,
    );
    await ready(page);
    const text = { name: "a.png", mimeType: "image/png", buffer: Buffer.from("no") };
    await page.locator('[data-easel="file"]').setInputFiles(text);
    assert.match(await failed(page), /not a picture that Easel can open/);
    assert.deepEqual(await rows(page), []);
    await dismiss(page);
    await reach(page, "ready");
    await look(page, join(fixtures, "drawing_0.png"));
    await reach(page, "writing", "done");
    assert.equal((await rows(page)).length, 9);
    await context.close();
  });
});
