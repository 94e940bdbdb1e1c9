// A portfolio of 100,000 drawings in a browser: how long until its first screen is there, and until
// one that somebody jumps to. `node portfolio.bench.mjs [DRAWINGS]`


import { launch } from "./chromium.mjs";
import { servePage } from "./server.mjs";
import { asking } from "./suite.mjs";

const drawings = Number(process.argv[2] ?? 100_000);
const SCREEN = 24;

/** In the page: rows as the page's own worker writes them; they share one record and small copy. */
async function fill(drawings, pupil, kept) {
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open("easel-portfolios");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const done = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const { files } = await done(database.transaction("drawings").objectStore("drawings").get(kept));
  for (let at = 1; at < drawings; ) {
    const change = database.transaction(["drawings", "pupils"], "readwrite");
    const [rows, pupils] = ["drawings", "pupils"].map((name) => change.objectStore(name));
    for (let some = 0; some < 5000 && at < drawings; some += 1, at += 1) {
      const id = ((BigInt(at) * 0x9e3779b97f4a7c15n) % (1n << 64n)).toString(16).padStart(16, "0");
      rows.put({ id, pupil, at: at * 60_000, files });
    }
    pupils.put({ ...(await done(pupils.get(pupil))), count: at, changes: at });
    await new Promise((resolve) => (change.oncomplete = resolve));
  }
  database.close();
}

const server = await servePage();
const browser = await launch();
const page = await asking(await browser.newContext(), server.origin);
const ask = (ask, picture) => page.evaluate(([ask, picture]) => self.ask(ask, picture), [ask, picture]);
const { Portfolio: { Added: pupil } } = await ask({ Add: "Mia" });
const white = await page.evaluate(() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
  canvas.getContext("2d").fillRect(40, 40, 100, 100);
  return canvas.toDataURL().split(",")[1];
});
const source = { File: { name: "a.png", bytes: [] } };
const edit = { turns: 0, keep: [0, 0, 1, 1] };
const keep = { pupil, source, edit, assessment: { scores: {} }, comment: "said", model: "" };
const { Portfolio: { Kept: { record } } } = await ask({ Keep: keep }, white);
await page.evaluate(([fill, ...rest]) => eval(`(${fill})`)(...rest), [
  String(fill), drawings, pupil, record.id,
]);
await page.evaluate(() => self.employ());
await ask("Pupils");

const jump = (from) =>
  page.evaluate(
    async (ask) => {
      const start = performance.now();
      const { Portfolio } = await self.ask(ask);
      return [performance.now() - start, Portfolio.Page.cards.length, Portfolio.Page.total];
    },
    { Page: { pupil, from, count: SCREEN } },
  );
for (const [name, from] of [
  ["the first screen", 0],
  ["at once the end", drawings - SCREEN],
  ["the middle", drawings / 2],
  ["a quarter", drawings / 4],
  ["the next screen", drawings / 4 + SCREEN],
  ["the end", drawings - SCREEN],
  ["the first screen", 0],
]) {
  const [ms, cards, total] = await jump(from);
  if (cards !== SCREEN || total !== drawings) throw new Error(`${cards} cards of ${total}`);
  console.log(`${name.padEnd(18)} ${ms.toFixed(0).padStart(5)} ms`);
}
await browser.close();
await server.close();
