//! A model by its hub id: fetched once, then used without the network.

use std::fs;
use std::path::Path;

use easel_tests::golden::own;
use easel_tests::hub_model::{ServedFile, ServedModel, sha256};
use easel_tests::hub_server::HubServer;

use crate::run::{Ran, adapters, command, drawing, on_case};

/// A folder's files as the hub serves them; it keeps large files by their SHA-256.
fn served(repo: &str, folder: &Path, files: &[String]) -> ServedModel {
    let file = |name: &String| {
        let bytes = fs::read(folder.join(name)).unwrap();
        let sum = sha256(&bytes);
        ServedFile::large(name, bytes, &sum)
    };
    let files = files.iter().map(file).collect();
    ServedModel { repo: repo.to_owned(), commit: "0123456789".repeat(4), files }
}

#[test]
fn a_model_is_fetched_once_and_scores_as_its_folder_does() {
    let names = ["config.json", "preprocessor_config.json", "tokenizer.json", "model.safetensors"];
    let model = served("owner/model", &own().model(), &names.map(str::to_owned));
    let names = ["realism", "line_texture"].map(|attribute| {
        ["adapter_config.json", "adapter_model.safetensors"]
            .map(|file| format!("{attribute}/{file}"))
    });
    let tuned = served("owner/adapters", &own().adapters(), &names.concat());
    let server = HubServer::start(move |request| {
        let of = if request.path.contains("owner/model") { &model } else { &tuned };
        of.answer(request)
    })
    .unwrap();

    let home = tempfile::tempdir().unwrap();
    let run = |address: &str, args: &[&str]| {
        let mut line = command(args);
        line.env_remove("HF_HUB_OFFLINE").env("HF_HOME", home.path()).env("HF_ENDPOINT", address);
        Ran::of(&mut line)
    };
    let fetched = run(&server.address(), &["fetch", "owner/model@v1.0"]);
    assert_eq!(fetched.status, 0, "{}", fetched.err);
    let folder = Path::new(fetched.out.trim());
    assert!(folder.starts_with(home.path()) && folder.join("config.json").exists());
    assert!(fetched.err.contains("fetching 4 files"), "{}", fetched.err);

    let image = drawing(0);
    let score = [
        "score",
        "--format",
        "json",
        "--device",
        "cpu",
        "--model",
        "owner/model@v1.0",
        "--adapters",
        "owner/adapters",
        image.to_str().unwrap(),
    ];
    let first = run(&server.address(), &score);
    assert_eq!(first.status, 0, "{}", first.err);
    let asked = server.requests().len();
    let second = run(&server.address(), &score);
    assert_eq!(second.out, first.out);
    assert_eq!(server.requests().len(), asked, "a second run makes no request");
    // Nothing answers here.
    assert_eq!(run("http://127.0.0.1:9", &score).out, first.out);

    let all = on_case("score", &[&image], &["--format", "json", "--adapters", &adapters()]);
    let scores = first.json()[0]["scores"].as_object().unwrap().clone();
    assert_eq!(scores.len(), 2);
    for (attribute, score) in scores {
        assert_eq!(score, all.json()[0]["scores"][&attribute]);
    }
}

#[test]
fn a_gguf_pair_is_fetched_with_its_tower() {
    let folder = easel_tests::golden::root().join("tests/fixtures/gguf/case3");
    let names = ["text.gguf", "mmproj.gguf", "expected.json"].map(str::to_owned);
    let pair = served("owner/pair", &folder, &names);
    let server = HubServer::start(move |request| pair.answer(request)).unwrap();
    let home = tempfile::tempdir().unwrap();
    let image = drawing(0);
    let run = |address: &str, model: &str| {
        let score = ["score", "--format", "json", "--device", "cpu", image.to_str().unwrap()];
        let mut line = command([&score[..], &["--model", model]].concat());
        line.env_remove("HF_HUB_OFFLINE").env("HF_HOME", home.path()).env("HF_ENDPOINT", address);
        Ran::of(&mut line)
    };
    let here = run("http://127.0.0.1:9", folder.join("text.gguf").to_str().unwrap());
    let fetched = run(&server.address(), "owner/pair@v1.0/text.gguf");
    assert_eq!((fetched.status, &fetched.out), (0, &here.out), "{}", fetched.err);
    let asked: Vec<_> = server.requests().iter().map(|request| request.path.clone()).collect();
    assert!(asked.iter().all(|path| !path.ends_with("expected.json")), "{asked:?}");
    assert_eq!(run("http://127.0.0.1:9", "owner/pair@v1.0/text.gguf").out, here.out);
    let none = run(&server.address(), "owner/pair@v1.0/other.gguf");
    assert!(none.status == 1 && none.err.contains("other.gguf"), "{}", none.err);
}
