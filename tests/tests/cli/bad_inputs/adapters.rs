//! Adapters.

use serde_json::json;

use super::*;

const CONFIG: &str = "adapters/realism/adapter_config.json";
const FACTORS: &str = "adapters/realism/adapter_model.safetensors";
const IN_CONFIG: &str = "easel: adapters/realism/adapter_config.json: ";
const IN_FACTORS: &str = "easel: adapters/realism/adapter_model.safetensors: ";

const LAYER: &str = "base_model.model.model.language_model.layers.0.self_attn.";

#[test]
fn adapters_that_cannot_be_found_are_asked_for() {
    every(SCORE, 1, FOLDERS);
}

#[test]
fn a_bad_adapter_s_configuration_is_named() {
    every(SCORE, 1, CONFIGS);
}

#[test]
fn bad_factors_are_named() {
    every(SCORE, 1, TENSORS);
}

const FOLDERS: &[Row] = &[
    (
        "an empty folder",
        |bench| {
            fs::remove_dir_all(bench.path("adapters")).unwrap();
            fs::create_dir(bench.path("adapters")).unwrap();
        },
        &["easel: adapters: no adapters", "'realism' with an adapter_config.json"],
    ),
    (
        "a file",
        |bench| {
            fs::remove_dir_all(bench.path("adapters")).unwrap();
            bench.write("adapters", "");
        },
        &["easel: adapters: --adapters wants a folder, and this is a file"],
    ),
    (
        "a folder that names no attribute",
        |bench| rename(bench, "adapters/realism", "adapters/best"),
        &["easel: adapters/best: an adapter, but none of the nine attributes is in its folder's"],
    ),
    (
        "a folder that names two attributes",
        |bench| rename(bench, "adapters/realism", "adapters/realism-line-texture"),
        &["easel: adapters/realism-line-texture: its name has both realism and line_texture"],
    ),
    (
        "two folders for one attribute",
        |bench| rename(bench, "adapters/imagination", "adapters/realism-v2"),
        &["easel: adapters: both 'realism-v2' and 'realism' hold adapters for realism; keep one"],
    ),
    (
        "a model for an adapter",
        |bench| {
            fs::remove_dir_all(bench.path("adapters")).unwrap();
            rename(bench, "model", "adapters");
            copy(&own().model(), &bench.path("model"));
        },
        &["easel: adapters: no adapters"],
    ),
];

const CONFIGS: &[Row] = &[
    ("no JSON", |bench| bench.write(CONFIG, "r: 8"), &[IN_CONFIG, "expected value at line 1"]),
    ("empty", |bench| bench.write(CONFIG, ""), &[IN_CONFIG, "EOF"]),
    ("no kind", |bench| set(bench, "peft_type", json!(null)), &[IN_CONFIG, "peft_type is missing"]),
    (
        "another kind",
        |bench| set(bench, "peft_type", json!("IA3")),
        &[IN_CONFIG, "peft_type is IA3; only LORA is supported"],
    ),
    ("no rank", |bench| set(bench, "r", json!(null)), &[IN_CONFIG, "r is missing"]),
    ("a rank of zero", |bench| set(bench, "r", json!(0)), &[IN_CONFIG, "r is 0; expected a rank"]),
    (
        "an alpha that overflows",
        |bench| set(bench, "lora_alpha", json!(1e300)),
        &[IN_CONFIG, "lora_alpha is 1e300; expected"],
    ),
    ("DoRA", |bench| set(bench, "use_dora", json!(true)), &[IN_CONFIG, "use_dora is true; DoRA"]),
    (
        "biases",
        |bench| set(bench, "bias", json!("all")),
        &[IN_CONFIG, "bias is all; trained biases"],
    ),
    (
        "whole modules",
        |bench| set(bench, "modules_to_save", json!(["lm_head"])),
        &[IN_CONFIG, "modules_to_save is [\"lm_head\"]; whole modules"],
    ),
    (
        "changed base weights",
        |bench| set(bench, "init_lora_weights", json!("pissa")),
        &[IN_CONFIG, "init_lora_weights is pissa", "converted to plain LoRA"],
    ),
    (
        "the head as a target",
        |bench| set(bench, "target_modules", json!(["q_proj", "lm_head"])),
        &[IN_CONFIG, "target_modules is lm_head; a layer of the language model has no such linear"],
    ),
    (
        "the vision tower as a target",
        |bench| set(bench, "target_modules", json!(["visual.blocks.0.attn.qkv"])),
        &[
            IN_CONFIG,
            "target_modules is visual.blocks.0.attn.qkv; the vision tower takes no adapter",
        ],
    ),
    (
        "patterns that are no names",
        |bench| set(bench, "alpha_pattern", json!({"layers\\.[0-3]\\..*": 32})),
        &[IN_CONFIG, "alpha_pattern is layers", "not regular expressions"],
    ),
    (
        "a text for the rank",
        |bench| set(bench, "r", json!("8")),
        &[IN_CONFIG, "invalid type: string \"8\""],
    ),
    (
        "a rank unlike the factors'",
        |bench| set(bench, "r", json!(16)),
        &[IN_FACTORS, "expected rank 16 as in adapter_config.json, found 8"],
    ),
];

const TENSORS: &[Row] = &[
    ("no file", |bench| bench.remove(FACTORS), &[IN_FACTORS, "there is no such file"]),
    (
        "PyTorch's own format",
        |bench| rename(bench, FACTORS, "adapters/realism/adapter_model.bin"),
        &["easel: adapters/realism/adapter_model.bin: PyTorch files", "safe_serialization=True"],
    ),
    ("empty", |bench| bench.write(FACTORS, ""), &[IN_FACTORS, "expected at least 8 bytes"]),
    ("cut", |bench| bench.cut(FACTORS, 30_000), &[IN_FACTORS, "lie outside of the data's"]),
    (
        "no factors",
        |bench| bench.tensors(FACTORS, Tensors::clear),
        &[IN_FACTORS, "holds no tensors, so it would change nothing"],
    ),
    (
        "a key that is no adapter's",
        |bench| move_key(bench, "q_proj.lora_A.weight", "model.layers.0.q_proj"),
        &[IN_FACTORS, "key model.layers.0.q_proj: expected base_model.model."],
    ),
    (
        "a key that fits no linear",
        |bench| {
            let key = "base_model.model.model.layers.0.self_attn.qkv_proj.lora_A.weight";
            move_key(bench, "q_proj.lora_A.weight", key);
        },
        &[IN_FACTORS, "qkv_proj.lora_A.weight: a layer has no linear self_attn.qkv_proj"],
    ),
    (
        "a key of the vision tower",
        |bench| {
            let key = "base_model.model.visual.blocks.0.attn.qkv.lora_A.weight";
            move_key(bench, "q_proj.lora_A.weight", key);
        },
        &[
            IN_FACTORS,
            "key base_model.model.visual.blocks.0.attn.qkv.lora_A.weight: the vision tower",
        ],
    ),
    (
        "a layer that is not there",
        |bench| {
            let key = "base_model.model.model.layers.28.self_attn.q_proj.lora_A.weight";
            move_key(bench, "q_proj.lora_A.weight", key);
        },
        &[
            IN_FACTORS,
            "layers.28.self_attn.q_proj.lora_A.weight: expected a layer below 4, found 28",
        ],
    ),
    (
        "one factor of two",
        |bench| {
            bench.tensors(FACTORS, |all| drop(all.remove(&format!("{LAYER}q_proj.lora_B.weight"))));
        },
        &[IN_FACTORS, "q_proj.lora_A.weight: its lora_B is missing"],
    ),
    (
        "one factor twice",
        |bench| {
            bench.tensors(FACTORS, |all| {
                let factor = all[&format!("{LAYER}q_proj.lora_A.weight")].clone();
                let key = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";
                all.insert(key.to_owned(), factor);
            });
        },
        &[IN_FACTORS, "are the same factor"],
    ),
    (
        "factors for a wider model",
        |bench| {
            bench.tensors(FACTORS, |all| {
                let wide = (Dtype::F32, vec![8, 2048], vec![0; 8 * 2048 * 4]);
                all.insert(format!("{LAYER}q_proj.lora_A.weight"), wide);
            });
        },
        &[IN_FACTORS, "q_proj.lora_A.weight: expected shape [8, 64], found [8, 2048]"],
    ),
    (
        "a value that is no number",
        |bench| {
            bench.tensors(FACTORS, |all| {
                let factor = all.get_mut(&format!("{LAYER}v_proj.lora_B.weight")).unwrap();
                factor.2[..4].copy_from_slice(&f32::NAN.to_le_bytes());
            });
        },
        &[IN_FACTORS, "v_proj.lora_B.weight: value 0 is NaN, expected a finite number"],
    ),
    (
        "whole numbers",
        |bench| {
            bench.tensors(FACTORS, |all| {
                all.get_mut(&format!("{LAYER}v_proj.lora_B.weight")).unwrap().0 = Dtype::I32;
            });
        },
        &[IN_FACTORS, "v_proj.lora_B.weight: expected F32, F16 or BF16 values, found I32"],
    ),
];

fn set(bench: &Bench, field: &str, value: Value) {
    bench.set(CONFIG, &format!("/{field}"), value);
}

fn rename(bench: &Bench, from: &str, to: &str) {
    fs::rename(bench.path(from), bench.path(to)).unwrap();
}

/// Gives a factor of the first layer another key.
fn move_key(bench: &Bench, from: &str, to: &str) {
    bench.tensors(FACTORS, |all| {
        let factor = all.remove(&format!("{LAYER}{from}")).unwrap();
        all.insert(to.to_owned(), factor);
    });
}
