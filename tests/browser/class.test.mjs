// A class in a browser: pictures are taken in, looked at, left in the middle, gone on with, judged, and
// printed; and portfolios that an earlier version kept are still there.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch, open } from "./chromium.mjs";
import { button, PATIENCE, press, quiet, reach, ready } from "./page.mjs";
import { servePage } from "./server.mjs";
import { asking } from "./suite.mjs";

const here = import.meta.dirname;
const samples = [1, 2, 3].map((number) => join(here, `../../app/assets/samples/${number}.png`));

let browser, server;

before(async () => {
  server = await servePage();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

const seen = (page, text) => page.getByText(text).first().waitFor({ ...PATIENCE, state: "attached" });

test("a class goes on after a reload, and a card is downloaded", async () => {
  const opened = await open(browser, `${server.origin}/?device=cpu&view=teacher`);
  const { page } = opened;
  await ready(page);
  await press(page, "Classes");
  await reach(page, "class");
  const name = page.getByRole("textbox", { name: "Name of the class or lesson" });
  await name.waitFor({ ...PATIENCE, state: "attached" });
  await name.fill("4b");
  await page.waitForFunction(
    () => [...document.querySelectorAll("button")].some(
      (one) => one.textContent === "Begin a class" && !one.disabled),
    undefined,
    PATIENCE,
  );
  await press(page, "Begin a class");
  await button(page, "Add pictures").waitFor(PATIENCE);
  const buffers = await Promise.all(samples.map((path) => readFile(path)));
  const files = ["Mia.png", "Noa 2.png", "小明.png"].map((name, at) => ({
    name,
    mimeType: "image/png",
    buffer: buffers[at],
  }));
  await page.locator('[data-easel="pictures"]').setInputFiles(files);
  await seen(page, "Looked at: 0 of 3");
  await press(page, "Look at them");
  // Left in the middle: what was looked at is there, the rest waits.
  await page.waitForFunction(
    () => /Looked at: [12] of 3/.test(document.body.textContent),
    undefined,
    PATIENCE,
  );
  await page.reload();
  await ready(page);
  await press(page, "Classes");
  await page.getByRole("button", { name: /^4b, / }).waitFor(PATIENCE);
  await page.getByRole("button", { name: /^4b, / }).evaluate((node) => node.click());
  await page.waitForFunction(
    () => /Looked at: [123] of 3/.test(document.body.textContent),
    undefined,
    PATIENCE,
  );
  await press(page, "Go on");
  await seen(page, "All drawings were looked at.");
  await page.getByRole("button", { name: /^Mia, / }).evaluate((node) => node.click());
  const words = page.getByRole("textbox", { name: "What the pupil reads" });
  await words.waitFor({ ...PATIENCE, state: "attached" });
  await words.fill("The teacher's own words.");
  const approve = page.getByRole("checkbox", { name: "The pupil may see the picture with these words" });
  await approve.evaluate((node) => node.click());
  await seen(page, /approved · changed by you/);
  const download = page.waitForEvent("download", PATIENCE);
  await press(page, "Cards for pupils (PDF)");
  const file = await download;
  assert.equal(file.suggestedFilename(), "4b Mia.pdf");
  const pdf = await readFile(await file.path());
  assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  assert.ok(pdf.includes("/FontFile2") && pdf.includes("/DCTDecode"));
  await seen(page, "Drawings in the file: 1");
  quiet(opened);
  await opened.context.close();
});

test("two tabs drain one queue: no drawing is taken twice, and none is held by a tab that is gone", async () => {
  const context = await browser.newContext();
  const first = await asking(context, server.origin);
  const ask = async (page, ask) => {
    const told = await page.evaluate((ask) => self.ask({ Class: ask }), ask);
    return told.Portfolio.Class;
  };
  const { Added: held } = await ask(first, { Add: "4b" });
  const picture = (await readFile(samples[0])).toString("base64");
  const ids = [];
  for (const at of [0, 1, 2, 3, 4, 5]) {
    const name = `${at}.png`;
    await first.evaluate(([name, picture]) => self.chosen(name, picture), [name, picture]);
    const file = { place: `zip:${name}`, name };
    const { Record } = await ask(first, { Enter: { class: held.id, file, unnamed: "No name" } });
    ids.push(Record.id);
  }
  const second = await asking(context, server.origin);
  const take = async (page, id) => Object.keys(await ask(page, { Take: id }))[0];
  assert.equal(await take(first, ids[0]), "Taken");
  assert.equal(await take(second, ids[0]), "Busy");
  assert.equal(await ask(first, { Leave: ids[0] }), "Left");
  assert.equal(await take(second, ids[0]), "Taken");
  // Both go through all that is left; each moment one of them may be ahead.
  const outcome = { Failed: "too thin" };
  const drain = async (page) => {
    const taken = [];
    for (const id of ids.slice(1, 5)) {
      if ((await take(page, id)) !== "Taken") continue;
      taken.push(id);
      await ask(page, { Looked: [id, outcome] });
    }
    return taken;
  };
  const taken = (await Promise.all([drain(first), drain(second)])).flat();
  assert.deepEqual(taken.toSorted(), ids.slice(1, 5).toSorted());
  assert.equal(await take(first, ids[1]), "Record");
  // A tab that is closed, and a worker that ends, hold nothing any more.
  assert.equal(await take(first, ids[0]), "Busy");
  await second.close();
  const until = async (page, id) => {
    for (let tries = 0; tries < 100 && (await take(page, id)) !== "Taken"; tries += 1) {
      await page.waitForTimeout(50);
    }
    return take(page, id);
  };
  assert.equal(await until(first, ids[0]), "Taken");
  const third = await asking(context, server.origin);
  assert.equal(await take(third, ids[0]), "Busy");
  await first.evaluate(() => self.employ());
  assert.equal(await until(third, ids[0]), "Taken");
  await context.close();
});

test("portfolios without classes are brought on with all that is in them", async () => {
  const context = await browser.newContext();
  const page = await asking(context, server.origin);
  // As the first version left them.
  await page.evaluate(async () => {
    const request = indexedDB.open("easel-portfolios", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("pupils", { keyPath: "id" });
      const drawings = request.result.createObjectStore("drawings", { keyPath: "id" });
      drawings.createIndex("order", ["pupil", "at", "id"]);
      request.result.createObjectStore("loose");
    };
    const database = await new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle("portfolios", { create: true });
    const write = async (name, text) => {
      const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
      await writable.write(text);
      await writable.close();
    };
    const [pupil, id] = ["0000000000000007", "0000000000000009"];
    const record = { id, pupil, when: { ms: 5, ahead: 0 }, scores: {}, comment: "said", note: "", model: "" };
    await write("a", JSON.stringify({ id: pupil, name: "Mia" }));
    await write("b", JSON.stringify(record));
    await write("c", "small");
    await write("d", "large");
    const change = database.transaction(["pupils", "drawings"], "readwrite");
    change.objectStore("pupils").put({ id: pupil, count: 1, files: ["a"] });
    change.objectStore("drawings").put({ id, pupil, at: 5, files: ["b", "c", "d"] });
    await new Promise((resolve) => (change.oncomplete = resolve));
    database.close();
  });
  const { Portfolio } = await page.evaluate(() => self.ask("Pupils"));
  const [{ pupil, drawings, unseen }] = Portfolio.Pupils;
  assert.deepEqual([pupil.name, drawings, unseen], ["Mia", 1, 0]);
  const records = await page.evaluate(() => self.ask({ Records: { pupil: "0000000000000007", count: 9 } }));
  assert.equal(records.Portfolio.Records.records[0].comment, "said");
  const all = await page.evaluate(() => self.ask({ Class: "List" }));
  assert.deepEqual(all.Portfolio.Class.List, []);
  await context.close();
});
