//! `easel score`.

use std::fs;

use easel_core::Attribute;
use easel_tests::choices;
use easel_tests::golden::all;

use crate::run::{Ran, adapters, command, drawing, on_case};

#[test]
fn json_scores_equal_the_reference_on_every_device() {
    for case in all() {
        for (device, _) in choices() {
            let mut args = vec!["score".into(), "--format".into(), "json".into()];
            args.extend(["--device".into(), device.into(), "--model".into(), case.model()]);
            args.extend(["--adapters".into(), case.adapters(), case.folder.clone()]);
            let ran = Ran::of(&mut command(args));
            assert_eq!(ran.status, 0, "{}", ran.err);
            let lines = ran.json();
            assert_eq!(lines.len(), 4);
            for line in &lines {
                let image = line["image"].as_str().unwrap();
                for entry in &case.expected.cases {
                    let (Some(adapter), Some(score)) = (entry.adapter, entry.score) else {
                        continue;
                    };
                    if !image.ends_with(&entry.image) {
                        continue;
                    }
                    let found = &line["scores"][adapter.name()];
                    let error = (found["score"].as_f64().unwrap() - score).abs();
                    assert!(error <= 1e-3, "{} {image} {adapter}: {error}", case.name());
                    let sum: f64 = found["probabilities"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .filter_map(|p| p.as_f64())
                        .sum();
                    assert!((sum - 1.0).abs() < 1e-9 && found["std"].as_f64().unwrap() > 0.0);
                }
            }
        }
    }
}

#[test]
fn a_table_is_for_people() {
    let ran = on_case("score", &[&drawing(0)], &["--adapters", &adapters(), "--timings"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    for attribute in Attribute::ALL {
        assert!(ran.out.contains(&attribute.name().replace('_', " ")), "{}", ran.out);
    }
    assert!(ran.out.contains("no grade"));
    for word in ["decode", "vision", "language", "head", "weights on the device"] {
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }
    assert!(ran.err.contains("passes so far: vision 1, language 1"), "{}", ran.err);
}

#[test]
fn without_adapters_the_bare_model_is_asked_all_nine() {
    let ran = on_case("score", &[&drawing(0)], &["--format", "json"]);
    assert_eq!(ran.json()[0]["scores"].as_object().unwrap().len(), 9);
    assert!(ran.err.contains("bare model"), "{}", ran.err);
}

#[test]
fn one_adapter_folder_scores_one_attribute() {
    let folder = format!("{}/line_texture", adapters());
    let ran = on_case("score", &[&drawing(0)], &["--format", "json", "--adapters", &folder]);
    let scores = ran.json()[0]["scores"].as_object().unwrap().clone();
    assert_eq!(scores.keys().collect::<Vec<_>>(), ["line_texture"]);
}

#[test]
fn a_comment_comes_in_the_language_asked_for() {
    for language in ["en", "zh"] {
        let rest = ["--format", "json", "--comment", "--max-tokens", "8", "--language", language];
        let ran = on_case("score", &[&drawing(2)], &rest);
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert!(!ran.json()[0]["comment"].as_str().unwrap().is_empty());
    }
}

#[test]
fn a_broken_picture_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.png"), "no picture").unwrap();
    fs::copy(drawing(2), folder.path().join("b.png")).unwrap();
    let ran = on_case("score", &[folder.path()], &["--format", "json"]);
    assert_eq!(ran.status, 1);
    let lines = ran.json();
    assert!(lines[0]["error"].as_str().unwrap().contains("PNG"), "{}", lines[0]);
    assert!(lines[0].get("scores").is_none() && lines[1].get("scores").is_some());
    assert!(ran.err.contains("a.png: ") && ran.err.contains("1 of 2"), "{}", ran.err);
}

#[test]
fn a_rerun_scores_only_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["results.jsonl", "results.csv"] {
        let out = folder.path().join(name);
        let out = out.to_str().unwrap();
        let first = on_case("score", &[&drawing(0), &drawing(1)], &["--out", out]);
        assert_eq!((first.status, first.out.as_str()), (0, ""), "{}", first.err);
        let before = fs::read_to_string(out).unwrap();
        let all = [&*drawing(0), &*drawing(1), &*drawing(2)];
        let second = on_case("score", &all, &["--out", out]);
        assert!(second.err.contains("2 of 3 pictures were scored before"), "{}", second.err);
        let after = fs::read_to_string(out).unwrap();
        assert!(after.starts_with(&before));
        assert_eq!(after.lines().count(), before.lines().count() + 1);
    }
}

#[test]
fn a_picture_may_keep_its_own_shape() {
    let boxed = on_case("score", &[&drawing(3)], &["--format", "json"]);
    let rest = ["--format", "json", "--own-shape", "--max-pixels", "100000"];
    let own = on_case("score", &[&drawing(3)], &rest);
    assert_eq!(own.status, 0, "{}", own.err);
    assert_ne!(boxed.json()[0]["scores"], own.json()[0]["scores"]);
}
