//! Requests to the hub: the token, redirects followed by hand, and what refusals mean.

use std::time::Duration;

use ureq::http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, HeaderName, IF_RANGE, LOCATION, RANGE,
    RETRY_AFTER,
};
use ureq::http::{HeaderMap, Response, Uri};
use ureq::{Agent, Body};

use super::limits::{Failure, Limits};
use super::{HubError, ModelId, url};

const MAX_REDIRECTS: usize = 10;
/// The version of a large file, told by the hub itself before it redirects to the content.
const LINKED_ETAG: &str = "x-linked-etag";

/// What a request is for, as messages name it.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) id: &'a ModelId,
    /// `None` for the list of files.
    pub(super) file: Option<&'a str>,
}

impl Subject<'_> {
    pub(super) fn name(&self) -> String {
        match self.file {
            Some(file) => format!("{}/{file}", self.id.repo()),
            None => self.id.to_string(),
        }
    }
}

/// Which part of a file to send.
#[derive(Default)]
pub(super) struct Part<'a> {
    /// First byte.
    pub(super) from: u64,
    /// The version that the bytes before `from` are of, where the server told.
    pub(super) version: Option<&'a str>,
}

/// A success, or 416: no such part.
pub(super) struct Answer {
    pub(super) response: Response<Body>,
    /// The version named by the hub itself, without quotes.
    pub(super) linked_etag: Option<String>,
}

impl Answer {
    pub(super) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        text(self.response.headers(), name)
    }

    /// The announced length of the body in bytes; that of a compressed one tells nothing.
    pub(super) fn length(&self) -> Option<u64> {
        match self.header(&CONTENT_ENCODING) {
            None | Some("identity") => self.header(&CONTENT_LENGTH)?.parse().ok(),
            Some(_) => None,
        }
    }
}

/// Sends requests, one attempt each.
pub(super) struct Client {
    agent: Agent,
    token: Option<String>,
}

impl Client {
    pub(super) fn new(token: Option<String>, limits: &Limits) -> Self {
        let agent = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent(concat!("easel/", env!("CARGO_PKG_VERSION")))
            // Lengths and ranges must be those of the file itself.
            .accept_encoding("identity")
            .timeout_resolve(Some(limits.connect))
            .timeout_connect(Some(limits.connect))
            .timeout_per_read(Some(limits.stall))
            .timeout_per_write(Some(limits.stall))
            .build()
            .new_agent();
        Self { agent, token }
    }

    /// Asks for `start` and follows redirects; the token never leaves `start`'s server.
    ///
    /// # Errors
    /// Whatever is not a success or status 416, with whether another attempt makes sense.
    pub(super) fn get(
        &self,
        start: &Uri,
        part: &Part<'_>,
        subject: Subject<'_>,
    ) -> Result<Answer, Failure> {
        let what = || subject.name();
        let mut address = start.clone();
        let mut at_home = true;
        let mut linked_etag = None;
        for _ in 0..=MAX_REDIRECTS {
            let token = self.token.as_deref().filter(|_| at_home);
            let response = self
                .send(&address, part, token)
                .map_err(|error| network_failure(&error, what()))?;
            let status = response.status().as_u16();
            if at_home && linked_etag.is_none() {
                let etag = response.headers().get(LINKED_ETAG).and_then(|v| v.to_str().ok());
                linked_etag = etag.map(|etag| bare_etag(etag).to_owned());
            }
            if matches!(status, 301 | 302 | 303 | 307 | 308) {
                address = text(response.headers(), &LOCATION)
                    .ok_or_else(|| "it names no address".to_owned())
                    .and_then(|location| url::join(&address, location))
                    .map_err(|reason| HubError::Redirect { what: what(), reason })?;
                at_home &= url::same_origin(start, &address);
                continue;
            }
            if matches!(status, 200..=299 | 416) {
                return Ok(Answer { response, linked_etag });
            }
            return Err(self.refusal(subject, status, response.headers(), at_home));
        }
        let reason = format!("more than {MAX_REDIRECTS} in a row");
        Err(HubError::Redirect { what: what(), reason }.into())
    }

    fn send(
        &self,
        address: &Uri,
        part: &Part<'_>,
        token: Option<&str>,
    ) -> Result<Response<Body>, ureq::Error> {
        let mut request = self.agent.get(address);
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if part.from > 0 {
            request = request.header(RANGE, format!("bytes={}-", part.from));
            if let Some(version) = part.version {
                request = request.header(IF_RANGE, version);
            }
        }
        request.call()
    }

    fn refusal(
        &self,
        subject: Subject<'_>,
        status: u16,
        headers: &HeaderMap,
        at_home: bool,
    ) -> Failure {
        let (what, id) = (subject.name(), subject.id);
        let (repo, revision) = (id.repo().to_owned(), id.revision().to_owned());
        let again = |what| Failure::Again(HubError::Status { what, status }, retry_after(headers));
        match status {
            // A content server's signed address has run out; the hub gives a new one.
            401 | 403 if !at_home => again(what),
            401 | 403 if self.token.is_some() => HubError::TokenRefused { what, status }.into(),
            401 | 403 => HubError::TokenWanted { what, status }.into(),
            404 => match subject.file {
                Some(file) => HubError::NoFile { repo, revision, file: file.to_owned() }.into(),
                None => HubError::NoModel { repo, revision }.into(),
            },
            408 | 429 | 500 | 502 | 503 | 504 => again(what),
            _ => HubError::Status { what, status }.into(),
        }
    }
}

/// An entity tag without the mark of weakness and the quotes.
fn bare_etag(etag: &str) -> &str {
    etag.trim().trim_start_matches("W/").trim_matches('"')
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The pause in seconds that the server asks for; a date is not honoured.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    text(headers, &RETRY_AFTER)?.trim().parse().ok().map(Duration::from_secs)
}

fn network_failure(error: &ureq::Error, what: String) -> Failure {
    use ureq::Error as E;
    let failed = HubError::Unreachable { what, reason: error.to_string() };
    match error {
        // These come from the request or the certificates, not from the moment.
        E::Http(_) | E::BadUri(_) | E::InvalidProxyUrl | E::Tls(_) | E::Rustls(_) => {
            Failure::Final(failed)
        }
        _ => Failure::Again(failed, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entity_tags_lose_their_wrapping() {
        for etag in ["\"ab\"", "W/\"ab\"", "ab", " \"ab\" "] {
            assert_eq!(bare_etag(etag), "ab");
        }
    }

    #[test]
    fn a_pause_is_read_in_seconds() {
        let mut headers = HeaderMap::new();
        assert_eq!(retry_after(&headers), None);
        headers.insert(RETRY_AFTER, "3".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(3)));
        headers.insert(RETRY_AFTER, "Fri, 31 Dec 1999 23:59:59 GMT".parse().unwrap());
        assert_eq!(retry_after(&headers), None);
    }
}
