// The suite that both stores pass (`fixtures/portfolio/suite.json`), as messages to the page's own
// worker. `tests/portfolio/suite.rs` tells how a case is written, and runs it in a file.

import assert from "node:assert/strict";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** In the page: workers that answer as the page's own do, and what they are sent. */
function employ() {
  const employed = {};
  let module;
  let number = 0;
  const compile = () =>
    (module ??= WebAssembly.compileStreaming(fetch("./pkg/easel_web_bg.wasm")));
  self.employ = async () => {
    employed.worker?.terminate();
    employed.worker = new Worker("./worker.js", { type: "module" });
    employed.waiting = new Map();
    employed.worker.onmessage = ({ data }) => {
      if (data.download) employed.download = data.download;
      if (data.stopped) throw new Error(data.stopped);
      if (!data.head) return;
      const { id, tell } = JSON.parse(data.head);
      employed.waiting.get(id)?.(tell);
    };
    employed.worker.postMessage({ module: await compile(), device: "cpu" });
  };
  self.ask = async (ask, picture) => {
    if (!employed.worker) await self.employ();
    const id = (number += 1);
    const body = Uint8Array.from(atob(picture ?? ""), (c) => c.charCodeAt(0));
    const told = new Promise((resolve) => employed.waiting.set(id, resolve));
    employed.worker.postMessage({ head: JSON.stringify({ id, ask: { Portfolio: ask } }), body });
    return told;
  };
  self.chosen = (name, base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    employed.worker.postMessage({ chosen: `zip:${name}`, files: [[name, new File([bytes], name)]] });
  };
  self.downloaded = async () => {
    const bytes = new Uint8Array(await employed.download.arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 4096) {
      text += String.fromCharCode(...bytes.subarray(at, at + 4096));
    }
    return btoa(text);
  };
  self.let = () => employed.worker?.terminate();
}

/** A page that can be asked: not the interface, but what it talks to. */
export async function asking(context, origin) {
  const page = await context.newPage();
  await page.goto(`${origin}/blank.html`);
  await page.evaluate(employ);
  return page;
}

/** A case on its way. */
export class Runner {
  constructor(browser, origin) {
    Object.assign(this, { browser, origin, known: new Map(), zips: new Map() });
  }

  async run(step, number) {
    const filled = this.filled(step, number);
    if (filled.do === "reopen") return this.page?.evaluate(() => self.employ());
    if (filled.do === "fresh") return this.fresh();
    if (filled.do === "newer") return this.newer();
    assert.equal(filled.do, undefined);
    this.check(filled, await this.ask(filled));
  }

  async fresh() {
    await this.context?.close();
    this.context = await this.browser.newContext();
    this.page = await asking(this.context, this.origin);
  }

  /** A database of a version to come, where this one was. */
  async newer() {
    await this.page.evaluate(async () => {
      self.let();
      await new Promise((resolve, reject) => {
        const request = indexedDB.open("easel-portfolios", 99);
        request.onsuccess = () => resolve(request.result.close());
        request.onerror = () => reject(request.error);
      });
      await self.employ();
    });
  }

  filled(value, number) {
    if (typeof value === "string") {
      const text = value.replaceAll("#", number);
      if (text.startsWith("@")) return `zip:${text.slice(1)}`;
      if (text.startsWith("!")) return text.slice(1);
      return this.known.get(text) ?? text;
    }
    if (Array.isArray(value)) return value.map((one) => this.filled(one, number));
    if (value === null || typeof value !== "object") return value;
    const fields = Object.entries(value).map(([name, one]) => [name, this.filled(one, number)]);
    return Object.fromEntries(fields);
  }

  async ask({ ask, picture, export: write, import: read }) {
    if (!this.page) await this.fresh();
    if (write) {
      const told = await this.page.evaluate((name) => self.ask({ Export: name }), `${write}.zip`);
      this.zips.set(write, await this.page.evaluate(() => self.downloaded()));
      return told;
    }
    if (read) {
      const file = this.zips.get(read) ?? (await readFile(join(root, read))).toString("base64");
      return this.page.evaluate(
        async ([name, file]) => {
          // A worker that is asked something is there.
          await self.ask("Pupils");
          self.chosen(name, file);
          return self.ask({ Import: `zip:${name}` });
        },
        [read, file],
      );
    }
    await this.offer(ask);
    const bytes = picture && (await readFile(join(root, picture))).toString("base64");
    return this.page.evaluate(([ask, bytes]) => self.ask(ask, bytes), [ask, bytes]);
  }

  /** Makes a file that is named in a question known to the worker. */
  async offer(ask) {
    const place = ask?.Class?.Enter?.file.place;
    if (!place) return;
    const file = (await readFile(join(root, place.slice("zip:".length)))).toString("base64");
    await this.page.evaluate(
      async ([name, file]) => {
        await self.ask("Pupils");
        self.chosen(name, file);
      },
      [place.slice("zip:".length), file],
    );
  }

  check(step, told) {
    if (step.failed) {
      const { message } = told.Failed ?? {};
      assert.ok(message?.includes(step.failed.message), `${JSON.stringify(told)}`);
      assert.equal(told.Failed.kind, step.failed.kind);
      return;
    }
    const what = this.differs({ Portfolio: step.tell }, told);
    assert.equal(what, undefined, `${what}\nin ${JSON.stringify(told)}\nfor ${JSON.stringify(step)}`);
  }

  /** What differs, or undefined. */
  differs(wanted, told) {
    const what = `expected ${JSON.stringify(wanted)}, found ${JSON.stringify(told)}`;
    if (typeof wanted === "string" && wanted.startsWith("$")) {
      if (told === undefined || told === null) return what;
      if (!this.known.has(wanted)) this.known.set(wanted, told);
      return this.known.get(wanted) === told ? undefined : what;
    }
    if (typeof wanted === "number") return Math.abs(wanted - told) < 1e-9 ? undefined : what;
    if (wanted === null || typeof wanted !== "object") return wanted === told ? undefined : what;
    if (Array.isArray(told) && "length" in wanted && !Array.isArray(wanted)) {
      return wanted.length === told.length ? undefined : what;
    }
    if (told === null || typeof told !== "object") return what;
    if (Array.isArray(wanted) && wanted.length !== told.length) return what;
    for (const [name, value] of Object.entries(wanted)) {
      const inner = this.differs(value, told[name]);
      if (inner) return inner;
    }
    return undefined;
  }
}

export const suite = async () =>
  JSON.parse(await readFile(join(root, "tests/fixtures/portfolio/suite.json"), "utf8"));

/** A folder of a browser's own, for what it keeps. */
export const profile = () => mkdtemp(join(tmpdir(), "easel-profile-"));
