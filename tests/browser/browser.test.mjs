// The page in a real browser, held against what PyTorch computes for the reference case.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { launch, open } from "./chromium.mjs";
import { serve } from "./server.mjs";

const here = import.meta.dirname;
const dist = join(here, "../../web/dist");
const fixtures = join(here, "../fixtures/golden/case3");
const TOLERANCE = 1e-3;
const PATIENCE = { timeout: 300_000 };

let browser, server, expected;

before(async () => {
  await readFile(join(dist, "pkg/easel_web_bg.wasm")).catch(() => {
    throw new Error("web/dist is empty: run web/build first");
  });
  const { cases } = JSON.parse(await readFile(join(fixtures, "expected.json"), "utf8"));
  const adapted = cases.filter((one) => one.adapter);
  const of = (image) => adapted.filter((one) => one.image === image);
  expected = new Map(adapted.map(({ image }) => [image, of(image)]));
  assert.deepEqual([...expected.values()].map((wanted) => wanted.length), [9, 9, 9, 9]);
  const weights = await readFile(join(fixtures, "model/model.safetensors"));
  server = await serve(
    { "/": dist, "/golden/": fixtures, "/broken/": fixtures },
    { "/broken/model/model.safetensors": weights.subarray(0, weights.length / 2) },
  );
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

const status = (page) => page.getByRole("status");

/** Waits until the status is `state`; a failure on the way is told in the page's own words. */
async function reach(page, state) {
  const settled = `[data-easel="status"]:is([data-state="${state}"], [data-state="failed"])`;
  await page.waitForSelector(settled, PATIENCE);
  const found = await status(page).getAttribute("data-state");
  assert.equal(found, state, await status(page).textContent());
}

/** What the table shows: `[attribute, score, probabilities]` of each row. */
const rows = (page) =>
  page.getByRole("table").locator("tr[data-attribute]").evaluateAll((rows) =>
    rows.map((row) => [
      row.dataset.attribute,
      Number(row.querySelector("[data-score]").dataset.score),
      row.dataset.probabilities.split(" ").map(Number),
    ]),
  );

/** Scores all drawings and compares; returns the largest difference and the seconds of each. */
async function scoreAll(page) {
  let largest = 0;
  const seconds = [];
  for (const [image, wanted] of expected) {
    await page.getByLabel("Picture file").setInputFiles(join(fixtures, image));
    await reach(page, "scored");
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

/** Counts what the page's worker hands to the GPU from now on. */
async function countSubmissions(page) {
  const [worker] = page.workers();
  await worker.evaluate(() => {
    const { submit } = GPUQueue.prototype;
    self.submissions = 0;
    GPUQueue.prototype.submit = function (...commands) {
      self.submissions += 1;
      return submit.apply(this, commands);
    };
  });
  return () => worker.evaluate(() => self.submissions);
}

function report(context, { largest, seconds }) {
  const each = seconds.map((s) => s.toFixed(2)).join(", ");
  context.diagnostic(`largest difference ${largest.toExponential(1)}; seconds: ${each}`);
}

const quiet = ({ complaints }) => assert.deepEqual(complaints, []);

describe("the page", () => {
  test("scores as PyTorch does by WebGPU, and asks for nothing once it is loaded", async (t) => {
    const query = "?model=golden/model&adapters=golden/adapters&device=gpu";
    const opened = await open(browser, `${server.origin}/${query}`);
    const { page, requests } = opened;
    await reach(page, "ready");
    const device = page.locator('[data-easel="device"]');
    assert.equal(await device.getAttribute("data-device"), "gpu");
    assert.match(await device.getAttribute("data-adapter"), /swiftshader/i);

    const submitted = await countSubmissions(page);
    const asked = [requests.length, server.requests.length];
    assert.ok(server.requests.some((line) => line.endsWith("model.safetensors")));
    report(t, await scoreAll(page));
    assert.ok((await submitted()) >= expected.size, "the drawings were not computed by the GPU");
    // The preview of the drawing is the page's own memory.
    const left = requests.slice(asked[0]).filter((url) => !url.startsWith("blob:"));
    assert.deepEqual(left, []);
    assert.equal(server.requests.length, asked[1]);
    assert.ok(requests.every((url) => url.startsWith("blob:") || url.startsWith(server.origin)));
    quiet(opened);
    await opened.context.close();
  });

  test("scores as PyTorch does by the processor, from folders a person chooses", async (t) => {
    const opened = await open(browser, `${server.origin}/`);
    const { page } = opened;
    await page.getByLabel("Compute with").selectOption("cpu");
    await page.getByLabel("Model folder").setInputFiles(join(fixtures, "model"));
    await page.getByLabel("Adapters folder").setInputFiles(join(fixtures, "adapters"));
    await page.getByRole("button", { name: "Load" }).click();
    await reach(page, "ready");
    assert.match(await page.locator('[data-easel="device"]').textContent(), /processor/);
    report(t, await scoreAll(page));
    quiet(opened);
    await opened.context.close();
  });

  test("opens with the demo, which says what it is, and scores a drawing", async () => {
    const opened = await open(browser, `${server.origin}/`);
    const { page } = opened;
    await reach(page, "ready");
    assert.match(await page.locator('[data-easel="demo"]').textContent(), /no assessment/);
    assert.ok(await page.locator('[data-easel="demo"]').isVisible());
    await page.getByLabel("Picture file").setInputFiles(join(fixtures, "drawing_1.png"));
    await reach(page, "scored");
    const scores = (await rows(page)).map(([, score]) => score);
    assert.equal(scores.length, 9);
    assert.ok(scores.every((score) => score >= 1 && score <= 5), `${scores}`);
    assert.ok(new Set(scores).size > 1, `${scores}`);
    quiet(opened);
    await opened.context.close();
  });

  for (const device of ["gpu", "cpu"]) {
    test(`says in one sentence what is wrong with a broken model (${device})`, async () => {
      const query = `?model=broken/model&adapters=broken/adapters&device=${device}`;
      const opened = await open(browser, `${server.origin}/${query}`);
      const { page } = opened;
      await page.waitForSelector('[data-easel="status"][data-state="failed"]', PATIENCE);
      const text = await status(page).textContent();
      assert.match(text, /^That did not work: model\/model\.safetensors: [^\n]+$/);
      assert.doesNotMatch(text, /panicked|RuntimeError|unreachable/);
      assert.ok(await page.getByLabel("Picture file").isDisabled());
      quiet(opened);
      await opened.context.close();
    });
  }

  test("says so when a file is no picture, and goes on", async () => {
    const query = "?model=golden/model&adapters=golden/adapters&device=cpu";
    const { context, page } = await open(browser, `${server.origin}/${query}`);
    await reach(page, "ready");
    const drawing = page.getByLabel("Picture file");
    const text = { name: "a.png", mimeType: "image/png", buffer: Buffer.from("no") };
    await drawing.setInputFiles(text);
    await page.waitForSelector('[data-easel="status"][data-state="failed"]', PATIENCE);
    assert.ok(await page.getByRole("table").isHidden());
    await drawing.setInputFiles(join(fixtures, "drawing_0.png"));
    await reach(page, "scored");
    assert.equal((await rows(page)).length, 9);
    await context.close();
  });
});
