//! Writing to the terminal: results on standard output, everything else on standard error.

use std::io::{self, ErrorKind, Write};
use std::path::Path;

use crate::failure::Failure;

/// Tells something beside the results, in one line.
pub fn note(text: &str) {
    // Names of files and tensors may hold line ends, or orders to the terminal.
    let text = text.replace(char::is_control, " ");
    // A closed standard error leaves nobody to tell.
    let _ = writeln!(io::stderr().lock(), "easel: {text}");
}

/// Tells why something failed, in one line.
pub fn complain(failure: &Failure) {
    let text = failure.to_string();
    match failure {
        // All problems of a sheet, which the library puts below each other.
        #[cfg(feature = "train")]
        Failure::Train(easel_core::train::TrainError::Data(_)) => note(&text.replace('\n', "; ")),
        _ => note(&text),
    }
}

/// Writes a part of the results to standard output.
///
/// A reader that went away, as `head` does, is no failure: the process ends quietly.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        outcome => outcome.map_err(Failure::io(Path::new("standard output"), "cannot be written")),
    }
}
