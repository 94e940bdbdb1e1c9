//! `easel ask`.

use easel_tests::choices;
use easel_tests::golden::{DESCRIBE, own};

use crate::run::{Ran, adapters, command, drawing, on_case};

#[test]
fn the_answer_is_the_reference_s_greedy_text_on_every_device() {
    let case = own();
    let native = case.native.as_ref().unwrap();
    let pixels = native.max_pixels.to_string();
    for (device, _) in choices() {
        let entry = &native.cases[1];
        let image = case.folder.join(&entry.image);
        let rest = ["--prompt", DESCRIBE, "--max-tokens", "24", "--max-pixels", &pixels];
        let mut line = command(["ask"]);
        line.arg(&image).arg("--model").arg(case.model()).args(rest);
        let ran = Ran::of(line.args(["--format", "json", "--device", device]));
        assert_eq!(ran.status, 0, "{}", ran.err);
        let answer = &ran.json()[0];
        let tokens: Vec<u64> =
            answer["tokens"].as_array().unwrap().iter().filter_map(|id| id.as_u64()).collect();
        let expected: Vec<u64> = entry.greedy.iter().map(|&id| id.into()).collect();
        assert!(expected.starts_with(&tokens) && !tokens.is_empty(), "{tokens:?} {expected:?}");
        let stop = if tokens.len() == 24 { "length" } else { "eos" };
        assert_eq!(answer["stop"], stop);
        assert_eq!(answer["image"], image.to_str().unwrap());
        assert!(!answer["text"].as_str().unwrap().is_empty());
    }
}

#[test]
fn text_is_streamed_as_it_is_in_json() {
    let rest = ["--prompt", "What is this?", "--max-tokens", "12"];
    let text = on_case("ask", &[&drawing(2)], &rest);
    let json = on_case("ask", &[&drawing(2)], &[&rest[..], &["--format", "json"]].concat());
    assert_eq!(text.out.trim_end(), json.json()[0]["text"].as_str().unwrap().trim_end());
}

#[test]
fn an_adapter_changes_the_answer() {
    let rest = ["--prompt", DESCRIBE, "--max-tokens", "12", "--format", "json"];
    let bare = on_case("ask", &[&drawing(0)], &rest);
    let folder = adapters();
    let with = [&rest[..], &["--adapters", &folder, "--adapter", "imagination"]].concat();
    let adapted = on_case("ask", &[&drawing(0)], &with);
    assert_eq!(adapted.status, 0, "{}", adapted.err);
    assert_ne!(bare.json()[0]["tokens"], adapted.json()[0]["tokens"]);
}

#[test]
fn sampling_follows_its_seed() {
    let ask = |seed: &str| {
        let rest = ["--prompt", DESCRIBE, "--max-tokens", "12", "--sample", "--temperature", "1.5"];
        let ran = on_case("ask", &[&drawing(0)], &[&rest[..], &["--seed", seed]].concat());
        assert_eq!(ran.status, 0, "{}", ran.err);
        ran.out
    };
    assert_eq!(ask("1"), ask("1"));
    assert_ne!(ask("1"), ask("2"));
}
