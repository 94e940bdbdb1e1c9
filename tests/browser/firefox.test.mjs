// The page in Firefox, which has no WebGPU here: scored by the processor, kept, and without a network.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { launch, missing } from "./firefox.mjs";
import { PATIENCE } from "./page.mjs";
import { serve } from "./server.mjs";

const here = import.meta.dirname;
const target = process.env.CARGO_TARGET_DIR ?? join(here, "../../target");
const easel = process.env.EASEL_PROGRAM ?? join(target, "release/easel");
const sample = join(here, "../../app/assets/samples/1.png");
const TOLERANCE = 2e-3;

const ready = '[data-easel="status"][data-model="ready"]';
const state = (name) => `[data-easel="status"][data-state="${name}"]`;

describe("in Firefox", { skip: missing }, () => {
  let browser, folder, server, native;

  before(async () => {
    const args = ["score", sample, "--format", "json", "--device", "cpu"];
    const json = execFileSync(easel, args, { stdio: ["ignore", "pipe", "ignore"] });
    native = JSON.parse(json).scores;
    assert.equal(Object.keys(native).length, 9);
    folder = await mkdtemp(join(tmpdir(), "easel-firefox-"));
    const pack = join(folder, "pack");
    execFileSync(easel, ["pack", "demo", "--weights", "f32", "--out", pack], { stdio: "ignore" });
    server = await serve({ "/": join(here, "../../web/dist"), "/pack/": pack });
    browser = await launch();
  });

  after(async () => {
    await browser?.end();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  async function open(query, { origin } = server) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport({ width: 1280, height: 1000 });
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (["error", "warn"].includes(message.type())) complaints.push(message.text());
    });
    await page.goto(`${origin}/${query}`);
    await page.waitForSelector(ready, PATIENCE);
    return { context, page, complaints };
  }

  async function press(page, name) {
    const there = (name) =>
      [...document.querySelectorAll("#mirror button")].find(
        (one) => one.textContent === name && !one.disabled,
      );
    const button = await page.waitForFunction(there, PATIENCE, name);
    await button.evaluate((node) => node.click());
  }

  /** Scores the sample, and compares; the comment is whole. */
  async function score(page) {
    await press(page, "Sample drawing 1");
    await page.waitForSelector(state("preview"), PATIENCE);
    await press(page, "Look at my drawing");
    await page.waitForSelector(state("done"), PATIENCE);
    const rows = await page.$$eval('[data-easel="scores"] tr[data-attribute]', (rows) =>
      rows.map(({ dataset }) => [
        dataset.attribute,
        [dataset.score, ...dataset.probabilities.split(" ")].map(Number),
      ]),
    );
    assert.deepEqual(rows.map(([name]) => name), Object.keys(native));
    for (const [name, values] of rows) {
      const wanted = [native[name].score, ...native[name].probabilities];
      assert.equal(values.length, wanted.length);
      values.forEach((value, at) => {
        const difference = Math.abs(value - wanted[at]);
        assert.ok(difference <= TOLERANCE, `${name}: ${value} instead of ${wanted[at]}`);
      });
    }
    const comment = await page.$eval('[data-easel="comment"]', (node) => node.textContent);
    assert.ok(comment.length > 20, comment);
  }

  const kept = (page) =>
    page.waitForFunction(
      () => navigator.serviceWorker.controller?.state === "activated",
      PATIENCE,
    );

  test("a drawing gets the scores that the window gives it, and is kept", async () => {
    const { context, page, complaints } = await open("?view=teacher");
    assert.match(await page.$eval(ready, (node) => node.dataset.device), /^processor/);
    await score(page);
    await press(page, "Keep this drawing");
    const name = await page.waitForSelector('#mirror input[aria-label="Name"]', PATIENCE);
    await name.evaluate((node) => node.focus());
    await page.keyboard.type("Mia");
    await press(page, "Add this name");
    await page.waitForSelector("::-p-text(Kept for Mia.)", PATIENCE);
    await kept(page);
    const asked = server.requests.length;
    await page.reload();
    await page.waitForSelector(ready, PATIENCE);
    await press(page, "Portfolios");
    await press(page, "Mia");
    await page.waitForFunction(
      () => [...document.querySelectorAll("#mirror button")]
        .some((one) => one.textContent.startsWith("Drawing of ")),
      PATIENCE,
    );
    // Browsers look for a newer service worker when they like.
    assert.deepEqual(server.requests.slice(asked).filter((line) => !line.endsWith("/sw.js")), []);
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test("a pack is kept, and all goes on without a network", async () => {
    const other = await serve({ "/": join(here, "../../web/dist"), "/pack/": join(folder, "pack") });
    const { context, page, complaints } = await open("?model=pack&view=teacher", other);
    await kept(page);
    await other.close();
    await page.reload();
    await page.waitForSelector(ready, PATIENCE);
    assert.equal(await page.$eval(ready, (node) => node.dataset.demo), "false");
    await score(page);
    assert.deepEqual(complaints, []);
    await context.close();
  });
});
