//! Hubs that refuse, lie or break off.

use easel_tests::hub_model::{ServedFile, ServedModel};
use easel_tests::hub_server::{HubServer, Reply, Request};

use super::*;

/// What a hub does with a request, and what must be said of it.
type Hub = (fn(&Request) -> Reply, &'static [&'static str]);

const HUBS: &[Hub] = &[
    (|_| Reply::new(404, ""), &["no model `owner/name` with revision `main`", "404"]),
    (|_| Reply::new(401, ""), &["owner/name is private or gated", "set HF_TOKEN", "401"]),
    (|_| Reply::new(403, ""), &["owner/name is private or gated", "set HF_TOKEN", "403"]),
    (|_| Reply::new(200, "<html>"), &["list of files of owner/name cannot be used"]),
    (
        |request| match request.path.ends_with("/config.json") {
            true => Reply::new(404, ""),
            false => model(CONFIG, CONFIG_SHA1, 3).answer(request),
        },
        &["no file `config.json` in model `owner/name`", "404"],
    ),
    (
        |request| model(CONFIG, CONFIG_SHA1, 2).answer(request),
        &["config.json", "has the wrong length: expected 2 bytes, found 3"],
    ),
    (
        |request| model(CONFIG, &"a".repeat(40), 3).answer(request),
        &["config.json", "is damaged and was deleted: expected git blob sha1 aaaa", "found 0967ef"],
    ),
    (
        |request| {
            let mut model = model(CONFIG, CONFIG_SHA1, 3);
            model.files[1].name = "..\\model.safetensors".to_owned();
            model.answer(request)
        },
        &["owner/name lists a file with the unsafe name `..\\\\model.safetensors`"],
    ),
];

const CONFIG: &str = "{}\n";
const CONFIG_SHA1: &str = "0967ef424bce6791893e9a57bb952f80fd536e93";
/// The SHA-256 of `none`.
const WEIGHTS_SHA256: &str = "140bedbf9c3f6d56a9846d2ba7088798683f4da0c248231336e6a05679e4fdfe";

/// A model whose `config.json` is listed with this sum and size.
fn model(config: &str, sum: &str, size: u64) -> ServedModel {
    let mut config = ServedFile::small("config.json", config, sum);
    config.listed_size = size;
    let weights = ServedFile::large("model.safetensors", "none", WEIGHTS_SHA256);
    let (repo, commit) = ("owner/name".to_owned(), "0123456789".repeat(4));
    ServedModel { repo, commit, files: vec![config, weights] }
}

/// What is wrong with how a line is answered where the hub is at `address`.
fn wrong(address: &str, line: &str, says: &[&str]) -> Option<String> {
    let bench = Bench::new();
    let mut command = bench.command(line);
    command.env_remove("HF_HUB_OFFLINE").env("HF_ENDPOINT", address);
    command.env("HF_HUB_CACHE", bench.root.path().join("cache"));
    answered(&Ran::of(&mut command), 1, says).err()
}

#[test]
fn a_hub_that_refuses_or_lies_is_told() {
    for (answer, says) in HUBS {
        let server = HubServer::start(answer).unwrap();
        for line in ["fetch owner/name", "score picture.png --model owner/name --device cpu"] {
            assert_eq!(wrong(&server.address(), line, says), None);
        }
    }
}

#[test]
fn a_model_that_came_whole_and_is_none_is_told() {
    let server = HubServer::start(|request| model(CONFIG, CONFIG_SHA1, 3).answer(request)).unwrap();
    let line = "score picture.png --model owner/name --device cpu";
    let says = ["models--owner--name/snapshots/", "/config.json: model_type is missing"];
    assert_eq!(wrong(&server.address(), line, &says), None);
}

/// Slow, as the program tries again with growing pauses.
#[test]
fn a_hub_that_breaks_off_for_good_is_told() {
    let server = HubServer::start(|request| {
        let reply = model(CONFIG, CONFIG_SHA1, 3).answer(request);
        if request.path.ends_with("/model.safetensors") { reply.cut_after(0) } else { reply }
    })
    .unwrap();
    let says = ["owner/name/model.safetensors: no complete answer from the server"];
    assert_eq!(wrong(&server.address(), "fetch owner/name", &says), None);
}

/// As slow.
#[test]
fn a_hub_that_is_not_there_is_told() {
    let says = ["owner/name: no complete answer from the server"];
    assert_eq!(wrong("http://127.0.0.1:1", "fetch owner/name", &says), None);
    let says = ["`gopher://hub` (HF_ENDPOINT) cannot be used"];
    assert_eq!(wrong("gopher://hub", "fetch owner/name", &says), None);
}
