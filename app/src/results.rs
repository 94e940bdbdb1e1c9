//! The file that results are appended to, picture by picture.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::args::ScoreFormat;
use crate::failure::Failure;
use crate::report::{Report, csv};

/// A results file, and which pictures it has.
#[derive(Debug)]
pub struct Results {
    path: PathBuf,
    file: File,
    format: ScoreFormat,
    done: BTreeSet<String>,
    /// Made by this run, and still without a picture.
    unused: bool,
}

/// The format of a results file: as asked for, else by its ending.
pub fn format_of(path: &Path, asked: Option<ScoreFormat>) -> Result<ScoreFormat, Failure> {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    match (asked, ending.as_str()) {
        (Some(ScoreFormat::Table), _) => {
            Err(Failure::Usage("--out wants --format json or csv; a table is for reading".into()))
        }
        (Some(format), _) => Ok(format),
        (None, "csv") => Ok(ScoreFormat::Csv),
        (None, "json" | "jsonl") => Ok(ScoreFormat::Json),
        (None, _) => Err(Failure::Usage(format!(
            "{}: --out wants a file ending in .jsonl or .csv, or --format json or csv",
            path.display()
        ))),
    }
}

impl Results {
    /// Opens or creates a results file. A last line that was cut off, as by a power failure, is
    /// taken away: its picture is scored again.
    pub fn open(path: &Path, format: ScoreFormat) -> Result<Self, Failure> {
        let there = path.metadata();
        if there.as_ref().is_ok_and(|there| !there.is_file() && !there.is_dir()) {
            // Reading a device or a pipe may never end.
            return Err(Failure::file(path, "expected a file for --out, and this is none"));
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(Failure::io(path, "cannot be opened for writing"))?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(Failure::io(path, "cannot be read as text"))?;
        let whole = match format {
            ScoreFormat::Csv => whole_records(&text),
            _ => text.rfind('\n').map_or(0, |end| end + 1),
        };
        let (path, unused) = (path.to_owned(), there.is_err());
        let mut results = Self { path, file, format, done: BTreeSet::new(), unused };
        results.done = match format {
            ScoreFormat::Csv => results.csv_done(&text[..whole])?,
            _ => results.json_done(&text[..whole])?,
        };
        if whole < text.len() {
            results.cut(whole as u64)?;
        }
        if whole == 0 && format == ScoreFormat::Csv {
            results.append(&csv(&[Report::csv_header()]))?;
        }
        Ok(results)
    }

    /// Whether a picture was scored before.
    pub fn has(&self, image: &str) -> bool {
        self.done.contains(image)
    }

    /// Adds one picture.
    pub fn add(&mut self, report: &Report) -> Result<(), Failure> {
        let text = match self.format {
            ScoreFormat::Csv => csv(&[report.csv_record()]),
            _ => report.json() + "\n",
        };
        self.append(&text)?;
        self.unused = false;
        Ok(())
    }

    /// All of `text` or, on a full disk, none of it.
    fn append(&mut self, text: &str) -> Result<(), Failure> {
        let broken = || Failure::io(&self.path, "cannot be written");
        let end = self.file.seek(SeekFrom::End(0)).map_err(broken())?;
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.flush());
        if let Err(error) = written {
            let failure = broken()(error);
            self.cut(end)?;
            return Err(failure);
        }
        Ok(())
    }

    fn cut(&mut self, length: u64) -> Result<(), Failure> {
        let cut = self.file.set_len(length).and_then(|()| self.file.seek(SeekFrom::End(0)));
        cut.map(drop).map_err(Failure::io(&self.path, "cannot be shortened"))
    }

    fn json_done(&self, text: &str) -> Result<BTreeSet<String>, Failure> {
        let mut done = BTreeSet::new();
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let value: Option<serde_json::Value> = serde_json::from_str(line).ok();
            let image = value.as_ref().and_then(|value| value.get("image")?.as_str());
            let (Some(value), Some(image)) = (&value, image) else {
                let message = format!(
                    "line {}: expected a result, as --format json writes them; \
                     choose another file for --out",
                    index + 1
                );
                return Err(Failure::file(&self.path, message));
            };
            if value.get("scores").is_some() {
                done.insert(image.to_owned());
            }
        }
        Ok(done)
    }

    fn csv_done(&self, text: &str) -> Result<BTreeSet<String>, Failure> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let wrong = |message: String| {
            Failure::file(&self.path, format!("{message}; choose another file for --out"))
        };
        if !text.is_empty() {
            let header = reader.headers().map_err(|e| wrong(e.to_string()))?;
            if header.iter().ne(Report::csv_header()) {
                return Err(wrong("expected the columns that --format csv writes".into()));
            }
        }
        let mut done = BTreeSet::new();
        for record in reader.records() {
            let record = record.map_err(|e| wrong(e.to_string()))?;
            let failed = record.iter().next_back().is_some_and(|error| !error.is_empty());
            if let (Some(image), false) = (record.get(0), failed) {
                done.insert(image.to_owned());
            }
        }
        Ok(done)
    }
}

impl Drop for Results {
    /// Takes a new file away again where the model could not be loaded or nothing was written.
    fn drop(&mut self) {
        if self.unused {
            // What is left is empty or has only the columns' names.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// The length of the whole CSV records at the start of `text`: the last line end that is not
/// inside quotes.
fn whole_records(text: &str) -> usize {
    let (mut quoted, mut whole) = (false, 0);
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => whole = index + 1,
            _ => {}
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use easel_core::{Assessment, Attribute, Score};

    fn report(image: &str) -> Report {
        let score = Score { probs: [0.2; 5] };
        let assessment = Assessment::new([(Attribute::Realism, score)].into());
        Report::scored(image.into(), assessment, Some("Two\nlines, \"quoted\".".into()))
    }

    #[test]
    fn finished_pictures_are_known_and_failed_ones_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        for (name, format) in [("a.jsonl", ScoreFormat::Json), ("a.csv", ScoreFormat::Csv)] {
            let path = folder.path().join(name);
            let mut results = Results::open(&path, format).unwrap();
            results.add(&report("one")).unwrap();
            results.add(&Report::failed("two".into(), "broken".into())).unwrap();
            let results = Results::open(&path, format).unwrap();
            assert!(results.has("one") && !results.has("two") && !results.has("three"), "{name}");
        }
    }

    #[test]
    fn a_line_that_was_cut_off_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        for (name, format) in [("a.jsonl", ScoreFormat::Json), ("a.csv", ScoreFormat::Csv)] {
            let path = folder.path().join(name);
            Results::open(&path, format).unwrap().add(&report("one")).unwrap();
            let whole = std::fs::read_to_string(&path).unwrap();
            // The same record once more, without its end.
            let record = whole.find("one").unwrap();
            let record = whole[..record].rfind('\n').map_or(0, |end| end + 1);
            std::fs::write(&path, whole.clone() + &whole[record..whole.len() - 3]).unwrap();
            let mut results = Results::open(&path, format).unwrap();
            assert!(results.has("one"), "{name}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), whole, "{name}");
            results.add(&report("two")).unwrap();
            assert!(Results::open(&path, format).unwrap().has("two"), "{name}");
        }
    }

    #[test]
    fn other_files_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        for (name, format) in [("a.jsonl", ScoreFormat::Json), ("a.csv", ScoreFormat::Csv)] {
            let path = folder.path().join(name);
            std::fs::write(&path, "Dear diary,\n").unwrap();
            let message = Results::open(&path, format).unwrap_err().to_string();
            assert!(message.contains("choose another file"), "{message}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "Dear diary,\n");
        }
    }

    #[test]
    fn the_ending_decides_where_no_format_is_asked_for() {
        let of = |name: &str, asked| format_of(Path::new(name), asked).ok();
        assert_eq!(of("a.csv", None), Some(ScoreFormat::Csv));
        assert_eq!(of("a.JSONL", None), Some(ScoreFormat::Json));
        assert_eq!(of("a.txt", Some(ScoreFormat::Csv)), Some(ScoreFormat::Csv));
        assert_eq!(of("a.txt", None), None);
        assert_eq!(of("a.csv", Some(ScoreFormat::Table)), None);
    }
}
