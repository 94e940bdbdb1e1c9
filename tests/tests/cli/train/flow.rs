//! From drawings to scores: every command once, and the files that it leaves.

use std::collections::BTreeSet;
use std::process::Stdio;

use easel_core::Attribute;
use serde_json::Value;

use super::*;

#[test]
fn drawings_train_predict_evaluate_and_score() {
    let bench = Bench::new();
    bench.works(TRAIN);
    for name in [
        "adapters/realism/adapter_config.json",
        "adapters/realism/adapter_model.safetensors",
        "adapters/realism/README.md",
        "config.toml",
        "jobs/realism/checkpoint.safetensors",
    ] {
        assert!(!bench.read(&format!("RUN/{name}")).is_empty(), "{name}");
    }
    assert!(bench.text("RUN/config.toml").contains("learning_rate = 0.001\n"));
    assert!(bench.text("RUN/jobs/realism/curves.svg").starts_with("<svg"));
    let mut job = fs::read_dir(bench.path("RUN/jobs/realism")).unwrap();
    let event = |name: &str| name.starts_with("events.out.tfevents.");
    assert!(job.any(|entry| event(&entry.unwrap().file_name().to_string_lossy())));

    let steps = bench.steps("RUN");
    let numbers: Vec<_> = steps.iter().map(|step| step["step"].as_u64().unwrap()).collect();
    assert_eq!(numbers, Vec::from_iter(1..=10));
    assert!(steps.iter().all(|step| step["attribute"] == "realism" && step["loss"].is_f64()));
    let evaluated = steps.iter().filter(|step| step["eval"].is_object());
    let evaluated: Vec<_> = evaluated.map(|step| step["step"].as_u64().unwrap()).collect();
    assert_eq!(evaluated, [4, 8, 10]);

    bench.works(&with(PREDICT, "--adapters RUN/adapters --name mine"));
    let predicted = published(&bench, "mine", &["realism"]);
    measured(&bench);

    let mut seen = BTreeSet::new();
    for shard in ["1/2", "2/2"] {
        let line = format!(
            "score data/images --model model --adapters RUN/adapters --device cpu --format json \
             --shard {shard}"
        );
        let scored = bench.works(&line).json();
        assert_eq!(scored.len(), 6, "{shard}");
        for line in scored {
            let name = line["image"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            let score = line["scores"]["realism"]["score"].as_f64().unwrap();
            let published = predicted[&name]["realism"]["predicted"].as_f64().unwrap();
            assert!((score - published).abs() <= 0.006, "{name}: {score} and {published}");
            assert!(seen.insert(name), "a picture is in both parts");
        }
    }
    assert_eq!(seen.len(), 12);
}

/// The predictions, which must be in the published structure.
fn published(bench: &Bench, model: &str, attributes: &[&str]) -> Value {
    let file: Value = serde_json::from_slice(&bench.read("predictions.json")).unwrap();
    let images = file["ArtEdu"][model].as_object().unwrap();
    assert_eq!(images.len(), 12);
    let sheet = bench.text("data/annotations.csv");
    for (line, (name, entry)) in sheet.lines().skip(1).zip(images) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[0], name);
        let entry = entry.as_object().unwrap();
        assert_eq!(entry.keys().collect::<Vec<_>>(), attributes);
        for scores in entry.values() {
            let predicted = scores["predicted"].as_f64().unwrap();
            assert!((1.0..=5.0).contains(&predicted), "{name}: {predicted}");
        }
        assert_eq!(entry["realism"]["original"].to_string(), cells[1], "{name}");
    }
    file["ArtEdu"][model].clone()
}

/// Every form of `easel evaluate` over two files.
fn measured(bench: &Bench) {
    let other = bench.text("predictions.json").replace("\"mine\"", "\"other\"");
    bench.write("other.json", other);
    for format in ["table", "json", "csv", "markdown"] {
        for compare in ["", "--compare"] {
            let line = format!(
                "evaluate predictions.json other.json --bootstrap 20 --format {format} {compare}"
            );
            let ran = bench.works(&line);
            assert!(ran.out.contains("mine") && ran.out.contains("other"), "{line}: {}", ran.out);
            assert!(!ran.out.contains("NaN"), "{line}: {}", ran.out);
            if format == "json" {
                let all: Value = serde_json::from_str(&ran.out).unwrap();
                assert_eq!(all["models"][0]["attributes"]["realism"]["n"], 12);
            }
        }
    }
    bench.works("evaluate predictions.json --bootstrap 0 --plots plots/new");
    assert!(fs::read_dir(bench.path("plots/new")).unwrap().count() > 0);
}

#[test]
fn all_nine_are_trained_over_one_cache() {
    let bench = Bench::new();
    bench.works(&with(TRAIN, "--attribute all --max-steps 2"));
    for attribute in Attribute::ALL {
        bench.read(&format!("RUN/adapters/{attribute}/adapter_model.safetensors"));
    }
    assert_eq!(bench.steps("RUN").len(), 18);
    let pictures = fs::read_dir(bench.path("RUN/cache")).unwrap().next().unwrap().unwrap();
    assert_eq!(fs::read_dir(pictures.path()).unwrap().count(), 12);

    bench.works(&with(PREDICT, "--adapters RUN/adapters --name nine"));
    let mut names = Attribute::ALL.map(Attribute::name);
    names.sort_unstable();
    published(&bench, "nine", &names);
}

#[test]
fn a_scheduler_counts_the_attributes_from_0() {
    let bench = Bench::new();
    bench.works(&with(TRAIN, "--attribute - --attribute-index 3 --max-steps 2"));
    let names: Vec<_> = fs::read_dir(bench.path("RUN/adapters")).unwrap().collect();
    assert_eq!(names.len(), 1);
    assert_eq!(names[0].as_ref().unwrap().file_name(), "color_richness");
}

/// As README has it for a cluster: nine jobs, all told to go on with what there is, in a folder
/// that is not there yet.
#[test]
fn jobs_that_are_started_at_once_share_one_run() {
    let bench = Bench::new();
    let start = |index: usize| {
        let change = format!("--attribute - --attribute-index {index} --max-steps 2 --resume");
        let mut command = bench.command(&with(TRAIN, &change));
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let wrong: Vec<String> = (0..9)
        .map(start)
        .collect::<Vec<_>>()
        .into_iter()
        .map(|child| child.wait_with_output().unwrap())
        .filter(|output| !output.status.success())
        .filter_map(|output| {
            String::from_utf8(output.stderr).unwrap().lines().last().map(str::to_owned)
        })
        .collect();
    assert!(wrong.is_empty(), "{} of 9 failed:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(bench.steps("RUN").len(), 18);

    bench.works(&with(TRAIN, "--attribute all --max-steps 2 --out ALONE"));
    for attribute in Attribute::ALL {
        let [shared, alone] = ["RUN", "ALONE"].map(|run| {
            bench.read(&format!("{run}/adapters/{attribute}/adapter_model.safetensors"))
        });
        assert!(shared == alone, "{attribute}");
    }
}

#[test]
fn a_dry_run_plans_and_writes_nothing() {
    let bench = Bench::new();
    let before = bench.listing();
    let ran = bench.works(&with(TRAIN, "--dry-run"));
    assert!(ran.err.contains("10 training and 2 validation labels"), "{}", ran.err);
    assert!(ran.out.contains("together"), "{}", ran.out);
    assert_eq!(bench.listing(), before);
}

#[test]
fn one_adapter_for_all_is_written_for_each() {
    let bench = Bench::new();
    bench.write("config.toml", format!("{CONFIG}single_adapter = true\n"));
    bench.works(&with(TRAIN, "--attribute all --max-steps 2"));
    let first = bench.read("RUN/adapters/realism/adapter_model.safetensors");
    for attribute in Attribute::ALL {
        let path = format!("RUN/adapters/{attribute}/adapter_model.safetensors");
        assert!(bench.read(&path) == first, "{attribute}");
    }
}
