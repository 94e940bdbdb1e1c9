// How long the page's main thread is busy while its worker computes with a model of 3B's widths, and
// how long a press waits for its answer. `node frames.bench.mjs [LAYERS]`; EASEL_PROGRAM names the
// program, which packs the model, EASEL_PAGE the page's folder; with EASEL_ISOLATED=1 the page is
// isolated, and computes on all cores; with EASEL_COMPOSED=1 Chromium composes it as where there is a
// GPU, though in software.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { COMPOSED, launch, open } from "./chromium.mjs";
import { look, PATIENCE, press, reach, ready } from "./page.mjs";
import { ISOLATED, serve } from "./server.mjs";

const here = import.meta.dirname;
const target = process.env.CARGO_TARGET_DIR ?? join(here, "../../target");
const easel = process.env.EASEL_PROGRAM ?? join(target, "release/easel");
const dist = process.env.EASEL_PAGE ?? join(here, "../../web/dist");
const layers = Number(process.argv[2] ?? 2);
const [hidden, inner, heads, keys, words] = [2048, 11_008, 16, 2, 1536];
const [width, deep] = [1280, 3420];

/** 3B's sizes but the vocabulary, which is the reference case's: its tokenizer is at hand. */
const config = {
  model_type: "qwen2_5_vl", hidden_act: "silu", tie_word_embeddings: true, hidden_size: hidden,
  intermediate_size: inner, num_hidden_layers: layers, num_attention_heads: heads,
  num_key_value_heads: keys, vocab_size: words, rms_norm_eps: 1e-6, rope_theta: 1e6,
  max_position_embeddings: 128_000, rope_scaling: { type: "mrope", mrope_section: [16, 24, 24] },
  vision_config: {
    depth: layers, hidden_size: width, intermediate_size: deep, num_heads: 16, in_chans: 3,
    out_hidden_size: hidden, patch_size: 14, spatial_merge_size: 2, temporal_patch_size: 2,
    window_size: 112, hidden_act: "silu", fullatt_block_indexes: [layers - 1],
  },
};

function shapes() {
  const all = [["model.embed_tokens.weight", words, hidden], ["model.norm.weight", hidden]];
  const kept = (hidden * keys) / heads;
  for (let layer = 0; layer < layers; layer += 1) {
    const text = (name, ...shape) => all.push([`model.layers.${layer}.${name}`, ...shape]);
    text("input_layernorm.weight", hidden);
    text("post_attention_layernorm.weight", hidden);
    for (const [name, size] of [["q", hidden], ["k", kept], ["v", kept]]) {
      text(`self_attn.${name}_proj.weight`, size, hidden);
      text(`self_attn.${name}_proj.bias`, size);
    }
    text("self_attn.o_proj.weight", hidden, hidden);
    text("mlp.gate_proj.weight", inner, hidden);
    text("mlp.up_proj.weight", inner, hidden);
    text("mlp.down_proj.weight", hidden, inner);
    const eye = (name, ...shape) => {
      all.push([`visual.blocks.${layer}.${name}.weight`, ...shape]);
      if (shape.length > 1) all.push([`visual.blocks.${layer}.${name}.bias`, shape[0]]);
    };
    eye("norm1", width);
    eye("norm2", width);
    eye("attn.qkv", 3 * width, width);
    eye("attn.proj", width, width);
    eye("mlp.gate_proj", deep, width);
    eye("mlp.up_proj", deep, width);
    eye("mlp.down_proj", width, deep);
  }
  all.push(["visual.merger.ln_q.weight", width]);
  for (const [name, size] of [["mlp.0", 4 * width], ["mlp.2", hidden]]) {
    all.push([`visual.merger.${name}.weight`, size, 4 * width], [`visual.merger.${name}.bias`, size]);
  }
  return [...all, ["visual.patch_embed.proj.weight", width, 3, 2, 14, 14]];
}

/** A checkpoint in bfloat16: norms are one, all else small and of either sign. */
async function write(folder) {
  let end = 0;
  const header = {};
  const sizes = shapes().map(([name, ...shape]) => {
    const bytes = 2 * shape.reduce((all, side) => all * side);
    header[name] = { dtype: "BF16", shape, data_offsets: [end, (end += bytes)] };
    return [/norm|ln_q/.test(name), bytes];
  });
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const some = new Uint16Array(1 << 20).map((_, at) => {
    const chance = Math.imul(at + 1, 0x9e3779b1) >>> 16;
    return (chance & 0x807f) | 0x3c80 | ((chance & 1) << 7);
  });
  const [chances, ones] = [some, new Uint16Array(1 << 20).fill(0x3f80)].map((a) => Buffer.from(a.buffer));
  const file = createWriteStream(join(folder, "model.safetensors"));
  const put = async (bytes) => file.write(bytes) || once(file, "drain");
  await put(length);
  await put(json);
  for (const [norm, bytes] of sizes) {
    for (let at = 0; at < bytes; at += chances.length) {
      await put((norm ? ones : chances).subarray(0, Math.min(bytes - at, chances.length)));
    }
  }
  file.end();
  await once(file, "finish");
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  const golden = join(here, "../fixtures/golden/case3/model");
  for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
    await copyFile(join(golden, name), join(folder, name)).catch(() => {});
  }
}

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
await mkdir(join(folder, "model"));
await write(join(folder, "model"));
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
