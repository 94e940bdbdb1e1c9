//! What needs the model: training, judging, and scoring one drawing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::AtomicBool;

use easel_core::metrics::Summary;
use easel_core::metrics::bootstrap::Bootstrap;
use easel_core::rubric::Attribute;
use easel_core::train::objective::Prediction;
use easel_core::train::run::Job;
use easel_core::train::{End, Event, Predictor, TrainError};
use easel_core::weights::{Folder, Source as Weights};
use easel_core::{Assessor, Image, LoadOptions, device, train};
use pollster::block_on;

use super::look::order;
use crate::native::model;
use crate::training::{
    Ask, Base, Judged, Scores, Sheets, State, Tell, Told, Wanted, only, predict, run,
};
use crate::ui::{Edit, Source};

/// Why something failed, as a sentence.
struct Sentence(String);

impl<E: std::error::Error> From<E> for Sentence {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

pub(super) fn answer(ask: &Ask, stop: &AtomicBool, tell: &mut dyn FnMut(Tell)) {
    match ask {
        Ask::Start(wanted) => {
            let end = start(wanted, stop, tell);
            tell(Tell::Ended(end.map_err(|sentence| sentence.0)));
        }
        Ask::Judge { wanted, runs } => {
            let judged = judge(wanted, runs, tell);
            tell(Tell::Judged(judged.map_err(|sentence| sentence.0)));
        }
        Ask::Score { base, run, source, edit } => {
            let scored = score(base, run, (source, *edit), tell);
            tell(Tell::Scored(scored.map_err(|sentence| sentence.0)));
        }
        _ => {}
    }
}

/// Trains as `easel train` does.
fn start(wanted: &Wanted, stop: &AtomicBool, tell: &mut dyn FnMut(Tell)) -> Result<End, Sentence> {
    let order = order(wanted)?;
    order.check()?;
    let tell = std::cell::RefCell::new(tell);
    let base = || {
        let assessor =
            load(&wanted.base, None, &mut |state| tell.borrow_mut()(Tell::State(state)))?;
        Ok::<_, Sentence>(train::Base::new(assessor)?)
    };
    run(&order, base, stop, &mut |told| {
        let state = match told {
            Told::Begins(job) => State::Begins(job),
            Told::Event(Event::Encoded(done, total)) => State::Encoded(*done, *total),
            Told::Event(Event::Resumed(step)) => State::Resumed(*step),
            Told::Event(Event::Step(record, total)) => {
                State::Step(Box::new((*record).clone()), *total)
            }
            Told::Event(Event::Saved(step)) => State::Saved(*step),
            Told::Event(Event::NotSaved(error)) => State::NotSaved(error.to_string()),
            Told::Event(Event::Evaluated(..)) | Told::Ended(..) => return,
        };
        tell.borrow_mut()(Tell::State(state));
    })
}

/// Loads the base model, with the adapters of a folder where one is named.
fn load(
    base: &Base,
    adapters: Option<Rc<dyn Weights>>,
    tell: &mut dyn FnMut(State),
) -> Result<Assessor, Sentence> {
    let files = model::files(&base.model).map_err(|fault| Sentence(fault.message))?;
    let opened = device::open(base.device)?;
    crate::native::tune(&opened);
    let mut options = LoadOptions::new().with_heads(true);
    options.weights = files.weights;
    let mut last = 0;
    let mut progress = |at: easel_core::model::Loading| {
        let percent = (100.0 * at.done as f64 / at.total.max(1) as f64) as u32;
        if percent > last {
            last = percent;
            tell(State::Loading(percent as f32 / 100.0));
        }
    };
    let device = &opened.device;
    let loading =
        Assessor::load_with_progress(files.model, adapters, options, device, &mut progress);
    Ok(block_on(loading)?)
}

/// The base with the adapters of a run, or alone.
fn predictor(
    base: &Base,
    run: Option<&Path>,
    tell: &mut dyn FnMut(Tell),
) -> Result<Predictor, Sentence> {
    let adapters = run.map(|run| Folder::open(run.join("adapters"))).transpose()?;
    let adapters = adapters.map(|folder| Rc::new(folder) as Rc<dyn Weights>);
    let assessor = load(base, adapters.clone(), &mut |state| tell(Tell::State(state)))?;
    Ok(Predictor::new(assessor, adapters.as_deref())?)
}

fn judge(
    wanted: &Wanted,
    runs: &[PathBuf],
    tell: &mut dyn FnMut(Tell),
) -> Result<Vec<Judged>, Sentence> {
    let attributes: BTreeSet<Attribute> = runs.iter().flat_map(|run| trained(run)).collect();
    let jobs: Vec<Job> = attributes.iter().copied().map(Job::One).collect();
    let sheets = Sheets::read(&wanted.files, &wanted.settings, &jobs, &mut |_| {})?;
    let (sheet, rows) = sheets.validation();
    let total = rows.len() * (runs.len() + 1);
    let mut done = 0;
    let read = |path: &Path| -> Result<Image, Sentence> {
        let wrong = |error: &dyn std::fmt::Display| {
            Sentence(
                TrainError::Picture { path: path.into(), reason: error.to_string() }.to_string(),
            )
        };
        let bytes = std::fs::read(path).map_err(|error| wrong(&error))?;
        Image::decode(&bytes).map_err(|error| wrong(&error))
    };
    let reading = |prediction: &Prediction| prediction.expected;
    let mut tables = Vec::new();
    for run in std::iter::once(None).chain(runs.iter().map(Some)) {
        let mut predictor = predictor(&wanted.base, run.map(PathBuf::as_path), tell)?;
        let mut scored = |_: &str| {
            done += 1;
            tell(Tell::State(State::Scoring(done, total)));
        };
        let table = predict(&mut predictor, (sheet, rows), 1, &read, &reading, &mut scored)?;
        tables.push((run, table));
    }
    // The base alone is asked everything; it is held against what the runs answer.
    let asked: Vec<Attribute> = attributes.into_iter().collect();
    let judged = tables.into_iter().map(|(run, table)| {
        let table = only(&table, &asked);
        let summary = Summary::of(&table, &Bootstrap::default());
        let name =
            |run: &PathBuf| run.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Judged { run: run.map(name), table, summary }
    });
    Ok(judged.collect())
}

/// The attributes that a run has adapters for.
fn trained(run: &Path) -> Vec<Attribute> {
    let has = |attribute: &Attribute| run.join("adapters").join(attribute.name()).is_dir();
    Attribute::ALL.into_iter().filter(has).collect()
}

fn score(
    base: &Base,
    run: &Path,
    (source, edit): (&Source, Edit),
    tell: &mut dyn FnMut(Tell),
) -> Result<Scores, Sentence> {
    let image = edit.apply(&source.decode()?)?;
    let mut levels = |run: Option<&Path>| -> Result<BTreeMap<Attribute, f64>, Sentence> {
        let mut predictor = predictor(base, run, tell)?;
        let pictures = predictor.encode([&image]).map_err(|(_, error)| error)?;
        let scores = predictor.predict(&pictures[0])?;
        Ok(scores.into_iter().map(|(attribute, found)| (attribute, found.expected)).collect())
    };
    let after = levels(Some(run))?;
    let mut before = levels(None)?;
    before.retain(|attribute, _| after.contains_key(attribute));
    Ok(Scores { before, after })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_run_is_told_in_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let base = Base { model: crate::ui::ModelChoice::Demo, device: device::Choice::Cpu };
        let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/samples/1.png"));
        let source = Source::File { name: "1.png".to_owned(), bytes: bytes.unwrap() };
        let run = folder.path().join("none");
        let ask = Ask::Score { base, run, source, edit: Edit::default() };
        let mut told = Vec::new();
        let stop = AtomicBool::new(false);
        answer(&ask, &stop, &mut |tell| told.push(tell));
        let [Tell::Scored(Err(said))] = &told[..] else { panic!("{told:?}") };
        assert!(said.contains("none"), "{said}");
    }
}
