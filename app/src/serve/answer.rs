//! From a request to its answer.

use std::fs::canonicalize;
use std::io::{self, SeekFrom};
use std::path::Path;
use std::time::UNIX_EPOCH;

use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use tokio::fs::File;
use tokio::io::AsyncSeekExt;

use super::body::Content;
use super::coding::Coding;
use super::connection::Server;
use super::range::{Asked, asked};
use super::site::{Entry, Found};

/// What every answer bears. The page is isolated from other origins; its own policy about content
/// stands in its files.
const ALWAYS: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-cache"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Answers a request whose body is `empty`, or not; `secure` says whether it came by TLS.
pub async fn answer(
    server: &Server,
    secure: bool,
    request: &Parts,
    empty: bool,
) -> Response<Content> {
    let mut response = respond(server, secure, request, empty).await;
    for (name, value) in ALWAYS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn respond(server: &Server, secure: bool, request: &Parts, empty: bool) -> Response<Content> {
    let head = request.method == Method::HEAD;
    if request.method != Method::GET && !head {
        let mut response = words(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD are answered.");
        put(&mut response, header::ALLOW, "GET, HEAD");
        return last(response);
    }
    if !empty {
        return last(words(StatusCode::PAYLOAD_TOO_LARGE, "Nothing is taken here."));
    }
    let (path, query) = (request.uri.path(), request.uri.query());
    if let Some(trust) = &server.trust {
        let page = match path {
            "/trust" => Some(("text/html; charset=utf-8", trust.html.as_bytes())),
            // The type by which phones and tablets know a certificate.
            "/trust/easel-class.crt" => {
                Some(("application/x-x509-ca-cert", trust.certificate.as_slice()))
            }
            _ => None,
        };
        if let Some((kind, bytes)) = page {
            return whole(StatusCode::OK, kind, bytes, head);
        }
        if !secure {
            let host = request.headers.get(header::HOST).and_then(|host| host.to_str().ok());
            return match host.filter(|host| is_host(host)) {
                Some(host) => elsewhere(&format!("https://{host}{path}")),
                None => words(StatusCode::BAD_REQUEST, "Expected a Host."),
            };
        }
    }
    match server.site.find(path, query) {
        Found::File(entry) => {
            file(entry, &request.headers, head).await.unwrap_or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => words(StatusCode::NOT_FOUND, "There is no such file."),
                _ => words(StatusCode::INTERNAL_SERVER_ERROR, "The file cannot be read."),
            })
        }
        Found::Elsewhere(address) => elsewhere(address),
        Found::Nothing => words(StatusCode::NOT_FOUND, "There is no such file."),
    }
}

/// Whether it may stand in an address that we send back.
fn is_host(host: &str) -> bool {
    host.len() < 300 && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b))
}

/// A file, a part of it, or that the client's copy is still good.
async fn file(entry: &Entry, headers: &HeaderMap, head: bool) -> io::Result<Response<Content>> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    // Parts are of the file itself, and only GET knows them.
    let range = headers.get(header::RANGE).filter(|_| !head);
    let accepted = text(header::ACCEPT_ENCODING).unwrap_or_default();
    let copy = entry.copies.iter().find(|(coding, _)| coding.is_taken(accepted));
    let copy = copy.filter(|_| range.is_none());
    let (coding, path) = match copy {
        Some((coding, path)) => (Some(*coding), path),
        None => (None, &entry.path),
    };
    let (mut file, size, tag) = open(path, coding).await?;

    let mut response = Response::new(Content::nothing());
    put(&mut response, header::CONTENT_TYPE, entry.kind);
    put(&mut response, header::ACCEPT_RANGES, "bytes");
    put(&mut response, header::ETAG, &tag);
    if !entry.copies.is_empty() {
        put(&mut response, header::VARY, "accept-encoding");
    }
    if let Some(coding) = coding {
        put(&mut response, header::CONTENT_ENCODING, coding.name());
    }
    if text(header::IF_NONE_MATCH).is_some_and(|tags| has(tags, &tag)) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    // A part of another version would be of no use: then all of this one. Dates are never equal.
    let range = range.filter(|_| match headers.get(header::IF_RANGE) {
        Some(version) => version.as_bytes() == tag.as_bytes(),
        None => true,
    });
    let range = range.map(|range| asked(range.to_str().unwrap_or_default(), size));
    let part = match range {
        Some(Asked::Wrong) => {
            let mut response = words(StatusCode::RANGE_NOT_SATISFIABLE, "There is no such part.");
            put(&mut response, header::CONTENT_RANGE, &format!("bytes */{size}"));
            return Ok(response);
        }
        Some(Asked::Part(part)) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let (first, last) = (part.start, part.end - 1);
            put(&mut response, header::CONTENT_RANGE, &format!("bytes {first}-{last}/{size}"));
            file.seek(SeekFrom::Start(part.start)).await?;
            part
        }
        Some(Asked::Whole) | None => 0..size,
    };
    let length = part.end - part.start;
    put(&mut response, header::CONTENT_LENGTH, &length.to_string());
    if !head {
        *response.body_mut() = Content::file(file, length);
    }
    Ok(response)
}

/// Opens a file; also tells its size and the tag of its version.
async fn open(path: &Path, coding: Option<Coding>) -> io::Result<(File, u64, String)> {
    // What became a link since the list was made is not followed.
    if canonicalize(path)? != path {
        return Err(io::ErrorKind::NotFound.into());
    }
    let file = File::open(path).await?;
    let about = file.metadata().await?;
    if !about.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let changed = about.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let coding = coding.map_or("", Coding::ending);
    Ok((file, about.len(), format!("\"{:x}-{changed:x}{coding}\"", about.len())))
}

/// Whether an `If-None-Match` names a tag; weakly, as the standard wants.
fn has(tags: &str, tag: &str) -> bool {
    let plain = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    tags.trim() == "*" || tags.split(',').any(|one| plain(one) == tag)
}

fn put(response: &mut Response<Content>, name: HeaderName, value: &str) {
    // Names and numbers of ours only: this cannot fail.
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn whole(status: StatusCode, kind: &str, bytes: &[u8], head: bool) -> Response<Content> {
    let content = if head { None } else { Some(Bytes::copy_from_slice(bytes)) };
    let mut response = Response::new(Content::Words(content));
    *response.status_mut() = status;
    put(&mut response, header::CONTENT_TYPE, kind);
    put(&mut response, header::CONTENT_LENGTH, &bytes.len().to_string());
    response
}

fn words(status: StatusCode, text: &str) -> Response<Content> {
    whole(status, "text/plain; charset=utf-8", format!("{text}\n").as_bytes(), false)
}

fn elsewhere(address: &str) -> Response<Content> {
    let mut response = words(StatusCode::TEMPORARY_REDIRECT, address);
    put(&mut response, header::LOCATION, address);
    response
}

/// What is left of the request is not read.
fn last(mut response: Response<Content>) -> Response<Content> {
    put(&mut response, header::CONNECTION, "close");
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_weakly() {
        assert!(has("\"a\", W/\"b\"", "\"b\"") && has("*", "\"b\""));
        assert!(!has("\"a\"", "\"b\"") && !has("", "\"b\""));
    }

    #[test]
    fn hosts_are_hosts() {
        assert!(is_host("10.0.0.5:8321") && is_host("[fe80::1]:1") && is_host("a-b.local"));
        assert!(!is_host("a/b") && !is_host("a b") && !is_host("a@b") && !is_host("a\r\nb"));
    }
}
