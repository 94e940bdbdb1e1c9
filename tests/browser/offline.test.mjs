// After the first load: without a network, under a path of its own, and with a newer version.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { launch, open } from "./chromium.mjs";
import { kept, PATIENCE, press, quiet, reach, ready, rows, sinceLoading, status } from "./page.mjs";
import { serve } from "./server.mjs";

const here = import.meta.dirname;
const dist = join(here, "../../web/dist");
const overrides = {};

let browser, server, home;

before(async () => {
  // A plain static host, where the page is not at the root.
  server = await serve({ "/some/where/": dist }, overrides);
  home = `${server.origin}/some/where/`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

async function scoreSample(page) {
  await press(page, "Sample drawing 1");
  await reach(page, "preview");
  await press(page, "Look at my drawing");
  await reach(page, "writing", "done");
  assert.equal((await rows(page)).length, 9);
}

describe("the page, once it was loaded", () => {
  test("asked for its own files only, and asks for nothing while it scores", async () => {
    const opened = await open(browser, `${home}?device=cpu&view=teacher`);
    const { page, requests } = opened;
    await ready(page);
    await kept(page);
    const all = await readdir(dist, { recursive: true, withFileTypes: true });
    const own = all
      .filter((entry) => entry.isFile())
      .map((entry) => home + join(entry.parentPath, entry.name).slice(dist.length + 1));
    const known = new Set([home, ...own]);
    const path = (url) => url.split("?")[0];
    assert.deepEqual(requests.filter((url) => !known.has(path(url))), []);
    await press(page, "Sample drawing 2");
    await reach(page, "preview");
    await press(page, "Another picture");
    const asked = [requests.length, server.requests.length];
    await scoreSample(page);
    await reach(page, "done");
    assert.deepEqual(requests.slice(asked[0]), []);
    assert.deepEqual(sinceLoading(server, asked[1]), []);
    quiet(opened);
    await opened.context.close();
  });

  test("scores again after a reload without a network", async () => {
    const opened = await open(browser, `${home}?device=cpu&view=teacher`);
    const { context, page } = opened;
    await ready(page);
    await kept(page);
    await context.setOffline(true);
    const asked = server.requests.length;
    await page.reload();
    await ready(page);
    await scoreSample(page);
    assert.equal(server.requests.length, asked);
    quiet(opened);
    await context.close();
  });

  test("fetches the font with more characters where a name wants it, once, and keeps it", async () => {
    const opened = await open(browser, `${home}?device=cpu&view=teacher`);
    const { context, page, requests } = opened;
    await ready(page);
    await kept(page);
    const fetched = () => server.requests.filter((line) => line.endsWith(".otf")).length;
    const named = async (text) => {
      await press(page, "Classes");
      await reach(page, "class");
      const name = page.getByRole("textbox", { name: "Name of the class or lesson" });
      await name.waitFor({ ...PATIENCE, state: "attached" });
      await name.fill(text);
    };
    await named("4b, Şükrü, Жанна, Γιώργος, 小明");
    await page.waitForTimeout(1000);
    assert.equal(fetched(), 0);
    await page.getByRole("textbox", { name: "Name of the class or lesson" }).fill("赵翀 민준");
    const taken = '[data-easel="status"][data-fonts="more"]';
    await page.waitForSelector(taken, { ...PATIENCE, state: "attached" });
    assert.equal(fetched(), 1);
    assert.ok(requests.every((url) => url.startsWith(server.origin)), `${requests}`);
    await context.setOffline(true);
    await page.reload();
    await ready(page);
    const asked = server.requests.length;
    await named("欧阳珺璟");
    await page.waitForSelector(taken, { ...PATIENCE, state: "attached" });
    assert.equal(server.requests.length, asked);
    quiet(opened);
    await context.close();
  });

  test("takes a newer version when it is opened again, and keeps what was chosen", async () => {
    const opened = await open(browser, `${home}?device=cpu`);
    const { page } = opened;
    await ready(page);
    await press(page, "Switch to Chinese");
    await kept(page);
    const shown = () => page.locator('meta[name="description"]').getAttribute("content");
    const old = await shown();
    const [html, worker] = await Promise.all(
      ["index.html", "sw.js"].map((file) => readFile(join(dist, file), "utf8")),
    );
    overrides["/some/where/index.html"] = html.replace(old, "newer");
    overrides["/some/where/"] = overrides["/some/where/index.html"];
    overrides["/some/where/sw.js"] = worker.replace(/const build = "/, "$&newer-");
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      await registration.update();
    });
    await page.waitForFunction(
      async () => (await navigator.serviceWorker.getRegistration()).waiting?.state === "installed",
      undefined,
      PATIENCE,
    );
    // The page that is open stays as it is.
    await page.reload();
    assert.equal(await shown(), old);
    // Browsers let the old version go a while after its last page was closed.
    for (let tries = 0; tries < 20 && (await shown()) !== "newer"; tries += 1) {
      await page.goto("about:blank");
      await page.waitForTimeout(1000);
      await page.goto(`${home}?device=cpu`);
    }
    await ready(page);
    assert.equal(await shown(), "newer");
    assert.equal(await page.locator("html").getAttribute("lang"), "zh-Hans");
    assert.equal(await status(page).getAttribute("data-model"), "ready");
    for (const path of Object.keys(overrides)) delete overrides[path];
    await opened.context.close();
  });
});
