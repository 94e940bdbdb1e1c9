// A pack on a server: its files are fetched one by one, checked, and kept in this browser. What is
// kept and whole is not fetched again, by this tab or another.

import { fetched } from "./fetch.js";
import { room, store } from "./store.js";

const MANIFEST = "manifest.json";

/** How often a file is tried again, and how long is waited before, in milliseconds. */
const waits = [500, 1000, 2000, 4000, 8000];

const hex = async (bytes) =>
  [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");

export class Pack {
  /** The pack of an address with a `/` at its end; undefined where there is no manifest. */
  static async open(base, name) {
    let bytes;
    let gone;
    try {
      bytes = await fetched(new URL(MANIFEST, base));
      if (!bytes) return undefined;
    } catch (error) {
      gone = error;
    }
    const kept = await store(base.href);
    if (bytes) {
      await kept.put(MANIFEST, bytes).catch(() => {});
    } else {
      // Without a network the one from before holds.
      bytes = new Uint8Array((await (await kept.get(MANIFEST))?.arrayBuffer()) ?? 0);
      if (!bytes.length) throw gone;
    }
    return new Pack(base, name, kept, bytes);
  }

  constructor(base, name, kept, manifest) {
    Object.assign(this, { base, name, kept, manifest });
    this.whole = new Map();
    try {
      this.table = JSON.parse(new TextDecoder().decode(manifest)).files ?? {};
    } catch {
      // The core says what is wrong with it.
      this.table = {};
    }
  }

  async files() {
    await this.#fits();
    return [MANIFEST, ...Object.keys(this.table)];
  }

  async size(path) {
    return path === MANIFEST ? this.manifest.length : this.table[path]?.bytes;
  }

  async read(path, start, end) {
    if (path === MANIFEST) return this.manifest.slice(start, end);
    if (!this.whole.has(path)) this.whole.set(path, this.#ensure(path));
    try {
      const file = await this.whole.get(path);
      return new Uint8Array(await file.slice(start, end).arrayBuffer());
    } catch (error) {
      this.whole.delete(path);
      throw error;
    }
  }

  /** Refuses what this browser cannot keep before anything is fetched. */
  async #fits() {
    let missing = 0;
    for (const [path, { bytes }] of Object.entries(this.table)) {
      if ((await this.kept.get(path))?.size !== bytes) missing += bytes / 1e6;
    }
    const free = await room();
    if (missing > free) throw new Error(full(missing, free));
  }

  /** The file as it is kept, fetched where it is not there or not whole. */
  async #ensure(path) {
    const { bytes, sha256 } = this.table[path];
    const good = async (file) =>
      file?.size === bytes && (await hex(await file.arrayBuffer())) === sha256 ? file : undefined;
    const bring = async () => {
      const there = await good(await this.kept.get(path));
      if (there) return there;
      const content = await this.#fetch(path, sha256);
      try {
        await this.kept.put(path, content);
      } catch (error) {
        if (error.name === "QuotaExceededError") throw new Error(full(bytes / 1e6, await room()));
        throw error;
      }
      return this.kept.get(path);
    };
    // Two tabs fetch each file once.
    const lock = `easel pack ${this.base.href}${path}`;
    return navigator.locks ? navigator.locks.request(lock, bring) : bring();
  }

  async #fetch(path, sha256) {
    const url = new URL(path, this.base);
    for (let tries = 0; ; tries += 1) {
      let reason;
      try {
        const content = await fetched(url, { cache: tries ? "reload" : "default" });
        if (!content) throw new Error("the server has no such file");
        if ((await hex(content)) === sha256) return content;
        reason = new Error("what arrived is not what the manifest says");
      } catch (error) {
        reason = error;
      }
      if (tries === waits.length) throw reason;
      await new Promise((resolve) => setTimeout(resolve, waits[tries]));
    }
  }
}

const full = (needed, free) =>
  `this browser has too little room: ${Math.ceil(needed)} MB more are needed` +
  (free < needed ? `, and ${Math.max(0, Math.floor(free))} MB are free` : "");
