//! Addresses: percent-encoding, redirects, and what counts as the same server.

use ureq::http::Uri;

/// Percent-encodes all but the characters that are safe in a path's segment (RFC 3986).
pub(super) fn encode_segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Percent-encodes a path, keeping its slashes.
pub(super) fn encode_path(path: &str) -> String {
    path.split('/').map(encode_segment).collect::<Vec<_>>().join("/")
}

/// Parses an absolute http or https address.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(text: &str) -> Result<Uri, String> {
    let uri: Uri = text.parse().map_err(|error| format!("`{text}`: {error}"))?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.host().is_some_and(|host| !host.is_empty()) => Ok(uri),
        _ => Err(format!("`{text}` is no http or https address")),
    }
}

/// Whether both lie on the same server: equal scheme, host and port.
pub(super) fn same_origin(a: &Uri, b: &Uri) -> bool {
    let host = |uri: &Uri| uri.host().map(str::to_ascii_lowercase);
    a.scheme_str() == b.scheme_str() && host(a) == host(b) && port(a) == port(b)
}

fn port(uri: &Uri) -> u16 {
    uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 })
}

/// The address that a redirect from `base` to `location` leads to (RFC 3986, section 5).
///
/// # Errors
/// What is wrong with `location`.
pub(super) fn join(base: &Uri, location: &str) -> Result<Uri, String> {
    let scheme = base.scheme_str().unwrap_or_default();
    let server = format!("{scheme}://{}", base.authority().map_or("", |a| a.as_str()));
    if location.split(['/', '?', '#']).next().is_some_and(|start| start.contains(':')) {
        parse(location)
    } else if location.starts_with("//") {
        parse(&format!("{scheme}:{location}"))
    } else if location.starts_with('/') {
        parse(&format!("{server}{location}"))
    } else if location.is_empty() || location.starts_with(['?', '#']) {
        parse(&format!("{server}{}{location}", base.path()))
    } else {
        let (folder, _) = base.path().rsplit_once('/').unwrap_or_default();
        let end = location.find(['?', '#']).unwrap_or(location.len());
        let path = without_dots(&format!("{folder}/{}", &location[..end]));
        parse(&format!("{server}{path}{}", &location[end..]))
    }
}

/// Resolves the `.` and `..` segments of an absolute path.
fn without_dots(path: &str) -> String {
    let mut kept = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_segment_by_segment() {
        assert_eq!(encode_segment("refs/pr/1"), "refs%2Fpr%2F1");
        assert_eq!(encode_path("a b/ü#?%.json"), "a%20b/%C3%BC%23%3F%25.json");
    }

    #[test]
    fn redirects_are_resolved_against_where_they_came_from() {
        let base = parse("https://hub.test:8443/o/n/resolve/main/f?x=1").unwrap();
        for (location, address) in [
            ("http://cdn.test/a?b=c", "http://cdn.test/a?b=c"),
            ("//cdn.test/a", "https://cdn.test/a"),
            ("/a?u=http://b", "https://hub.test:8443/a?u=http://b"),
            ("g", "https://hub.test:8443/o/n/resolve/main/g"),
            ("../v2/./g?y", "https://hub.test:8443/o/n/resolve/v2/g?y"),
            ("?y=2", "https://hub.test:8443/o/n/resolve/main/f?y=2"),
        ] {
            assert_eq!(join(&base, location).unwrap().to_string(), address, "{location}");
        }
        for location in ["ftp://cdn.test/a", "file:///etc/passwd", "http://", "http:///a", "a b"] {
            assert!(join(&base, location).is_err(), "{location}");
        }
    }

    #[test]
    fn scheme_host_and_port_make_a_server() {
        let same = |a, b| same_origin(&parse(a).unwrap(), &parse(b).unwrap());
        assert!(same("https://hub.test/a", "https://HUB.test:443/b"));
        assert!(!same("https://hub.test/", "http://hub.test/"));
        assert!(!same("https://hub.test/", "https://hub.test:444/"));
        assert!(!same("https://hub.test/", "https://cdn.hub.test/"));
        assert!(!same("http://a.test@b.test/", "http://a.test/"));
    }
}
