// A pack made of the reference model, as `easel pack` would write it: floats, in several shards.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const sum = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Writes the pack of `model` and `adapters` into `out`; returns the shards' names. */
export async function writePack(model, adapters, out, { shards = 6, padding = 0 } = {}) {
  const files = {};
  const put = async (path, bytes) => {
    await mkdir(dirname(join(out, path)), { recursive: true });
    await writeFile(join(out, path), bytes);
    files[path] = { bytes: bytes.length, sha256: sum(bytes) };
  };
  for (const name of await readdir(model)) {
    if (name.endsWith(".json")) await put(name, await readFile(join(model, name)));
  }
  for (const entry of await readdir(adapters, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    await put(join("adapters", path.slice(adapters.length + 1)), await readFile(path));
  }
  const tensors = {};
  const names = [];
  for (const [at, group] of split(await readTensors(join(model, "model.safetensors")), shards)) {
    const file = `weights-${String(at + 1).padStart(5, "0")}.safetensors`;
    const entries = group.map(([name, { shape, values }]) => {
      tensors[name] = { shape, kind: "f32", parts: [{ rows: [0, shape[0] ?? 1], file }] };
      return [`${name}/0/values`, shape, values];
    });
    // Weights of nothing, to make downloads long.
    if (padding) entries.push(["padding", [padding / 4], Buffer.alloc(padding, at + 1)]);
    await put(file, safetensors(entries));
    names.push(file);
  }
  const about = { format: "easel-pack", version: 1, source: "reference", licence: "Apache-2.0" };
  const manifest = { ...about, weights: "f32", files, tensors };
  await writeFile(join(out, "manifest.json"), JSON.stringify(manifest));
  return names;
}

/** `[name, { shape, values }]` of each tensor, its values as bytes of f32. */
async function readTensors(path) {
  const bytes = await readFile(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const { __metadata__: _, ...header } = JSON.parse(bytes.subarray(8, 8 + length));
  return Object.entries(header).map(([name, { shape, data_offsets: [start, end] }]) => {
    const halves = bytes.subarray(8 + length + start, 8 + length + end);
    const values = Buffer.alloc(2 * halves.length);
    // A bfloat16 is the upper half of a float.
    for (let at = 0; at < halves.length; at += 2) halves.copy(values, 2 * at + 2, at, at + 2);
    return [name, { shape, values }];
  });
}

function* split(list, parts) {
  const size = Math.ceil(list.length / parts);
  for (let at = 0; at * size < list.length; at += 1) {
    yield [at, list.slice(at * size, (at + 1) * size)];
  }
}

function safetensors(entries) {
  let end = 0;
  const header = {};
  for (const [name, shape, values] of entries) {
    header[name] = { dtype: "F32", shape, data_offsets: [end, (end += values.length)] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...entries.map(([, , values]) => values)]);
}
