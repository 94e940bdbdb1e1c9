// How long nine scores by the demo take in a browser and in the program, on the same device in turn:
// `flex` on one thread, `flex` on all cores, and a GPU imitated by SwiftShader, Chromium's own for both.
// `node ratio.bench.mjs [ROUNDS]`; EASEL_PROGRAM names the program, EASEL_PAGE the page's folder.

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { launch } from "./chromium.mjs";
import { ISOLATED, servePage } from "./server.mjs";

const here = import.meta.dirname;
const target = process.env.CARGO_TARGET_DIR ?? join(here, "../../target");
const easel = process.env.EASEL_PROGRAM ?? join(target, "release/easel");
const swiftshader = process.env.EASEL_SWIFTSHADER ?? "/usr/lib/chromium/vk_swiftshader_icd.json";
const dist = process.env.EASEL_PAGE ?? join(here, "../../web/dist");
const sample = join(here, "../../app/assets/samples/1.png");
const rounds = Number(process.argv[2] ?? 5);
/** The first ones warm up: caches, pipelines, the browser's better compiler. */
const PICTURES = { cpu: 12, threads: 12, gpu: 3 };

/** In the page: a worker as the page's own, without the interface. Seconds of each picture, from the
 * asking to the scores. */
async function score(base64, kind, pictures) {
  const threads = kind === "threads";
  const device = threads ? "cpu" : kind;
  const folder = threads ? "threads" : "pkg";
  const module = await WebAssembly.compileStreaming(fetch(`./${folder}/easel_web_bg.wasm`));
  const worker = new Worker("./worker.js", { type: "module" });
  let tell;
  worker.onmessage = ({ data }) => {
    if (data.stopped) throw new Error(data.stopped);
    if (!data.head) return;
    tell(JSON.parse(data.head));
  };
  const until = (id, ends) =>
    new Promise((resolve, reject) => {
      tell = (event) => {
        if (event.tell.Failed) reject(new Error(JSON.stringify(event.tell)));
        else if (event.id === id && ends(event.tell)) resolve();
      };
    });
  const send = (id, ask, body = new Uint8Array()) =>
    worker.postMessage({ head: JSON.stringify({ id, ask }), body });
  worker.postMessage({ module, threads, device });
  send(1, { Load: "demo" });
  await until(1, (tell) => tell.Ready);
  const picture = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const source = { File: { name: "1.png", bytes: [] } };
  const edit = { turns: 0, keep: [0, 0, 1, 1] };
  const seconds = [];
  for (let id = 2; id < pictures + 2; id += 1) {
    const start = performance.now();
    send(id, { Assess: { source, edit, language: "en", begun: null } }, picture);
    await until(id, (tell) => tell.Scored);
    seconds.push((performance.now() - start) / 1000);
    // No comment.
    send(0, { Cancel: id });
    await until(id, (tell) => tell === "Cancelled" || tell === "Done");
  }
  worker.terminate();
  return seconds;
}

/** Seconds of each picture in the program. */
function native(kind, pictures) {
  const device = kind === "gpu" ? "gpu" : "cpu";
  const env = {
    ...process.env,
    RAYON_NUM_THREADS: kind === "threads" ? String(availableParallelism()) : "1",
    VK_DRIVER_FILES: swiftshader,
    VK_ICD_FILENAMES: swiftshader,
  };
  const args = ["score", ...Array(pictures).fill(sample), "--device", device, "--timings"];
  const told = execFileSync("bash", ["-c", 'exec "$0" "$@" 2>&1', easel, ...args], { env });
  const stages = String(told).split("\n").filter((line) => line.startsWith("easel: decode"));
  const seconds = stages.map((line) =>
    [...line.split(";")[0].matchAll(/([\d.]+) s/g)].reduce((sum, [, s]) => sum + Number(s), 0),
  );
  if (seconds.length !== pictures) throw new Error(`${told}`);
  return seconds;
}

const server = await servePage(dist, ISOLATED);
const picture = (await readFile(sample)).toString("base64");
const browser = await launch();
const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];
const settled = (all) => Math.min(...all.slice(Math.floor(all.length / 3)));
for (const device of process.env.EASEL_DEVICES?.split(" ") ?? ["cpu", "threads", "gpu"]) {
  const ratios = [];
  for (let round = 0; round < (device === "gpu" ? Math.ceil(rounds / 2) : rounds); round += 1) {
    const page = await browser.newPage();
    await page.goto(`${server.origin}/blank.html`);
    const found = await page.evaluate(
      ([score, ...rest]) => eval(`(${score})`)(...rest),
      [String(score), picture, device, PICTURES[device]],
    );
    await page.close();
    const wanted = native(device, PICTURES[device]);
    ratios.push(settled(found) / settled(wanted));
    const list = (all) => all.map((s) => s.toFixed(3)).join(" ");
    console.log(`${device}  browser ${list(found)}\n     program ${list(wanted)}`);
  }
  console.log(`${device}  the browser takes ${median(ratios).toFixed(2)} times as long (${ratios.map((r) => r.toFixed(2)).join(", ")})\n`);
}
await browser.close();
await server.close();
