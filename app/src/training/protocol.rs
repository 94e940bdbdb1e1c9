//! What the Train tab asks of the threads behind it, and what they tell.

use std::collections::BTreeMap;
use std::path::PathBuf;

use easel_core::device::Choice;
use easel_core::metrics::{Summary, Table};
use easel_core::rubric::Attribute;
use easel_core::train::End;
use easel_core::train::data::{DataReport, Problem};
use easel_core::train::look::Look;
use easel_core::train::output::StepRecord;
use easel_core::train::run::Job;
use easel_core::train::settings::TrainSettings;

use super::curves::Curve;
use super::data::DataFiles;
use super::memory::Planned;
use crate::ui::{Edit, ModelChoice, Preview, Source};

/// What can be asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Read a data set and tell what it holds.
    Check(DataFiles),
    /// Decode a picture and make it small.
    Small(PathBuf),
    /// Plan a run and look how much memory there is.
    Memory(Box<Wanted>),
    /// Train.
    Start(Box<Wanted>),
    /// End the run that goes on, after its step, with a checkpoint.
    Stop,
    /// Tell of a run's folder, and go on telling whenever it changes.
    Follow(PathBuf),
    /// Tell which runs are in a folder.
    Find(PathBuf),
    /// Score the validation rows with the base alone and with the adapters of some runs.
    Judge {
        /// Data and base model.
        wanted: Box<Wanted>,
        /// The runs' folders.
        runs: Vec<PathBuf>,
    },
    /// Score one drawing with the base alone and with a run's adapters.
    Score {
        /// The base model.
        base: Base,
        /// The run's folder.
        run: PathBuf,
        /// The drawing.
        source: Source,
        /// How it is turned and cut.
        edit: Edit,
    },
}

/// The base model and where it computes.
#[derive(Debug, Clone, PartialEq)]
pub struct Base {
    /// Which model.
    pub model: ModelChoice,
    /// Which device.
    pub device: Choice,
}

/// What is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jobs {
    /// All nine attributes, one after another.
    All,
    /// One attribute.
    One(Attribute),
}

impl Jobs {
    /// The jobs of a run with these settings.
    #[must_use]
    pub fn list(self, settings: &TrainSettings) -> Vec<Job> {
        match self {
            _ if settings.single_adapter => vec![Job::Single],
            Self::All => Attribute::ALL.map(Job::One).to_vec(),
            Self::One(attribute) => vec![Job::One(attribute)],
        }
    }
}

/// A run that is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The labelled pictures.
    pub files: DataFiles,
    /// How.
    pub settings: TrainSettings,
    /// What.
    pub jobs: Jobs,
    /// Over which model.
    pub base: Base,
    /// The run's folder.
    pub out: PathBuf,
    /// Whether the run that is there goes on.
    pub resume: bool,
}

/// What can be told; failures are sentences.
#[derive(Debug, Clone, PartialEq)]
pub enum Tell {
    /// What a data set holds.
    Checked(Result<Checked, String>),
    /// A small picture; `None` where it cannot be decoded.
    Small(PathBuf, Option<Preview>),
    /// A run's plan.
    Memory(Result<Memory, String>),
    /// How far what was asked of the model is.
    State(State),
    /// The run ended.
    Ended(Result<End, String>),
    /// The run that is followed.
    Followed(Box<Found>),
    /// Runs.
    Found(Vec<Found>),
    /// How well adapters agree with the labels; the base alone comes first.
    Judged(Result<Vec<Judged>, String>),
    /// One drawing's scores.
    Scored(Result<Scores, String>),
}

/// What a data set holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Counts; `None` where problems left nothing to count.
    pub report: Option<DataReport>,
    /// Its rows.
    pub rows: Vec<PickedRow>,
    /// What is wrong in it.
    pub problems: Vec<Problem>,
}

/// A row of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct PickedRow {
    /// The name as the sheet spells it.
    pub name: String,
    /// The picture's file.
    pub picture: PathBuf,
    /// By attribute, in the published order; `None` is a blank.
    pub labels: [Option<f64>; 9],
}

impl PickedRow {
    /// Whether a label is blank.
    #[must_use]
    pub fn has_blank(&self) -> bool {
        self.labels.contains(&None)
    }
}

/// A run's plan beside what there is.
#[derive(Debug, Clone, PartialEq)]
pub struct Memory {
    /// The plan.
    pub planned: Planned,
    /// Bytes of memory in this machine, where the system tells.
    pub machine: Option<u64>,
}

/// How far something is.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// The base model is being loaded, from 0 to 1.
    Loading(f32),
    /// A job begins.
    Begins(Job),
    /// So many of so many pictures are encoded.
    Encoded(usize, usize),
    /// It goes on behind this step.
    Resumed(u64),
    /// A step was taken, of so many.
    Step(Box<StepRecord>, u64),
    /// A checkpoint of this step was written.
    Saved(u64),
    /// A checkpoint could not be written.
    NotSaved(String),
    /// So many of so many pictures are scored.
    Scoring(usize, usize),
}

/// A run and its course.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its folder as it is.
    pub look: Look,
    /// A curve for each job.
    pub curves: Vec<Curve>,
    /// Where its data lies, where its folder tells and the sheet is there.
    pub files: Option<DataFiles>,
}

impl Found {
    /// What people call it: the folder's name.
    #[must_use]
    pub fn name(&self) -> String {
        self.look.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// A model that was held against the labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The run's name; `None` for the base alone.
    pub run: Option<String>,
    /// Its scores and the teachers'.
    pub table: Table,
    /// What was measured of them.
    pub summary: Summary,
}

/// One drawing's scores, from 1 to 5.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scores {
    /// By the base alone.
    pub before: BTreeMap<Attribute, f64>,
    /// With the adapters: of their attributes.
    pub after: BTreeMap<Attribute, f64>,
}

/// The threads as the tab sees them. No call waits.
pub trait Desk {
    /// Sends a question.
    fn send(&mut self, ask: Ask);
    /// The next answer, where there is one.
    fn poll(&mut self) -> Option<Tell>;
    /// Where runs are kept unless somebody says otherwise.
    fn runs(&self) -> Option<PathBuf>;
}
