//! Writing to the terminal: results on standard output, everything else on standard error.

use std::io::{self, ErrorKind, Write};
use std::path::Path;

use crate::failure::Failure;

/// Tells something beside the results, in one line.
pub fn note(text: &str) {
    // Names of files and tensors may hold line ends, or orders to the terminal.
    let text = without_numbers(text).replace(char::is_control, " ");
    // A closed standard error leaves nobody to tell.
    let _ = writeln!(io::stderr().lock(), "easel: {text}");
}

/// The system's words without its error numbers: `not found (os error 2)`.
pub fn without_numbers(text: &str) -> String {
    let mut parts = text.split(" (os error ");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once(')').map_or(part, |(_, rest)| rest));
    }
    plain
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_numbers_are_left_out() {
        let text = "a.csv: cannot be read: No such file (os error 2); b: Full (os error 28)";
        assert_eq!(without_numbers(text), "a.csv: cannot be read: No such file; b: Full");
        assert_eq!(without_numbers("a (b) c"), "a (b) c");
    }
}
