// The files of a model and of its adapters, from a folder of this site or one the user chose.

/** The nine attributes: the names of the adapters' folders. */
const attributes = [
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

const modelFiles = [
  "config.json",
  "generation_config.json",
  "preprocessor_config.json",
  "tokenizer.json",
];
const adapterFiles = ["adapter_config.json", "adapter_model.safetensors"];
const indexFile = "model.safetensors.index.json";

/** A reader of one folder, `{ url }` or `{ files: [[name, File], ...] }`: bytes, or undefined. */
function reader(folder) {
  if (folder.url) return (name) => fetched(new URL(name, `${folder.url.replace(/\/*$/, "")}/`));
  const files = new Map(folder.files);
  return async (name) => {
    const file = files.get(name);
    return file && new Uint8Array(await file.arrayBuffer());
  };
}

async function fetched(url) {
  let response;
  try {
    response = await fetch(url);
  } catch {
    throw new Error(`${url.pathname} could not be fetched`);
  }
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${url.pathname}: the server answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Reads those of `names` that are there into a Map of bytes. */
async function readAll(folder, names, progress) {
  const read = reader(folder);
  const found = new Map();
  for (const name of names) {
    progress(name);
    const bytes = await read(name);
    if (bytes) found.set(name, bytes);
  }
  return found;
}

/** The files a checkpoint folder must or may hold. What is missing, the core says. */
export async function readModel(folder, progress) {
  const found = await readAll(folder, [...modelFiles, indexFile], progress);
  const index = found.get(indexFile);
  const shards = index ? shardNames(index) : ["model.safetensors"];
  for (const [name, bytes] of await readAll(folder, shards, progress)) found.set(name, bytes);
  return found;
}

function shardNames(index) {
  try {
    return [...new Set(Object.values(JSON.parse(new TextDecoder().decode(index)).weight_map))];
  } catch {
    throw new Error(`${indexFile} is no list of shards`);
  }
}

/** The adapters: of a folder of this site those named `ATTRIBUTE/FILE`, else all there are. */
export function readAdapters(folder, progress) {
  const isAdapter = (name) => adapterFiles.includes(name.split("/").pop());
  const names = folder.url
    ? attributes.flatMap((attribute) => adapterFiles.map((file) => `${attribute}/${file}`))
    : folder.files.map(([name]) => name).filter(isAdapter);
  return readAll(folder, names, progress);
}
