// The folder of a model: of an address, or one that a person chose. Both answer `files()`,
// `size(path)`, `read(path, start, end)`, `whole()` and `leave()`.

import { fetched } from "./fetch.js";
import { Pack } from "./pack.js";
import { isImported, place } from "./store.js";

/** The nine attributes: the names of the adapters' folders. */
export const attributes = [
  "realism",
  "deformation",
  "imagination",
  "color_richness",
  "color_contrast",
  "line_combination",
  "line_texture",
  "picture_organization",
  "transformation",
];

/** What an address is asked for, since it cannot be listed. */
const names = [
  "config.json",
  "generation_config.json",
  "preprocessor_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "model.safetensors.index.json",
  ...attributes.flatMap((name) =>
    ["adapter_config.json", "adapter_model.safetensors"].map((file) => `adapters/${name}/${file}`),
  ),
];

const last = (path) => path.replace(/\/+$/, "").split("/").pop();

/** `folder` is an address, or the key of one of the lists `[[path, File], ...]` in `chosen`. */
export function open(folder, chosen) {
  const files = chosen.get(folder);
  if (files) return new Chosen(folder, files);
  if (folder.startsWith("chosen:")) throw new Error("choose the model's folder again");
  return new Served(folder);
}

class Chosen {
  constructor(key, files) {
    this.name = key.slice("chosen:".length);
    this.found = new Map(files);
  }

  async files() {
    return [...this.found.keys()];
  }

  async size(path) {
    return this.found.get(path)?.size;
  }

  async whole() {}

  leave() {}

  async read(path, start, end) {
    return new Uint8Array(await this.found.get(path).slice(start, end).arrayBuffer());
  }
}

/** Of an address: a pack where there is a manifest, else the files of a checkpoint. */
class Served {
  constructor(address) {
    this.base = place(address);
    this.name = decodeURIComponent(last(this.base.pathname)) || this.base.host;
  }

  /** The pack or the checkpoint. */
  get folder() {
    this.opened ??= isImported(this.base)
      ? Pack.kept(this.base, this.name)
      : Pack.open(this.base, this.name).then((pack) => pack ?? new Plain(this.base));
    return this.opened;
  }

  async files() {
    return (await this.folder).files();
  }

  async size(path) {
    return (await this.folder).size(path);
  }

  async read(path, start, end) {
    return (await this.folder).read(path, start, end);
  }

  /** Keeps all of it, also what loading a model does not ask for: rows of rare words, say. */
  async whole() {
    const folder = await this.folder;
    // A checkpoint's files came when it was listed.
    await folder.bring?.(() => {}, () => !this.left);
  }

  /** Nobody wants it any more. */
  leave() {
    this.left = true;
  }
}

class Plain {
  constructor(base) {
    this.base = base;
    this.fetched = new Map();
  }

  /** A whole file, once; undefined where there is none. */
  bytes(path) {
    if (!this.fetched.has(path)) this.fetched.set(path, fetched(new URL(path, this.base)));
    return this.fetched.get(path);
  }

  async files() {
    const there = async (path) => ((await this.bytes(path)) ? [path] : []);
    const found = (await Promise.all(names.map(there))).flat();
    const index = await this.bytes("model.safetensors.index.json");
    const shards = index ? shardNames(index) : ["model.safetensors"];
    return [...found, ...(await Promise.all(shards.map(there))).flat()];
  }

  async size(path) {
    return (await this.bytes(path))?.length;
  }

  async read(path, start, end) {
    return (await this.bytes(path)).slice(start, end);
  }
}

function shardNames(index) {
  try {
    return [...new Set(Object.values(JSON.parse(new TextDecoder().decode(index)).weight_map))];
  } catch {
    throw new Error("model.safetensors.index.json is no list of shards");
  }
}
