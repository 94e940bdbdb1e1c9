// Where packs are kept in this browser: the origin's private files, or Cache Storage where those
// cannot be written. Whatever lies here is checked against its sum before it is used, so a write
// that was cut off is a file that is fetched again.

/** The store of one pack, by its address. */
export async function store(address) {
  const name = encodeURIComponent(address);
  try {
    const root = await navigator.storage.getDirectory();
    const packs = await root.getDirectoryHandle("packs", { create: true });
    const folder = await packs.getDirectoryHandle(name, { create: true });
    // Some browsers have the folders and cannot write to them.
    if (!("createSyncAccessHandle" in FileSystemFileHandle.prototype)) throw new Error();
    return new PrivateFiles(folder);
  } catch {
    return new Cached(address, self.caches && (await caches.open("easel-packs").catch(() => {})));
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
