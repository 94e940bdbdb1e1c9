//! Reading a whole file that a person named.

use std::fs;
use std::path::Path;

use crate::failure::Failure;

/// The bytes of a file of at most `most` bytes; `kind` says what it should be.
///
/// A device or a pipe is refused: it may have no end.
pub fn read(path: &Path, kind: &str, most: u64) -> Result<Vec<u8>, Failure> {
    let about = fs::metadata(path).map_err(Failure::io(path, "cannot be read"))?;
    if !about.is_file() {
        return Err(Failure::file(path, format!("expected a {kind} file, and this is none")));
    }
    if about.len() > most {
        let (size, most) = (about.len() >> 20, most >> 20);
        return Err(Failure::file(path, format!("{size} MiB; a {kind} has at most {most} MiB")));
    }
    fs::read(path).map_err(Failure::io(path, "cannot be read"))
}
