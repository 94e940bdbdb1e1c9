//! `--weights`, `easel pack`, and `easel bench`.

use std::fs;

use easel_tests::choices;
use serde_json::Value;

use crate::run::{Ran, command, drawing, on_case};

/// The demo's scores of a drawing; the reference cases' random models make much of little.
fn scores(rest: &[&str]) -> Vec<f64> {
    let mut args = vec!["score".into(), drawing(1).into_os_string()];
    args.extend(["--format", "json"].iter().chain(rest).map(Into::into));
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
    let exact = scores(&["--device", "cpu"]);
    for (weights, most) in [("bf16", 1e-6), ("q8", 0.05), ("q4", 0.4)] {
        let here = scores(&["--device", "cpu", "--weights", weights]);
        let moved = apart(&here, &exact);
        assert!(moved < most, "{weights}: {moved}");
        // The demo's weights are bfloat16 anyway.
        assert!(weights == "bf16" || moved > 1e-5, "{weights}: nothing changed");
        for (device, _) in choices() {
            let other = apart(&scores(&["--device", device, "--weights", weights]), &here);
            // The processor rounds what quantized weights are multiplied with to 16 bits.
            assert!(other < 1e-3, "{weights} on {device}: {other}");
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
        let ran = Ran::of(command(args).arg("--compare"));
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
        for kernel in ["attention", "fused", "lora", "quant_matmul", "rms_norm", "rotary", "swiglu"]
        {
            let figures = &report["compare"][kernel];
            assert!(figures["nine_scores_ratio"].as_f64().unwrap() > 0.0, "{report}");
            assert!(figures["decode_ratio"].as_f64().unwrap() > 0.0, "{report}");
        }
    }
}

/// `easel pack` with these arguments.
fn pack(args: &[&str]) -> Ran {
    Ran::of(&mut command([&["pack"], args].concat()))
}

#[test]
fn a_pack_scores_as_the_model_that_it_was_made_of() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("demo-pack");
    let out = out.to_str().unwrap();
    // A pack has its embeddings at 8 bits, which move a score as 8 bits elsewhere do; a folder's are
    // looked up as they are.
    for (weights, most) in [("q4", 0.05), ("f32", 1e-6)] {
        let made = pack(&["demo", "--out", out, "--weights", weights]);
        assert_eq!((made.status, made.out.trim()), (0, out), "{}", made.err);
        let verified = pack(&[out, "--verify"]);
        assert_eq!(verified.status, 0, "{}", verified.err);
        assert!(verified.out.contains("files are whole"), "{}", verified.out);

        let packed = scores(&["--device", "cpu", "--model", out]);
        let exact = scores(&["--device", "cpu", "--weights", weights]);
        assert!(apart(&packed, &exact) < most, "{packed:?} {exact:?}");
        let rest = ["--prompt", "?", "--max-tokens", "3", "--model", out, "--device", "cpu"];
        let mut ask = vec!["ask".to_owned(), drawing(0).to_str().unwrap().to_owned()];
        ask.extend(rest.map(str::to_owned));
        assert_eq!(Ran::of(&mut command(ask)).status, 0);

        let again = pack(&["demo", "--out", out]);
        assert!(again.status == 1 && again.err.contains("is there already"), "{}", again.err);
        fs::remove_dir_all(out).unwrap();
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "something was left aside");
}

#[test]
fn a_pack_with_one_changed_byte_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("pack");
    let out = out.to_str().unwrap();
    assert_eq!(pack(&["demo", "--out", out, "--weights", "q4"]).status, 0);
    let other = Ran::of(&mut command([
        "score",
        drawing(0).to_str().unwrap(),
        "--model",
        out,
        "--weights",
        "q8",
    ]));
    assert!(
        other.err.contains("has 4-bit weights, and 8-bit ones were asked for"),
        "{}",
        other.err
    );

    let shard = format!("{out}/weights-00001.safetensors");
    let mut bytes = fs::read(&shard).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    fs::write(&shard, &bytes).unwrap();
    let says = "weights-00001.safetensors: its SHA-256 is not the manifest's";
    let picture = drawing(0);
    let score = ["score", picture.to_str().unwrap(), "--model", out, "--device", "cpu"];
    for ran in [pack(&[out, "--verify"]), Ran::of(&mut command(score))] {
        assert!(ran.status == 1 && ran.err.contains(says), "{}", ran.err);
    }
    fs::write(&shard, &bytes[..middle]).unwrap();
    let cut = pack(&[out, "--verify"]);
    assert!(cut.err.contains("bytes, found"), "{}", cut.err);
    let none = pack(&[folder.path().to_str().unwrap(), "--verify"]);
    assert_eq!(none.status, 1, "{}", none.err);
}

/// A GGUF pair by name, with the tower found beside it or named.
#[test]
fn a_gguf_pair_scores() {
    let case = easel_tests::golden::root().join("tests/fixtures/gguf/case3");
    let name = |file: &str| case.join(file).to_str().unwrap().to_owned();
    let (text, tower) = (name("text.gguf"), name("mmproj.gguf"));
    let beside = scores(&["--device", "cpu", "--model", &text]);
    let named = scores(&["--device", "cpu", "--model", &text, "--mmproj", &tower]);
    assert_eq!(beside, named);
    assert_eq!(beside.len(), 9);
    let picture = drawing(0);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("pack");
    let out = out.to_str().unwrap();
    // Blocks are not rounded a second time: not a bit differs.
    assert_eq!(pack(&[&text, "--out", out]).status, 0);
    assert_eq!(pack(&[out, "--verify"]).status, 0);
    for device in choices().iter().map(|(device, _)| *device) {
        let packed = scores(&["--device", device, "--model", out]);
        assert_eq!(packed, scores(&["--device", device, "--model", &text]), "{device}");
    }
    let swapped = ["score", picture.to_str().unwrap(), "--model", &tower, "--mmproj", &text];
    let ran = Ran::of(&mut command(swapped));
    assert!(ran.status == 1 && ran.err.contains(".gguf: "), "{}", ran.err);
    let missing = ["score", picture.to_str().unwrap(), "--model", "/nowhere/x.gguf"];
    let ran = Ran::of(&mut command(missing));
    assert!(ran.status == 1 && ran.err.contains("there is no such file"), "{}", ran.err);
}
