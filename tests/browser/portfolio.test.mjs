// What is kept in a browser: the suite that a window's file passes, too, what deletion leaves on the
// disk, what a tab that closes at any moment leaves, and the way of a drawing into a portfolio.

import assert from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { launch, launchAt, open } from "./chromium.mjs";
import { button, look, PATIENCE, press, quiet, reach, ready } from "./page.mjs";
import { servePage } from "./server.mjs";
import { asking, profile, Runner, suite } from "./suite.mjs";

const here = import.meta.dirname;
const picture = join(here, "../../app/assets/samples/3.png");

let browser, server;

before(async () => {
  server = await servePage();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

const cases = await suite();

describe("the suite of both stores:", () => {
  for (const { name, steps } of cases) {
    test(name, async () => {
      const runner = new Runner(browser, server.origin);
      try {
        for (const step of steps) {
          for (let number = 0; number < (step.repeat ?? 1); number += 1) {
            await runner.run(step, number);
          }
        }
        const { EASEL_KEEP_ZIP: to } = process.env;
        const zip = runner.zips.get("everything");
        if (to && zip) await writeFile(to, Buffer.from(zip, "base64"));
      } finally {
        await runner.context?.close();
      }
    });
  }
});

test("a suite that expects something else is refused", () => {
  const runner = new Runner();
  const told = { a: [1, { b: "x" }], c: null };
  const wrong = [
    { a: [1] },
    { a: [2, {}] },
    { a: [1, { b: "y" }] },
    { a: { length: 3 } },
    { c: 1 },
    { d: 1 },
    { c: "$nothing" },
  ];
  for (const one of wrong) assert.ok(runner.differs(one, told), JSON.stringify(one));
  assert.equal(runner.differs({ a: [1, { b: "$b" }], c: null }, told), undefined);
  assert.ok(runner.differs("$b", "y"));
});

/** All files of a folder, as far as they are still there. */
async function files(folder) {
  const found = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found.push([path, await readFile(path).catch(() => Buffer.alloc(0))]);
  }
  return found;
}

const keep = (pupil, comment) => ({
  Keep: {
    pupil,
    source: { File: { name: "a.png", bytes: [] } },
    edit: { turns: 0, keep: [0, 0, 1, 1] },
    assessment: { scores: {} },
    comment,
    model: "",
  },
});

const told = async (page, ask, bytes) => {
  const tell = await page.evaluate(([ask, bytes]) => self.ask(ask, bytes), [ask, bytes]);
  assert.ok(tell.Portfolio, JSON.stringify(tell));
  return tell.Portfolio;
};

test("no byte of a deleted drawing is left on the disk", async () => {
  const folder = await profile();
  const bytes = (await readFile(picture)).toString("base64");
  const context = await launchAt(folder);
  const page = await asking(context, server.origin);
  const { Added: pupil } = await told(page, { Add: "Mia" });
  const { Kept } = await told(page, keep(pupil, "The comment of 5a1c77"), bytes);
  await told(page, { Note: [Kept.record.id, "The note of 77c1a5"] });
  // The picture as it is kept lies in a zip as it is.
  await told(page, { Export: "all.zip" });
  const zip = Buffer.from(await page.evaluate(() => self.downloaded()), "base64");
  const png = zip.subarray(zip.indexOf("\x89PNG", 0, "latin1"), zip.indexOf("IEND", 0, "latin1"));
  assert.ok(png.length > 3000, `${png.length}`);
  // Behind the header, which other pictures may have: parts from all over it.
  const parts = Array.from({ length: 40 }, (_, at) => {
    const from = 64 + Math.floor(((png.length - 100) * at) / 40);
    return png.subarray(from, from + 24);
  });
  parts.push(...["The comment of 5a1c77", "The note of 77c1a5"].map((text) => Buffer.from(text)));
  const pieces = async () => {
    const all = await files(folder);
    return all.filter(([, content]) => parts.some((part) => content.includes(part))).map(([path]) => path);
  };
  // What was exported lies on the disk, too, until the page that asked for it is gone.
  await page.evaluate(() => self.employ());
  const kept = await pieces();
  assert.ok(kept.length >= 2, `the search finds nothing: ${kept}`);
  await told(page, { Delete: Kept.record.id });
  assert.deepEqual(await pieces(), []);
  await context.close();
  assert.deepEqual(await pieces(), []);
  await rm(folder, { recursive: true });
});

test("a tab that closes at any moment loses nothing that was kept", async (t) => {
  const times = Number(process.env.EASEL_KILLS ?? 10);
  const bytes = (await readFile(picture)).toString("base64");
  const context = await browser.newContext();
  const first = await asking(context, server.origin);
  const { Added: pupil } = await told(first, { Add: "Mia" });
  await first.close();
  const kept = new Set();
  for (let round = 0; round < times; round += 1) {
    const page = await asking(context, server.origin);
    await page.exposeFunction("kept", (id) => kept.add(id));
    await told(page, "Pupils");
    // It keeps drawings until it is closed.
    page
      .evaluate(
        async ([ask, bytes]) => {
          for (;;) {
            const tell = await self.ask(ask, bytes);
            await self.kept(tell.Portfolio.Kept.record.id);
          }
        },
        [keep(pupil, "said"), bytes],
      )
      .catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 400));
    await page.close();
    const next = await asking(context, server.origin);
    const { Records } = await told(next, { Records: { pupil, count: 100_000 } });
    const there = new Set(Records.records.map(({ id }) => id));
    for (const id of kept) assert.ok(there.has(id), `round ${round}: ${id} is lost`);
    for (const id of there) {
      const { Opened } = await told(next, { Open: id });
      assert.equal(Opened.picture.width, 320);
    }
    // At most the one that nobody was told of.
    assert.ok(there.size <= kept.size + round + 1, `${there.size}, ${kept.size}`);
    // No file lies about that no drawing has: a record, a small copy and a picture each, and the
    // pupil's.
    const files = await next.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle("portfolios");
      return (await Array.fromAsync(folder.keys())).length;
    });
    assert.equal(files, 1 + 3 * there.size);
    await next.close();
  }
  t.diagnostic(`${times} times closed, ${kept.size} drawings kept`);
  assert.ok(kept.size > 0);
  await context.close();
});

describe("a drawing", () => {
  test("goes into a portfolio, is found again after a reload, and travels as a zip", async () => {
    const opened = await open(browser, `${server.origin}/?device=cpu&view=teacher`);
    const { page } = opened;
    await ready(page);
    await look(page, picture);
    await reach(page, "done");
    await press(page, "Keep this drawing");
    const name = page.getByRole("textbox", { name: "Name" });
    await name.waitFor(PATIENCE);
    await name.fill("小明 O'Neil");
    await page.waitForFunction(
      () => [...document.querySelectorAll("button")].some(
        (one) => one.textContent === "Add this name" && !one.disabled),
      undefined,
      PATIENCE,
    );
    await press(page, "Add this name");
    await page.getByText("Kept for 小明 O'Neil.").waitFor({ ...PATIENCE, state: "attached" });
    await page.reload();
    await ready(page);
    await press(page, "Portfolios");
    await reach(page, "portfolio");
    await press(page, "小明 O'Neil");
    await page.getByRole("button", { name: /^Drawing of / }).first().waitFor(PATIENCE);
    await page.getByRole("button", { name: /^Drawing of / }).first().evaluate((n) => n.click());
    const note = page.getByRole("textbox", { name: "Note" });
    await note.waitFor({ ...PATIENCE, state: "attached" });
    await note.fill("Two lines\nof a note");
    await press(page, "Save the note");
    await page.getByText("The note is saved.").waitFor({ ...PATIENCE, state: "attached" });
    await press(page, "Settings");
    const download = page.waitForEvent("download", PATIENCE);
    await press(page, "Export everything");
    const zip = await (await download).path();
    await page.getByText("Drawings in the file: 1").waitFor({ ...PATIENCE, state: "attached" });

    const other = await open(browser, `${server.origin}/?device=cpu&view=teacher`);
    await ready(other.page);
    await press(other.page, "Settings");
    await button(other.page, "Import").waitFor(PATIENCE);
    await other.page.locator('[data-easel="zip"]').setInputFiles(zip);
    await other.page
      .getByText("New drawings: 1. Here before: 0")
      .waitFor({ ...PATIENCE, state: "attached" });
    for (const one of [opened, other]) {
      quiet(one);
      await one.context.close();
    }
  });
});
