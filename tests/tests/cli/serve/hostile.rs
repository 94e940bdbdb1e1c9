//! Who asks for what is not theirs, in no language there is, or never to the end.

use std::io::{Read, Write};
use std::net::SocketAddr;

use super::client::{ask, connect, get, read};
use super::{Class, SECRET};

fn serves(at: SocketAddr) {
    assert_eq!(get(at, "/index.html", &[]).status, 200);
}

#[test]
fn nothing_beside_the_folders_is_reached() {
    let class = Class::with(&[], |folder| {
        std::fs::write(folder.join("page/.hidden"), SECRET).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            symlink(folder.join("secret.txt"), folder.join("page/link.txt")).unwrap();
            symlink(folder, folder.join("page/folder")).unwrap();
            symlink("../secret.txt", folder.join("pack/link.txt")).unwrap();
        }
    });
    let at = class.server.address;
    for path in [
        "/../secret.txt",
        "/pkg/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2E%2E%2Fsecret.txt",
        "/%252e%252e/secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/..\\secret.txt",
        "/pkg\\..\\..\\secret.txt",
        "/model/../../secret.txt",
        "/model/..%2f..%2fsecret.txt",
        "//secret.txt",
        "/./../secret.txt",
        "/index.html%00.txt",
        "/%00",
        "/%ff%fe",
        "/%c0%ae%c0%ae/secret.txt",
        "/index.html/../../secret.txt",
        "/link.txt",
        "/folder/secret.txt",
        "/model/link.txt",
        "/.hidden",
        "/pkg",
        "/pkg/",
        "/C:/secret.txt",
        "/C:%5csecret.txt",
        "/%5c%5chost%5cshare",
        "/index.html::$DATA",
        "/page/index.html",
        "http://elsewhere/../secret.txt",
        "file:///etc/passwd",
    ] {
        let answer = get(at, path, &[]);
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        assert!(!answer.text().contains(SECRET), "{path}");
    }
    serves(at);
}

#[cfg(unix)]
#[test]
fn a_file_that_became_a_link_is_not_followed() {
    let class = Class::new();
    let (at, folder) = (class.server.address, class.folder.path());
    assert_eq!(get(at, "/pkg/words.js", &[]).status, 200);
    let file = folder.join("page/pkg/words.js");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(get(at, "/pkg/words.js", &[]).status, 404);
    std::os::unix::fs::symlink(folder.join("secret.txt"), &file).unwrap();
    let answer = get(at, "/pkg/words.js", &[]);
    assert_eq!(answer.status, 404);
    assert!(!answer.text().contains(SECRET));
}

#[test]
fn only_get_and_head_are_answered_and_nothing_is_taken() {
    let class = Class::new();
    let at = class.server.address;
    let before = std::fs::read(class.folder.path().join("page/index.html")).unwrap();
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "BREW", "get"]
    {
        let answer = ask(at, &format!("{method} /index.html"), &[]);
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"), "{method}");
    }
    let answer = ask(at, "OPTIONS *", &[]);
    assert_eq!(answer.status, 405);
    let answer = ask(at, "CONNECT elsewhere:443", &[]);
    assert_eq!(answer.status, 405);
    // A body that would never end.
    for headers in [["Content-Length: 99999999999"], ["Transfer-Encoding: chunked"]] {
        for method in ["GET", "POST"] {
            let answer = ask(at, &format!("{method} /index.html"), &headers);
            assert!(matches!(answer.status, 405 | 413), "{method}: {}", answer.status);
            assert_eq!(answer.header("connection"), "close");
        }
    }
    assert_eq!(std::fs::read(class.folder.path().join("page/index.html")).unwrap(), before);
    serves(at);
}

#[test]
fn what_is_no_request_is_refused() {
    let class = Class::new();
    let at = class.server.address;
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(200_000));
    let heavy = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(200_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(1000));
    let twice = "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".to_owned();
    let nonsense = "\x16\x03\x01\x02\0\x01\0\x01\n\n".to_owned();
    let version = "GET / HTTP/9.9\r\n\r\n".to_owned();
    for request in [long, heavy, many, twice, nonsense, version] {
        let mut stream = connect(at);
        // It may stop to read before the end.
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let head = String::from_utf8_lossy(&answer);
        let refused = answer.is_empty() || head.starts_with("HTTP/1.1 4");
        assert!(refused, "{:?}: {head}", request.get(..20));
    }
    serves(at);
}

#[test]
fn who_never_finishes_asking_is_let_go() {
    let class = Class::new();
    let at = class.server.address;
    // Fifty that begin a request, fifty that say nothing at all.
    let mut slow: Vec<_> = (0..100).map(|_| connect(at)).collect();
    for stream in slow.iter_mut().take(50) {
        stream.write_all(b"GET /index.html HTTP/1.1\r\nHost: cl").unwrap();
    }
    serves(at);
    for stream in &mut slow {
        let mut answer = Vec::new();
        // Closed: by an end or a reset, not by our own patience.
        match stream.read_to_end(&mut answer) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}"),
        }
    }
    serves(at);
}

#[test]
fn who_never_takes_what_was_asked_for_is_let_go() {
    let class = Class::with(&[], |folder| {
        let file = std::fs::File::create(folder.join("pack/large.bin")).unwrap();
        file.set_len(200 << 20).unwrap();
    });
    let at = class.server.address;
    let mut idle: Vec<_> = (0..20)
        .map(|_| {
            let mut stream = connect(at);
            stream.write_all(b"GET /model/large.bin HTTP/1.1\r\nHost: class\r\n\r\n").unwrap();
            stream
        })
        .collect();
    serves(at);
    // Longer than the server waits.
    std::thread::sleep(std::time::Duration::from_secs(35));
    for stream in &mut idle {
        let mut taken = 0;
        let mut buffer = vec![0; 1 << 20];
        // What was on its way still arrives; the rest never does.
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            taken += read;
        }
        assert!(taken < 100 << 20, "{taken}");
    }
    serves(at);
}

#[test]
fn one_connection_serves_many_requests() {
    let class = Class::new();
    let mut stream = connect(class.server.address);
    for _ in 0..3 {
        stream.write_all(b"HEAD /index.html HTTP/1.1\r\nHost: class\r\n\r\n").unwrap();
    }
    stream
        .write_all(b"GET /index.html HTTP/1.1\r\nHost: class\r\nConnection: close\r\n\r\n")
        .unwrap();
    let answers = read(stream, true);
    assert_eq!(answers.status, 200);
    assert_eq!(answers.text().matches("HTTP/1.1 200").count(), 3);
}
