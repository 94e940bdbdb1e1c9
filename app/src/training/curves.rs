//! The log of a run as curves, followed while it is written.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use easel_core::train::output::StepRecord;

/// How many of the last steps tell how long one takes.
const RECENT: usize = 20;

/// One job's course.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    /// An attribute's name, or `single`.
    pub job: String,
    /// Step and loss.
    pub loss: Vec<[f64; 2]>,
    /// Step and Pearson's correlation, where it was defined.
    pub pearson: Vec<[f64; 2]>,
    /// The last step.
    pub last: Option<StepRecord>,
    /// Optimiser steps of an epoch, once a second one has begun.
    pub per_epoch: Option<u64>,
    /// Seconds of the last steps.
    seconds: Vec<f64>,
}

impl Curve {
    /// The best correlation, and its step.
    #[must_use]
    pub fn best(&self) -> Option<[f64; 2]> {
        self.pearson.iter().copied().max_by(|a, b| a[1].total_cmp(&b[1]))
    }

    /// The last step's number; 0 before the first.
    #[must_use]
    pub fn step(&self) -> u64 {
        self.last.as_ref().map_or(0, |record| record.step)
    }

    /// Seconds that a step takes, over the last ones.
    #[must_use]
    pub fn pace(&self) -> Option<f64> {
        let count = self.seconds.len();
        (count > 0).then(|| self.seconds.iter().sum::<f64>() / count as f64)
    }

    fn add(&mut self, record: StepRecord) {
        let step = record.step as f64;
        self.loss.push([step, record.loss]);
        if let Some(pearson) = record.eval.as_ref().and_then(|eval| eval.pearson) {
            self.pearson.push([step, pearson]);
        }
        if record.epoch == 2 && self.per_epoch.is_none() {
            self.per_epoch = Some(record.step - 1);
        }
        self.seconds.push(record.seconds);
        if self.seconds.len() > RECENT {
            self.seconds.remove(0);
        }
        self.last = Some(record);
    }
}

/// A log that is followed: each look reads only what was added.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    read: u64,
    curves: Vec<Curve>,
}

impl Tail {
    /// Follows the log at `path`, which may not be there yet.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), read: 0, curves: Vec::new() }
    }

    /// The curves so far, a job each, in the order in which they began.
    #[must_use]
    pub fn curves(&self) -> &[Curve] {
        &self.curves
    }

    /// Reads what was added; returns whether anything changed. A run that was resumed has a shorter
    /// log than before, which is read anew.
    pub fn look(&mut self) -> bool {
        let Ok(file) = File::open(&self.path) else {
            let changed = self.read > 0;
            (self.read, self.curves) = (0, Vec::new());
            return changed;
        };
        let length = file.metadata().map_or(0, |data| data.len());
        if length == self.read {
            return false;
        }
        let before = self.read;
        if length < self.read || self.more(&file).is_none() {
            (self.read, self.curves) = (0, Vec::new());
            // What cannot be read from its beginning is told by whoever trains.
            let _ = self.more(&file);
        }
        self.read != before
    }

    /// Reads whole lines from where the last look ended; `None` where they do not go on with it.
    fn more(&mut self, file: &File) -> Option<()> {
        let mut reader = BufReader::new(file);
        reader.seek(SeekFrom::Start(self.read)).ok()?;
        let mut line = Vec::new();
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line).ok()?;
            if line.last() != Some(&b'\n') {
                return Some(());
            }
            let record: StepRecord = serde_json::from_slice(&line).ok()?;
            let known = self.curves.iter().position(|curve| curve.job == record.attribute);
            let at = known.unwrap_or_else(|| {
                self.curves.push(Curve { job: record.attribute.clone(), ..Curve::default() });
                self.curves.len() - 1
            });
            let curve = &mut self.curves[at];
            if record.step <= curve.step() {
                return None;
            }
            curve.add(record);
            self.read += length as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use easel_core::train::output::{EvalRecord, MetricsLog};

    fn record(attribute: &str, step: u64) -> StepRecord {
        let pearson = Some(0.1 * step as f64);
        let eval = step.is_multiple_of(2).then(|| EvalRecord { pearson, ..EvalRecord::default() });
        StepRecord {
            attribute: attribute.to_owned(),
            step,
            epoch: 1 + (step - 1) / 3,
            loss: 1.0 / step as f64,
            grad_norm: 1.0,
            learning_rate: 1e-5,
            seconds: 2.0,
            eval,
        }
    }

    #[test]
    fn a_log_is_followed_line_by_line_and_after_a_resumption() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let mut tail = Tail::new(&path);
        assert!(!tail.look());
        let log = MetricsLog::open(&path, "realism", 0).unwrap();
        for step in 1..=4 {
            log.append(&record("realism", step)).unwrap();
        }
        assert!(tail.look() && !tail.look());
        let curve = &tail.curves()[0];
        assert_eq!((curve.step(), curve.per_epoch, curve.pace()), (4, Some(3), Some(2.0)));
        assert_eq!((curve.loss.len(), curve.best()), (4, Some([4.0, 0.4])));

        // Resumed behind step 2, and written further than before until it is looked at again.
        let log = MetricsLog::open(&path, "realism", 2).unwrap();
        for step in 3..=6 {
            log.append(&record("realism", step)).unwrap();
        }
        log.append(&record("imagination", 1)).unwrap();
        assert!(tail.look());
        let steps = tail.curves()[0].loss.iter().map(|point| point[0]);
        assert_eq!(steps.collect::<Vec<_>>(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(tail.curves()[1].job, "imagination");

        // Half a line is left for the next look.
        std::fs::write(&path, r#"{"attribute": "rea"#).unwrap();
        assert!(tail.look());
        assert!(tail.curves().is_empty());
    }
}
