//! The Train tab's state: what was typed and chosen, and what the threads behind it told.

mod acts;
mod draft;
mod tells;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use easel_core::device::Choice;
use easel_core::train::End;
use easel_core::train::output::StepRecord;
use easel_core::train::run::Job;
use egui::TextureHandle;

pub(super) use draft::{Draft, Kind, MAIN, Origin, keys, kind, origin};

use super::platform::Place;
use crate::training::{
    Ask, Checked, DataFiles, Desk, Found, Jobs, Judged, Memory, Scores, State, Wanted,
};

/// Rows of a data set that are shown at once.
pub(super) const PAGE: usize = 8;

/// The most small pictures that are kept.
const MOST_SMALL: usize = 64;

/// A part of the tab.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tab {
    /// The labelled pictures.
    #[default]
    Data,
    /// How to train, and the memory that it takes.
    Settings,
    /// The run that goes on or is followed.
    Run,
    /// Runs side by side.
    Compare,
    /// Runs held against labels.
    Judge,
    /// One drawing before and after.
    Try,
}

/// What is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toggle {
    /// Rows without a picture are left out.
    SkipMissing,
    /// Blanks count as 3.
    BlankAs,
    /// Only rows with a blank are shown.
    OnlyBlanks,
    /// All settings are shown.
    AllSettings,
    /// The base is the demo model, not the present one.
    Demo,
}

/// A kind of plots.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Plot {
    /// Predictions over originals.
    #[default]
    Scatter,
    /// Counts of rounded scores.
    Confusion,
    /// Hits over confidence.
    Reliability,
}

/// What screens ask of the tab.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Show the tab.
    Open,
    /// Show a part of it.
    Tab(Tab),
    /// Let the person choose a file or a folder.
    Choose(Place),
    /// A path was typed or chosen.
    Typed(Place, String),
    /// Switch something.
    Toggle(Toggle, bool),
    /// Read the data set.
    Check,
    /// Show another page of its rows, from 0.
    Page(usize),
    /// A setting was typed or chosen, as TOML writes it.
    Set(&'static str, String),
    /// All settings as published.
    Reset,
    /// What is trained.
    Jobs(Jobs),
    /// Where it computes.
    Device(Choice),
    /// Plan the run.
    Memory,
    /// Train.
    Start,
    /// Go on with the run that is shown.
    Resume,
    /// End the run after its step, to go on later.
    Pause,
    /// End the run after its step.
    Stop,
    /// Follow a run.
    Follow(PathBuf),
    /// Look for runs.
    Find,
    /// Choose a run to be compared, or leave it out.
    Pick(PathBuf, bool),
    /// Hold the chosen runs against the labels.
    Judge,
    /// Show other plots.
    Plot(Plot),
    /// Score the present drawing.
    Score,
}

/// How a run that goes on was asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// To go on later.
    Pause,
    /// For good.
    Stop,
}

/// A run that is trained here.
#[derive(Debug)]
pub struct Going {
    /// What it is.
    pub wanted: Box<Wanted>,
    /// The job that goes on.
    pub job: Option<Job>,
    /// What comes before its steps.
    pub state: Option<State>,
    /// The last step, and how many there are.
    pub step: Option<(StepRecord, u64)>,
    /// The step of the last checkpoint.
    pub saved: Option<u64>,
    /// Why the last checkpoint could not be written.
    pub not_saved: Option<String>,
    /// How it was asked to end.
    pub ending: Option<Ending>,
}

/// The tab.
pub struct Training {
    pub(super) open: bool,
    pub(super) tab: Tab,
    pub(super) places: BTreeMap<Place, String>,
    pub(super) skip_missing: bool,
    pub(super) blank_as: bool,
    pub(super) only_blanks: bool,
    pub(super) all_settings: bool,
    /// Whether the base is the demo model; until it is said, the present one is.
    pub(super) demo: bool,
    pub(super) checking: bool,
    pub(super) checked: Option<Result<Checked, String>>,
    pub(super) page: usize,
    pub(super) small: BTreeMap<PathBuf, Option<TextureHandle>>,
    pub(super) draft: Draft,
    pub(super) jobs: Jobs,
    pub(super) device: Choice,
    pub(super) planning: bool,
    pub(super) memory: Option<Result<Memory, String>>,
    pub(super) going: Option<Going>,
    pub(super) ended: Option<(Result<End, String>, Option<Ending>)>,
    pub(super) followed: Option<Found>,
    pub(super) found: Option<Vec<Found>>,
    pub(super) picked: BTreeSet<PathBuf>,
    pub(super) judging: bool,
    pub(super) judged: Option<Result<Vec<Judged>, String>>,
    pub(super) plot: Plot,
    pub(super) scoring: bool,
    pub(super) scored: Option<Result<Scores, String>>,
    /// How far what the model is asked is.
    pub(super) state: Option<State>,
    asked: BTreeSet<PathBuf>,
    desk: Box<dyn Desk>,
}

impl Training {
    /// A tab that shows nothing yet.
    #[must_use]
    pub fn new(desk: Box<dyn Desk>) -> Self {
        Self {
            open: false,
            tab: Tab::Data,
            places: BTreeMap::new(),
            skip_missing: false,
            blank_as: false,
            only_blanks: false,
            all_settings: false,
            demo: false,
            checking: false,
            checked: None,
            page: 0,
            small: BTreeMap::new(),
            draft: Draft::default(),
            jobs: Jobs::One(easel_core::Attribute::Realism),
            device: Choice::Auto,
            planning: false,
            memory: None,
            going: None,
            ended: None,
            followed: None,
            found: None,
            picked: BTreeSet::new(),
            judging: false,
            judged: None,
            plot: Plot::Scatter,
            scoring: false,
            scored: None,
            state: None,
            asked: BTreeSet::new(),
            desk,
        }
    }

    /// Whether a run goes on here.
    #[must_use]
    pub const fn is_training(&self) -> bool {
        self.going.is_some()
    }

    /// Whether the model is at work.
    pub(super) const fn is_busy(&self) -> bool {
        self.going.is_some() || self.judging || self.scoring
    }

    /// How the last run here ended, or why it failed.
    #[must_use]
    pub fn ended(&self) -> Option<&Result<End, String>> {
        self.ended.as_ref().map(|(end, _)| end)
    }

    /// The run that is followed.
    #[must_use]
    pub const fn followed(&self) -> Option<&Found> {
        self.followed.as_ref()
    }

    /// What the data check told.
    #[must_use]
    pub const fn checked(&self) -> Option<&Result<Checked, String>> {
        self.checked.as_ref()
    }

    /// A run's plan, or why there is none.
    #[must_use]
    pub const fn memory(&self) -> Option<&Result<Memory, String>> {
        self.memory.as_ref()
    }

    /// How well the chosen runs agree with the labels.
    #[must_use]
    pub const fn judged(&self) -> Option<&Result<Vec<Judged>, String>> {
        self.judged.as_ref()
    }

    /// One drawing's scores before and after.
    #[must_use]
    pub const fn scored(&self) -> Option<&Result<Scores, String>> {
        self.scored.as_ref()
    }

    /// What was typed for a place.
    pub(super) fn place(&self, place: Place) -> &str {
        self.places.get(&place).map_or("", String::as_str)
    }

    /// The data set as it was chosen.
    pub(super) fn files(&self) -> DataFiles {
        let path = |place| PathBuf::from(self.place(place).trim());
        let some = |place| Some(path(place)).filter(|path| !path.as_os_str().is_empty());
        DataFiles {
            sheet: path(Place::Sheet),
            images: path(Place::Images),
            valid: some(Place::Valid),
            comments: some(Place::Comments),
            skip_missing: self.skip_missing,
            blank_as: self.blank_as.then_some(3.0),
        }
    }

    /// The rows that are shown, and how many there are in all.
    pub(super) fn rows(&self) -> (Vec<&crate::training::PickedRow>, usize) {
        let Some(Ok(checked)) = &self.checked else { return (Vec::new(), 0) };
        let wanted = checked.rows.iter().filter(|row| !self.only_blanks || row.has_blank());
        let total = wanted.clone().count();
        (wanted.skip(self.page * PAGE).take(PAGE).collect(), total)
    }

    /// The runs that are compared.
    pub(super) fn chosen(&self) -> Vec<&Found> {
        let found = self.found.iter().flatten();
        found.filter(|found| self.picked.contains(&found.look.path)).collect()
    }

    fn send(&mut self, ask: Ask) {
        self.desk.send(ask);
    }

    /// A folder for the next run that is not there yet, as far as is known.
    fn next_run(&self) -> Option<String> {
        let runs = Path::new(self.place(Place::Runs));
        let taken = |path: &Path| self.found.iter().flatten().any(|run| run.look.path == path);
        let free = (1..).map(|number| runs.join(format!("run-{number}"))).find(|path| !taken(path));
        let free = free.filter(|_| !runs.as_os_str().is_empty());
        free.map(|path| path.to_string_lossy().into_owned())
    }
}
