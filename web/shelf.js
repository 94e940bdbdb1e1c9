// The packs that this browser keeps: told, brought, checked, deleted, and copied in from a folder.

import { Stopped } from "./fetch.js";
import { full, good, MANIFEST, manifestOf, Pack } from "./pack.js";
import { kept, place, remove, room, store } from "./store.js";

/** What is kept, and what this browser grants to a model. */
export async function stock({ device, small }) {
  const packs = [];
  for (const address of await kept()) {
    const files = await store(place(address).href);
    const manifest = await files.get(MANIFEST);
    if (!manifest) continue;
    const table = manifestOf(await manifest.arrayBuffer());
    let bytes = 0;
    let whole = true;
    for (const [path, wanted] of Object.entries(table)) {
      const size = (await files.get(path))?.size ?? 0;
      bytes += size;
      whole &&= size === wanted.bytes;
    }
    packs.push({ item: { Pack: address }, bytes, whole, checkable: true });
  }
  return JSON.stringify({ grant: await grant(device, small), hub: false, kept: packs });
}

async function grant(device, small) {
  const adapter = device === "cpu" ? undefined : await navigator.gpu?.requestAdapter();
  // Browsers tell a rounded figure, and not all of them do.
  let memory = navigator.deviceMemory ? navigator.deviceMemory * 2 ** 30 : null;
  // Without a graphics processor all of it lies in WebAssembly's memory.
  if (!adapter) memory = Math.min(memory ?? Infinity, 2 ** 32);
  const binding = adapter?.limits?.maxStorageBufferBindingSize ?? null;
  return { memory, binding, small_page: small };
}

/** Whether it came to its end; false where nobody wanted it any more. */
async function ended(work) {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof Stopped) return false;
    throw error;
  }
}

/** Brings the pack of an address. */
export function bring(address, moved, wanted) {
  const base = place(address);
  return ended(async () => {
    const pack = await Pack.open(base, base.pathname);
    if (!pack) throw new Error(`${base.href} is no pack: there is no ${MANIFEST}`);
    await pack.bring(often(moved), wanted);
  });
}

/** Checks a pack; resolves to how many files were damaged, or undefined. */
export async function verify(address, moved, wanted) {
  const pack = await Pack.kept(place(address), address);
  let damaged;
  await ended(async () => (damaged = await pack.verify(often(moved), wanted)));
  return damaged;
}

/** Deletes a pack. */
export const discard = (address) => remove(place(address).href);

/** Copies the pack of a chosen folder; resolves to its address here, or undefined. */
export async function take(key, files, moved, wanted) {
  if (!files) throw new Error("choose the pack's folder again");
  const there = new Map(files);
  const name = key.slice("chosen:".length);
  const address = `kept:${name}`;
  const { href } = place(address);
  const manifest = await there.get(MANIFEST)?.arrayBuffer();
  const table = manifestOf(manifest ?? new ArrayBuffer(0));
  const all = Object.entries(table);
  if (!all.length) throw new Error(`${name}/${MANIFEST} lists no files; easel pack makes packs`);
  const total = all.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  // What lies here under this name gives way.
  await remove(href);
  const free = await room();
  if (total / 1e6 > free) throw new Error(full(total / 1e6, free));
  const copy = await store(href);
  const tell = often(moved);
  const whole = await ended(async () => {
    let done = 0;
    for (const [path, { bytes, sha256 }] of all) {
      if (!wanted()) throw new Stopped();
      tell(done, total);
      const content = there.get(path) && (await there.get(path).arrayBuffer());
      if (!content || !(await good(content, { bytes, sha256 }))) {
        throw new Error(`${name}/${path} is ${content ? "not as the manifest says" : "missing"}`);
      }
      await copy.put(path, new Uint8Array(content));
      done += bytes;
    }
    // The last one: without it there is no pack.
    await copy.put(MANIFEST, new Uint8Array(manifest));
    moved(total, total);
  }).catch(async (error) => {
    await remove(href);
    if (error.name === "QuotaExceededError") throw new Error(full(total / 1e6, await room()));
    throw error;
  });
  if (!whole) await remove(href);
  return whole ? address : undefined;
}

/** Ten times a second is as often as anybody reads. */
function often(moved) {
  let last = -Infinity;
  return (done, total) => {
    const now = performance.now();
    if (now - last < 100) return;
    last = now;
    moved(done, total);
  };
}
