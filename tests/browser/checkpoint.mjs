// Checkpoints of random weights, of any size, in the shape of Qwen2.5-VL, and adapters for them.

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { attributes } from "../../web/files.js";

/** 3B's sizes. A shape of one's own names what is different. */
export const THREE_B = {
  hidden: 2048,
  inner: 11_008,
  layers: 36,
  heads: 16,
  keys: 2,
  words: 151_936,
  width: 1280,
  deep: 3420,
  depth: 32,
};

/** Values that are drawn and written at a time. */
const PIECE = 4 << 20;

/** Writes `config.json`, `model.safetensors` in bfloat16 and the tokenizer of the folder `like`. */
export async function writeCheckpoint(folder, shape, like) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.json"), JSON.stringify(config(shape)));
  // Without it a model has no chat template, and is not asked whether it sees a drawing.
  for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
    await copyFile(join(like, name), join(folder, name)).catch((error) => {
      if (name === "tokenizer.json" || error.code !== "ENOENT") throw error;
    });
  }
  await writeTensors(join(folder, "model.safetensors"), tensors(shape), 1);
}

/** Writes an adapter of rank 8 on q, k, v and o for each attribute, as peft saves it. */
export async function writeAdapters(folder, { hidden, layers, heads, keys }) {
  const rank = 8;
  const modules = ["q_proj", "k_proj", "v_proj", "o_proj"];
  const config = { peft_type: "LORA", r: rank, lora_alpha: 16, bias: "none", target_modules: modules };
  const all = [];
  for (let layer = 0; layer < layers; layer += 1) {
    for (const module of modules) {
      const name = `base_model.model.model.layers.${layer}.self_attn.${module}`;
      const outputs = /^[kv]/.test(module) ? (hidden * keys) / heads : hidden;
      // `b` begins at zero where it is trained: what these add is half of what they are added to.
      all.push({ name: `${name}.lora_A.weight`, shape: [rank, hidden], deviation: hidden ** -0.5 });
      all.push({ name: `${name}.lora_B.weight`, shape: [outputs, rank], deviation: 0.09 });
    }
  }
  for (const [at, attribute] of attributes.entries()) {
    const own = join(folder, attribute);
    await mkdir(own, { recursive: true });
    await writeFile(join(own, "adapter_config.json"), JSON.stringify(config));
    await writeTensors(join(own, "adapter_model.safetensors"), all, at + 2);
  }
}

function config({ hidden, inner, layers, heads, keys, words, width, deep, depth }) {
  const half = hidden / heads / 2;
  const rest = Math.floor((half - half / 4) / 2);
  const step = Math.max(2, Math.floor(depth / 4));
  return {
    model_type: "qwen2_5_vl", hidden_act: "silu", tie_word_embeddings: true, hidden_size: hidden,
    intermediate_size: inner, num_hidden_layers: layers, num_attention_heads: heads,
    num_key_value_heads: keys, vocab_size: words, rms_norm_eps: 1e-6, rope_theta: 1e6,
    max_position_embeddings: 128_000,
    rope_scaling: { type: "mrope", mrope_section: [half - 2 * rest, rest, rest] },
    vision_config: {
      depth, hidden_size: width, intermediate_size: deep, num_heads: 16, in_chans: 3,
      out_hidden_size: hidden, patch_size: 14, spatial_merge_size: 2, temporal_patch_size: 2,
      window_size: 112, hidden_act: "silu",
      // The last of each quarter, as 3B has it; in short towers every second one.
      fullatt_block_indexes: Array.from({ length: Math.ceil(depth / step) }, (_, at) =>
        Math.min((at + 1) * step, depth) - 1,
      ),
    },
  };
}

/** All tensors, in their file's order. Norms are one; a linear's weights keep the deviation of what
 * comes in, and its biases are small. */
function tensors({ hidden, inner, layers, heads, keys, words, width, deep, depth }) {
  const all = [];
  const norm = (name, size) => all.push({ name: `${name}.weight`, shape: [size] });
  const linear = (name, [outputs, inputs], bias) => {
    all.push({ name: `${name}.weight`, shape: [outputs, inputs], deviation: inputs ** -0.5 });
    if (bias) all.push({ name: `${name}.bias`, shape: [outputs], deviation: 0.05 });
  };
  // The head, too: logits of a deviation of one.
  linear("model.embed_tokens", [words, hidden], false);
  norm("model.norm", hidden);
  const kept = (hidden * keys) / heads;
  for (let layer = 0; layer < layers; layer += 1) {
    const name = `model.layers.${layer}`;
    norm(`${name}.input_layernorm`, hidden);
    norm(`${name}.post_attention_layernorm`, hidden);
    linear(`${name}.self_attn.q_proj`, [hidden, hidden], true);
    linear(`${name}.self_attn.k_proj`, [kept, hidden], true);
    linear(`${name}.self_attn.v_proj`, [kept, hidden], true);
    linear(`${name}.self_attn.o_proj`, [hidden, hidden], false);
    linear(`${name}.mlp.gate_proj`, [inner, hidden], false);
    linear(`${name}.mlp.up_proj`, [inner, hidden], false);
    linear(`${name}.mlp.down_proj`, [hidden, inner], false);
  }
  for (let block = 0; block < depth; block += 1) {
    const name = `visual.blocks.${block}`;
    norm(`${name}.norm1`, width);
    norm(`${name}.norm2`, width);
    linear(`${name}.attn.qkv`, [3 * width, width], true);
    linear(`${name}.attn.proj`, [width, width], true);
    linear(`${name}.mlp.gate_proj`, [deep, width], true);
    linear(`${name}.mlp.up_proj`, [deep, width], true);
    linear(`${name}.mlp.down_proj`, [width, deep], true);
  }
  norm("visual.merger.ln_q", width);
  linear("visual.merger.mlp.0", [4 * width, 4 * width], true);
  linear("visual.merger.mlp.2", [hidden, 4 * width], true);
  const patch = [3, 2, 14, 14];
  const deviation = patch.reduce((all, side) => all * side) ** -0.5;
  return [...all, { name: "visual.patch_embed.proj.weight", shape: [width, ...patch], deviation }];
}

async function writeTensors(path, tensors, seed) {
  const header = {};
  let end = 0;
  const counts = tensors.map(({ name, shape }) => {
    const count = shape.reduce((all, side) => all * side);
    header[name] = { dtype: "BF16", shape, data_offsets: [end, (end += 2 * count)] };
    return count;
  });
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = createWriteStream(path);
  const put = async (bytes) => file.write(bytes) || once(file, "drain");
  await put(length);
  await put(json);
  const draw = dice(seed);
  for (const [index, { deviation }] of tensors.entries()) {
    for (let at = 0; at < counts[index]; at += PIECE) {
      await put(draw(Math.min(PIECE, counts[index] - at), deviation));
    }
  }
  file.end();
  await once(file, "finish");
}

/** Draws values as bfloat16: uniform about zero, of a deviation; ones where that is undefined. */
function dice(seed) {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return (count, deviation) => {
    const halves = new Uint16Array(count);
    if (deviation === undefined) return Buffer.from(halves.fill(0x3f80).buffer);
    const floats = new Float32Array(count);
    // Of 32 bits with a sign.
    const scale = (deviation * Math.sqrt(3)) / 2 ** 31;
    for (let at = 0; at < count; at += 1) {
      // xorshift (Marsaglia, 2003).
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      floats[at] = state * scale;
    }
    // A bfloat16 is the upper half of a float.
    const words = new Uint32Array(floats.buffer);
    for (let at = 0; at < count; at += 1) halves[at] = words[at] >>> 16;
    return Buffer.from(halves.buffer);
  };
}
