// How long until a visit shows its first nine scores by the demo: the first one, which fetches all,
// and the next one, which the browser has kept. `node first.bench.mjs [ROUNDS]`; EASEL_PAGE names the
// page's folder, EASEL_DEVICE the device.

import { join } from "node:path";

import { launch } from "./chromium.mjs";
import { kept, press, reach, ready } from "./page.mjs";
import { serve } from "./server.mjs";

const dist = process.env.EASEL_PAGE ?? join(import.meta.dirname, "../../web/dist");
const rounds = Number(process.argv[2] ?? 3);
const device = process.env.EASEL_DEVICE ?? "cpu";

async function visit(context, origin) {
  const page = await context.newPage();
  const start = performance.now();
  const since = () => (performance.now() - start) / 1000;
  await page.goto(`${origin}/?device=${device}&view=teacher`);
  await ready(page);
  const loaded = since();
  await press(page, "Sample drawing 1");
  await reach(page, "preview");
  await press(page, "Look at my drawing");
  await reach(page, "writing", "done");
  const scored = since();
  await kept(page);
  await page.close();
  return `${loaded.toFixed(1)} s to the model, ${scored.toFixed(1)} s to the scores`;
}

const server = await serve({ "/": dist });
const browser = await launch();
for (let round = 0; round < rounds; round += 1) {
  const context = await browser.newContext({ reducedMotion: "reduce" });
  for (const name of ["first visit", "next visit"]) {
    console.log(`${name}: ${await visit(context, server.origin)}`);
  }
  await context.close();
}
await browser.close();
await server.close();
