//! `config.json`.

use serde_json::json;

use super::*;

const CONFIG: &str = "model/config.json";
const NAME: &str = "easel: model/config.json: ";

#[test]
fn a_bad_configuration_is_named() {
    every(SCORE, 1, FILES);
    every(SCORE, 1, VALUES);
}

const FILES: &[Row] = &[
    ("missing", |bench| bench.remove(CONFIG), &[NAME, "there is no such file"]),
    ("empty", |bench| bench.write(CONFIG, ""), &[NAME, "EOF"]),
    ("no JSON", |bench| bench.write(CONFIG, "model: qwen"), &[NAME, "expected value at line 1"]),
    ("cut", |bench| bench.cut(CONFIG, 200), &[NAME, "EOF"]),
    ("not UTF-8", |bench| bench.write(CONFIG, b"{\"a\": \"\xff\"}"), &[NAME, "UTF-8"]),
    ("a list", |bench| bench.write(CONFIG, "[1]"), &[NAME, "at line 1"]),
    ("nested without end", |bench| bench.write(CONFIG, "[".repeat(1 << 20)), &[NAME, "line 1"]),
    (
        "larger than any",
        |bench| bench.write(CONFIG, vec![b' '; 5 << 20]),
        &[NAME, "such a file has at most"],
    ),
    (
        "a folder",
        |bench| {
            bench.remove(CONFIG);
            fs::create_dir(bench.path(CONFIG)).unwrap();
        },
        &[NAME, "it is not a file"],
    ),
];

const VALUES: &[Row] = &[
    (
        "another architecture",
        |bench| bench.set(CONFIG, "/model_type", json!("qwen3_vl")),
        &[NAME, "model_type: expected qwen2_5_vl, found qwen3_vl"],
    ),
    (
        "no architecture",
        |bench| bench.set(CONFIG, "/model_type", json!(null)),
        &[NAME, "model_type is missing"],
    ),
    (
        "quantized weights",
        |bench| bench.set(CONFIG, "/quantization_config", json!({"quant_method": "awq"})),
        &[NAME, "quantized by awq", "take the unquantized checkpoint"],
    ),
    (
        "a layer less than there is",
        |bench| bench.set(CONFIG, "/vision_config/depth", json!(3)),
        &["model.safetensors: tensor visual.blocks.3.", "in the model that config.json describes"],
    ),
    (
        "no vision tower",
        |bench| bench.set(CONFIG, "/vision_config", json!(null)),
        &[NAME, "vision_config is missing"],
    ),
    (
        "a missing size",
        |bench| bench.set(CONFIG, "/text_config/hidden_size", json!(null)),
        &[NAME, "text_config.hidden_size is missing"],
    ),
    (
        "a text for a number",
        |bench| bench.set(CONFIG, "/text_config/hidden_size", json!("64")),
        &[NAME, "invalid type: string \"64\""],
    ),
    (
        "a negative size",
        |bench| bench.set(CONFIG, "/vision_config/depth", json!(-4)),
        &[NAME, "invalid value: integer `-4`"],
    ),
    (
        "a size of zero",
        |bench| bench.set(CONFIG, "/vision_config/patch_size", json!(0)),
        &[NAME, "vision_config.patch_size: expected 1 to 1024, found 0"],
    ),
    (
        "an absurd size",
        |bench| bench.set(CONFIG, "/text_config/intermediate_size", json!(1_u64 << 40)),
        &[NAME, "text_config.intermediate_size: expected 1 to", "found 1099511627776"],
    ),
    (
        "absurdly many layers",
        |bench| bench.set(CONFIG, "/text_config/num_hidden_layers", json!(1_000_000)),
        &[NAME, "num_hidden_layers: expected 1 to 1000, found 1000000"],
    ),
    (
        "more layers than there are weights for",
        |bench| bench.set(CONFIG, "/text_config/num_hidden_layers", json!(1000)),
        &["easel: model: tensor model.layers.4.", "is missing"],
    ),
    (
        "heads that do not divide",
        |bench| bench.set(CONFIG, "/text_config/num_attention_heads", json!(5)),
        &[NAME, "num_attention_heads: expected a divisor of hidden_size 64, found 5"],
    ),
    (
        "key heads that do not divide",
        |bench| bench.set(CONFIG, "/text_config/num_key_value_heads", json!(3)),
        &[NAME, "num_key_value_heads: expected a divisor of num_attention_heads 4, found 3"],
    ),
    (
        "towers that do not meet",
        |bench| bench.set(CONFIG, "/vision_config/out_hidden_size", json!(128)),
        &[NAME, "vision_config.out_hidden_size", "hidden_size 64", "found 128"],
    ),
    (
        "stretched positions",
        |bench| bench.set(CONFIG, "/text_config/rope_parameters/rope_type", json!("yarn")),
        &[NAME, "rope_parameters.rope_type: expected default or mrope, found yarn"],
    ),
    (
        "sections that are no half head",
        |bench| bench.set(CONFIG, "/text_config/rope_parameters/mrope_section", json!([2, 3, 4])),
        &[NAME, "mrope_section: expected", "half the head_dim 16", "found [2, 3, 4]"],
    ),
    (
        "another activation",
        |bench| bench.set(CONFIG, "/text_config/hidden_act", json!("gelu")),
        &[NAME, "text_config.hidden_act: expected silu, found gelu"],
    ),
    (
        "no epsilon",
        |bench| bench.set(CONFIG, "/text_config/rms_norm_eps", json!(0)),
        &[NAME, "rms_norm_eps: expected a number above 0 of usual size, found 0.0"],
    ),
    (
        "an epsilon that overflows",
        |bench| bench.set(CONFIG, "/text_config/rms_norm_eps", json!(1e300)),
        &[NAME, "rms_norm_eps: expected a number above 0 of usual size, found 1e300"],
    ),
    (
        "a giant window",
        |bench| bench.set(CONFIG, "/vision_config/window_size", json!(65_520)),
        &[NAME, "vision_config.window_size: expected 1 to 1024, found 65520"],
    ),
    (
        "a window that cuts tokens",
        |bench| bench.set(CONFIG, "/vision_config/window_size", json!(100)),
        &[NAME, "window_size: expected a multiple of 28", "found 100"],
    ),
    (
        "pictures with a fourth colour",
        |bench| {
            bench.set(CONFIG, "/vision_config/in_channels", json!(4));
            bench.tensors(WEIGHTS, |tensors| {
                let values = vec![0; 64 * 4 * 2 * 14 * 14 * 2];
                let made = (Dtype::BF16, vec![64, 4, 2, 14, 14], values);
                tensors.insert("visual.patch_embed.proj.weight".into(), made);
            });
        },
        &[NAME, "vision_config.in_channels: expected 3, found 4"],
    ),
    (
        "a vocabulary that the weights lack",
        |bench| bench.set(CONFIG, "/text_config/vocab_size", json!(1537)),
        &["easel: model/model.safetensors: ", "expected shape [1537, 64], found [1536, 64]"],
    ),
];
