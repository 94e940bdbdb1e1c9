//! What a model takes on the device: planned, refused, staged and measured.

use easel_tests::choices;
use serde_json::Value;

use crate::run::{Ran, command, drawing};

/// `easel` with these words.
fn easel(args: &[&str]) -> Ran {
    Ran::of(&mut command(args))
}

#[test]
fn one_tower_at_a_time_scores_alike() {
    let drawings: Vec<_> = (0..3).map(|i| drawing(i).to_str().unwrap().to_owned()).collect();
    let broken = crate::run::adapters() + "/realism/adapter_config.json";
    for (device, _) in choices() {
        let mut args = vec!["score", "--format", "json", "--weights", "q8", "--device", device];
        args.extend(drawings.iter().map(String::as_str));
        args.insert(9, &broken);
        let both = easel(&args);
        args.push("--low-memory");
        let low = easel(&args);
        assert_eq!(both.json().len(), 4);
        assert_eq!((low.out, low.status), (both.out, 1), "{device}: {}", low.err);
    }
    let ask = ["ask", &drawings[0], "--prompt", "?", "--max-tokens", "3", "--device", "cpu"];
    let both = easel(&ask);
    let low = easel(&[&ask[..], &["--low-memory"]].concat());
    assert_eq!((low.out, low.status), (both.out, 0), "{}", low.err);
}

#[test]
fn the_vision_tower_has_bits_of_its_own() {
    let drawing = drawing(1);
    let score = |rest: &[&str]| {
        let args = ["score", drawing.to_str().unwrap(), "--format", "json", "--device", "cpu"];
        let ran = easel(&[&args[..], rest].concat());
        assert_eq!(ran.status, 0, "{}", ran.err);
        ran.json().remove(0)["scores"]["realism"]["score"].as_f64().unwrap()
    };
    let careful = score(&["--weights", "q4"]);
    assert_eq!(score(&["--weights", "q4", "--vision", "q8"]), careful);
    let fewest = score(&["--weights", "q4", "--vision", "q4"]);
    // How much a small tower loses by so few bits is another question.
    assert!(fewest != careful && (1.0..=5.0).contains(&fewest), "{fewest} {careful}");
    assert!((score(&["--vision", "q8"]) - score(&[])).abs() < 0.02);
}

#[test]
fn a_plan_is_told_and_refused_before_anything_is_loaded() {
    let plan = easel(&["devices", "--plan", "demo", "--weights", "q4", "--low-memory"]);
    assert_eq!(plan.status, 0, "{}", plan.err);
    for line in ["plan  of demo, for scores", "vision tower, 8-bit", "one tower at a time"] {
        assert!(plan.out.contains(line), "{line}: {}", plan.out);
    }
    let picture = drawing(0);
    let score = ["score", picture.to_str().unwrap(), "--device", "cpu", "--weights", "f32"];
    let refused = |limit: &str| {
        let ran = easel(&[&score[..], &["--memory-limit", limit]].concat());
        assert_eq!((ran.status, ran.out.as_str()), (1, ""), "{}", ran.err);
        ran.err
    };
    // The pages alone are more than this.
    let error = refused("10MB");
    assert!(error.contains("and 10.0 MB are granted; nothing fits: with"), "{error}");
    let needs = error.split("needs ").nth(1).and_then(|rest| rest.split(' ').next());
    let full: f64 = needs.unwrap().parse().unwrap();
    let error = refused(&format!("{:.1}MB", full - 1.0));
    // Beside the demo's own notice.
    let line = error.lines().last().unwrap();
    assert!(error.lines().count() == 2 && line.contains("it fits with --weights bf16 ("), "{line}");
    let enough = format!("{:.1}MB", full + 5.0);
    let ran = easel(&[&score[..], &["--memory-limit", &enough]].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    let wrong = easel(&[&score[..], &["--memory-limit", "much"]].concat());
    assert!(wrong.status == 2 && wrong.err.contains("expected one such as 2GB"), "{}", wrong.err);
    let mut line = command(score);
    let told = Ran::of(line.env("EASEL_MEMORY_LIMIT", "10MB"));
    assert!(told.status == 1 && told.err.contains("10.0 MB are granted"), "{}", told.err);
}

/// What `easel bench` reports of a small run.
fn bench(rest: &[&str]) -> Value {
    let ran = easel(&[&["bench", "--repeat", "1", "--tokens", "2"], rest].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn what_is_measured_is_within_the_plan() {
    for device in choices().iter().map(|(device, _)| *device) {
        for rest in [&["--weights", "q4"][..], &["--weights", "f32"], &["--low-memory"]] {
            let report = bench(&[&["--device", device][..], rest].concat());
            let bytes = |name: &str| report["bytes"][name].as_u64().unwrap();
            if !rest.contains(&"--low-memory") {
                // Beside the towers: the whole head, and five rows of it.
                assert!(bytes("weights") > bytes("plan_towers"), "{report}");
            }
            // The processor's memory is the host's.
            if device == "gpu" {
                assert!(bytes("device_scores_only") <= bytes("plan_scores_only"), "{report}");
                assert!(bytes("device") <= bytes("plan"), "{report}");
            }
        }
    }
}
