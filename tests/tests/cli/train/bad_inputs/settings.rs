//! Settings and arguments.

use super::*;

#[test]
fn a_bad_setting_is_named_with_its_line() {
    let made = Bench::new();
    let rows: [(&str, &[&str]); 21] = [
        (
            "learning_rat = 1",
            &["there is no setting 'learning_rat'; did you mean 'learning_rate'?"],
        ),
        ("Batch-Size = 2", &["there is no setting 'Batch-Size'"]),
        ("[raft]", &["there is no setting 'raft'"]),
        ("batch_size = \"4\"", &["batch_size is '4'; expected a whole number"]),
        ("batch_size = 0", &["batch_size is 0; expected a whole number from 1 to 4096"]),
        ("accumulation = -1", &["accumulation is -1; expected a whole number"]),
        ("learning_rate = -1", &["learning_rate is -1; expected a number above 0, at most 1"]),
        ("beta1 = nan", &["beta1 is NaN; expected a number from 0 to below 1"]),
        ("rank = 1.5", &["rank is 1.5; expected a whole number"]),
        ("rank = 9000000000000000000", &["rank is 9000000000000000000; expected"]),
        ("side = 225", &["side is 225; expected a multiple of 28 from 28 to 2016"]),
        ("recompute = 1", &["recompute is 1; expected true or false"]),
        ("train_fraction = 1.5", &["train_fraction is 1.5; expected a number above 0, below 1"]),
        ("objective = \"raf\"", &["objective is 'raf'; expected one of raft, cross_entropy, mse"]),
        ("metric = \"r2\"", &["metric is 'r2'; expected one of pearson, spearman, mse, loss"]),
        ("probabilities = \"all\"", &["probabilities is 'all'; expected one of vocab, digits"]),
        ("target_modules = [\"q\"]", &["target_modules is 'q'; expected one of q_proj, k_proj"]),
        ("augment = \"flip\"", &["augment is 'flip'; expected a list"]),
        (
            "augment = [\"spin\"]",
            &["augment is 'spin'; expected one of rotate, blur, flip, jitter"],
        ),
        ("metric =", &["not the TOML that was expected"]),
        ("seed = 1\nseed = 2", &["not the TOML that was expected: duplicate key"]),
    ];
    for (text, says) in rows {
        let bench = made.copied();
        bench.write("config.toml", text);
        let before = bench.listing();
        let ran = bench.ran(TRAIN);
        let line = text.lines().count();
        let begins = format!("easel: config.toml: line {line}: ");
        let says = [&[&*begins], says].concat();
        assert_eq!(answered(&ran, 1, &says), Ok(()), "{text}: {}", ran.err);
        assert!(bench.listing() == before, "{text}: a file was left");
    }
}

#[test]
fn a_bad_file_of_settings_or_model_is_named() {
    every(&Bench::new(), TRAIN, 1, FILES);
}

#[test]
fn a_bad_argument_is_named() {
    every(&Bench::new(), TRAIN, 2, ARGUMENTS);
}

const FILES: &[Row] = &[
    ("missing", |_| {}, "--config none.toml", &["easel: none.toml: cannot be read: No such file"]),
    ("a folder", |_| {}, "--config data", &["easel: data: expected a settings file"]),
    (
        "no UTF-8",
        |bench| bench.write("config.toml", b"\xff\xfe"),
        "",
        &["easel: config.toml: expected TOML in UTF-8, and found other bytes"],
    ),
    (
        "no model",
        |_| {},
        "--model none",
        &["easel: none is not complete in the cache", "HF_HUB_OFFLINE"],
    ),
    (
        "a model without its settings",
        |bench| fs::remove_file(bench.path("model/config.json")).unwrap(),
        "",
        &["easel: model/config.json: there is no such file"],
    ),
    (
        "a model whose settings are no JSON",
        |bench| bench.write("model/config.json", "{"),
        "",
        &["easel: model/config.json: "],
    ),
    (
        "a model without tokenizer",
        |bench| fs::remove_file(bench.path("model/tokenizer.json")).unwrap(),
        "",
        &["easel: model/tokenizer.json: there is no such file"],
    ),
    (
        "a model without weights",
        |bench| fs::remove_file(bench.path("model/model.safetensors")).unwrap(),
        "",
        &["easel: model: no checkpoint; expected model.safetensors"],
    ),
    (
        "a model with broken weights",
        |bench| bench.write("model/model.safetensors", "weights"),
        "",
        &["easel: model/model.safetensors: "],
    ),
    ("a file for the run", |bench| bench.write("RUN", ""), "", &["easel: RUN: cannot be made: "]),
];

const ARGUMENTS: &[Row] = &[
    (
        "an attribute misspelt",
        |_| {},
        "--attribute realizm",
        &["easel: --attribute: 'realizm' is no attribute; the nine are: realism", "or all"],
    ),
    (
        "one adapter for all of one attribute",
        |bench| bench.write("config.toml", "single_adapter = true\n"),
        "",
        &["easel: single_adapter trains one adapter", "expected --attribute all"],
    ),
    ("an index of 9", |_| {}, "--attribute - --attribute-index 9", &["--attribute-index", "0..9"]),
    ("both", |_| {}, "--attribute-index 3", &["--attribute", "--attribute-index"]),
    ("neither", |_| {}, "--attribute -", &["--attribute <ATTRIBUTE|all>"]),
    ("no step", |_| {}, "--max-steps 0", &["'0' for '--max-steps <N>'"]),
    ("blanks as a word", |_| {}, "--blank-as x", &["'x' for '--blank-as <SCORE>'"]),
];
