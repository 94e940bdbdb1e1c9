// The class server: the page and a pack come from `easel serve`, and stay when it is gone.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";

import { launch, open } from "./chromium.mjs";
import { kept, press, quiet, reach, ready, rows, status } from "./page.mjs";

const here = import.meta.dirname;
const target = process.env.CARGO_TARGET_DIR ?? join(here, "../../target");
const easel = process.env.EASEL_PROGRAM ?? join(target, "release/easel");

let browser, folder, pack, server;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "easel-serve-"));
  pack = join(folder, "pack");
  execFileSync(easel, ["pack", "demo", "--out", pack], { stdio: "ignore" });
  server = await start("--model", pack);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.end();
  await rm(folder, { recursive: true });
});

/** Starts a server; its address is what it says first. */
async function start(...args) {
  const page = join(here, "../../web/dist");
  const all = ["serve", "--port", "0", "--page", page, ...args];
  const env = { ...process.env, XDG_CONFIG_HOME: folder };
  const child = spawn(easel, all, { env, stdio: ["ignore", "pipe", "inherit"] });
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const [url] = line.match(/https?:\/\/\S+/) ?? [];
    if (url) {
      child.stdout.resume();
      return { url, end };
    }
  }
  throw new Error("the server said no address");
}

async function scoreSample(page) {
  await press(page, "Sample drawing 1");
  await reach(page, "preview");
  await press(page, "Look at my drawing");
  await reach(page, "writing", "done");
  return rows(page);
}

describe("easel serve", () => {
  test("gives the page and the pack, and both stay when it is gone", async () => {
    const opened = await open(browser, server.url);
    const { context, page, requests } = opened;
    await ready(page);
    // Isolated, and led to the model without anybody having named it.
    assert.equal(await page.evaluate(() => crossOriginIsolated), true);
    assert.equal(new URL(page.url()).searchParams.get("model"), "model/");
    const shards = (await readdir(pack)).filter((name) => name.endsWith(".safetensors"));
    for (const shard of shards) assert.ok(requests.includes(`${server.url}model/${shard}`), shard);
    assert.match(await status(page).textContent(), /model/);
    await kept(page);

    // The teacher's view, by the settings, so that there are numbers to compare.
    await press(page, "Settings");
    await page.getByRole("radio", { name: "For teachers and parents" }).evaluate((n) => n.click());
    await press(page, "Done");
    const online = await scoreSample(page);
    assert.equal(online.length, 9);
    await reach(page, "done");

    await server.end();
    await page.reload();
    await ready(page);
    const offline = await scoreSample(page);
    assert.deepEqual(offline, online);
    // The browser says itself that nobody answers for the manifest: the one from before holds.
    const gone = (text) => text.includes("net::ERR_CONNECTION_REFUSED");
    quiet({ complaints: opened.complaints.filter((text) => !gone(text)) });
    await context.close();
  });

  test("gives a model by parts to who asks for parts", async () => {
    const second = await start("--model", pack);
    const opened = await open(browser, second.url);
    const { page } = opened;
    await ready(page);
    const [shard] = (await readdir(pack)).filter((name) => name.endsWith(".safetensors"));
    const same = await page.evaluate(async (shard) => {
      const url = new URL(`model/${shard}`, location.href);
      const whole = new Uint8Array(await (await fetch(url)).arrayBuffer());
      const step = Math.ceil(whole.length / 5);
      const statuses = [];
      let equal = true;
      for (let start = 0; start < whole.length; start += step) {
        const range = `bytes=${start}-${Math.min(start + step, whole.length) - 1}`;
        const response = await fetch(url, { headers: { range } });
        statuses.push(response.status);
        const part = new Uint8Array(await response.arrayBuffer());
        equal &&= part.every((byte, at) => byte === whole[start + at]);
      }
      return { equal, statuses };
    }, shard);
    assert.deepEqual(same, { equal: true, statuses: [206, 206, 206, 206, 206] });
    await opened.context.close();
    await second.end();
  });

  test("is a secure place by its own certificate", async () => {
    const secure = await start("--model", pack, "--tls");
    assert.match(secure.url, /^https:/);
    // What trusting the certificate does, for this test's browser.
    const opened = await open(browser, secure.url, { ignoreHTTPSErrors: true });
    const { page } = opened;
    await ready(page);
    assert.equal(await page.evaluate(() => isSecureContext && crossOriginIsolated), true);
    await page.goto(`${secure.url.replace("https", "http")}trust`);
    assert.match(await page.locator("h1").first().textContent(), /Trust/);
    assert.match(await page.locator("code").first().textContent(), /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    await opened.context.close();
    await secure.end();
  });
});
