#!/usr/bin/env python3
"""GGUF files to test with, written by gguf-py.

    python make_gguf.py types OUT.gguf
        One small tensor of every type that Easel reads, of random blocks, and beside each (NAME.f32)
        what gguf-py makes of it: tests/fixtures/gguf/types.gguf.

    python make_gguf.py pair MODEL_DIR OUT_DIR [--text q4_0] [--embedding q8_0] [--vision q8_0]
                        [--tokenizer tokenizer.json] [--old]
        A Qwen2.5-VL checkpoint folder as the pair OUT_DIR/text.gguf and OUT_DIR/mmproj.gguf, with
        the names and metadata that llama.cpp's converter writes, and the very values that the pair
        holds as a checkpoint folder again, OUT_DIR/model, in float32: both must give the same
        scores. OUT_DIR/values.json has each tensor's shape and checksum. Types: f32 f16 bf16 q8_0 q4_0 q4_1 q5_0 q5_1 q4_k q5_k q6_k; where a row is no whole
        number of blocks, the fallbacks of llama.cpp: q4_k to q5_0, q5_k to q5_1, q6_k to q8_0, and
        f16 where those do not fit either. --old swaps the vision tower's up and down projections,
        as files of the first months do.

    python make_gguf.py expect OUT_DIR CASE_DIR
        What PyTorch, transformers and peft compute in float32 with OUT_DIR/model, the adapters and
        the drawings of a reference case, as OUT_DIR/expected.json: what the pair must give.

The files beside types.gguf: `pair ../fixtures/golden/case3/model OUT_DIR`, then `expect OUT_DIR
../fixtures/golden/case3`, without OUT_DIR/model.

By hand, in an environment with: gguf numpy safetensors; for `expect` those of peft_check.py
"""
import argparse
import json
import os
import shutil

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from safetensors import safe_open
from safetensors.numpy import save_file

TYPES = {t.name.lower(): t for t in (
    Type.F32, Type.F16, Type.BF16, Type.Q8_0, Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1,
    Type.Q4_K, Type.Q5_K, Type.Q6_K)}
FALLBACK = {Type.Q4_K: Type.Q5_0, Type.Q5_K: Type.Q5_1, Type.Q6_K: Type.Q8_0}
# Where blocks keep halves: (offset in the block, smallest and largest magnitude).
HALVES = {Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2], Type.Q8_0: [0],
          Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208], Type.F16: [0], Type.BF16: []}

LAYER = {"attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
         "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
         "ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj",
         "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}
BLOCK = {"ln1": "norm1", "ln2": "norm2", "attn_out": "attn.proj", "ffn_gate": "mlp.gate_proj",
         "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}


# --- blocks that gguf-py can read and not write ---------------------------------------------------

def six_bit_scales(scales, mins):
    """Eight 6-bit scales and minima per row as 12 bytes."""
    low = np.empty((len(scales), 12), np.uint8)
    low[:, 0:4] = scales[:, :4] | (scales[:, 4:] >> 4) << 6
    low[:, 4:8] = mins[:, :4] | (mins[:, 4:] >> 4) << 6
    low[:, 8:12] = (scales[:, 4:] & 15) | (mins[:, 4:] & 15) << 4
    return low


def quantize_k(values, bits):
    """Q4_K or Q5_K by range, without the search that llama.cpp makes: [blocks, 256] to bytes."""
    most = (1 << bits) - 1
    groups = values.reshape(-1, 8, 32)
    low = np.minimum(groups.min(-1), 0)
    scale = (groups.max(-1).clip(0) - low) / most
    halves = [np.float16(x.max(-1, keepdims=True) / 63) for x in (scale, -low)]
    d, dmin = (np.float32(h) for h in halves)
    six = [np.where(h > 0, np.rint(x / np.where(h > 0, h, 1)), 0).clip(0, 63).astype(np.uint8)
           for x, h in ((scale, d), (-low, dmin))]
    step, offset = d * six[0], dmin * six[1]
    q = np.where(step[..., None] > 0,
                 np.rint((groups + offset[..., None]) / np.where(step > 0, step, 1)[..., None]), 0)
    q = q.clip(0, most).astype(np.uint8)
    pairs = q.reshape(-1, 4, 2, 32) & 15
    parts = [halves[0].view(np.uint8), halves[1].view(np.uint8), six_bit_scales(*six)]
    if bits == 5:
        parts.append(np.bitwise_or.reduce((q >> 4) << np.arange(8, dtype=np.uint8)[:, None], axis=1))
    parts.append((pairs[:, :, 0] | pairs[:, :, 1] << 4).reshape(-1, 128))
    return np.concatenate(parts, axis=-1)


def quantize_q6_k(values):
    """Q6_K by the largest magnitude of each 16: [blocks, 256] to bytes."""
    groups = values.reshape(-1, 16, 16)
    scale = np.abs(groups).max(-1) / 31
    half = np.float16(scale.max(-1, keepdims=True) / 127)
    d = np.float32(half)
    eight = np.where(d > 0, np.rint(scale / np.where(d > 0, d, 1)), 0).astype(np.int8)
    step = d * eight
    q = np.where(step[..., None] != 0, np.rint(groups / np.where(step != 0, step, 1)[..., None]), 0)
    q = (q.clip(-32, 31) + 32).astype(np.uint8).reshape(-1, 2, 4, 32)  # two halves of four rows
    low = (q[:, :, :2] & 15) | (q[:, :, 2:] & 15) << 4
    high = np.bitwise_or.reduce((q >> 4) << np.array([0, 2, 4, 6], np.uint8)[:, None], axis=2)
    return np.concatenate([low.reshape(-1, 128), high.reshape(-1, 64), eight.view(np.uint8),
                           half.view(np.uint8)], axis=-1)


def quantize(values, kind):
    """Values as a file's bytes: [rows, bytes of a row], or plain numbers."""
    if kind == Type.F32:
        return values.astype(np.float32)
    if kind == Type.F16:
        return values.astype(np.float16)
    if kind in (Type.Q4_K, Type.Q5_K, Type.Q6_K):
        blocks = values.astype(np.float32).reshape(-1, 256)
        data = quantize_q6_k(blocks) if kind == Type.Q6_K else \
            quantize_k(blocks, 4 if kind == Type.Q4_K else 5)
        return np.ascontiguousarray(data).reshape(*values.shape[:-1], -1)
    return gguf.quants.quantize(values.astype(np.float32), kind)


def fitting(kind, width):
    """The type that llama.cpp takes where rows are no whole number of blocks."""
    for candidate in (kind, FALLBACK.get(kind), Type.F16):
        if candidate is not None and width % gguf.GGML_QUANT_SIZES[candidate][0] == 0:
            return candidate
    raise AssertionError


# --- types ----------------------------------------------------------------------------------------

def random_blocks(rng, kind, rows, width):
    """Rows of random bytes whose halves are finite, some of them subnormal, zero or negative."""
    per_block, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, (rows * width // per_block, size), dtype=np.uint8)
    for at in HALVES.get(kind, []):
        halves = np.float16(rng.normal(0, 1, len(blocks)) * 10.0 ** rng.integers(-7, 2, len(blocks)))
        halves[:2] = np.float16([0, -0.0])
        blocks[:, at:at + 2] = halves[:, None].view(np.uint8)
    if kind == Type.BF16:  # no NaN and no infinity
        blocks[:, 1] &= 0xBF
    return blocks.reshape(rows, -1)


def write_types(path):
    rng = np.random.default_rng(5)
    writer = gguf.GGUFWriter(path, "types")
    rows, width = 2, 512
    for name, kind in TYPES.items():
        if kind == Type.F32:
            data = rng.normal(0, 1, (rows, width)).astype(np.float32)
            values = data
        else:
            raw = random_blocks(rng, kind, rows, width)
            data = raw.view(np.float16) if kind == Type.F16 else raw
            values = gguf.quants.dequantize(data, kind)
        assert values.shape == (rows, width) and np.isfinite(values).all(), name
        writer.add_tensor(name, data, raw_dtype=kind)
        writer.add_tensor(name + ".f32", np.ascontiguousarray(values, np.float32))
    finish(writer)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


# --- pairs ----------------------------------------------------------------------------------------

def published(name):
    for prefix, plain in (("model.language_model.", "model."), ("model.visual.", "visual."),
                          ("language_model.model.", "model.")):
        if name.startswith(prefix):
            return plain + name[len(prefix):]
    return name


def load(folder):
    tensors = {}
    for file in sorted(os.listdir(folder)):
        if file.endswith(".safetensors"):
            with safe_open(os.path.join(folder, file), "np") as f:
                for name in f.keys():
                    try:
                        tensors[published(name)] = f.get_tensor(name).astype(np.float32)
                    except TypeError:  # bfloat16, which numpy does not have
                        tensors = load_bf16(os.path.join(folder, file), tensors)
                        break
    return tensors


def load_bf16(path, tensors):
    """A file's tensors, those of bfloat16 as the upper halves of float32."""
    with open(path, "rb") as f:
        header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        start = f.tell()
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            begin, end = entry["data_offsets"]
            f.seek(start + begin)
            raw = f.read(end - begin)
            if entry["dtype"] == "BF16":
                values = (np.frombuffer(raw, np.uint16).astype(np.uint32) << 16).view(np.float32)
            else:
                values = np.frombuffer(raw, {"F32": np.float32, "F16": np.float16}[entry["dtype"]])
            tensors[published(name)] = values.reshape(entry["shape"]).astype(np.float32)
    return tensors


class Half:
    """One file of a pair, and the values it holds under their published names."""

    def __init__(self, path, arch, held):
        self.writer, self.held = gguf.GGUFWriter(path, arch), held

    def add(self, name, values, kind, keep):
        """Writes a tensor; `keep` says where its values belong."""
        # One axis and norms are always float32.
        kind = fitting(kind, values.shape[-1]) if values.ndim > 1 else Type.F32
        data = quantize(values, kind)
        self.writer.add_tensor(name, data, raw_dtype=kind)
        keep(np.ascontiguousarray(gguf.quants.dequantize(data, kind).reshape(values.shape)))
        return kind

    def plain(self, name, values, kind, whole):
        self.add(name, values, kind, lambda v: self.held.__setitem__(whole, v))


def write_tokenizer(writer, path, rows):
    with open(path, encoding="utf-8") as f:
        tokenizer = json.load(f)
    added = {t["id"]: t for t in tokenizer["added_tokens"]}
    vocab = {i: t for t, i in tokenizer["model"]["vocab"].items()}
    tokens, types = [], []
    for i in range(rows):
        if i in added:
            token = added[i]["content"]
            special = added[i]["special"] or (token.startswith("<|") and token.endswith("|>"))
            types.append(gguf.TokenType.CONTROL if special else gguf.TokenType.USER_DEFINED)
        else:
            token = vocab.get(i, f"[PAD{i}]")
            types.append(gguf.TokenType.NORMAL if i in vocab else gguf.TokenType.UNUSED)
        tokens.append(token)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    merges = tokenizer["model"]["merges"]
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in merges])
    ids = {t["content"]: i for i, t in added.items()}
    writer.add_eos_token_id(ids["<|im_end|>"])
    writer.add_pad_token_id(ids["<|endoftext|>"])
    writer.add_bos_token_id(ids["<|endoftext|>"])
    writer.add_add_bos_token(False)
    writer.add_chat_template("{{ messages }}")


def write_text(path, config, tensors, held, kinds, tokenizer):
    text = {**config, **config.get("text_config", {})}
    rope = text.get("rope_scaling") or text["rope_parameters"]
    half = Half(path, "qwen2vl", held)
    w = half.writer
    w.add_type(gguf.GGUFType.MODEL)
    w.add_name("Easel test")
    w.add_block_count(text["num_hidden_layers"])
    w.add_context_length(text["max_position_embeddings"])
    w.add_embedding_length(text["hidden_size"])
    w.add_feed_forward_length(text["intermediate_size"])
    w.add_head_count(text["num_attention_heads"])
    w.add_head_count_kv(text["num_key_value_heads"])
    w.add_rope_dimension_sections([*rope["mrope_section"], 0])
    w.add_rope_freq_base(rope.get("rope_theta", text.get("rope_theta")))
    w.add_layer_norm_rms_eps(text["rms_norm_eps"])
    if text.get("head_dim"):
        w.add_key_length(text["head_dim"])
        w.add_value_length(text["head_dim"])
    w.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    w.add_quantization_version(gguf.GGML_QUANT_VERSION)
    embedding = "model.embed_tokens.weight"
    write_tokenizer(w, tokenizer, len(tensors[embedding]))
    if "lm_head.weight" in tensors:
        half.plain("output.weight", tensors["lm_head.weight"], kinds["embedding"], "lm_head.weight")
    tied = "lm_head.weight" not in tensors
    kind = kinds["embedding"] if tied else kinds["text"]
    half.plain("token_embd.weight", tensors[embedding], kind, embedding)
    half.plain("output_norm.weight", tensors["model.norm.weight"], Type.F32, "model.norm.weight")
    for i in range(text["num_hidden_layers"]):
        for short, long in LAYER.items():
            for end in ("weight", "bias"):
                name = f"model.layers.{i}.{long}.{end}"
                if name in tensors:
                    half.plain(f"blk.{i}.{short}.{end}", tensors[name], kinds["text"], name)
    finish(w)


def write_vision(path, config, preprocessor, tensors, held, kind, old):
    vision = config["vision_config"]
    half = Half(path, "clip", held)
    w = half.writer
    w.add_type(gguf.GGUFType.MMPROJ)
    w.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    w.add_clip_has_vision_encoder(True)
    w.add_vision_projection_dim(vision["out_hidden_size"])
    w.add_vision_image_size(vision.get("image_size", 560))
    w.add_vision_patch_size(vision["patch_size"])
    w.add_vision_embedding_length(vision["hidden_size"])
    w.add_vision_feed_forward_length(0 if old else vision["intermediate_size"])
    w.add_vision_block_count(vision["depth"])
    w.add_vision_head_count(vision["num_heads"])
    w.add_vision_image_mean(preprocessor["image_mean"])
    w.add_vision_image_std(preprocessor["image_std"])
    w.add_clip_projector_type("qwen2.5vl_merger")
    w.add_vision_use_silu(True)
    w.add_vision_n_wa_pattern(vision["fullatt_block_indexes"][0] + 1)
    w.add_vision_attention_layernorm_eps(1e-6)
    w.add_quantization_version(gguf.GGML_QUANT_VERSION)

    patch = "visual.patch_embed.proj.weight"
    held[patch] = np.empty_like(tensors[patch])
    for frame, end in enumerate(["weight", "weight.1"]):
        values = np.ascontiguousarray(tensors[patch][:, :, frame])
        kept = lambda v, frame=frame: held[patch].__setitem__((slice(None), slice(None), frame), v)
        half.add(f"v.patch_embd.{end}", values, Type.F16 if kind == Type.F16 else Type.F32, kept)
    swap = {"ffn_up": "ffn_down", "ffn_down": "ffn_up"} if old else {}
    for i in range(vision["depth"]):
        for end in ("weight", "bias"):
            whole = f"visual.blocks.{i}.attn.qkv.{end}"
            held[whole] = np.empty_like(tensors[whole])
            rows = len(tensors[whole]) // 3
            for j, part in enumerate("qkv"):
                at = slice(j * rows, (j + 1) * rows)
                half.add(f"v.blk.{i}.attn_{part}.{end}", tensors[whole][at], kind,
                         lambda v, at=at: held[whole].__setitem__(at, v))
            for short, long in BLOCK.items():
                name = f"visual.blocks.{i}.{long}.{end}"
                if name in tensors:
                    half.plain(f"v.blk.{i}.{swap.get(short, short)}.{end}", tensors[name], kind, name)
    half.plain("v.post_ln.weight", tensors["visual.merger.ln_q.weight"], kind,
               "visual.merger.ln_q.weight")
    for i in (0, 2):
        for end in ("weight", "bias"):
            name = f"visual.merger.mlp.{i}.{end}"
            half.plain(f"mm.{i}.{end}", tensors[name], kind, name)
    finish(w)


def checksum(values):
    """The sum of each value's bits times 1, 3, 5 ..., modulo 2^64."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32).ravel().astype(np.uint64)
    return int((bits * (2 * np.arange(len(bits), dtype=np.uint64) + 1)).sum(dtype=np.uint64))


def write_pair(args):
    def settings(name):
        with open(os.path.join(args.model, name)) as f:
            return json.load(f)
    config, tensors, held = settings("config.json"), load(args.model), {}
    tokenizer = args.tokenizer or os.path.join(args.model, "tokenizer.json")
    folder = os.path.join(args.out, "model")
    os.makedirs(folder, exist_ok=True)
    kinds = {"text": TYPES[args.text], "embedding": TYPES[args.embedding]}
    write_text(os.path.join(args.out, "text.gguf"), config, tensors, held, kinds, tokenizer)
    write_vision(os.path.join(args.out, "mmproj.gguf"), config, settings("preprocessor_config.json"),
                 tensors, held, TYPES[args.vision], args.old)
    missing = set(tensors) - set(held)
    assert not missing, f"not written: {sorted(missing)}"
    save_file({n: np.ascontiguousarray(v) for n, v in held.items()},
              os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
    with open(os.path.join(args.out, "values.json"), "w") as f:
        sums = {n: {"shape": list(v.shape), "sum": str(checksum(v))} for n, v in held.items()}
        json.dump(dict(sorted(sums.items())), f, indent=0)
    for name in ("config.json", "preprocessor_config.json", "generation_config.json"):
        if os.path.exists(os.path.join(args.model, name)):
            shutil.copy(os.path.join(args.model, name), folder)
    shutil.copy(tokenizer, os.path.join(folder, "tokenizer.json"))


# --- scores ---------------------------------------------------------------------------------------

def write_expected(args):
    import torch  # neither is needed, or there, for the rest
    import peft_check as peft
    model, tokenizer = peft.load_base(os.path.join(args.out, "model"))
    names = [f"drawing_{i}.png" for i in range(4)]
    pixels, grids = zip(*peft.patches([os.path.join(args.case, name) for name in names]))
    pixels, digits = torch.cat(pixels), peft.digit_tokens(tokenizer)
    cases = []
    for adapter in [None, *peft.ATTRIBUTES]:
        prompt = peft.inputs(tokenizer, adapter or "realism", list(grids))
        if adapter is None:
            scores, probs = peft.scores_of(model, prompt, digits, pixels)
        else:
            folder = os.path.join(args.case, "adapters", adapter)
            scores, probs = peft.adapted_scores(model, folder, prompt, digits, pixels)
        for i, name in enumerate(names):
            cases.append(dict(image=name, adapter=adapter, score=float(scores[i]),
                              probabilities=probs[i].tolist()))
    with open(os.path.join(args.out, "expected.json"), "w") as f:
        json.dump(dict(digits=digits, cases=cases), f, indent=1)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    types = commands.add_parser("types")
    types.add_argument("out")
    types.set_defaults(run=lambda args: write_types(args.out))
    pair = commands.add_parser("pair")
    pair.add_argument("model")
    pair.add_argument("out")
    for name, default in (("text", "q4_0"), ("embedding", "q8_0"), ("vision", "q8_0")):
        pair.add_argument(f"--{name}", choices=TYPES, default=default)
    pair.add_argument("--tokenizer")
    pair.add_argument("--old", action="store_true")
    pair.set_defaults(run=write_pair)
    expect = commands.add_parser("expect")
    expect.add_argument("out")
    expect.add_argument("case")
    expect.set_defaults(run=write_expected)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
