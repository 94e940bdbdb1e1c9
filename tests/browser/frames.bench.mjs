// How long the page's main thread is busy while its worker computes with a model of 3B's widths, and
// how long a press waits for its answer. `node frames.bench.mjs [LAYERS]`; EASEL_PROGRAM names the
// program, which packs the model, EASEL_PAGE the page's folder; with EASEL_ISOLATED=1 the page is
// isolated, and computes on all cores; with EASEL_COMPOSED=1 Chromium composes it as where there is a
// GPU, though in software.

import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { THREE_B, writeCheckpoint } from "./checkpoint.mjs";
import { COMPOSED, launch, open } from "./chromium.mjs";
import { look, PATIENCE, press, reach, ready } from "./page.mjs";
import { ISOLATED, serve } from "./server.mjs";

const here = import.meta.dirname;
const target = process.env.CARGO_TARGET_DIR ?? join(here, "../../target");
const easel = process.env.EASEL_PROGRAM ?? join(target, "release/easel");
const dist = process.env.EASEL_PAGE ?? join(here, "../../web/dist");
const layers = Number(process.argv[2] ?? 2);
/** 3B's sizes but the vocabulary, which is the reference case's: its tokenizer is at hand. */
const shape = { ...THREE_B, layers, depth: layers, words: 1536 };

/** In the page: how long each task and each of the interface's own frames takes. */
function watch() {
  self.seen = { tasks: [], frames: [], gaps: [] };
  const timed = (name, work) => (...given) => {
    const start = performance.now();
    work(...given);
    self.seen[name].push(performance.now() - start);
  };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) self.seen.tasks.push(duration);
  }).observe({ type: "longtask", buffered: false });
  const { requestAnimationFrame } = self;
  // What of it is the page's own: the interface draws within the browser's frame, the copy follows
  // in a microtask, and workers send messages. The rest is the browser's, which paints in software here.
  self.requestAnimationFrame = (frame) => requestAnimationFrame(timed("frames", frame));
  const { queueMicrotask } = self;
  self.queueMicrotask = (work) => queueMicrotask(timed("frames", work));
  let last = performance.now();
  const beat = () => {
    const now = performance.now();
    self.seen.gaps.push(now - last);
    last = now;
    requestAnimationFrame(beat);
  };
  requestAnimationFrame(beat);
}

const folder = await mkdtemp(join(tmpdir(), "easel-frames-"));
await writeCheckpoint(join(folder, "model"), shape, join(here, "../fixtures/golden/case3/model"));
const pack = join(folder, "pack");
const packing = ["pack", join(folder, "model"), "--adapters", "none", "--weights", "q4", "--out", pack];
execFileSync(easel, packing, { stdio: ["ignore", "ignore", "inherit"] });
const server = await serve({ "/": dist, "/pack/": pack }, {}, process.env.EASEL_ISOLATED ? ISOLATED : {});
const browser = await launch({ args: process.env.EASEL_COMPOSED ? COMPOSED : [] });
try {
  const { page } = await open(browser, "about:blank");
  await page.addInitScript(watch);
  const most = (all) => Math.max(0, ...all).toFixed(1).padStart(7);
  let answers = [];
  const told = async (name) => {
    const { tasks, frames, gaps } = await page.evaluate(() => {
      const { seen } = self;
      self.seen = { tasks: [], frames: [], gaps: [] };
      return seen;
    });
    console.log(
      `${name.padEnd(34)} longest task${most(tasks)}  frame of the interface${most(frames)}  ` +
        `gap${most(gaps)}  a press's answer${most(answers)} ms  (${frames.length} frames)`,
    );
    answers = [];
  };
  /** Milliseconds from a press, as by Enter, to what it changes; none where nothing can be pressed
   * that leaves the work alone. */
  const key = () =>
    page.evaluate(async () => {
      const start = performance.now();
      const wide = () => document.querySelector('[data-easel="screen"]').textContent;
      const before = wide();
      const button = [...document.querySelectorAll("#mirror button")].find(({ textContent }) =>
        ["Settings", "Done"].includes(textContent),
      );
      if (!button) return 0;
      button.click();
      await new Promise((resolve) => {
        const seen = () => (wide() === before ? requestAnimationFrame(seen) : resolve());
        seen();
      });
      return performance.now() - start;
    });
  const keys = async (until) => {
    let going = true;
    const end = until.finally(() => (going = false));
    while (going) {
      answers.push(await key());
      await page.waitForTimeout(400);
    }
    return end;
  };
  await page.goto(`${server.origin}/?model=pack&device=${process.env.EASEL_DEVICE ?? "cpu"}&view=teacher`);
  await page.locator("#mirror button").first().waitFor({ ...PATIENCE, state: "attached" });
  await told("starting");
  await keys(ready(page));
  await told("fetching and loading the pack");
  if (await page.getByRole("button", { name: "Done", exact: true }).count()) await press(page, "Done");
  await look(page, join(here, "../../app/assets/samples/1.png"));
  await told("opening a picture");
  await keys(reach(page, "writing", "done"));
  await told("nine scores");
  await keys(reach(page, "done"));
  await told("writing");
} finally {
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true });
}
