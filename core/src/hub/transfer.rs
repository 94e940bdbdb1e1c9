//! Fetching one file, over as many attempts as it takes.

use std::io::Read;
use std::path::{Path, PathBuf};

use ureq::http::Uri;
use ureq::http::header::{CONTENT_RANGE, ETAG};

use super::client::{Answer, Client, Part, Subject};
use super::go_on::GoOn;
use super::limits::{Failure, Limits, Patience};
use super::listing::RemoteFile;
use super::partial::{CHUNK, Partial};
use super::{HubError, ModelId, Progress};

/// One file to fetch.
pub(super) struct Transfer<'a> {
    pub(super) client: &'a Client,
    pub(super) limits: Limits,
    pub(super) go_on: &'a GoOn,
    pub(super) id: &'a ModelId,
    pub(super) file: &'a RemoteFile,
    pub(super) address: Uri,
}

/// What attempts have learnt about the server.
#[derive(Default)]
struct Seen {
    /// The strong entity tag under which the bytes on the disk were sent.
    version: Option<String>,
    /// Whether it denied once that the bytes on the disk are a beginning.
    denied_part: bool,
}

impl Transfer<'_> {
    /// Fetches the rest of the file into `partial`, checks it and moves it to `blob`.
    ///
    /// # Errors
    /// When the server gives up or lies about length or content, or the disk does.
    pub(super) fn run(
        &self,
        partial: PathBuf,
        blob: &Path,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), HubError> {
        let mut file = self.receive_all(partial.clone(), progress)?;
        if file.is_inherited() && !file.is_intact() {
            // Another program may have written the earlier part out of order.
            log::warn!("{}: the part from an earlier run is damaged", self.file.name);
            file.restart()?;
            drop(file);
            file = self.receive_all(partial, progress)?;
        }
        file.finish(blob)?;
        progress(Progress::Finished { name: &self.file.name });
        Ok(())
    }

    fn receive_all(
        &self,
        path: PathBuf,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Partial<'_>, HubError> {
        let mut partial = Partial::open(path, self.file)?;
        self.tell_start(&partial, progress);
        let mut patience = Patience::new(self.limits, self.go_on, self.id);
        let mut seen = Seen::default();
        let mut best = partial.len();
        while partial.len() < self.file.size {
            let attempt = self.attempt(&mut partial, &mut seen, progress);
            if partial.len() > best {
                best = partial.len();
                patience.renew();
            }
            if let Err(failure) = attempt {
                patience.pause_after(failure)?;
            }
        }
        Ok(partial)
    }

    fn attempt(
        &self,
        partial: &mut Partial<'_>,
        seen: &mut Seen,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), Failure> {
        let part = Part { from: partial.len(), version: seen.version.as_deref() };
        let answer = self.client.get(&self.address, &part, self.subject())?;
        self.check_version(&answer)?;
        if !self.fits(&answer, partial, seen)? {
            partial.restart()?;
            seen.version = None;
            self.tell_start(partial, progress);
            if answer.status() != 200 {
                return Ok(());
            }
        }
        seen.version = strong_etag(&answer);
        self.receive(answer, partial, progress)
    }

    /// Whether the answer continues the bytes on the disk; if not, they must go.
    fn fits(
        &self,
        answer: &Answer,
        partial: &Partial<'_>,
        seen: &mut Seen,
    ) -> Result<bool, Failure> {
        let size = self.file.size;
        match answer.status() {
            200 => {
                self.check_size(answer.length().unwrap_or(size))?;
                Ok(partial.len() == 0)
            }
            206 => {
                let range = answer.header(&CONTENT_RANGE).and_then(ContentRange::parse);
                let Some(range) = range else {
                    return Err(self.unreachable("a part without its place in the file"));
                };
                self.check_size(range.total.unwrap_or(size))?;
                let other_version = match (&seen.version, strong_etag(answer)) {
                    (Some(old), Some(new)) => *old != new,
                    _ => false,
                };
                if range.first != Some(partial.len()) && partial.len() == 0 {
                    return Err(self.unreachable("a part that was not asked for"));
                }
                Ok(range.first == Some(partial.len()) && !other_version)
            }
            416 if partial.len() > 0 && !seen.denied_part => {
                seen.denied_part = true;
                Ok(false)
            }
            416 => {
                let range = answer.header(&CONTENT_RANGE).and_then(ContentRange::parse);
                self.check_size(range.and_then(|range| range.total).unwrap_or(size))?;
                Err(HubError::Status { what: self.subject().name(), status: 416 }.into())
            }
            status => Err(HubError::Status { what: self.subject().name(), status }.into()),
        }
    }

    fn receive(
        &self,
        answer: Answer,
        partial: &mut Partial<'_>,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), Failure> {
        let mut body = answer.response.into_body().into_reader();
        let mut chunk = vec![0; CHUNK];
        loop {
            self.go_on.check(self.id)?;
            match body.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => {
                    partial.push(&chunk[..count])?;
                    progress(Progress::Advanced { bytes: count as u64 });
                }
                Err(error) => return Err(self.unreachable(&error.to_string())),
            }
        }
        if partial.len() < self.file.size {
            // It ended in good order, so perhaps the file is shorter; perhaps more comes.
            return Err(Failure::Again(self.wrong_size(partial.len()), None));
        }
        Ok(())
    }

    /// The hub itself names a large file's content by its sum.
    fn check_version(&self, answer: &Answer) -> Result<(), HubError> {
        let expected = self.file.sum.digits();
        match answer.linked_etag.as_deref() {
            Some(found) if found != expected => Err(HubError::Changed {
                file: self.file.name.clone(),
                expected: expected.to_owned(),
                found: found.escape_default().to_string(),
            }),
            _ => Ok(()),
        }
    }

    fn check_size(&self, found: u64) -> Result<(), HubError> {
        if found == self.file.size { Ok(()) } else { Err(self.wrong_size(found)) }
    }

    fn wrong_size(&self, found: u64) -> HubError {
        HubError::Size { file: self.file.name.clone(), expected: self.file.size, found }
    }

    fn unreachable(&self, reason: &str) -> Failure {
        let (what, reason) = (self.subject().name(), reason.to_owned());
        Failure::Again(HubError::Unreachable { what, reason }, None)
    }

    fn subject(&self) -> Subject<'_> {
        Subject { id: self.id, file: Some(&self.file.name) }
    }

    fn tell_start(&self, partial: &Partial<'_>, progress: &mut dyn FnMut(Progress<'_>)) {
        let (name, size) = (self.file.name.as_str(), self.file.size);
        progress(Progress::Started { name, size, already: partial.len() });
    }
}

/// The entity tag, if equal tags mean equal bytes.
fn strong_etag(answer: &Answer) -> Option<String> {
    answer.header(&ETAG).filter(|etag| etag.starts_with('"')).map(str::to_owned)
}

/// `bytes FIRST-LAST/TOTAL`, `bytes FIRST-LAST/*` or `bytes */TOTAL`.
#[derive(Debug, PartialEq, Eq)]
struct ContentRange {
    first: Option<u64>,
    total: Option<u64>,
}

impl ContentRange {
    fn parse(text: &str) -> Option<Self> {
        let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
        let first = match range.split_once('-') {
            Some((first, _)) => Some(first.trim().parse().ok()?),
            None if range.trim() == "*" => None,
            None => return None,
        };
        Some(Self { first, total: total.trim().parse().ok() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges_are_read_in_their_three_forms() {
        let parse = ContentRange::parse;
        assert_eq!(parse("bytes 5-9/10"), Some(ContentRange { first: Some(5), total: Some(10) }));
        assert_eq!(parse("bytes 5-9/*"), Some(ContentRange { first: Some(5), total: None }));
        assert_eq!(parse("bytes */10"), Some(ContentRange { first: None, total: Some(10) }));
        for text in ["", "5-9/10", "bytes 5/10", "bytes x-9/10", "bytes 5-9"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
