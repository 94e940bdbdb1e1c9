// The page: it starts the interface on the canvas and workers beside it, and does for the
// interface what only scripts can do. Nothing is computed here.

import { askAddress } from "./address.js";
import { photograph } from "./camera.js";
import { moreFont } from "./font.js";
import { Mirror } from "./mirror.js";
import { compile, glue, threaded } from "./program.js";
import { settings } from "./settings.js";

const find = (selector) => document.querySelector(selector);
const [file, folder, zip, pictures, album] = ["file", "folder", "zip", "pictures", "album"].map(
  (name) => find(`[data-easel="${name}"]`),
);
const chosen = new Map();
const workers = {};
/** Workers may answer before the interface is whole. */
let begun;
const started = new Promise((resolve) => (begun = resolve));
let page;
let module;
/** The font with more characters, once it is on its way. */
let more;
/** Whether it is the build with threads. */
let threads = threaded;

/** iPhones and iPads give a page little memory; newer iPads pass for computers. */
const { userAgent, maxTouchPoints } = navigator;
const small =
  /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);

/** Starts a worker. One that stopped is started again when something is asked of it. */
function employ(name) {
  const { host = "" } = document.documentElement.dataset;
  const script = host ? `./worker.js?host=${encodeURIComponent(host)}` : "./worker.js";
  const worker = new Worker(script, { type: "module", name });
  const stopped = (message) => {
    if (workers[name] !== worker) return;
    worker.terminate();
    delete workers[name];
    started.then((page) => page.stopped(name, message));
  };
  worker.onmessage = ({ data }) => {
    if (data.download) return download(data.download);
    if (data.watch) return (data.watch.onmessage = ({ data }) => stopped(data));
    return data.head ? started.then((page) => page.event(data.head, data.body)) : stopped(data.stopped);
  };
  worker.onerror = (event) => stopped(event.message ?? "the worker could not be started");
  worker.postMessage({ module, threads, device: settings.device, small });
  for (const [key, files] of chosen) worker.postMessage({ chosen: key, files });
  workers[name] = worker;
  return worker;
}

async function take(picture) {
  if (picture.size > page.most) return page.failed("large", "");
  try {
    page.picture(picture.name, new Uint8Array(await picture.arrayBuffer()));
  } catch (error) {
    page.failed("file", error.message);
  }
}

/** Has a pack fetched. The page's policy knows the hosts that it began with, so another one is a
 * reason to load it again. */
function bringPack(address) {
  const { origin } = new URL(address);
  const { host = "" } = document.documentElement.dataset;
  if (origin === location.origin || host.split(" ").includes(origin)) return page.pack(address);
  settings.wish(address);
  location.reload();
}

/** Hands a file to the browser, which puts it where the person keeps such. */
function download(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  // Not before the browser has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Pictures for a class: a worker reads each once its turn comes, from where it lies. */
function gather(files) {
  const found = [...files].filter((file) => isPicture(file) || /\.(tiff?|bmp)$/i.test(file.name));
  if (!found.length) return;
  const names = found.map((file) => file.webkitRelativePath || file.name);
  const places = found.map((file) => {
    const key = `class:${chosen.size}:${file.name}`;
    const files = [[file.name, file]];
    chosen.set(key, files);
    workers.pictures?.postMessage({ chosen: key, files });
    return key;
  });
  page.class(places, names);
}

/** Brings the font with more characters. Without a network the next one that is missing asks again. */
async function bringFont() {
  const [bytes] = await Promise.all([moreFont(), started]);
  if (!bytes || !page.font(bytes)) throw new Error("no font");
  find('[data-easel="status"]').dataset.fonts = "more";
}

const isPicture = (item) => item.type.startsWith("image/");

const host = {
  send(name, head, body) {
    // What a model's files take, and what is kept, is not to be cleared away by the browser.
    if (/"(Folder|Get|Keep|Import|Enter)"/.test(head)) navigator.storage?.persist?.();
    (workers[name] ?? employ(name)).postMessage({ head, body }, [body.buffer]);
  },
  // Later: what is drawn must not wait for the copy, nor break with it.
  mirror: (json) => queueMicrotask(() => mirror.show(JSON.parse(json))),
  missing() {
    more ??= bringFont().catch(() => (more = undefined));
  },
  choosePicture: () => file.click(),
  chooseModel: () => folder.click(),
  async askAddress(...words) {
    const address = await askAddress(find('[data-easel="address"]'), words);
    if (address) bringPack(address);
  },
  choosePictures: (folder) => (folder ? album : pictures).click(),
  gather,
  chooseImport: () => zip.click(),
  get camera() {
    return Boolean(navigator.mediaDevices?.getUserMedia);
  },
  async photograph(...words) {
    try {
      const picture = await photograph(find('[data-easel="camera"]'), words);
      if (picture) await take(picture);
    } catch (error) {
      page.failed("camera", error.message);
    }
  },
  load: () => settings.load(),
  save: (json) => settings.save(json),
  get chinese() {
    return navigator.language.startsWith("zh");
  },
  get focused() {
    return mirror.focused;
  },

  /** For the button; the keys' own event is below. */
  async paste() {
    try {
      for (const item of await navigator.clipboard.read()) {
        const type = item.types.find((type) => type.startsWith("image/"));
        if (type) return await take(await item.getType(type));
      }
      page.failed("clipboard", "");
    } catch {
      page.failed("clipboard", "");
    }
  },
};

const mirror = new Mirror(find("#mirror"), {
  act: (id, press) => page?.act(id, press),
  key: (name, shift, command) => page?.key(name, shift, command),
  fill: (id, text) => page?.fill(id, text),
});

file.addEventListener("change", async () => {
  const [picture] = file.files;
  if (picture) await take(picture);
  // The same file again is a change, too.
  file.value = "";
});

folder.addEventListener("change", () => {
  const files = [...folder.files].map((file) => [
    file.webkitRelativePath.replace(/^[^/]*\//, ""),
    file,
  ]);
  if (!files.length) return;
  const key = `chosen:${folder.files[0].webkitRelativePath.split("/")[0]}`;
  chosen.set(key, files);
  for (const worker of Object.values(workers)) worker.postMessage({ chosen: key, files });
  // A pack is copied here; anything else is used for this visit.
  if (files.some(([path]) => path === "manifest.json")) page.import(key);
  else page.model(key);
  folder.value = "";
});

zip.addEventListener("change", () => {
  const [chosenZip] = zip.files;
  if (!chosenZip) return;
  const key = `zip:${chosenZip.name}`;
  const files = [[chosenZip.name, chosenZip]];
  chosen.set(key, files);
  workers.pictures?.postMessage({ chosen: key, files });
  page.zip(key);
  zip.value = "";
});

for (const input of [pictures, album]) {
  input.addEventListener("change", () => {
    gather(input.files);
    input.value = "";
  });
}

document.addEventListener("paste", (event) => {
  // Text that is pasted into a field is the field's.
  if (event.target.matches?.("input, textarea")) return;
  const picture = [...(event.clipboardData?.files ?? [])].find(isPicture);
  if (picture) {
    event.preventDefault();
    take(picture);
  } else if (mirror.focused || document.activeElement === document.body) {
    page?.failed("clipboard", "");
  }
});

// A file that misses the canvas must not replace the page.
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => event.preventDefault());
}

/** Brings the program; its own module, and what starts it. */
async function load() {
  const [compiled, { default: init, start }] = await Promise.all([compile(threads), glue(threads)]);
  await init({ module_or_path: compiled });
  module = compiled;
  return start;
}

/** A sentence instead of the interface. */
function give(sentence) {
  const text = document.createElement("p");
  text.id = "start";
  text.setAttribute("role", "alert");
  text.textContent = sentence;
  find("#start")?.remove();
  document.body.append(text);
  find('[data-easel="status"]').dataset.state = "failed";
}

// A panic of the interface: nothing of it works any more, and nothing that was chosen is lost.
addEventListener("error", ({ error }) => {
  if (!(error instanceof WebAssembly.RuntimeError)) return;
  give("Easel has stopped. Please load the page again.");
});

try {
  const start = await load().catch((error) => {
    if (!threads) throw error;
    // Such as a browser that grants no memory of this size to be shared.
    threads = false;
    return load();
  });
  const canvas = find("#canvas");
  // The interface smooths its edges itself and is opaque: the browser would paint every pixel four
  // times and blend it once more. What is made here first is what eframe finds.
  canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false, stencil: false });
  page = await start(canvas, host);
  begun(page);
  const wished = settings.wished();
  if (wished) page.pack(wished);
  // The keyboard goes by the copy; what eframe adds for typing text is of no use here.
  canvas.tabIndex = -1;
  for (const input of document.querySelectorAll("body > input")) {
    input.tabIndex = -1;
    input.setAttribute("aria-hidden", "true");
  }
  document.activeElement?.blur();
  find("#start").remove();
  navigator.serviceWorker?.register(threads ? "./sw.js?threads" : "./sw.js").catch(() => {
    // Private windows may have none: the page works as long as there is a network.
  });
} catch (error) {
  const text = error?.message ?? String(error);
  give(
    `Easel cannot start in this browser: ${text}. A current Chrome, Edge, Firefox or Safari can.`,
  );
}
