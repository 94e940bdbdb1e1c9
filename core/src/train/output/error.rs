//! What can go wrong when a run writes its folder.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// How the hidden name of what is written aside ends.
pub(super) const PARTIAL: &str = ".partial";

/// A file or folder of a run that cannot be written or read; each message names it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// A file or folder that was to be replaced, such as when the disk is full.
    #[error("{}: cannot be written: {error}; what was there before is kept", path.display())]
    Replace {
        /// The file or folder.
        path: PathBuf,
        /// What the system answered.
        error: io::Error,
    },
    /// A file that grows.
    #[error("{}: cannot be added to: {error}; what was written before is kept", path.display())]
    Append {
        /// The file.
        path: PathBuf,
        /// What the system answered.
        error: io::Error,
    },
    /// A file that was written before.
    #[error("{}: cannot be read: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system answered.
        error: io::Error,
    },
    /// What a killed run left, and cannot be cleared away.
    #[error("{}: left by a run cut short, and cannot be cleared away: {error}", path.display())]
    Recover {
        /// The leftover.
        path: PathBuf,
        /// What the system answered.
        error: io::Error,
    },
    /// Something else has the name.
    #[error("{}: expected {expected} of this name, found {found}", path.display())]
    Kind {
        /// The name.
        path: PathBuf,
        /// A file or a folder.
        expected: &'static str,
        /// The other of the two.
        found: &'static str,
    },
    /// A path such as `..` that names no file.
    #[error("'{}' is not the name of a file or folder", path.display())]
    NoName {
        /// The path as given.
        path: PathBuf,
    },
    /// A line of a log that is not one of ours.
    #[error("{}, line {line}: expected a step of this log, or the run's metrics moved away", path.display())]
    Line {
        /// The log.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// A value that no file of its kind can hold.
    #[error("{}: {reason}", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// A picture of curves that could not be drawn.
    #[error("the curves cannot be drawn: {0}")]
    Curves(String),
}

/// Wraps what the system answered about a file that is being replaced.
pub(super) fn replacing(path: &Path) -> impl FnOnce(io::Error) -> OutputError + use<> {
    let path = path.components().map(|part| shown(part.as_os_str())).collect();
    |error| OutputError::Replace { path, error }
}

/// The name that a folder will have which is still written aside, as `.NAME.partial`.
fn shown(name: &OsStr) -> &OsStr {
    let inner = name.to_str().and_then(|name| name.strip_prefix('.')?.strip_suffix(PARTIAL));
    inner.map_or(name, OsStr::new)
}

/// Wraps what the system answered about a file that grows.
pub(super) fn appending(path: &Path) -> impl FnOnce(io::Error) -> OutputError + use<> {
    let path = path.to_owned();
    |error| OutputError::Append { path, error }
}

/// Wraps what the system answered about a file that is read.
pub(super) fn reading(path: &Path) -> impl FnOnce(io::Error) -> OutputError + use<> {
    let path = path.to_owned();
    |error| OutputError::Read { path, error }
}
