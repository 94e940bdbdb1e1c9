//! `metrics.jsonl`: one line of JSON a step, of all jobs of a run.
//!
//! Jobs may run at the same time, as a cluster starts them, so each takes a lock for the moment in
//! which it changes the file.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::{appending, reading};
use super::{OutputError, write_atomic};

/// What one optimiser step did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Whose step: an attribute, or `single` for one adapter for all.
    pub attribute: String,
    /// Optimiser steps done, this one included.
    pub step: u64,
    /// Passes over the training rows, the current one included.
    pub epoch: u64,
    /// Mean loss over the rows of this step.
    pub loss: f64,
    /// Euclidean norm of the gradient before clipping.
    pub grad_norm: f64,
    /// The rate that this step used.
    pub learning_rate: f64,
    /// Time that the step took.
    pub seconds: f64,
    /// The evaluation after this step, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval: Option<EvalRecord>,
}

/// Scores on the validation rows; those that are undefined, as for constant labels, are none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EvalRecord {
    /// Pearson's correlation (PC).
    pub pearson: Option<f64>,
    /// Spearman's rank correlation (SC).
    pub spearman: Option<f64>,
    /// Quadratic weighted kappa (QWK).
    pub qwk: Option<f64>,
    /// Share of rounded scores that are right (ACC).
    pub accuracy: f64,
    /// Mean squared error (MSE).
    pub mse: f64,
    /// Rows scored.
    pub rows: usize,
    /// Time that the evaluation took.
    pub seconds: f64,
}

/// A job's hand on the log; each line is with the system before the next step begins.
#[derive(Debug)]
pub struct MetricsLog {
    path: PathBuf,
    /// Held while the log is changed.
    lock: File,
}

impl MetricsLog {
    /// Opens the log of a run; of the job `attribute`, steps up to and including `last` are kept.
    ///
    /// # Errors
    /// When the file cannot be read or written, or a line before the last is no step.
    pub fn open(path: &Path, attribute: &str, last: u64) -> Result<Self, OutputError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = path.with_file_name(format!(".{name}.lock"));
        let lock = File::options().create(true).append(true).open(&beside);
        let log = Self { path: path.to_owned(), lock: lock.map_err(appending(&beside))? };
        log.locked(|| drop_after(path, attribute, last))?;
        Ok(log)
    }

    /// Adds one line.
    ///
    /// # Errors
    /// When a value is no number, or the file cannot be written; it is as before then.
    pub fn append(&self, record: &StepRecord) -> Result<(), OutputError> {
        let numbers = [record.loss, record.grad_norm, record.learning_rate, record.seconds];
        if numbers.iter().any(|number| !number.is_finite()) {
            // JSON has no word for it, and `null` could not be read back.
            let reason = format!("step {}: its loss or gradient is no finite number", record.step);
            return Err(OutputError::Value { path: self.path.clone(), reason });
        }
        let line = serde_json::to_vec(record).map_err(io::Error::from);
        let mut line = line.map_err(appending(&self.path))?;
        line.push(b'\n');
        self.locked(|| add(&self.path, &line).map_err(appending(&self.path)))
    }

    /// Does `work` while no other job changes the log.
    fn locked<T>(&self, work: impl FnOnce() -> Result<T, OutputError>) -> Result<T, OutputError> {
        self.lock.lock().map_err(appending(&self.path))?;
        let done = work();
        self.lock.unlock().map_err(appending(&self.path))?;
        done
    }

    /// The steps of one job; a torn last line is left out.
    ///
    /// # Errors
    /// When the file cannot be read, or a line before the last is no step.
    pub fn read(path: &Path, attribute: &str) -> Result<Vec<StepRecord>, OutputError> {
        let mut records = Vec::new();
        scan(path, |record, _| {
            if record.attribute == attribute {
                records.push(record);
            }
        })?;
        Ok(records)
    }
}

/// Adds a line behind the last whole one: what a kill has torn is cut off.
fn add(path: &Path, line: &[u8]) -> io::Result<()> {
    let mut file = File::options().create(true).read(true).append(true).open(path)?;
    let length = whole(&mut file)?;
    file.set_len(length)?;
    let written = file.write_all(line).and_then(|()| file.flush());
    if written.is_err() {
        file.set_len(length)?;
    }
    written
}

/// The bytes of a file up to its last line's end.
fn whole(file: &mut File) -> io::Result<u64> {
    const STEP: u64 = 4096;
    let mut end = file.seek(SeekFrom::End(0))?;
    while end > 0 {
        let from = end.saturating_sub(STEP);
        let mut part = vec![0; (end - from) as usize];
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(&mut part)?;
        if let Some(at) = part.iter().rposition(|&byte| byte == b'\n') {
            return Ok(from + at as u64 + 1);
        }
        end = from;
    }
    Ok(0)
}

/// Leaves out a job's lines after the step `last`, and a last line that a kill has torn; the
/// others stay byte for byte. A log that is not there stays so.
fn drop_after(path: &Path, attribute: &str, last: u64) -> Result<(), OutputError> {
    if !fs::exists(path).map_err(reading(path))? {
        return Ok(());
    }
    let mut kept = Vec::new();
    scan(path, |record, line| {
        if record.attribute != attribute || record.step <= last {
            kept.extend_from_slice(line);
        }
    })?;
    if fs::metadata(path).map_err(reading(path))?.len() > kept.len() as u64 {
        write_atomic(path, &kept)?;
    }
    Ok(())
}

/// Gives each whole line's record, and the line with its end, to `take`.
fn scan(path: &Path, mut take: impl FnMut(StepRecord, &[u8])) -> Result<(), OutputError> {
    let mut reader = BufReader::new(File::open(path).map_err(reading(path))?);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        reader.read_until(b'\n', &mut line).map_err(reading(path))?;
        if line.last() != Some(&b'\n') {
            break;
        }
        let record = match serde_json::from_slice(&line) {
            Ok(record) => record,
            Err(_) if reader.fill_buf().map_err(reading(path))?.is_empty() => break,
            Err(_) => return Err(OutputError::Line { path: path.to_owned(), line: number }),
        };
        take(record, &line);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "realism";

    fn record(step: u64) -> StepRecord {
        let eval = (step == 2).then(|| EvalRecord {
            pearson: Some(0.5),
            accuracy: 0.25,
            mse: 1.0,
            rows: 4,
            ..EvalRecord::default()
        });
        let (loss, grad_norm) = (1.0 / step as f64, 0.1);
        StepRecord {
            attribute: A.into(),
            step,
            epoch: 1,
            loss,
            grad_norm,
            learning_rate: 1e-5,
            seconds: 0.5,
            eval,
        }
    }

    fn made(steps: u64) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let log = MetricsLog::open(&path, A, 0).unwrap();
        for step in 1..=steps {
            log.append(&record(step)).unwrap();
        }
        (folder, path)
    }

    #[test]
    fn a_line_is_plain_json_and_comes_back() {
        let (_folder, path) = made(3);
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap();
        assert_eq!(
            first,
            "{\"attribute\":\"realism\",\"step\":1,\"epoch\":1,\"loss\":1.0,\"grad_norm\":0.1,\"learning_rate\":0.00001,\
             \"seconds\":0.5}"
        );
        let second = text.lines().nth(1).unwrap();
        assert!(second.contains(r#""eval":{"pearson":0.5,"spearman":null,"#), "{second}");
        // A third has no short decimal form, and is the same number nonetheless.
        assert_eq!(MetricsLog::read(&path, A).unwrap(), [record(1), record(2), record(3)]);
    }

    #[test]
    fn resuming_drops_later_steps_and_keeps_the_others_byte_for_byte() {
        let (_folder, path) = made(5);
        // Other spacing and unknown fields, as another version may have written them.
        let text = fs::read_to_string(&path).unwrap().replacen(
            "{\"attribute\"",
            "{ \"x\": 0, \"attribute\"",
            1,
        );
        fs::write(&path, &text).unwrap();
        let log = MetricsLog::open(&path, A, 3).unwrap();
        let kept: String = text.lines().take(3).map(|line| format!("{line}\n")).collect();
        assert_eq!(fs::read_to_string(&path).unwrap(), kept);
        log.append(&record(4)).unwrap();
        let steps: Vec<_> = MetricsLog::read(&path, A).unwrap().iter().map(|r| r.step).collect();
        assert_eq!(steps, [1, 2, 3, 4]);
    }

    #[test]
    fn a_line_torn_anywhere_is_cut_off() {
        let (_folder, path) = made(3);
        let whole = fs::read(&path).unwrap();
        let two = fs::read_to_string(&path).unwrap().lines().take(2).map(|l| l.len() + 1).sum();
        for length in two..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            drop_after(&path, A, 9).unwrap();
            assert_eq!(fs::read(&path).unwrap(), whole[..two], "cut at byte {length}");
        }
        // A power cut may leave zeros, even with a line's end.
        fs::write(&path, [&whole[..two], b"\0\0\n"].concat()).unwrap();
        assert_eq!(MetricsLog::read(&path, A).unwrap().len(), 2);
        drop_after(&path, A, 9).unwrap();
        assert_eq!(fs::read(&path).unwrap(), whole[..two]);
    }

    #[test]
    fn jobs_share_a_log_and_drop_only_their_own_lines() {
        let (_folder, path) = made(3);
        let other = MetricsLog::open(&path, "imagination", 0).unwrap();
        let theirs = StepRecord { attribute: "imagination".into(), ..record(7) };
        other.append(&theirs).unwrap();
        MetricsLog::open(&path, A, 1).unwrap().append(&record(2)).unwrap();
        assert_eq!(MetricsLog::read(&path, A).unwrap(), [record(1), record(2)]);
        assert_eq!(MetricsLog::read(&path, "imagination").unwrap(), [theirs]);
    }

    #[test]
    fn a_line_behind_a_torn_one_begins_anew() {
        let (_folder, path) = made(2);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 4]).unwrap();
        let log = MetricsLog { path: path.clone(), lock: File::open(&path).unwrap() };
        log.append(&record(2)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), whole);
    }

    #[test]
    fn a_broken_line_within_is_named_and_nothing_is_lost() {
        let (_folder, path) = made(2);
        let text = fs::read_to_string(&path).unwrap().replacen("\"loss\"", "\"lost\"", 1);
        fs::write(&path, &text).unwrap();
        let said = MetricsLog::open(&path, A, 9).unwrap_err().to_string();
        assert!(said.contains("metrics.jsonl, line 1: expected a step of this log"), "{said}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn what_is_no_number_is_refused_before_it_is_written() {
        let (_folder, path) = made(1);
        let log = MetricsLog::open(&path, A, 1).unwrap();
        let said = log.append(&StepRecord { loss: f64::NAN, ..record(2) }).unwrap_err();
        assert!(said.to_string().ends_with("step 2: its loss or gradient is no finite number"));
        assert_eq!(MetricsLog::read(&path, A).unwrap().len(), 1);
        let missing = path.with_file_name("none");
        drop_after(&missing, A, 1).unwrap();
        assert!(!missing.exists());
        assert!(MetricsLog::read(&missing, A).unwrap_err().to_string().contains("cannot be read"));
    }
}
