//! What a job writes down as it goes on: the log, TensorBoard's events, and the curves.

use std::path::PathBuf;

use crate::train::TrainError;
use crate::train::output::{EventWriter, MetricsLog, StepRecord, curves_svg, write_atomic};
use crate::train::run::{Job, RunFolder};

/// The records of one job, in all three forms.
#[derive(Debug)]
pub struct Recorder {
    log: MetricsLog,
    events: EventWriter,
    curves: PathBuf,
    title: String,
    records: Vec<StepRecord>,
}

impl Recorder {
    /// Goes on behind the step `last`.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn open(folder: &RunFolder, job: &Job, last: u64) -> Result<Self, TrainError> {
        let path = folder.metrics();
        let log = MetricsLog::open(&path, job.name(), last)?;
        let records = match path.exists() {
            true => MetricsLog::read(&path, job.name())?,
            false => Vec::new(),
        };
        Ok(Self {
            log,
            events: EventWriter::create(&folder.job(job), last + 1)?,
            curves: folder.job(job).join("curves.svg"),
            title: job.name().replace('_', " "),
            records,
        })
    }

    /// Adds a step.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn add(&mut self, record: StepRecord) -> Result<(), TrainError> {
        self.log.append(&record)?;
        let step = record.step;
        let mut scalars = vec![
            ("train/loss", Some(record.loss)),
            ("train/grad_norm", Some(record.grad_norm)),
            ("train/learning_rate", Some(record.learning_rate)),
        ];
        if let Some(eval) = &record.eval {
            scalars.extend([
                ("eval/pearson", eval.pearson),
                ("eval/spearman", eval.spearman),
                ("eval/qwk", eval.qwk),
                ("eval/accuracy", Some(eval.accuracy)),
                ("eval/mse", Some(eval.mse)),
            ]);
        }
        for (tag, value) in scalars {
            if let Some(value) = value {
                self.events.scalar(step, tag, value)?;
            }
        }
        self.events.flush()?;
        let evaluated = record.eval.is_some();
        self.records.push(record);
        if evaluated {
            write_atomic(&self.curves, curves_svg(&self.title, &self.records)?.as_bytes())?;
        }
        Ok(())
    }
}
