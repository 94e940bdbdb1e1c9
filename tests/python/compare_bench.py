#!/usr/bin/env python3
"""Easel beside llama.cpp and PyTorch at Qwen2.5-VL's real sizes, in turn on one machine.

    python compare_bench.py EASEL LLAMA_BENCH [--shape 3b|7b] [--device cpu|gpu] [--threads N]
                            [--rounds N] [--torch SCRIPT CONFIG] [--work DIR]
                            [--mtmd LLAMA_MTMD_CLI TEXT.gguf MMPROJ.gguf PICTURE]

Writes a language model of random Q4_0 blocks once, then runs `EASEL bench` and llama.cpp's
`llama-bench` alternately, and prints JSON: tokens a second of both for prefill (llama.cpp's of one of
Easel's prompts, and of as many tokens as all nine have, which Easel reads at once) and decoding, the
medians of the rounds' ratios (above 1: Easel is faster), what nine scores take, and Easel's shares of
the measured copy and matmul. --torch runs a script of PyTorch and peft once, as `SCRIPT CONFIG cpu|cuda float32|bfloat16 THREADS`, and takes what
nine scores take from the JSON that it prints: `nine_published_s`, `nine_vision_once_s`.

llama.cpp has no nine adapters in one pass and no vision in its bench: beside nine scores stand nine of
its prefills, which leave the picture out. --mtmd adds what its vision tower takes for a picture, nine
times: a pair with the shape's tower and as few layers of text as one likes is enough, since only the
tower is timed (make_gguf.py pair writes one of a checkpoint).

By hand, in an environment with: numpy gguf, and what the script of PyTorch needs
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter

SHAPES = {  # layers, hidden, intermediate, heads, key and value heads, vocabulary, tied head
    "3b": (36, 2048, 11008, 16, 2, 151936, True),
    "7b": (28, 3584, 18944, 28, 4, 152064, False),
}
HEAD_DIM = 128
DECODED = 32


def write_gguf(path, shape):
    """A language model whose blocks hold random numbers and one small scale."""
    layers, hidden, inner, heads, key_heads, vocabulary, tied = SHAPES[shape]
    numbers = np.random.default_rng(0)
    writer = GGUFWriter(path, "qwen2vl")
    writer.add_block_count(layers)
    writer.add_context_length(4096)
    writer.add_embedding_length(hidden)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(key_heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1e6)
    writer.add_rope_dimension_sections([16, 24, 24, 0])
    writer.add_vocab_size(vocabulary)
    writer.add_tokenizer_model("none")

    def blocks(name, outputs, inputs, kind, size, scale):
        data = numbers.integers(0, 256, (outputs * inputs // 32, size), dtype=np.uint8)
        data[:, :2] = np.frombuffer(np.float16(scale).tobytes(), np.uint8)
        writer.add_tensor(name, data.reshape(outputs, -1), raw_dtype=kind)

    def matrix(name, outputs, inputs):
        blocks(name, outputs, inputs, GGMLQuantizationType.Q4_0, 18, 0.003)

    def vector(name, size, value):
        writer.add_tensor(name, np.full(size, value, np.float32))

    for name in ["token_embd.weight"] if tied else ["token_embd.weight", "output.weight"]:
        blocks(name, vocabulary, hidden, GGMLQuantizationType.Q8_0, 34, 2e-4)
    vector("output_norm.weight", hidden, 1)
    for layer in range(layers):
        of = f"blk.{layer}."
        for name in ["attn_norm", "ffn_norm"]:
            vector(f"{of}{name}.weight", hidden, 1)
        for name, outputs in [("q", heads * HEAD_DIM), ("k", key_heads * HEAD_DIM),
                              ("v", key_heads * HEAD_DIM)]:
            matrix(f"{of}attn_{name}.weight", outputs, hidden)
            vector(f"{of}attn_{name}.bias", outputs, 0)
        matrix(f"{of}attn_output.weight", hidden, heads * HEAD_DIM)
        matrix(f"{of}ffn_gate.weight", inner, hidden)
        matrix(f"{of}ffn_up.weight", inner, hidden)
        matrix(f"{of}ffn_down.weight", hidden, inner)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def output(command):
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if ran.returncode:
        sys.exit(f"{command[0]} ended with {ran.returncode}: {ran.stderr.strip()[-500:]}")
    return ran.stdout


def easel(args):
    return json.loads(output([
        args.easel, "bench", "--shape", args.shape, "--weights", "q4", "--device", args.device,
        "--threads", str(args.threads), "--tokens", str(DECODED), "--repeat", "2"]))


def llama(args, path, tokens):
    """Tokens a second: prefill of one prompt, of as many tokens as nine have, and decoding."""
    layers = "0" if args.device == "cpu" else "99"
    rows = json.loads(output([
        args.llama_bench, "-m", path, "-t", str(args.threads), "-p", f"{tokens},{9 * tokens}",
        "-b", "2048", "-ub", "2048", "-n", str(DECODED), "-ngl", layers, "-r", "2", "-o", "json"]))
    speed = {row["n_gen"] or row["n_prompt"]: row["avg_ts"] for row in rows}
    return speed[tokens], speed[9 * tokens], speed[DECODED]


def vision(args):
    """Seconds for a picture by llama.cpp's vision tower."""
    cli, text, tower, picture = args.mtmd
    layers = "0" if args.device == "cpu" else "99"
    command = [cli, "-m", text, "--mmproj", tower, "--image", picture, "-p", "Assess", "-n", "1",
               "-t", str(args.threads), "-ngl", layers, "--chat-template", "chatml", "-lv", "4"]
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    found = re.findall(r"encoding done in (\d+) ms", ran.stdout)
    if not found:
        sys.exit(f"{cli} told no time for a picture: {ran.stdout.strip()[-500:]}")
    return int(found[-1]) / 1000


def torch(args):
    script, config = args.torch
    device, kind = ("cpu", "float32") if args.device == "cpu" else ("cuda", "bfloat16")
    printed = output([sys.executable, script, config, device, kind, str(args.threads)])
    return json.loads(printed.strip().splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("easel")
    parser.add_argument("llama_bench")
    parser.add_argument("--shape", choices=SHAPES, default="3b")
    parser.add_argument("--device", choices=["cpu", "gpu"], default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--torch", nargs=2, metavar=("SCRIPT", "CONFIG"))
    parser.add_argument("--mtmd", nargs=4, metavar=("CLI", "TEXT", "MMPROJ", "PICTURE"))
    parser.add_argument("--work", default=".")
    args = parser.parse_args()

    path = os.path.join(args.work, f"random-{args.shape}-q4_0.gguf")
    if not os.path.exists(path):
        write_gguf(path + ".part", args.shape)
        os.rename(path + ".part", path)
    rounds = []
    for _ in range(args.rounds):
        ours = easel(args)
        prefill, batch, decode = llama(args, path, ours["prompt_tokens"])
        rounds.append(dict(
            easel_prefill=ours["prefill_tokens_per_second"], llama_prefill=prefill,
            llama_batch=batch,
            easel_decode=ours["decode_tokens_per_second"], llama_decode=decode,
            nine_scores_s=ours["seconds"]["warm_nine_scores"],
            nine_llama_prefills_s=9 * ours["prompt_tokens"] / prefill,
            share_of_copy=ours["decode_share_of_copy"],
            share_of_matmul=ours["prefill_share_of_matmul"]))
        if args.mtmd:
            row = rounds[-1]
            row["llama_vision_s"] = vision(args)
            row["nine_llama_pictures_s"] = row["nine_llama_prefills_s"] + 9 * row["llama_vision_s"]

    def ratio(over, under):
        return round(statistics.median(row[over] / row[under] for row in rounds), 3)

    report = dict(
        device=ours["device"], shape=args.shape, rounds=rounds,
        prefill=ratio("easel_prefill", "llama_prefill"),
        prefill_batch=ratio("easel_prefill", "llama_batch"),
        decode=ratio("easel_decode", "llama_decode"),
        nine=ratio("nine_llama_prefills_s", "nine_scores_s"))
    if args.mtmd:
        report["nine_with_pictures"] = ratio("nine_llama_pictures_s", "nine_scores_s")
    if args.torch:
        found = torch(args)
        nine = statistics.median(row["nine_scores_s"] for row in rounds)
        report["torch"] = found
        report["nine_torch_published"] = round(found["nine_published_s"] / nine, 3)
        report["nine_torch_vision_once"] = round(found["nine_vision_once_s"] / nine, 3)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
