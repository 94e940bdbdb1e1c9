//! Models brought from a hub on the loopback, which may misbehave.
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

mod cache;
mod held;
mod redirects;
mod refusals;
mod resume;

use std::path::{Path, PathBuf};
use std::time::Duration;

use easel_core::hub::{Hub, HubError, Limits, ModelId, Progress, wanted_for_model};
use easel_tests::hub_model::{ServedFile, ServedModel, sha256};
use easel_tests::hub_server::{HubServer, Reply, Request};

const REPO: &str = "owner/name";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const CONFIG: &str = "{\"model_type\":\"fake\"}\n";
const CONFIG_SHA1: &str = "0e5edbc86cd0225e5c049b5192d339a3baa73af8";
const TOKENIZER: &str = "{\"version\":\"1.0\"}\n";
const TOKENIZER_SHA1: &str = "3ea0a492fb0f6f7f1da8b5bf9000c427b901c81f";
const WEIGHTS: &str = "model.safetensors";

/// 300000 bytes that differ from place to place.
fn weights() -> Vec<u8> {
    (0..300_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

/// Configuration, tokenizer, weights, and a file that nobody wants.
fn model() -> ServedModel {
    let bytes = weights();
    let sum = sha256(&bytes);
    let files = vec![
        ServedFile::small("README.md", "# Fake", &"e".repeat(40)),
        ServedFile::small("config.json", CONFIG, CONFIG_SHA1),
        ServedFile::small("tokenizer.json", TOKENIZER, TOKENIZER_SHA1),
        ServedFile::large(WEIGHTS, bytes, &sum),
    ];
    ServedModel { repo: REPO.to_owned(), commit: COMMIT.to_owned(), files }
}

/// A model with one large file of this content.
fn single(bytes: &[u8]) -> ServedModel {
    let files = vec![ServedFile::large(WEIGHTS, bytes, &sha256(bytes))];
    ServedModel { files, ..model() }
}

fn serve(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> HubServer {
    HubServer::start(handler).unwrap()
}

/// A server, a cache of its own and a client with little patience.
struct Bench {
    server: HubServer,
    cache: tempfile::TempDir,
    hub: Hub,
}

impl Bench {
    fn new(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let (server, cache) = (serve(handler), tempfile::tempdir().unwrap());
        let hub = Hub::new(cache.path()).with_endpoint(server.address()).with_limits(Limits {
            retries: 3,
            backoff: Duration::from_millis(1),
            longest_pause: Duration::from_millis(20),
            connect: Duration::from_secs(5),
            stall: Duration::from_millis(800),
        });
        Self { server, cache, hub }
    }

    fn fetch(&self) -> Result<PathBuf, HubError> {
        self.hub.fetch(&id(REPO), wanted_for_model, &mut |_| {})
    }

    fn message(&self) -> String {
        let message = self.fetch().unwrap_err().to_string();
        assert!(!message.contains('\n'), "{message}");
        message
    }

    /// The model's folder in the cache.
    fn folder(&self) -> PathBuf {
        self.cache.path().join("models--owner--name")
    }

    fn blob(&self, sum: &str) -> PathBuf {
        self.folder().join("blobs").join(sum)
    }

    /// Where an unfinished file lies, with its folder made.
    fn partial(&self, bytes: &[u8]) -> PathBuf {
        let path = self.blob(&format!("{}.incomplete", sha256(bytes)));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    /// The requests for files, not for lists.
    fn file_requests(&self) -> Vec<Request> {
        let mut requests = self.server.requests();
        requests.retain(|request| request.path.contains("/resolve/"));
        requests
    }

    /// The first bytes that were asked for, request by request.
    fn first_bytes(&self) -> Vec<Option<usize>> {
        self.file_requests().iter().map(Request::first_byte).collect()
    }
}

fn id(text: &str) -> ModelId {
    text.parse().unwrap()
}

fn is_weights(request: &Request) -> bool {
    request.path.ends_with(WEIGHTS)
}

fn assert_content(folder: &Path, bytes: &[u8]) {
    assert!(std::fs::read(folder.join(WEIGHTS)).unwrap() == bytes, "the weights differ");
}

#[test]
fn progress_adds_up_to_the_total() {
    let bench = Bench::new(move |request| model().answer(request));
    std::fs::write(bench.partial(&weights()), &weights()[..1000]).unwrap();
    let (mut total, mut seen, mut finished) = (0, 0, Vec::new());
    let mut progress = |step: Progress<'_>| match step {
        Progress::Total { files, bytes } => {
            assert_eq!(files, 3);
            total = bytes;
        }
        Progress::Started { name, size, already } => {
            assert_eq!((already, size), if name == WEIGHTS { (1000, 300_000) } else { (0, size) });
            seen += already;
        }
        Progress::Advanced { bytes } => seen += bytes,
        Progress::Finished { name } => finished.push(name.to_owned()),
        _ => {}
    };
    bench.hub.fetch(&id(REPO), wanted_for_model, &mut progress).unwrap();
    let expected = (CONFIG.len() + TOKENIZER.len() + 300_000) as u64;
    assert_eq!((total, seen), (expected, expected));
    assert_eq!(finished, ["config.json", "tokenizer.json", WEIGHTS]);
}
