// Portfolios in this browser: what is known of a drawing and the drawing lie as files in the origin's
// private folders, and a database knows only their names and order. A file that is deleted is gone,
// while a database keeps what was deleted until it tidies up.
//
// A file is written once, under a name of its own that is noted first, before the database knows it:
// what was finished survives a closed tab, and what was not is swept away when portfolios are opened
// next. So are files of which a deletion was cut off.

const NAME = "easel-portfolios";
const LOCK = "easel.portfolios";
/** So many of the newest drawings are found by counting. */
const NEAR = 100;
/** So many numbers are read at once. */
const AT_ONCE = 4096;

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const finished = (change) =>
  new Promise((resolve, reject) => {
    change.oncomplete = () => resolve();
    change.onabort = () => reject(change.error);
  });

/** Opens the portfolios of a version; one of a later version rejects with `{ newer: number }`. */
export async function open(version) {
  const request = indexedDB.open(NAME, version);
  request.onupgradeneeded = ({ oldVersion }) => {
    // A step for each version.
    if (oldVersion < 1) {
      request.result.createObjectStore("pupils", { keyPath: "id" });
      const drawings = request.result.createObjectStore("drawings", { keyPath: "id" });
      drawings.createIndex("order", ["pupil", "at", "id"]);
      // Names of files that no row names yet, or any more.
      request.result.createObjectStore("loose");
    }
    if (oldVersion < 2) {
      request.result.createObjectStore("classes", { keyPath: "id" });
      // What pupils do not see has `whose` instead of `pupil`, so that it is not in their order.
      const drawings = request.transaction.objectStore("drawings");
      drawings.createIndex("whose", "whose");
      drawings.createIndex("class", ["class", "at", "id"]);
    }
  };
  let database;
  try {
    database = await done(request);
  } catch (error) {
    if (error.name !== "VersionError") throw error;
    const found = (await indexedDB.databases()).find(({ name }) => name === NAME);
    throw Object.assign(new Error(error.message), { newer: found?.version ?? version + 1 });
  }
  // Another tab brings a newer version: this one lets go.
  database.onversionchange = () => database.close();
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle("portfolios", { create: true });
  const store = new Portfolios(database, folder);
  await store.alone(() => store.sweep());
  return store;
}

class Portfolios {
  constructor(database, folder) {
    this.database = database;
    this.folder = folder;
    /** Where a pupil's drawings are in their order. */
    this.known = undefined;
    /** Lets go of each drawing that this tab looks at. */
    this.claims = new Map();
  }

  /** Changes are made by one tab at a time: a file that is not known yet must not be swept away. */
  alone(work) {
    return navigator.locks.request(LOCK, work);
  }

  table(name) {
    return this.database.transaction(name).objectStore(name);
  }

  /** One change of several tables, whole or not at all, and on the disk once it returns. */
  async change(names, work) {
    const change = this.database.transaction(names, "readwrite", { durability: "strict" });
    const end = finished(change);
    work(...names.map((name) => change.objectStore(name)));
    await end;
  }

  /** Removes files that no row names. */
  async sweep() {
    await this.remove(await done(this.table("loose").getAllKeys()));
  }

  async remove(names) {
    if (!names.length) return;
    for (const name of names) {
      await this.folder.removeEntry(name).catch((error) => {
        if (error.name !== "NotFoundError") throw error;
      });
    }
    await this.change(["loose"], (loose) => names.forEach((name) => loose.delete(name)));
  }

  /** Writes files, and returns their names; until a row names them, they are loose. */
  async write(...contents) {
    const names = contents.map(() =>
      [...crypto.getRandomValues(new Uint8Array(12))]
        .map((byte) => byte.toString(16).padStart(2, "0"))
        .join(""),
    );
    await this.change(["loose"], (loose) => names.forEach((name) => loose.put(true, name)));
    for (const [at, bytes] of contents.entries()) {
      const file = await this.folder.getFileHandle(names[at], { create: true });
      const handle = await file.createSyncAccessHandle();
      try {
        const written = handle.write(bytes);
        handle.flush();
        if (written !== bytes.length) throw new DOMException("there is no room left", "QuotaExceededError");
      } finally {
        handle.close();
      }
    }
    return names;
  }

  /** The bytes of a file; undefined where another tab has deleted it meanwhile. */
  async read(name) {
    try {
      const file = await (await this.folder.getFileHandle(name)).getFile();
      return new Uint8Array(await file.arrayBuffer());
    } catch (error) {
      if (error.name === "NotFoundError") return undefined;
      throw error;
    }
  }

  /** Puts a row in place of the one of its number, which may have named other files; `also(tables)`
   * is a part of the same change. */
  async put(name, row, also = () => {}) {
    const before = await done(this.table(name).get(row.id));
    const left = (before?.files ?? []).filter((file) => !row.files.includes(file));
    await this.change([...new Set([name, "pupils", "loose"])], (...tables) => {
      const [table, loose] = [tables[0], tables.at(-1)];
      table.put(row);
      row.files.forEach((file) => loose.delete(file));
      left.forEach((file) => loose.put(true, file));
      also(tables.at(-2), before);
    });
    await this.remove(left);
  }

  /** Puts a drawing in place of the one of its number, and counts what pupils see. */
  async putRow(row) {
    const before = await done(this.table("drawings").get(row.id));
    const moved = before?.pupil !== row.pupil;
    const whose = [before?.pupil, row.pupil].map((id) => id && done(this.table("pupils").get(id)));
    const [from, to] = await Promise.all(whose);
    await this.put("drawings", row, (pupils) => {
      if (moved && from) pupils.put(changed(from, -1));
      if (to && (moved || before.at !== row.at)) pupils.put(changed(to, moved ? 1 : 0));
    });
  }

  /** `[name's bytes, number of drawings, newest drawing's bytes or undefined, number of those that the
   * pupil does not see]` of each pupil. */
  async pupils() {
    const rows = await done(this.table("pupils").getAll());
    const told = rows.map(async ({ id, count, files: [name] }) => {
      const [newest] = await this.walk(all(id), 0, 1);
      const unseen = await done(this.table("drawings").index("whose").count(id));
      return [await this.read(name), count, newest && (await this.read(newest.files[0])), unseen];
    });
    return (await Promise.all(told)).filter(([name]) => name);
  }

  putPupil(id, bytes) {
    return this.alone(async () => {
      const { count = 0, changes = 0 } = (await done(this.table("pupils").get(id))) ?? {};
      await this.put("pupils", { id, count, changes, files: await this.write(bytes) });
    });
  }

  /** Whether the pupil was there. */
  removePupil(id) {
    return this.alone(async () => {
      const pupil = await done(this.table("pupils").get(id));
      if (!pupil) return false;
      const table = this.table("drawings");
      const lists = [table.index("order").getAll(all(id)), table.index("whose").getAll(id)];
      const drawings = (await Promise.all(lists.map(done))).flat();
      const files = [pupil, ...drawings].flatMap(({ files }) => files);
      await this.change(["pupils", "drawings", "loose"], (pupils, table, loose) => {
        pupils.delete(id);
        drawings.forEach((drawing) => table.delete(drawing.id));
        files.forEach((file) => loose.put(true, file));
      });
      await this.remove(files);
      return true;
    });
  }

  /** Keeps a drawing; false without its pupil. `order` is where it belongs. */
  putDrawing(id, order, record, thumbnail, picture) {
    return this.alone(async () => {
      if (!(await this.isThere(order))) return false;
      const files = await this.write(record, thumbnail, picture);
      await this.putRow({ id, ...order, files });
      return true;
    });
  }

  /** Changes what is known of a drawing; false where it is not there, or its pupil is not. */
  putRecord(id, order, record) {
    return this.alone(async () => {
      const row = await done(this.table("drawings").get(id));
      if (!row || !(await this.isThere(order))) return false;
      const [, thumbnail, picture] = row.files;
      const [written] = await this.write(record);
      await this.putRow({ id, ...order, files: [written, thumbnail, picture] });
      return true;
    });
  }

  async isThere({ pupil, whose }) {
    return Boolean(await done(this.table("pupils").get(pupil ?? whose)));
  }

  /** Whether this tab has a drawing to itself from now on: the browser lets go of it when the tab is
   * closed or this worker ends. */
  async claim(id) {
    if (this.claims.has(id)) return true;
    return new Promise((resolve, reject) => {
      const held = (lock) => {
        resolve(Boolean(lock));
        return lock && new Promise((leave) => this.claims.set(id, leave));
      };
      navigator.locks.request(`${LOCK}.${id}`, { ifAvailable: true }, held).catch(reject);
    });
  }

  /** Once it returns, others may have the drawing. */
  async leave(id) {
    this.claims.get(id)?.();
    this.claims.delete(id);
  }

  removeDrawing(id) {
    return this.alone(async () => {
      const row = await done(this.table("drawings").get(id));
      if (!row) return false;
      const whose = row.pupil && (await done(this.table("pupils").get(row.pupil)));
      await this.change(["drawings", "pupils", "loose"], (table, pupils, loose) => {
        table.delete(id);
        if (whose) pupils.put(changed(whose, -1));
        row.files.forEach((file) => loose.put(true, file));
      });
      await this.remove(row.files);
      return true;
    });
  }

  /** The bytes of each class. */
  async classes() {
    const rows = await done(this.table("classes").getAll());
    return (await Promise.all(rows.map(({ files: [name] }) => this.read(name)))).filter(Boolean);
  }

  putClass(id, bytes) {
    return this.alone(async () => this.put("classes", { id, files: await this.write(bytes) }));
  }

  /** Removes a class and those of its drawings that pupils do not see; whether it was there. */
  removeClass(id) {
    return this.alone(async () => {
      const row = await done(this.table("classes").get(id));
      if (!row) return false;
      const drawings = (await this.ofClass(id)).filter(({ whose }) => whose);
      const files = [row, ...drawings].flatMap(({ files }) => files);
      await this.change(["classes", "drawings", "loose"], (classes, table, loose) => {
        classes.delete(id);
        drawings.forEach((drawing) => table.delete(drawing.id));
        files.forEach((file) => loose.put(true, file));
      });
      await this.remove(files);
      return true;
    });
  }

  ofClass(id) {
    return done(this.table("drawings").index("class").getAll(all(id)));
  }

  /** The records of a class, the oldest first. */
  async classRecords(id) {
    const rows = await this.ofClass(id);
    const records = await Promise.all(rows.map(({ files: [record] }) => this.read(record)));
    return records.filter(Boolean);
  }

  /** The record of a drawing; undefined where it is not there. */
  async record(id) {
    const row = await done(this.table("drawings").get(id));
    return row && this.read(row.files[0]);
  }

  /** The small copy of a drawing; undefined where it is not there. */
  async thumbnail(id) {
    const row = await done(this.table("drawings").get(id));
    return row && this.read(row.files[1]);
  }

  async count(pupil) {
    return (await done(this.table("pupils").get(pupil)))?.count ?? 0;
  }

  /** At most `count` rows of a pupil, the newest first, after the first `from`. */
  async rows(pupil, from, count) {
    const whose = await done(this.table("pupils").get(pupil));
    if (!whose || from >= whose.count) return [];
    if (from < NEAR) {
      const rows = await this.walk(all(pupil), from, count);
      // Meanwhile, for one who scrolls on.
      if (whose.count > NEAR) this.order(whose).catch(() => {});
      return rows;
    }
    const ids = await this.order(whose);
    const end = Math.max(ids.length - from, 0);
    const wanted = ids.slice(Math.max(end - count, 0), end).reverse();
    const table = this.table("drawings");
    const rows = await Promise.all(wanted.map((id) => done(table.get(id))));
    return rows.filter(Boolean);
  }

  /** The numbers of a pupil's drawings, the oldest first, as long as none comes or goes: a database
   * finds a number at once, and the thousandth one by counting. */
  order({ id, changes = 0 }) {
    const { known } = this;
    if (known?.id === id && known.changes === changes) return known.ids;
    const ids = this.numbers(id);
    this.known = { id, changes, ids };
    ids.catch(() => (this.known = undefined));
    return ids;
  }

  async numbers(pupil) {
    const found = [];
    let { lower, upper } = all(pupil);
    for (;;) {
      const table = this.table("drawings");
      const range = IDBKeyRange.bound(lower, upper, true);
      const some = await done(table.index("order").getAllKeys(range, AT_ONCE));
      for (const id of some) found.push(id);
      if (some.length < AT_ONCE) return found;
      const last = await done(table.get(some.at(-1)));
      lower = [pupil, last.at, last.id];
    }
  }

  /** Rows of a range backwards, after some steps. */
  walk(range, steps, count) {
    const request = this.table("drawings").index("order").openCursor(range, "prev");
    const rows = [];
    return new Promise((resolve, reject) => {
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor || rows.length === count) return resolve(rows);
        if (steps) {
          cursor.advance(steps);
          steps = 0;
          return;
        }
        rows.push(cursor.value);
        cursor.continue();
      };
    });
  }

  /** `[record, thumbnail]` of drawings, in that order; the thumbnail only where it is wanted. */
  async drawings(pupil, from, count, thumbnails) {
    const rows = await this.rows(pupil, from, count);
    const told = rows.map(({ files: [record, thumbnail] }) =>
      Promise.all([this.read(record), thumbnails ? this.read(thumbnail) : undefined]),
    );
    return (await Promise.all(told)).filter(([record]) => record);
  }

  /** The record of the drawing before one. */
  async before(pupil, at, id) {
    const range = IDBKeyRange.bound([pupil, -Infinity, ""], [pupil, at, id], false, true);
    const [row] = await this.walk(range, 0, 1);
    return row && this.read(row.files[0]);
  }

  /** `[record, thumbnail, picture]` of a drawing; undefined where it is not there. */
  async drawing(id) {
    const row = await done(this.table("drawings").get(id));
    const files = row && (await Promise.all(row.files.map((name) => this.read(name))));
    return files?.every(Boolean) ? files : undefined;
  }
}

/** A pupil's row once drawings came or went: what tabs remember of their order is of no more use. */
const changed = (row, by) => ({
  ...row,
  count: row.count + by,
  changes: (row.changes ?? 0) + 1,
});

/** All drawings of a pupil or a class: numbers and strings lie between these. */
const all = (pupil) => IDBKeyRange.bound([pupil, -Infinity, ""], [pupil, Infinity, "\uffff"]);
