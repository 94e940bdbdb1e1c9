// The models' screen in the page: a pack is taken in, fetched, checked and deleted.

import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { launch, open } from "./chromium.mjs";
import { writePack } from "./pack.mjs";
import { button, failed, flip, PATIENCE, press, quiet, ready, status } from "./page.mjs";
import { serve } from "./server.mjs";

const here = import.meta.dirname;
const fixtures = join(here, "../fixtures/golden/case3");

let browser, server, other, folder, shards;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "easel-shelf-"));
  const from = [join(fixtures, "model"), join(fixtures, "adapters")];
  shards = await writePack(...from, join(folder, "small"), { shards: 3 });
  await cp(join(folder, "small"), join(folder, "spoilt"), { recursive: true });
  const last = join(folder, "spoilt", shards[2]);
  const bytes = await readFile(last);
  bytes[bytes.length - 1] ^= 1;
  await writeFile(last, bytes);
  const packs = { "/small/": join(folder, "small") };
  server = await serve({ "/": join(here, "../../web/dist"), ...packs });
  // A class server has another address.
  other = await serve(packs, {}, { "access-control-allow-origin": "*" });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
  await other?.close();
  await rm(folder, { recursive: true });
});

async function models(options, address = `${server.origin}/?device=cpu&lang=en`) {
  const opened = await open(browser, address, options);
  await ready(opened.page);
  await press(opened.page, "Get a real model");
  await says(opened.page, "Demo model (built in)");
  return opened;
}

const says = (page, text) => page.getByText(text).first().waitFor({ ...PATIENCE, state: "attached" });

/** Waits until another model than the demo answers, or the demo does. */
const answers = (page, demo) =>
  page.waitForSelector(`[data-easel="status"][data-model="ready"][data-demo="${demo}"]`, {
    ...PATIENCE,
    state: "attached",
  });

const choose = (page, name) =>
  page.locator('[data-easel="folder"]').setInputFiles(join(folder, name));

/** What lies in the browser: the names of packs with the names of their files. */
const kept = (page) =>
  page.evaluate(async () => {
    const found = {};
    try {
      const root = await navigator.storage.getDirectory();
      for await (const pack of (await root.getDirectoryHandle("packs")).values()) {
        found[pack.name] = [];
        for await (const name of pack.keys()) found[pack.name].push(name);
      }
    } catch {
      // Nothing was ever kept.
    }
    return found;
  });

describe("the models' screen", () => {
  test("takes a pack in from a folder, checks and deletes it", async () => {
    const opened = await models();
    const { page } = opened;
    const from = server.requests.length;
    await choose(page, "small");
    await answers(page, false);
    assert.equal(Object.keys(await kept(page)).length, 1);
    await press(page, "Check: small");
    await says(page, "Checked: every file is whole");

    // It is here for the next visit, too, and was never asked of a server.
    await page.reload();
    await answers(page, false);
    assert.ok(!server.requests.slice(from).some((line) => line.includes("/small/")));

    await flip(page, shards[1]);
    await press(page, "Get a real model");
    await press(page, "Check: small");
    await says(page, "Damaged files that were found and removed: 1.");

    await press(page, "Delete: small");
    await says(page, "Really delete small from this device?");
    assert.equal(Object.keys(await kept(page)).length, 1, "it asks before");
    await press(page, "Yes, delete it");
    await answers(page, true);
    await button(page, "Delete: small").waitFor({ ...PATIENCE, state: "detached" });
    assert.deepEqual(await kept(page), {});
    quiet(opened);
    await opened.context.close();
  });

  test("keeps nothing of a folder with a damaged file, and names it", async () => {
    const { context, page } = await models();
    await choose(page, "spoilt");
    const text = await failed(page);
    assert.match(text, /a model's files\. In detail: spoilt\/weights-00003\.\w+ is not as the manifest/);
    assert.deepEqual(await kept(page), {});
    assert.equal(await status(page).getAttribute("data-demo"), "true");
    await context.close();
  });

  test("fetches a pack from the address of another host, once the page may reach it", async () => {
    const { context, page } = await models();
    const refused = () =>
      page.evaluate(
        (url) => fetch(url).then(() => "reached", () => "refused"),
        `${other.origin}/small/manifest.json`,
      );
    assert.equal(await refused(), "refused");
    await press(page, "From an address");
    const dialog = page.locator('[data-easel="address"]');
    await dialog.getByRole("textbox").fill(`${other.origin}/small`);
    await dialog.getByRole("button", { name: "Get" }).click();
    // The page is loaded again with a policy that names the host.
    await answers(page, false);
    assert.ok(other.requests.some((line) => line.endsWith(`/small/${shards[0]}`)));
    assert.equal(await refused(), "reached");
    await says(page, `From ${other.origin}/small/`);
    await press(page, "Check: small");
    await says(page, "Checked: every file is whole");
    await context.close();
  });

  test("says on an iPhone what it cannot hold", async () => {
    const userAgent =
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
      "Version/18.5 Mobile/15E148 Safari/604.1";
    const { context, page } = await models({ userAgent });
    await says(page, "On an iPhone or iPad, a page gets too little memory");
    await context.close();
  });
});
