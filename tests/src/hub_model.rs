//! A model as the hub serves it.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::hub_server::{Reply, Request};

/// A file of a model.
#[derive(Debug, Clone)]
pub struct ServedFile {
    /// Path in the model.
    pub name: String,
    /// What is sent.
    pub bytes: Vec<u8>,
    /// The size that the list tells, in bytes.
    pub listed_size: u64,
    /// The sum that the list tells.
    pub listed_sum: String,
    /// Whether it is listed as a large file, by SHA-256, or a small one, by git blob SHA-1.
    pub large: bool,
    /// Entity tag with its quotes.
    pub etag: String,
}

impl ServedFile {
    /// A large file with its SHA-256.
    pub fn large(name: &str, bytes: impl Into<Vec<u8>>, sha256: &str) -> Self {
        Self::new(name, bytes.into(), sha256, true)
    }

    /// A small file with the SHA-1 that `git hash-object` tells.
    pub fn small(name: &str, bytes: impl Into<Vec<u8>>, git_sha1: &str) -> Self {
        Self::new(name, bytes.into(), git_sha1, false)
    }

    fn new(name: &str, bytes: Vec<u8>, sum: &str, large: bool) -> Self {
        let (name, listed_size) = (name.to_owned(), bytes.len() as u64);
        let etag = format!("\"{sum}\"");
        Self { name, bytes, listed_size, listed_sum: sum.to_owned(), large, etag }
    }

    /// The file or, where asked for and unchanged, its end.
    pub fn answer(&self, request: &Request) -> Reply {
        let unchanged = request.header("if-range").is_none_or(|etag| etag == self.etag);
        let total = self.bytes.len();
        let reply = match request.first_byte().filter(|_| unchanged) {
            Some(first) if first >= total => {
                Reply::new(416, "").with_header("Content-Range", &format!("bytes */{total}"))
            }
            Some(first) => Reply::new(206, &self.bytes[first..])
                .with_header("Content-Range", &format!("bytes {first}-{}/{total}", total - 1)),
            None => Reply::new(200, self.bytes.clone()),
        };
        reply.with_header("ETag", &self.etag)
    }

    fn listed(&self) -> Value {
        let mut listed = json!({ "rfilename": self.name, "size": self.listed_size });
        if self.large {
            listed["blobId"] = json!("f".repeat(40));
            listed["lfs"] = json!({
                "sha256": self.listed_sum, "size": self.listed_size, "pointerSize": 134,
            });
        } else {
            listed["blobId"] = json!(self.listed_sum);
        }
        listed
    }
}

/// The SHA-256 of some bytes in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A model at one commit, to which every revision leads.
#[derive(Debug, Clone)]
pub struct ServedModel {
    /// `owner/name`.
    pub repo: String,
    /// Forty hexadecimal digits.
    pub commit: String,
    /// Its files.
    pub files: Vec<ServedFile>,
}

impl ServedModel {
    /// Answers as the hub does; 404 for what is unknown.
    pub fn answer(&self, request: &Request) -> Reply {
        if request.path.starts_with(&format!("/api/models/{}/revision/", self.repo)) {
            return self.list();
        }
        let folder = format!("/{}/resolve/{}/", self.repo, self.commit);
        let name = request.path.strip_prefix(&folder);
        match name.and_then(|name| self.files.iter().find(|file| file.name == name)) {
            Some(file) => file.answer(request),
            None => Reply::new(404, "not found"),
        }
    }

    /// The list of its files.
    pub fn list(&self) -> Reply {
        let siblings: Vec<_> = self.files.iter().map(ServedFile::listed).collect();
        let body = json!({ "id": self.repo, "sha": self.commit, "siblings": siblings });
        Reply::new(200, body.to_string()).with_header("Content-Type", "application/json")
    }
}
