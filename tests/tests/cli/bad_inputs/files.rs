//! The model's other files: tokenizer, preprocessor and generation settings.

use serde_json::json;

use super::*;

const TOKENIZER: &str = "model/tokenizer.json";
const PREPROCESSOR: &str = "model/preprocessor_config.json";
const GENERATION: &str = "model/generation_config.json";

#[test]
fn a_bad_tokenizer_is_named() {
    every(SCORE, 1, TOKENIZERS);
}

#[test]
fn a_tokenizer_that_was_asked_for_is_named() {
    let line = format!("{SCORE} --tokenizer other.json");
    let rows: &[Row] = &[
        ("missing", |_| {}, &["easel: other.json: cannot be read: No such file"]),
        (
            "a folder",
            |bench| fs::create_dir(bench.path("other.json")).unwrap(),
            &["easel: other.json: expected a tokenizer file, and this is none"],
        ),
        (
            "larger than any",
            |bench| {
                // Its length only: nothing is written.
                let file = fs::File::create(bench.path("other.json")).unwrap();
                file.set_len(1 << 40).unwrap();
            },
            &["easel: other.json: 1048576 MiB; a tokenizer has at most 64 MiB"],
        ),
        (
            "no JSON",
            |bench| bench.write("other.json", "{"),
            &["easel: other.json: not a tokenizer"],
        ),
    ];
    every(&line, 1, rows);
}

#[test]
fn bad_settings_are_named() {
    every(SCORE, 1, SETTINGS);
}

const TOKENIZERS: &[Row] = &[
    (
        "missing",
        |bench| bench.remove(TOKENIZER),
        &["easel: model/tokenizer.json: there is no such file"],
    ),
    (
        "no JSON",
        |bench| bench.write(TOKENIZER, "vocab"),
        &["easel: model/tokenizer.json: not a tokenizer that this program can read"],
    ),
    (
        "cut",
        |bench| bench.cut(TOKENIZER, 10_000),
        &["easel: model/tokenizer.json: not a tokenizer that this program can read"],
    ),
    (
        "another model's",
        |bench| {
            bench.edit(TOKENIZER, |json| {
                let tokens = json["added_tokens"].as_array_mut().unwrap();
                tokens.retain(|token| token["content"] != "<|image_pad|>");
            });
        },
        &["easel: model/tokenizer.json: the token <|image_pad|> is missing", "Qwen2.5-VL"],
    ),
    (
        "one without digits",
        |bench| {
            bench.edit(TOKENIZER, |json| {
                json["model"]["vocab"].as_object_mut().unwrap().remove("3");
            });
        },
        &["easel: model/tokenizer.json: the digit 3 must be one token"],
    ),
    (
        "one of a larger model",
        |bench| bench.set("model/config.json", "/text_config/vocab_size", json!(1512)),
        &[
            "easel: model/tokenizer.json: the token id 1512 is beyond the model's vocabulary of 1512",
            "do not belong together",
        ],
    ),
];

const SETTINGS: &[Row] = &[
    (
        "a preprocessor that is no JSON",
        |bench| bench.write(PREPROCESSOR, "patch_size = 14"),
        &["easel: model/preprocessor_config.json: the preprocessor settings cannot be read"],
    ),
    (
        "a preprocessor that is no UTF-8",
        |bench| bench.write(PREPROCESSOR, b"\xff\xfe{\0}\0"),
        &["easel: model/preprocessor_config.json: expected JSON in UTF-8"],
    ),
    (
        "patches unlike the model's",
        |bench| bench.set(PREPROCESSOR, "/patch_size", json!(16)),
        &["easel: model/preprocessor_config.json: patch_size is 16, but config.json says 14"],
    ),
    (
        "frames unlike the model's",
        |bench| bench.set(PREPROCESSOR, "/temporal_patch_size", json!(1)),
        &["easel: model/preprocessor_config.json: temporal_patch_size is 1, but"],
    ),
    (
        "no deviation",
        |bench| bench.set(PREPROCESSOR, "/image_std", json!([0.27, 0, 0.27])),
        &["easel: model/preprocessor_config.json: ", "image_std: expected", "above 0, found 0"],
    ),
    (
        "two colours",
        |bench| bench.set(PREPROCESSOR, "/image_mean", json!([0.5, 0.5])),
        &["easel: model/preprocessor_config.json: ", "image_mean: expected 3 numbers", "found 2"],
    ),
    (
        "an absurd patch",
        |bench| bench.set(PREPROCESSOR, "/patch_size", json!(1_u64 << 40)),
        &["easel: model/preprocessor_config.json: ", "patch_size: expected a whole number from 1"],
    ),
    (
        "a scale of nothing",
        |bench| bench.set(PREPROCESSOR, "/rescale_factor", json!(1e-300)),
        &["easel: model/preprocessor_config.json: ", "rescale_factor: expected"],
    ),
    (
        "generation settings that are no JSON",
        |bench| bench.write(GENERATION, "top_p"),
        &["easel: model/generation_config.json: expected"],
    ),
    (
        "a probability of 2",
        |bench| bench.set(GENERATION, "/top_p", json!(2)),
        &["easel: model/generation_config.json: top_p must be above 0 and at most 1, and is 2"],
    ),
    (
        "a negative temperature",
        |bench| bench.set(GENERATION, "/temperature", json!(-1)),
        &["easel: model/generation_config.json: temperature must be a number from 0, and is -1"],
    ),
    (
        "a text for a number of generation",
        |bench| bench.set(GENERATION, "/top_k", json!("all")),
        &["easel: model/generation_config.json: invalid type: string \"all\""],
    ),
];
