//! What can be wrong with a data set.

use std::fmt;
use std::io;

use super::Split;
use crate::rubric::Attribute;

/// This many problems are shown; more are counted.
const SHOWN: usize = 20;

/// One thing that is wrong in a sheet, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Line in the file, from 1.
    pub line: u64,
    /// What is there and what was expected.
    pub message: String,
    /// Whether it is a picture that is not there, which can be left out by choice.
    pub missing_picture: bool,
}

/// Why a data set cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The system could not open or read a file.
    #[error("{file}: cannot be read: {error}")]
    Io {
        /// Which one.
        file: String,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// A file is larger than any sheet.
    #[error("{file}: {bytes} bytes are too many; at most {limit} are read")]
    TooLarge {
        /// Which one.
        file: String,
        /// Its size.
        bytes: u64,
        /// The most that is read.
        limit: u64,
    },
    /// The pictures' folder is not there.
    #[error("{folder}: expected a folder with the pictures, but there is none of this name")]
    NoFolder {
        /// Which one.
        folder: String,
    },
    /// Rows or columns are wrong; one line where it is one problem, else a list.
    #[error("{}", list(.file, .problems))]
    Problems {
        /// The sheet.
        file: String,
        /// All of them, by line.
        problems: Vec<Problem>,
    },
    /// No row is left.
    #[error("{file}: {found}; expected at least one row with a picture")]
    NoRows {
        /// The sheet.
        file: String,
        /// What is there instead.
        found: &'static str,
    },
    /// A part of the split has no row.
    #[error("{file}: the {part} part of the split is empty: {found}; expected {expected}")]
    EmptyPart {
        /// The sheet.
        file: String,
        /// Which part.
        part: Split,
        /// What there is.
        found: String,
        /// What would do.
        expected: &'static str,
    },
    /// A part of the split has no label for an attribute.
    #[error("{file}: no row of the {part} part has a label for {attribute}; expected at least one")]
    NoLabels {
        /// The sheet.
        file: String,
        /// Which part.
        part: Split,
        /// Which attribute.
        attribute: Attribute,
    },
    /// What blanks are to count as is no label.
    #[error("blanks cannot count as {found}; expected a number from 1 to 5")]
    BlankAs {
        /// What was asked for.
        found: f64,
    },
    /// The share of rows to train on is none.
    #[error("{found} of the rows cannot be trained on; expected a number above 0 and below 1")]
    Fraction {
        /// What was asked for.
        found: f64,
    },
    /// The comments' file is no JSON.
    #[error("{file}: not the JSON that was expected: {message}")]
    CommentsJson {
        /// Which one.
        file: String,
        /// What is wrong, with line and column.
        message: String,
    },
    /// The comments' file has another structure.
    #[error("{file}: {place} is {found}; expected {expected}")]
    Comments {
        /// Which one.
        file: String,
        /// The names that lead there.
        place: String,
        /// What is there.
        found: &'static str,
        /// What was expected.
        expected: &'static str,
    },
}

/// One problem on the file's own line, several below it.
fn list(file: &str, problems: &[Problem]) -> String {
    let missing = problems.iter().filter(|problem| problem.missing_picture).count();
    let line = |problem: &Problem| format!("line {}: {}", problem.line, problem.message);
    if let [problem] = problems {
        let way_out = if missing == 1 { " (--skip-missing leaves such rows out)" } else { "" };
        return format!("{file}: {}{way_out}", line(problem));
    }
    let way_out = match missing {
        0 => String::new(),
        n => format!(", {n} of them missing pictures (--skip-missing leaves such rows out)"),
    };
    let mut lines = vec![format!("{file}: {} problems{way_out}", problems.len())];
    lines.extend(problems.iter().take(SHOWN).map(line));
    if problems.len() > SHOWN {
        lines.push(format!("and {} more", problems.len() - SHOWN));
    }
    lines.join("\n")
}

/// A cell's text as a message shows it: on one line, and not all of it if it is long.
pub(super) struct Shown<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 60;
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        let text: String = self.0.chars().take(LONGEST).map(plain).collect();
        let more = if self.0.chars().nth(LONGEST).is_some() { "…" } else { "" };
        write!(f, "'{text}{more}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: u64, message: &str, missing_picture: bool) -> Problem {
        Problem { line, message: message.to_owned(), missing_picture }
    }

    #[test]
    fn one_problem_is_one_line() {
        assert_eq!(list("a.csv", &[problem(12, "bad", false)]), "a.csv: line 12: bad");
        assert_eq!(
            list("a.csv", &[problem(2, "gone", true)]),
            "a.csv: line 2: gone (--skip-missing leaves such rows out)"
        );
    }

    #[test]
    fn many_problems_are_listed_up_to_twenty() {
        let problems: Vec<Problem> = (1..=23).map(|line| problem(line, "bad", line < 3)).collect();
        let text = list("a.csv", &problems);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "a.csv: 23 problems, 2 of them missing pictures (--skip-missing leaves such rows out)"
        );
        assert_eq!((lines[1], lines[20], lines[21]), ("line 1: bad", "line 20: bad", "and 3 more"));
        assert_eq!(lines.len(), 22);
    }

    #[test]
    fn shown_text_is_short_and_on_one_line() {
        assert_eq!(Shown("a\nb").to_string(), "'a b'");
        assert_eq!(Shown(&"é".repeat(61)).to_string(), format!("'{}…'", "é".repeat(60)));
    }
}
