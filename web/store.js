// Where packs are kept in this browser: the origin's private files, or Cache Storage where those
// cannot be written. Whatever lies here is checked against its sum before it is used, so a write
// that was cut off is a file that is fetched again.

/** Packs that were copied from a folder lie under a host that no network has. */
const IMPORTED = "https://kept.invalid/";

/** The address that a pack is kept under, with a `/` at its end: `kept:NAME` was copied here. */
export function place(address) {
  if (address.startsWith("kept:")) {
    return new URL(`${encodeURIComponent(address.slice("kept:".length))}/`, IMPORTED);
  }
  return new URL(`${address.replace(/\/*$/, "")}/`, self.location.href);
}

export const isImported = (base) => base.href.startsWith(IMPORTED);

/** What people know a kept pack by. */
const known = (href) =>
  href.startsWith(IMPORTED)
    ? `kept:${decodeURIComponent(href.slice(IMPORTED.length).replace(/\/$/, ""))}`
    : href;

const packs = async (options) =>
  (await navigator.storage.getDirectory()).getDirectoryHandle("packs", options);

const cache = () => self.caches && caches.open("easel-packs").catch(() => {});

/** The addresses of all packs of which something is kept. */
export async function kept() {
  const found = new Set();
  try {
    for await (const name of (await packs()).keys()) found.add(known(decodeURIComponent(name)));
  } catch {
    // There is no such folder yet, or there are no private files.
  }
  for (const { url } of (await (await cache())?.keys()) ?? []) {
    if (url.endsWith("/manifest.json")) found.add(known(url.slice(0, -"manifest.json".length)));
  }
  return [...found];
}

/** Deletes what is kept of a pack. */
export async function remove(href) {
  try {
    await (await packs()).removeEntry(encodeURIComponent(href), { recursive: true });
  } catch (error) {
    if (error.name !== "NotFoundError" && error.name !== "SecurityError") throw error;
  }
  const cached = await cache();
  for (const request of (await cached?.keys()) ?? []) {
    if (request.url.startsWith(href)) await cached.delete(request);
  }
}

/** The store of one pack, by its address. */
export async function store(address) {
  const name = encodeURIComponent(address);
  try {
    const folder = await (await packs({ create: true })).getDirectoryHandle(name, { create: true });
    // Some browsers have the folders and cannot write to them.
    if (!("createSyncAccessHandle" in FileSystemFileHandle.prototype)) throw new Error();
    return new PrivateFiles(folder);
  } catch {
    return new Cached(address, await cache());
  }
}

class PrivateFiles {
  constructor(folder) {
    this.folder = folder;
  }

  async get(path) {
    try {
      return await (await this.folder.getFileHandle(encodeURIComponent(path))).getFile();
    } catch {
      return undefined;
    }
  }

  async remove(path) {
    await this.folder.removeEntry(encodeURIComponent(path));
  }

  async put(path, bytes) {
    const handle = await this.folder.getFileHandle(encodeURIComponent(path), { create: true });
    const file = await handle.createSyncAccessHandle();
    try {
      file.truncate(0);
      const written = file.write(bytes);
      file.flush();
      if (written !== bytes.length) throw new DOMException("", "QuotaExceededError");
    } catch (error) {
      // Half a file is of no use, and takes room.
      file.truncate(0);
      throw error;
    } finally {
      file.close();
    }
  }
}

/** In Cache Storage, or for this visit only where there is none. */
class Cached {
  constructor(address, cache) {
    this.address = address;
    this.cache = cache;
    this.visit = new Map();
  }

  async get(path) {
    const kept = await this.cache?.match(new URL(path, this.address));
    return kept ? kept.blob() : this.visit.get(path);
  }

  async remove(path) {
    await this.cache?.delete(new URL(path, this.address));
    this.visit.delete(path);
  }

  async put(path, bytes) {
    if (this.cache) await this.cache.put(new URL(path, this.address), new Response(bytes));
    else this.visit.set(path, new Blob([bytes]));
  }
}

/** Megabytes that can still be written; undefined where the browser does not tell. */
export async function room() {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  return quota === undefined ? undefined : (quota - usage) / 1e6;
}
