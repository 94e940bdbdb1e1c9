#!/usr/bin/env python3
"""Whether Python's peft and Easel read the same adapters alike.

    python peft_check.py MODEL_DIR ADAPTERS_DIR EASEL PICTURE... [--make SEED]

Loads the base model with transformers (float32, CPU) and every ADAPTERS_DIR/ATTRIBUTE with peft as
it lies there, scores the pictures the way KidsArtBench's code does, lets `EASEL score` do the same,
and shows the largest difference per attribute, beside how far the adapter moves the base model's
scores (a test of adapters that do nothing would show nothing). Exits with 1 where a difference is
above 1e-3, nothing could be compared, or no adapter does anything. With --make, ADAPTERS_DIR is
first filled with random adapters of several shapes that peft itself saves.

By hand, in an environment with: torch torchvision transformers peft pillow safetensors tokenizers
"""
import argparse
import json
import os
import subprocess
import sys
import warnings

import torch
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from PIL import Image
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import Qwen2_5_VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_qwen2_vl import (
    Qwen2VLImageProcessor, smart_resize)

ATTRIBUTES = ["realism", "deformation", "imagination", "color_richness", "color_contrast",
              "line_combination", "line_texture", "picture_organization", "transformation"]
BOUND = 1e-3
SIDE = 224
ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
SHAPES = [  # what --make takes in turn
    dict(r=8, lora_alpha=16, target_modules=ATTENTION),
    # The vision tower has linears of these names too; Easel adapts the language model alone.
    dict(r=4, lora_alpha=8, target_modules=[*ATTENTION, "gate_proj", "up_proj", "down_proj"],
         exclude_modules=".*visual.*"),
    dict(r=8, lora_alpha=8, target_modules=ATTENTION, use_rslora=True),
]


def load_base(folder):
    """The model of a Hugging Face folder, in float32, and its tokenizer."""
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    return model.eval(), Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))


def letterboxed(path):
    """A picture as the published code sees it: sides to multiples of 28 (qwen_vl_utils), then into
    the middle of a grey square, both bicubic. (It ignores EXIF turns, which Easel follows.)"""
    image = Image.open(path).convert("RGB")
    height, width = smart_resize(image.height, image.width, factor=28,
                                 min_pixels=4 * 28 * 28, max_pixels=16384 * 28 * 28)
    image = image.resize((width, height), Image.BICUBIC)
    ratio = min(SIDE / width, SIDE / height)
    inner = int(width * ratio), int(height * ratio)
    square = Image.new("RGB", (SIDE, SIDE), (128, 128, 128))
    corner = (SIDE - inner[0]) // 2, (SIDE - inner[1]) // 2
    square.paste(image.resize(inner, Image.BICUBIC), corner)
    return square


def patches(paths):
    """Each picture's patches [256, 1176] and its grid [1, 3]."""
    processor = Qwen2VLImageProcessor()
    made = [processor(images=letterboxed(path), return_tensors="pt") for path in paths]
    return [(one["pixel_values"], one["image_grid_thw"]) for one in made]


def inputs(tokenizer, attribute, grids):
    """The scoring prompt for each picture: what the model takes beside the patches."""
    places = int(grids[0].prod()) // 4
    text = (f"<image>Assess the student's artwork based on the '{attribute}' criterion and "
            "provide a score (1-5). Only output a score(1-5).")
    chat = ("<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n"
            f"<|vision_start|>{'<|image_pad|>' * places}<|vision_end|>{text}<|im_end|>\n"
            "<|im_start|>assistant\n")
    ids = torch.tensor([tokenizer.encode(chat, add_special_tokens=False).ids] * len(grids))
    pad = tokenizer.token_to_id("<|image_pad|>")
    return dict(input_ids=ids, attention_mask=torch.ones_like(ids), image_grid_thw=torch.cat(grids),
                mm_token_type_ids=(ids == pad).int())


def digit_tokens(tokenizer):
    """The tokens of 1 to 5."""
    return [tokenizer.encode(str(digit), add_special_tokens=False).ids[0] for digit in range(1, 6)]


def make_adapters(model, folder, seed):
    """Fills `folder` with an adapter per attribute, random in both factors, saved by peft."""
    torch.manual_seed(seed)
    for index, attribute in enumerate(ATTRIBUTES):
        config = LoraConfig(lora_dropout=0.05, bias="none", task_type="CAUSAL_LM",
                            **SHAPES[index % len(SHAPES)])
        adapted = get_peft_model(model, config)
        with torch.no_grad():
            for name, value in adapted.named_parameters():
                if "lora_" in name:
                    value.normal_(0, 0.08 if "lora_A" in name else 0.3)
        adapted.save_pretrained(os.path.join(folder, attribute))
        model = adapted.unload()


def scores_of(model, args, digits, pixels):
    """Scores [pictures] and probabilities [pictures, 5]."""
    with torch.no_grad():
        logits = model(**args, pixel_values=pixels, logits_to_keep=1).logits[:, -1]
    probs = torch.softmax(logits[:, digits].double(), -1)
    return probs @ torch.arange(1.0, 6.0, dtype=torch.float64), probs


def adapted_scores(model, folder, args, digits, pixels):
    """As `scores_of`, with the adapter of `folder` as peft reads it."""
    adapted = PeftModel.from_pretrained(model, folder).eval()
    held = get_peft_model_state_dict(adapted)
    file = load_file(os.path.join(folder, "adapter_model.safetensors"))
    equal = (torch.equal(held[name], value.float()) for name, value in file.items())
    if held.keys() != file.keys() or not all(equal):
        sys.exit(f"{folder}: peft holds other tensors than the file")
    found = scores_of(adapted, args, digits, pixels)
    adapted.unload()
    return found


def easel_scores(easel, model, adapters, pictures):
    """Easel's scores per picture, then attribute."""
    command = [easel, "score", *pictures, "--model", model, "--adapters", adapters,
               "--device", "cpu", "--format", "json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{easel} score failed with {done.returncode}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["image"]: line["scores"] for line in lines}


def main():
    parser = argparse.ArgumentParser()
    for name in ("model", "adapters", "easel"):
        parser.add_argument(name)
    parser.add_argument("pictures", nargs="+")
    parser.add_argument("--make", type=int, metavar="SEED")
    a = parser.parse_args()
    # peft only warns about tensors that it misses.
    warnings.filterwarnings("error", message=".*(missing|unexpected).*keys.*")

    model, tokenizer = load_base(a.model)
    if a.make is not None:
        make_adapters(model, a.adapters, a.make)
    theirs = easel_scores(a.easel, a.model, a.adapters, a.pictures)
    pixels, grids = zip(*patches(a.pictures))
    pixels, digits = torch.cat(pixels), digit_tokens(tokenizer)

    compared, worst, moved = 0, 0.0, 0.0
    print(f"{'attribute':<22}{'pictures':>9}{'score':>10}{'probs':>10}{'adapter moves':>15}")
    for attribute in ATTRIBUTES:
        folder = os.path.join(a.adapters, attribute)
        if not os.path.isdir(folder):
            continue
        args = inputs(tokenizer, attribute, list(grids))
        base, _ = scores_of(model, args, digits, pixels)
        scores, probs = adapted_scores(model, folder, args, digits, pixels)
        found = [theirs[picture][attribute] for picture in a.pictures]
        other = torch.tensor([one["score"] for one in found], dtype=torch.float64)
        other_probs = torch.tensor([one["probabilities"] for one in found], dtype=torch.float64)
        score = float((scores - other).abs().max())
        prob = float((probs - other_probs).abs().max())
        compared += len(found)
        # What is no number is the worst of all.
        worst = max(worst, *(float("inf") if value != value else value for value in (score, prob)))
        moves = float((scores - base).abs().max())
        moved = max(moved, moves)
        print(f"{attribute:<22}{len(found):>9}{score:>10.1e}{prob:>10.1e}{moves:>15.3f}")
    print(f"{compared} scores compared; the largest difference is {worst:.1e}, "
          f"at most {BOUND:g} expected")
    sys.exit(0 if compared and moved > BOUND and worst <= BOUND else 1)


if __name__ == "__main__":
    main()
