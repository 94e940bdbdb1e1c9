//! One run: its jobs one after another, over one loaded model.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use easel_core::train::run::{Job, RunFolder};
use easel_core::train::settings::TrainSettings;
use easel_core::train::{self, End, Event, TrainError, Trainer};

use super::card::Facts;
use super::data::Sheets;
use super::place::remember;

/// What is to be trained.
#[derive(Debug)]
pub struct Order {
    /// How.
    pub settings: TrainSettings,
    /// What, one after another.
    pub jobs: Vec<Job>,
    /// The labelled pictures.
    pub sheets: Sheets,
    /// What the base model is called in model cards.
    pub model: String,
    /// The run's folder.
    pub out: PathBuf,
    /// Whether a run that was interrupted goes on.
    pub resume: bool,
}

/// What a run tells.
#[derive(Debug)]
pub enum Told<'a> {
    /// A job begins.
    Begins(Job),
    /// Something happened in it.
    Event(&'a Event<'a>),
    /// It ended.
    Ended(Job, End),
}

impl Order {
    /// Finds what can be known to fail before anything is loaded.
    ///
    /// # Errors
    /// As [`train::check`], for the first job that is unfit.
    pub fn check(&self) -> Result<(), TrainError> {
        for job in &self.jobs {
            train::check(&self.settings, job, &self.sheets.data(&[*job]))?;
        }
        Ok(())
    }
}

/// Trains all jobs, over the model that `base` loads, until all are done or `stop` is set; returns
/// how the last one ended.
///
/// # Errors
/// As `base`, [`RunFolder::open`], [`Trainer::new`] and [`Trainer::fit`].
pub fn run<E: From<TrainError>>(
    order: &Order,
    base: impl FnOnce() -> Result<train::Base, E>,
    stop: &AtomicBool,
    told: &mut dyn FnMut(Told<'_>),
) -> Result<End, E> {
    // A run that is there is held against the settings before anything large is loaded; a new
    // folder is made behind that, so that a model that is not there leaves none.
    let Order { settings, jobs, sheets, out, .. } = order;
    let held = out.exists().then(|| RunFolder::open(out, settings)).transpose()?;
    let mut base = base()?;
    let run = match held {
        Some(run) => run,
        None => RunFolder::open(out, settings)?,
    };
    let mut last = End::Complete;
    for &job in jobs {
        told(Told::Begins(job));
        let data = sheets.data(&[job]);
        let card = Facts::new(sheets.training(), &data, settings, &order.model);
        let mut trainer =
            Trainer::new(&mut base, settings.clone(), job, data, run.clone(), order.resume)?;
        // Data that the run did not begin with has been refused.
        remember(&run, sheets.files())?;
        last = trainer.fit(stop, &mut |event| told(Told::Event(&event)))?;
        told(Told::Ended(job, last));
        if last == End::Stopped {
            break;
        }
        card.write(&run, &job)?;
    }
    Ok(last)
}
