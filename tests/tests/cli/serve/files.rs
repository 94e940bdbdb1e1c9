//! What is given away: types, versions, parts and compressed copies.

use std::fs;

use super::client::{ask, get};
use super::{BROTLI, Class, GZIP, SCRIPT, repository, text};
use crate::run::{Ran, command};

#[test]
fn the_page_comes_with_its_types_and_isolation() {
    let class = Class::new();
    let at = class.server.address;
    for (path, kind) in [
        ("/index.html", "text/html; charset=utf-8"),
        ("/pkg/words.js", "text/javascript; charset=utf-8"),
        ("/pkg/easel_web_bg.wasm", "application/wasm"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/a%20b%C3%A9.txt", "text/plain; charset=utf-8"),
        ("/model/manifest.json", "application/json"),
        ("/?model=model/", "text/html; charset=utf-8"),
    ] {
        let answer = get(at, path, &[]);
        assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-embedder-policy"), "require-corp");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("content-security-policy"), "", "the page has its own");
        assert_eq!(answer.header("accept-ranges"), "bytes");
    }
    assert_eq!(get(at, "/pkg/words.js", &[]).body, SCRIPT);
}

#[test]
fn the_first_address_opens_the_page_with_the_model() {
    let class = Class::new();
    let answer = get(class.server.address, "/", &[]);
    assert_eq!((answer.status, answer.header("location")), (307, "/?model=model/"));
    let said = class.server.said.join("\n");
    assert!(said.contains(&format!("http://{}/", class.server.address)), "{said}");
    let blocks = class.server.said.iter().filter(|line| line.contains("██")).count();
    assert!(blocks >= 12, "no QR code: {said}");
}

#[test]
fn compressed_copies_go_to_those_who_take_them() {
    let class = Class::new();
    let words = |headers: &[&str]| get(class.server.address, "/pkg/words.js", headers);
    for (accepted, coding, body) in [
        ("Accept-Encoding: gzip, deflate, br", "br", BROTLI),
        ("Accept-Encoding: gzip;q=1.0, br;q=0", "gzip", GZIP),
        ("Accept-Encoding: identity", "", SCRIPT),
        ("Accept: */*", "", SCRIPT),
    ] {
        let answer = words(&[accepted]);
        assert_eq!((answer.header("content-encoding"), answer.body.as_slice()), (coding, body));
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
        assert_eq!(answer.header("vary"), "accept-encoding");
    }
    // A part is one of the file itself.
    let part = words(&["Accept-Encoding: br", "Range: bytes=0-5"]);
    assert_eq!((part.status, part.body.as_slice()), (206, &SCRIPT[..6]));
    assert_eq!(part.header("content-encoding"), "");
    let tags: Vec<String> = ["br", "gzip", "identity"]
        .map(|coding| words(&[&format!("Accept-Encoding: {coding}")]).header("etag").to_owned())
        .into();
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{tags:?}");
}

#[test]
fn a_copy_that_is_still_good_is_not_sent_again() {
    let class = Class::new();
    let at = class.server.address;
    let tag = get(at, "/index.html", &[]).header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 8, "{tag}");
    let same = format!("If-None-Match: \"other\", W/{tag}");
    let answer = get(at, "/index.html", &[&same]);
    assert_eq!((answer.status, answer.header("etag"), answer.body.len()), (304, tag.as_str(), 0));
    assert_eq!(get(at, "/index.html", &["If-None-Match: \"other\""]).status, 200);
    fs::write(class.folder.path().join("page/index.html"), "another version").unwrap();
    assert_eq!(get(at, "/index.html", &[&same]).text(), "another version");
}

#[test]
fn the_model_comes_by_parts() {
    let class = Class::new();
    let at = class.server.address;
    let file = fs::read_dir(class.folder.path().join("pack"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "safetensors"))
        .unwrap();
    let bytes = fs::read(&file).unwrap();
    let path = format!("/model/{}", file.file_name().unwrap().to_str().unwrap());
    let size = bytes.len();
    let whole = get(at, &path, &[]);
    assert!(whole.status == 200 && whole.body == bytes);
    let tag = whole.header("etag");

    // Piece by piece it is the same.
    let mut pieces = Vec::new();
    for start in (0..size).step_by(100_000) {
        let end = (start + 100_000).min(size) - 1;
        let answer = get(at, &path, &[&format!("Range: bytes={start}-{end}")]);
        assert_eq!(answer.status, 206);
        assert_eq!(answer.header("content-range"), format!("bytes {start}-{end}/{size}"));
        pieces.extend(answer.body);
    }
    assert!(pieces == bytes);
    let part = |headers: &[&str]| get(at, &path, headers);
    assert_eq!(part(&["Range: bytes=-7"]).body, bytes[size - 7..]);
    assert_eq!(part(&[&format!("Range: bytes={}-", size - 3)]).body, bytes[size - 3..]);

    // A part of this version, or all of it.
    let same = format!("If-Range: {tag}");
    assert_eq!(part(&["Range: bytes=1-2", &same]).body, bytes[1..3]);
    for other in ["If-Range: \"other\"", "If-Range: Sat, 01 Jan 2000 00:00:00 GMT"] {
        let answer = part(&["Range: bytes=1-2", other]);
        assert_eq!((answer.status, answer.body.len()), (200, size), "{other}");
    }
    let weak = part(&["Range: bytes=1-2", &format!("If-Range: W/{tag}")]);
    assert_eq!(weak.status, 200, "a weak tag proves no bytes");

    for broken in [
        format!("bytes={size}-"),
        "bytes=5-2".to_owned(),
        "bytes=-0".to_owned(),
        "bytes=a-b".to_owned(),
        "bytes=-".to_owned(),
        "bytes=18446744073709551616-".to_owned(),
        "nonsense".to_owned(),
    ] {
        let answer = part(&[&format!("Range: {broken}")]);
        assert_eq!(answer.status, 416, "{broken}");
        assert_eq!(answer.header("content-range"), format!("bytes */{size}"), "{broken}");
        assert!(answer.body.len() < 100);
    }
    assert_eq!(part(&["Range: bytes=0-1,5-6"]).body.len(), size, "several parts at once");
}

#[test]
fn heads_are_those_of_the_files() {
    let class = Class::new();
    let at = class.server.address;
    for path in ["/index.html", "/model/manifest.json", "/none"] {
        let (head, whole) = (ask(at, &format!("HEAD {path}"), &[]), get(at, path, &[]));
        assert_eq!(head.body.len(), 0);
        let told = |name: &str| (head.header(name).to_owned(), whole.header(name).to_owned());
        for name in ["content-length", "content-type", "etag"] {
            let (head, whole) = told(name);
            assert_eq!(head, whole, "{path}: {name}");
        }
        assert_eq!(head.status, whole.status);
    }
    let part = ask(at, "HEAD /index.html", &["Range: bytes=0-1"]);
    assert_eq!(part.status, 200, "only GET knows parts");
}

#[test]
fn what_cannot_be_served_is_told_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let empty = text(folder.path());
    let page = text(&folder.path().join("page"));
    fs::create_dir(&page).unwrap();
    fs::write(folder.path().join("page/index.html"), "").unwrap();
    let manifest = folder.path().join("broken");
    fs::create_dir(&manifest).unwrap();
    fs::write(manifest.join("manifest.json"), "{").unwrap();
    let broken = text(&manifest);
    for (args, words) in [
        (vec!["--page", &empty], vec![empty.as_str(), "index.html", "web/build"]),
        (vec!["--page", &page, "--model", &empty], vec![empty.as_str(), "easel pack"]),
        (vec!["--page", &page, "--model", &broken], vec![broken.as_str(), "manifest"]),
        (vec!["--page", &page, "--host", "203.0.113.9"], vec!["203.0.113.9"]),
        (vec!["--page", &page, "--host", "teacher"], vec!["--host"]),
    ] {
        let ran = Ran::of(&mut command(["serve", "--port", "0"].into_iter().chain(args)));
        assert_ne!(ran.status, 0);
        for word in words {
            assert!(ran.err.contains(word), "{word}: {}", ran.err);
        }
        assert!(!ran.err.contains("internal error"), "{}", ran.err);
    }
}

#[test]
fn a_port_that_is_taken_is_told() {
    let class = Class::new();
    let port = class.server.address.port().to_string();
    let page = text(&class.folder.path().join("page"));
    let ran = Ran::of(&mut command(["serve", "--page", &page, "--port", &port]));
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains(&port), "{}", ran.err);
}

#[test]
fn without_a_model_the_page_is_opened_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "the page").unwrap();
    let server = super::Server::start(folder.path(), &["--page", &text(folder.path())]);
    assert_eq!(get(server.address, "/", &[]).text(), "the page");
    assert_eq!(get(server.address, "/model/manifest.json", &[]).status, 404);
    assert!(repository().join("web/build").is_file(), "the sentence about it names what there is");
}
