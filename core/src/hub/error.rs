//! What can go wrong between a model's name and a folder with its files.

use std::io;
use std::path::{Path, PathBuf};

/// An error while bringing a model from the hub or its cache.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// A model's name that is not `owner/name` or `owner/name@revision`.
    #[error("`{text}` is no model name such as owner/name or owner/name@revision: {reason}")]
    Id {
        /// The text as given.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No folder for the cache can be derived from the environment.
    #[error("no home folder found for the model cache: set HF_HOME or HF_HUB_CACHE")]
    NoHome,
    /// The hub's address cannot be used.
    #[error("the hub address `{endpoint}` (HF_ENDPOINT) cannot be used: {reason}")]
    Endpoint {
        /// The address as given.
        endpoint: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Requests are switched off and the cache does not hold what is wanted.
    #[error(
        "{model} is not complete in the cache {cache} and HF_HUB_OFFLINE is set: missing {missing}"
    )]
    Offline {
        /// The model and its revision.
        model: String,
        /// The cache's folder.
        cache: PathBuf,
        /// The missing files, or what else is missing.
        missing: String,
    },
    /// No answer, or one that broke off, after all retries.
    #[error("{what}: no complete answer from the server: {reason}")]
    Unreachable {
        /// The model or file asked for.
        what: String,
        /// What the last attempt met.
        reason: String,
    },
    /// An answer that is neither the file nor a known refusal.
    #[error("{what}: the server answered with status {status}")]
    Status {
        /// The model or file asked for.
        what: String,
        /// The HTTP status of the last attempt.
        status: u16,
    },
    /// The model is private or gated and no token was sent.
    #[error(
        "{what} is private or gated: accept its terms on its page and set HF_TOKEN to an access \
         token (status {status})"
    )]
    TokenWanted {
        /// The model or file asked for.
        what: String,
        /// 401 or 403.
        status: u16,
    },
    /// The model is private or gated and the token does not open it.
    #[error(
        "{what} is private or gated and HF_TOKEN was refused: accept its terms on its page with \
         the token's account, or use another token (status {status})"
    )]
    TokenRefused {
        /// The model or file asked for.
        what: String,
        /// 401 or 403.
        status: u16,
    },
    /// The hub has no such model, or no such revision of it.
    #[error("no model `{repo}` with revision `{revision}` on the hub (status 404)")]
    NoModel {
        /// `owner/name`.
        repo: String,
        /// Branch, tag or commit.
        revision: String,
    },
    /// The model is listed but one of its files is not served.
    #[error("no file `{file}` in model `{repo}` at revision `{revision}` (status 404)")]
    NoFile {
        /// `owner/name`.
        repo: String,
        /// Branch, tag or commit.
        revision: String,
        /// The file's name in the model.
        file: String,
    },
    /// The list of a model's files cannot be used.
    #[error("the hub's list of files of {model} cannot be used: {reason}")]
    Listing {
        /// The model and its revision.
        model: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file name that would leave the cache.
    #[error("{model} lists a file with the unsafe name `{name}`: {reason}")]
    FileName {
        /// The model and its revision.
        model: String,
        /// The name, with control characters escaped.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Redirects that cannot be followed.
    #[error("{what}: the server's redirect cannot be followed: {reason}")]
    Redirect {
        /// The model or file asked for.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The server holds another version of the file than was listed.
    #[error("{file} changed on the hub: expected version {expected}, found {found}")]
    Changed {
        /// The file's name in the model.
        file: String,
        /// The listed version.
        expected: String,
        /// The served version.
        found: String,
    },
    /// The server sent a file of another length than was listed.
    #[error("{file} has the wrong length: expected {expected} bytes, found {found}")]
    Size {
        /// The file's name in the model.
        file: String,
        /// Listed length in bytes.
        expected: u64,
        /// Length in bytes as announced, or as received until it was noticed.
        found: u64,
    },
    /// The bytes received are not those listed; they were deleted.
    #[error("{file} is damaged and was deleted: expected {kind} {expected}, found {found}")]
    Sum {
        /// The file's name in the model.
        file: String,
        /// `sha256` or `git blob sha1`.
        kind: &'static str,
        /// Listed sum in hexadecimal digits.
        expected: String,
        /// The sum of what was received.
        found: String,
    },
    /// The files do not fit on the disk; nothing was fetched.
    #[error("not enough room in {folder}: {needed} bytes needed, {free} free")]
    NoSpace {
        /// The cache's folder.
        folder: PathBuf,
        /// Bytes still to fetch.
        needed: u64,
        /// Bytes free.
        free: u64,
    },
    /// Whoever began it wants it no more; what came stays.
    #[error("{model}: stopped before it was complete")]
    Stopped {
        /// The model and its revision.
        model: String,
    },
    /// The cache cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl HubError {
    /// Names the file or folder that an operation failed on.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |source| Self::Io { path: path.to_path_buf(), source }
    }
}
