// A worker: one holds the model, one opens pictures and keeps portfolios, one looks after the packs
// that are kept. Requests come as `{ head, body }`, JSON and bytes; so do the answers. After
// `{ stopped }` the worker is of no more use.

import { open } from "./files.js";
import { moreFont } from "./font.js";
import { start } from "./pool.js";
import { open as portfolios } from "./portfolio.js";
import { glue } from "./program.js";
import * as shelf from "./shelf.js";
import { Chosen, Sink } from "./zip.js";

const chosen = new Map();
const { port1, port2 } = new MessageChannel();
let breaths = [];
port1.onmessage = () => breaths.shift()();

const stopped = (message) => postMessage({ stopped: message });

const host = {
  device: "auto",
  small: false,
  tell: (head, body) => postMessage({ head, body }, [body.buffer]),
  stopped,
  open: (folder) => open(folder, chosen),
  stock: () => shelf.stock(host),
  bring: shelf.bring,
  verify: shelf.verify,
  discard: shelf.discard,
  take: (key, moved, wanted) => shelf.take(key, chosen.get(key), moved, wanted),
  portfolios,
  moreFont,
  createZip: (name) => new Sink(name, (download) => postMessage({ download })),
  openZip(name) {
    const files = chosen.get(name);
    if (!files) throw new Error("choose the file again");
    return new Chosen(files[0][1]);
  },

  /** What was sent meanwhile is taken first: messages keep their order. */
  breath: () =>
    new Promise((resolve) => {
      breaths.push(resolve);
      port2.postMessage(undefined);
    }),

  async hasGpu() {
    const adapter = await navigator.gpu?.requestAdapter();
    if (!adapter) return false;
    return !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter);
  },

  /** How many threads compute from now on. */
  async threads() {
    // One where there is no pool: slower, and no less right.
    return (await host.pool?.().catch(() => {})) ?? 1;
  },

  watch(device) {
    device.lost.then(({ message }) => stopped(`the graphics processor was lost: ${message}`));
  },
};

async function begin({ module, threads, device, small }) {
  Object.assign(host, { device, small });
  const { default: init, Desk, openPool } = await glue(threads);
  const { memory } = await init({ module_or_path: module });
  // Such memory only grows: tests read here what was held at most.
  self.held = () => memory.buffer.byteLength;
  const watch = (port) => postMessage({ watch: port }, [port]);
  if (threads) host.pool = () => start(module, memory, openPool, watch);
  return new Desk(host);
}

let desk;
self.onmessage = ({ data }) => {
  if (data.module) desk = begin(data);
  else if (data.chosen) chosen.set(data.chosen, data.files);
  else desk.then((desk) => desk.receive(data.head, data.body)).catch((e) => stopped(e.message));
};
self.onunhandledrejection = ({ reason }) => stopped(reason?.message ?? String(reason));
