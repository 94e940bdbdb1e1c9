//! A run's progress for people.

use std::time::Duration;

use easel_core::train::Event;
use easel_core::train::run::Job;
use indicatif::{HumanDuration, ProgressBar};

use crate::progress::train_bar;
use crate::terminal::note;

/// Tells a run's events: a bar on a terminal, and a line for each evaluation.
pub struct Teller {
    job: Job,
    bar: ProgressBar,
    /// A moving mean of the seconds that a step takes.
    pace: f64,
    loss: f64,
    metric: String,
}

impl Teller {
    /// Nothing told yet.
    pub fn new(job: Job) -> Self {
        Self { job, bar: train_bar(job.name()), pace: 0.0, loss: 0.0, metric: String::new() }
    }

    /// Tells one event.
    pub fn tell(&mut self, event: &Event<'_>) {
        match event {
            Event::Encoded(done, total) => {
                self.bar.set_length(*total as u64);
                self.bar.set_position(*done as u64);
                self.bar.set_message("reading pictures");
            }
            Event::Resumed(step) => {
                self.line(&format!("{}: going on after step {step}", self.job.name()));
            }
            Event::Step(record, total) => {
                let first = self.pace == 0.0;
                let mix = |old: f64, new: f64| if first { new } else { 0.9 * old + 0.1 * new };
                self.pace = mix(self.pace, record.seconds);
                self.loss = mix(self.loss, record.loss);
                self.bar.set_length(*total);
                self.bar.set_position(record.step);
                let left = Duration::from_secs_f64(self.pace * (total - record.step) as f64);
                self.bar.set_message(format!(
                    "epoch {}, loss {:.4}{}, {:.2} s a step, {} left",
                    record.epoch,
                    self.loss,
                    self.metric,
                    self.pace,
                    HumanDuration(left)
                ));
                if let Some(eval) = &record.eval {
                    let shown = |value: Option<f64>| {
                        value.map_or("undefined".to_owned(), |value| format!("{value:.3}"))
                    };
                    self.metric = format!(", Pearson {}", shown(eval.pearson));
                    self.line(&format!(
                        "{} step {} of {total}, epoch {}: loss {:.4}, Pearson {}, Spearman {}, \
                         {:.2} s a step, {} left",
                        self.job.name(),
                        record.step,
                        record.epoch,
                        self.loss,
                        shown(eval.pearson),
                        shown(eval.spearman),
                        self.pace,
                        HumanDuration(left)
                    ));
                }
            }
            Event::NotSaved(error) => {
                self.line(&format!("the checkpoint could not be written: {error}"));
            }
            Event::Evaluated(..) | Event::Saved(_) => {}
        }
    }

    fn line(&self, text: &str) {
        self.bar.suspend(|| note(text));
    }
}

impl Drop for Teller {
    /// Takes the bar away, also where a run fails.
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
