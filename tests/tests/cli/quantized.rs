//! `--weights`, and `easel bench`.

use easel_tests::choices;
use serde_json::Value;

use crate::run::{Ran, adapters, command, drawing, on_case};

/// The scores of a drawing.
fn scores(weights: &str, device: &str) -> Vec<f64> {
    let rest =
        ["--format", "json", "--adapters", &adapters(), "--weights", weights, "--device", device];
    let mut args = vec!["score".into(), drawing(1).to_str().unwrap().to_owned()];
    let model = easel_tests::golden::own().model();
    args.extend(["--model".to_owned(), model.to_str().unwrap().to_owned()]);
    args.extend(rest.map(str::to_owned));
    let ran = Ran::of(&mut command(args));
    assert_eq!(ran.status, 0, "{}", ran.err);
    let line = ran.json().remove(0);
    let scores = line["scores"].as_object().unwrap().values();
    scores.map(|score| score["score"].as_f64().unwrap()).collect()
}

fn apart(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn fewer_bits_move_scores_a_little_and_alike_on_every_device() {
    let exact = scores("f32", "cpu");
    for (weights, most) in [("bf16", 0.01), ("q8", 0.03), ("q4", 0.4)] {
        let here = scores(weights, "cpu");
        let moved = apart(&here, &exact);
        assert!(moved < most, "{weights}: {moved}");
        // The reference case's weights are bfloat16 anyway.
        assert!(weights == "bf16" || moved > 1e-5, "{weights}: nothing changed");
        for (device, _) in choices() {
            let other = apart(&scores(weights, device), &here);
            assert!(other < 1e-4, "{weights} on {device}: {other}");
        }
    }
}

#[test]
fn text_is_written_from_quantized_weights() {
    let rest = ["--prompt", "?", "--max-tokens", "4", "--weights", "q4", "--format", "json"];
    let ran = on_case("ask", &[&drawing(0)], &rest);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(!ran.json()[0]["text"].as_str().unwrap().is_empty(), "{}", ran.out);
}

#[test]
fn the_bench_tells_what_it_measured() {
    for weights in ["f32", "q4"] {
        let args =
            ["bench", "--device", "cpu", "--repeat", "1", "--tokens", "2", "--weights", weights];
        let ran = Ran::of(&mut command(args));
        assert_eq!(ran.status, 0, "{}", ran.err);
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        for field in ["prefill_tokens_per_second", "decode_tokens_per_second", "copy_gb_per_second"]
        {
            assert!(report[field].as_f64().unwrap() > 0.0, "{field}: {report}");
        }
        for field in ["load", "cold_to_first_score", "warm_nine_scores", "vision", "language"] {
            assert!(report["seconds"][field].as_f64().unwrap() > 0.0, "{field}: {report}");
        }
        assert!(report["bytes"]["weights"].as_u64().unwrap() > 100_000, "{report}");
    }
}
