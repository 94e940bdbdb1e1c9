//! Bad sheets, pictures, settings, runs and arguments: each is answered in one line that names
//! the file or option and says what was expected, and nothing is left behind or lost.

mod commands;
mod pictures;
mod runs;
mod settings;
mod sheets;

use easel_tests::synthetic::{self, Shape};

use super::*;

/// A name, what makes the situation, how the command line is other, and what the message must
/// have, its beginning first.
type Row = (&'static str, fn(&Bench), &'static str, &'static [&'static str]);

const SHEET: &str = "data/annotations.csv";

/// What no message has: it would be a bug that shows.
const NEVER: [&str; 4] = ["panicked", "internal error", "backtrace", "overflowed its stack"];

/// What may stand before the line about the failure: the data's report, which has a table, and
/// the plan's title.
const ASIDES: [&str; 3] = [" row", "      ", "labels; in memory at most:"];

/// Puts a model of another width and depth in the place of the one that is there.
fn another_model(bench: &Bench) {
    let shape = Shape { hidden: 32, intermediate: 64, layers: 2, heads: 4, vocab: 1536, depth: 2 };
    synthetic::write(&bench.path("model"), shape).unwrap();
}

/// Runs every row and fails with all that went wrong.
fn every(made: &Bench, line: &str, status: i32, rows: &[Row]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(name, spoil, change, says)| {
            let bench = made.copied();
            spoil(&bench);
            let before = bench.listing();
            let ran = bench.ran(&with(line, change));
            let left = match bench.listing() == before {
                true => Ok(()),
                false => Err("a file was left or changed".to_owned()),
            };
            let wrong = answered(&ran, status, says).and(left).err()?;
            Some(format!("{name}: {wrong}\n{}", ran.err))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// That a run failed in one line, or in clap's words where the arguments are no good.
fn answered(ran: &Ran, status: i32, says: &[&str]) -> Result<(), String> {
    let check = |good: bool, wrong: String| if good { Ok(()) } else { Err(wrong) };
    check(ran.status == status, format!("expected status {status}, found {}", ran.status))?;
    let mut message = ran.err.as_str();
    if status != 2 || message.starts_with("easel: ") {
        let (aside, last) = message.rsplit_once('\n').unwrap_or(("", message));
        let known = |line: &str| ASIDES.iter().any(|aside| line.contains(aside));
        check(aside.lines().all(known), "expected one line about the failure".to_owned())?;
        message = last;
        check(message.starts_with(says[0]), format!("expected '{}' at its beginning", says[0]))?;
    }
    for word in says {
        check(message.contains(word), format!("expected '{word}'"))?;
    }
    for word in NEVER {
        check(!ran.err.contains(word), format!("found '{word}'"))?;
    }
    Ok(())
}
