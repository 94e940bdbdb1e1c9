#!/usr/bin/env python3
"""What a RAFT training step costs with PyTorch and peft, to set beside `easel train`.

    python torch_train.py MODEL_DIR DATA_CSV IMAGES ATTRIBUTE
                          [--threads 2] [--steps N] [--batch B] [--accumulation A] [--seed S]

The same work as Easel's step over cached pictures: float32 on the CPU, the base frozen, LoRA of
rank 8 on q, k, v and o of the language model, the scoring prompt, p over the vocabulary at the last
position alone, AdamW, gradients clipped to 1. The vision tower runs once, before the clock starts.
Prints JSON: seconds a step (median and mean after three steps of warm-up), losses, gradient norms,
peak memory. Easel's seconds a step are in its run's metrics.jsonl.

By hand, in an environment with: torch torchvision transformers peft pillow safetensors tokenizers
"""
import argparse
import csv
import json
import os
import random
import resource
import statistics
import time

import torch
from peft import LoraConfig, get_peft_model

from peft_check import ATTENTION, digit_tokens, inputs, load_base, patches

WARM_UP = 3


def rows(sheet, images, attribute):
    """Paths and labels; rows without a label are left out."""
    with open(sheet, newline="") as file:
        held = [(row["name"], row[attribute].strip()) for row in csv.DictReader(file)]
    return [(os.path.join(images, name), float(label)) for name, label in held if label]


def encode(model, paths):
    """Each picture's tokens [64, hidden], and all grids."""
    tokens, grids = [], []
    with torch.no_grad():
        for pixels, grid in patches(paths):
            found = model.model.get_image_features(pixels, grid)
            tokens.append(torch.cat(list(getattr(found, "pooler_output", found))))
            grids.append(grid)
    return tokens, grids


class Prompts:
    """One attribute's prompts as embeddings, with the picture's tokens in their places."""

    def __init__(self, model, tokenizer, attribute, tokens, grids):
        args = inputs(tokenizer, attribute, grids[:1])
        self.ids, self.places = args["input_ids"][0], args["mm_token_type_ids"][0].bool()
        # Every picture is 224 x 224 by now: one prompt and one set of positions serve all.
        positions, _ = model.model.get_rope_index(
            args["input_ids"], args["mm_token_type_ids"], image_grid_thw=args["image_grid_thw"])
        self.embed, self.tokens, self.positions = model.get_input_embeddings(), tokens, positions

    def batch(self, chosen):
        """What the model takes for these pictures."""
        with torch.no_grad():
            x = self.embed(self.ids.repeat(len(chosen), 1))
            x[:, self.places] = torch.stack([self.tokens[index] for index in chosen])
        return dict(inputs_embeds=x, position_ids=self.positions.repeat(1, len(chosen), 1),
                    logits_to_keep=1, use_cache=False)


def verify(model, tokenizer, attribute, paths, prompts):
    """The short way over cached pictures must be the whole model's."""
    pixels, grids = zip(*patches(paths[:2]))
    with torch.no_grad():
        whole = model(**inputs(tokenizer, attribute, list(grids)), pixel_values=torch.cat(pixels),
                      logits_to_keep=1)
        short = model(**prompts.batch(range(len(pixels))))
    difference = float((whole.logits - short.logits).abs().max())
    assert difference < 1e-3, f"logits over cached pictures differ by {difference}"
    return difference


def main():
    parser = argparse.ArgumentParser()
    for name in ("model", "data", "images", "attribute"):
        parser.add_argument(name)
    for name, default in dict(threads=2, steps=20, batch=4, accumulation=1, seed=42).items():
        parser.add_argument(f"--{name}", type=int, default=default)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)

    model, tokenizer = load_base(a.model)
    examples = rows(a.data, a.images, a.attribute)
    paths, labels = zip(*examples)
    prompts = Prompts(model, tokenizer, a.attribute, *encode(model, paths))
    difference = verify(model, tokenizer, a.attribute, paths, prompts)
    lora = LoraConfig(r=8, lora_alpha=16, lora_dropout=0.05, bias="none", task_type="CAUSAL_LM",
                      target_modules=ATTENTION)
    model = get_peft_model(model, lora).train()
    trained = [value for value in model.parameters() if value.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=1e-3, weight_decay=0.0)
    digits, scale = torch.tensor(digit_tokens(tokenizer)), torch.arange(1.0, 6.0)

    shuffle, order = random.Random(a.seed), []
    losses, norms, seconds = [], [], []
    for _ in range(a.steps):
        began, total = time.perf_counter(), 0.0
        for _ in range(a.accumulation):
            if len(order) < a.batch:
                order = list(range(len(paths)))
                shuffle.shuffle(order)
            chosen, order = order[:a.batch], order[a.batch:]
            logits = model(**prompts.batch(chosen)).logits[:, -1]
            scores = torch.softmax(logits, -1)[:, digits] @ scale
            target = torch.tensor([labels[index] for index in chosen])
            loss = (scores - target).square().mean() / a.accumulation
            loss.backward()
            total += loss.item()
        norms.append(float(torch.nn.utils.clip_grad_norm_(trained, 1.0)))
        optimiser.step()
        optimiser.zero_grad()
        losses.append(total)
        seconds.append(time.perf_counter() - began)

    timed = seconds[WARM_UP:] or seconds
    print(json.dumps(dict(
        median_s=round(statistics.median(timed), 5), mean_s=round(statistics.mean(timed), 5),
        steps=len(timed), trained=sum(value.numel() for value in trained),
        tokens=len(prompts.ids), batch=a.batch, accumulation=a.accumulation,
        threads=torch.get_num_threads(), torch=torch.__version__,
        peak_mib=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        cache_difference=difference, losses=[round(loss, 5) for loss in losses],
        grad_norms=[round(norm, 5) for norm in norms])))


if __name__ == "__main__":
    main()
