//! Refusals, broken servers and lists that are not to be trusted.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::*;

#[test]
fn a_gated_model_asks_for_a_token_or_says_that_it_was_refused() {
    for status in [401, 403] {
        let bench = Bench::new(move |_| Reply::new(status, "gated"));
        let message = bench.message();
        assert!(message.contains("owner/name is private or gated"), "{message}");
        assert!(message.contains("set HF_TOKEN"), "{message}");
        let hub = bench.hub.clone().with_token(Some("hf_old".to_owned()));
        let message = hub.fetch(&id(REPO), wanted_for_model, &mut |_| {}).unwrap_err().to_string();
        assert!(message.contains("HF_TOKEN was refused"), "{message}");
        assert!(!message.contains("hf_old"), "{message}");
        assert_eq!(bench.server.requests().len(), 2, "a refusal is not retried");
    }
}

#[test]
fn a_missing_model_and_a_missing_file_are_told_apart() {
    let bench = Bench::new(|_| Reply::new(404, ""));
    let wanted = id("owner/name@v9");
    let message = bench.hub.fetch(&wanted, wanted_for_model, &mut |_| {}).unwrap_err().to_string();
    assert_eq!(message, "no model `owner/name` with revision `v9` on the hub (status 404)");

    let bench = Bench::new(move |request| match is_weights(request) {
        true => Reply::new(404, ""),
        false => model().answer(request),
    });
    assert_eq!(
        bench.message(),
        "no file `model.safetensors` in model `owner/name` at revision `main` (status 404)"
    );
}

#[test]
fn a_server_that_recovers_is_asked_again() {
    for status in [429, 500, 502, 503, 504] {
        let count = AtomicUsize::new(0);
        let bench = Bench::new(move |request| match count.fetch_add(1, Ordering::Relaxed) {
            0 | 2 => Reply::new(status, "").with_header("Retry-After", "0"),
            _ => single(b"data").answer(request),
        });
        assert_content(&bench.fetch().unwrap(), b"data");
        assert_eq!(bench.server.requests().len(), 4);
    }
}

#[test]
fn a_server_that_does_not_recover_is_an_error_within_bounds() {
    let bench = Bench::new(|_| Reply::new(500, "").with_header("Retry-After", "86400"));
    let start = Instant::now();
    assert_eq!(bench.message(), "owner/name: the server answered with status 500");
    assert_eq!(bench.server.requests().len(), 4);
    let waited = start.elapsed();
    assert!(waited >= Duration::from_millis(60) && waited < Duration::from_secs(20), "{waited:?}");
}

#[test]
fn a_server_that_is_not_there_is_an_error() {
    let bench = Bench::new(|_| Reply::new(500, ""));
    let gone = serve(|_| Reply::new(500, "")).address();
    let hub = bench.hub.clone().with_endpoint(gone);
    let message = hub.fetch(&id(REPO), wanted_for_model, &mut |_| {}).unwrap_err().to_string();
    assert!(message.starts_with("owner/name: no complete answer from the server"), "{message}");
    for endpoint in ["", "huggingface.co", "ftp://x", "http://x?y"] {
        let hub = bench.hub.clone().with_endpoint(endpoint);
        let error = hub.fetch(&id(REPO), wanted_for_model, &mut |_| {}).unwrap_err().to_string();
        assert!(error.contains("HF_ENDPOINT"), "{error}");
    }
}

#[test]
fn a_server_that_speaks_no_tls_is_an_error() {
    let bench = Bench::new(|_| Reply::new(500, ""));
    let hub = bench.hub.clone().with_endpoint(bench.server.address().replace("http:", "https:"));
    let message = hub.fetch(&id(REPO), wanted_for_model, &mut |_| {}).unwrap_err().to_string();
    assert!(message.starts_with("owner/name: no complete answer from the server"), "{message}");
}

#[test]
fn names_that_leave_the_cache_are_refused_and_nothing_is_written() {
    for name in ["../../evil", "/etc/evil", "a/../../evil", "a\\..\\evil", "a\0b", "C:evil", ""] {
        let bench = Bench::new(move |request| {
            let mut model = single(b"data");
            model.files[0].name = name.to_owned();
            model.answer(request)
        });
        let error = bench.hub.fetch(&id(REPO), |_| true, &mut |_| {}).unwrap_err();
        assert!(matches!(error, HubError::FileName { .. }), "{error}");
        assert!(!bench.folder().exists(), "{name:?}");
    }
}

#[test]
fn a_list_that_is_none_is_an_error() {
    for (body, reason) in [
        ("<html>", "expected value"),
        ("{}", "missing field"),
        ("{\"sha\":\"../..\",\"siblings\":[]}", "expected a commit"),
    ] {
        let bench = Bench::new(move |_| Reply::new(200, body));
        let message = bench.message();
        assert!(message.contains("list of files of owner/name cannot be used"), "{message}");
        assert!(message.contains(reason), "{message}");
    }
    let bench = Bench::new(|request| ServedModel { files: Vec::new(), ..model() }.answer(request));
    assert!(bench.message().contains("none of the files"));
}

#[test]
fn a_damaged_file_is_an_error_and_is_deleted() {
    let bench = Bench::new(move |request| {
        let mut model = model();
        model.files[3].bytes[150_000] ^= 1;
        model.answer(request)
    });
    let message = bench.message();
    let sum = sha256(&weights());
    assert!(message.contains("model.safetensors is damaged"), "{message}");
    assert!(message.contains(&format!("expected sha256 {sum}, found ")), "{message}");
    assert!(!bench.partial(&weights()).exists() && !bench.blob(&sum).exists());
    assert!(!bench.folder().join("refs").exists(), "an incomplete commit gets no reference");
    assert_eq!(bench.file_requests().len(), 3, "what was sent whole is not asked for again");

    let bench = Bench::new(move |request| {
        let mut model = model();
        model.files[1].bytes[3] ^= 1;
        model.answer(request)
    });
    let message = bench.message();
    assert!(message.contains(&format!("expected git blob sha1 {CONFIG_SHA1}")), "{message}");
}
