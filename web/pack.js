// A pack on a server: its files are fetched one by one, checked, and kept in this browser. What is
// kept and whole is not fetched again, by this tab or another.

import { fetched, Stopped } from "./fetch.js";
import { isImported, room, store } from "./store.js";

export const MANIFEST = "manifest.json";

/** How often a file is tried again, and how long is waited before, in milliseconds. */
const waits = [500, 1000, 2000, 4000, 8000];

const hex = async (bytes) =>
  [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");

/** Whether bytes are those that a manifest lists. */
export const good = async (content, { bytes, sha256 }) =>
  content.byteLength === bytes && (await hex(content)) === sha256;

/** The files that a manifest lists; none where it is no manifest, and the core says what is wrong. */
export function manifestOf(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)).files ?? {};
  } catch {
    return {};
  }
}

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

  /** A pack that was kept, without asking its server. */
  static async kept(base, name) {
    const kept = await store(base.href);
    const bytes = await (await kept.get(MANIFEST))?.arrayBuffer();
    if (!bytes) throw new Error(`${name} is not kept in this browser`);
    return new Pack(base, name, kept, new Uint8Array(bytes));
  }

  constructor(base, name, kept, manifest) {
    Object.assign(this, { base, name, kept, manifest });
    this.checked = new Map();
    this.table = manifestOf(manifest);
  }

  /** Fetches what is missing; `moved` hears of bytes done and in all. */
  async bring(moved, wanted) {
    await this.#fits();
    const all = Object.entries(this.table);
    const total = all.reduce((sum, [, { bytes }]) => sum + bytes, 0);
    let done = 0;
    for (const [path, { bytes }] of all) {
      const tell = (came) => {
        if (!wanted()) throw new Stopped();
        moved(done + came, total);
      };
      tell(0);
      await this.#once(path, tell);
      done += bytes;
    }
  }

  /** Reads and checks all files, and removes those that are damaged; resolves to their number. */
  async verify(moved, wanted) {
    const all = Object.entries(this.table);
    const total = all.reduce((sum, [, { bytes }]) => sum + bytes, 0);
    let [done, damaged] = [0, 0];
    for (const [path, listed] of all) {
      if (!wanted()) throw new Stopped();
      moved(done, total);
      const file = await this.kept.get(path);
      if (file && !(await good(await file.arrayBuffer(), listed))) {
        await this.kept.remove(path);
        damaged += 1;
      }
      done += listed.bytes;
    }
    return damaged;
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
    const file = await this.#once(path);
    try {
      return new Uint8Array(await file.slice(start, end).arrayBuffer());
    } catch (error) {
      this.checked.delete(path);
      throw error;
    }
  }

  /** The file as it is kept: brought and checked the first time that it is asked for. */
  async #once(path, tell) {
    if (!this.checked.has(path)) this.checked.set(path, this.#ensure(path, tell));
    try {
      return await this.checked.get(path);
    } catch (error) {
      this.checked.delete(path);
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
  async #ensure(path, tell) {
    const listed = this.table[path];
    const { bytes } = listed;
    const bring = async () => {
      tell?.(0);
      const there = await this.kept.get(path);
      if (there?.size === bytes && (await good(await there.arrayBuffer(), listed))) return there;
      if (isImported(this.base)) throw new Error("it is damaged here; take the pack in again");
      const content = await this.#fetch(path, listed, tell);
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

  async #fetch(path, { bytes: size, sha256 }, tell) {
    const url = new URL(path, this.base);
    for (let tries = 0; ; tries += 1) {
      let reason;
      try {
        const cache = tries ? "reload" : "default";
        const content = await fetched(url, { cache }, tell && { tell, size });
        if (!content) throw new Error("the server has no such file");
        if ((await hex(content)) === sha256) return content;
        reason = new Error("what arrived is not what the manifest says");
      } catch (error) {
        if (error instanceof Stopped) throw error;
        reason = error;
      }
      if (tries === waits.length) throw reason;
      await new Promise((resolve) => setTimeout(resolve, waits[tries]));
    }
  }
}

export const full = (needed, free) =>
  `this browser has too little room: ${Math.ceil(needed)} MB more are needed` +
  (free < needed ? `, and ${Math.max(0, Math.floor(free))} MB are free` : "");
