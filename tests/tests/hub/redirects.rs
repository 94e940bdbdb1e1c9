//! Where requests may be sent on, and that the token stays.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

#[test]
fn the_token_does_not_follow_to_another_port() {
    let contents = serve(|request| single(&weights()).files[0].answer(request));
    let away = format!("{}/signed?x=1", contents.address());
    let bench = Bench::new(move |request| {
        if is_weights(request) {
            let sum = format!("\"{}\"", sha256(&weights()));
            Reply::redirect(&away).with_header("X-Linked-Etag", &sum)
        } else {
            single(&weights()).answer(request)
        }
    });
    let hub = bench.hub.clone().with_token(Some("hf_secret".to_owned()));
    let folder = hub.fetch(&id(REPO), wanted_for_model, &mut |_| {}).unwrap();
    assert_content(&folder, &weights());
    for request in bench.server.requests() {
        assert_eq!(request.header("authorization"), Some("Bearer hf_secret"));
    }
    let there = contents.requests();
    assert_eq!((there.len(), there[0].path.as_str()), (1, "/signed?x=1"));
    assert_eq!(there[0].header("authorization"), None);
}

#[test]
fn the_token_does_not_come_back_from_another_server() {
    let back = Arc::new(std::sync::OnceLock::<String>::new());
    let other = serve({
        let back = Arc::clone(&back);
        move |_| Reply::redirect(&format!("{}/content", back.get().unwrap()))
    });
    let away = other.address();
    let bench = Bench::new(move |request| match request.path.as_str() {
        "/content" => single(b"data").files[0].answer(request),
        _ if is_weights(request) => Reply::redirect(&away),
        _ => single(b"data").answer(request),
    });
    back.set(bench.server.address()).unwrap();
    let hub = bench.hub.clone().with_token(Some("hf_secret".to_owned()));
    hub.fetch(&id(REPO), wanted_for_model, &mut |_| {}).unwrap();
    let requests = bench.server.requests();
    let last = requests.last().unwrap();
    assert_eq!((last.path.as_str(), last.header("authorization")), ("/content", None));
}

#[test]
fn relative_redirects_stay_on_the_server_with_the_token() {
    let bench = Bench::new(move |request| match request.path.as_str() {
        "/content" => single(b"data").files[0].answer(request),
        _ if is_weights(request) => Reply::redirect("/content"),
        _ => single(b"data").answer(request),
    });
    let hub = bench.hub.clone().with_token(Some("hf_secret".to_owned()));
    let folder = hub.fetch(&id(REPO), wanted_for_model, &mut |_| {}).unwrap();
    assert_content(&folder, b"data");
    let requests = bench.server.requests();
    assert_eq!(requests[2].path, "/content");
    assert_eq!(requests[2].header("authorization"), Some("Bearer hf_secret"));
}

#[test]
fn the_range_follows_a_redirect() {
    let bench = Bench::new(move |request| match request.path.as_str() {
        "/content" => single(&weights()).files[0].answer(request),
        _ if is_weights(request) => Reply::redirect("/content"),
        _ => single(&weights()).answer(request),
    });
    std::fs::write(bench.partial(&weights()), &weights()[..5000]).unwrap();
    assert_content(&bench.fetch().unwrap(), &weights());
    let requests = bench.server.requests();
    assert_eq!(requests.last().unwrap().first_byte(), Some(5000));
}

#[test]
fn endless_and_odd_redirects_are_errors() {
    for (location, reason) in [
        ("/owner/name/resolve/again", "more than 10 in a row"),
        ("ftp://127.0.0.1/x", "no http or https address"),
        ("file:///etc/passwd", "file:///etc/passwd"),
    ] {
        let bench = Bench::new(move |request| match request.path.starts_with("/api") {
            true => single(b"data").answer(request),
            false => Reply::redirect(location),
        });
        let message = bench.message();
        assert!(message.starts_with("owner/name/model.safetensors: "), "{message}");
        assert!(message.contains(reason), "{message}");
        assert!(bench.file_requests().len() <= 11);
    }
    let bench = Bench::new(|_| Reply::new(302, ""));
    assert!(bench.message().contains("names no address"));
}

#[test]
fn a_signed_address_that_ran_out_is_asked_for_anew() {
    let count = AtomicUsize::new(0);
    let contents = serve(move |request| match count.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::new(403, "expired"),
        _ => single(&weights()).files[0].answer(request),
    });
    let away = contents.address();
    let bench = Bench::new(move |request| match is_weights(request) {
        true => Reply::redirect(&away),
        false => single(&weights()).answer(request),
    });
    assert_content(&bench.fetch().unwrap(), &weights());
    assert_eq!(bench.file_requests().len(), 2);
}
