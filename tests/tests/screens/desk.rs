//! A desk behind the Train tab that answers at once, for pictures and keys.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use easel::training::{
    Ask, Checked, Curve, DataFiles, Desk, Found, Judged, Memory, PickedRow, Planned, Scores, State,
    Tell,
};
use easel::ui::Preview;
use easel_core::drawings::write_dataset;
use easel_core::metrics::bootstrap::Bootstrap;
use easel_core::metrics::{Entry, Summary, Table};
use easel_core::model::Published;
use easel_core::train::Plan;
use easel_core::train::data::{DataOptions, Dataset};
use easel_core::train::look::{JobLook, Look};
use easel_core::train::output::StepRecord;
use easel_core::train::run::Job;
use easel_core::train::settings::TrainSettings;
use easel_core::{Attribute, Image, Precision};
use tempfile::TempDir;

#[derive(Default)]
pub struct FakeDesk(VecDeque<Tell>);

/// Twelve drawings; in every third row the first label is blank, and one picture is gone.
pub fn data() -> &'static Path {
    static DATA: OnceLock<TempDir> = OnceLock::new();
    let folder = DATA.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        write_dataset(folder.path(), 12, 3, &mut |_| {}).unwrap();
        let sheet = folder.path().join("annotations.csv");
        let text = std::fs::read_to_string(&sheet).unwrap();
        let blank = |(at, line): (usize, &str)| {
            let cells: Vec<_> = line.split(',').collect();
            match at % 3 {
                1 => [&[cells[0], ""], &cells[2..]].concat().join(","),
                _ => line.to_owned(),
            }
        };
        let lines: Vec<_> = text.lines().enumerate().map(blank).collect();
        let last = lines[lines.len() - 1].split(',').next().unwrap().to_owned();
        std::fs::write(&sheet, lines.join("\n") + "\n").unwrap();
        std::fs::remove_file(folder.path().join("images").join(last)).unwrap();
        folder
    });
    folder.path()
}

fn checked() -> Checked {
    let options = DataOptions { skip_missing: true, ..DataOptions::default() };
    let (sheet, images) = (data().join("annotations.csv"), data().join("images"));
    let dataset = Dataset::from_csv(&sheet, &images, &options).unwrap();
    let rows = dataset.rows().iter().map(|row| PickedRow {
        name: row.name.clone(),
        picture: row.picture.clone(),
        labels: Attribute::ALL.map(|attribute| row.label(attribute)),
    });
    let rows = rows.collect();
    Checked { report: Some(dataset.report().clone()), rows, problems: Vec::new() }
}

fn memory() -> Memory {
    let (config, settings) = (Published::SevenB.config(), TrainSettings::default());
    let plan = |precision| Plan::new(&config, &settings, 400, precision);
    let others =
        [Precision::Bf16, Precision::Q8].map(|other| (other, plan(other).total())).to_vec();
    let planned = Planned { labels: [851, 95], steps: 5400, plan: plan(Precision::Q4), others };
    Memory { planned, machine: Some(64_000_000_000) }
}

/// A run of forty steps, some better and some worse.
fn found(name: &str) -> Found {
    let mut settings = TrainSettings::default();
    settings.max_steps = Some(60);
    let (mut job, slow) = (Curve::default(), if name == "run-2" { 2.0 } else { 1.0 });
    if name == "run-2" {
        settings.rank = 16;
        settings.learning_rate = 5e-6;
    }
    job.job = "realism".to_owned();
    for step in 1..=40_u32 {
        let at = f64::from(step);
        let noise = (at * 2.7).sin() * 0.08;
        job.loss.push([at, 0.3 + 1.6 * (-at / (9.0 * slow)).exp() + noise]);
        if step.is_multiple_of(5) {
            job.pearson.push([at, 0.75 - 0.6 * (-at / (12.0 * slow)).exp() + noise / 4.0]);
        }
    }
    job.last = Some(record(40));
    let path = PathBuf::from("/home/dev/runs").join(name);
    let look = JobLook {
        name: "realism".to_owned(),
        saved: 40,
        best_step: Some(40),
        finished: false,
        trained: false,
    };
    let look = Look { path, settings, jobs: vec![look] };
    // An earlier version began the second one.
    let files = (name == "run-1").then(|| DataFiles {
        sheet: "/home/dev/drawings/annotations.csv".into(),
        images: "/home/dev/drawings/images".into(),
        ..DataFiles::default()
    });
    Found { look, curves: vec![job], files }
}

fn record(step: u64) -> StepRecord {
    StepRecord {
        attribute: "realism".to_owned(),
        step,
        epoch: 3,
        loss: 0.3127,
        grad_norm: 0.8,
        learning_rate: 8.4e-6,
        seconds: 12.5,
        eval: None,
    }
}

/// Some scores near the originals.
fn judged(run: Option<&str>) -> Judged {
    let skill = if run.is_some() { 0.8 } else { 0.2 };
    let mut table = Table::new();
    for index in 0..60_u32 {
        let chance = |prime: u32| f64::from(index * prime % 61) / 61.0;
        let original = (1.0 + chance(37) * 5.0).floor();
        let predicted = skill * original + (1.0 - skill) * (1.0 + 4.0 * chance(17));
        let near = [1.0_f64, 2.0, 3.0, 4.0, 5.0].map(|k| (-(k - predicted).powi(2)).exp());
        let sum: f64 = near.iter().sum();
        let mut entry = Entry::new(Some(original), Some(predicted));
        entry.probabilities = Some(near.map(|p| p / sum));
        table.set(format!("{index:04}.png"), Attribute::Realism, entry);
    }
    let summary = Summary::of(&table, &Bootstrap { resamples: 50, seed: 1 });
    Judged { run: run.map(str::to_owned), table, summary }
}

impl Desk for FakeDesk {
    fn send(&mut self, ask: Ask) {
        match ask {
            Ask::Check(_) => self.0.push_back(Tell::Checked(Ok(checked()))),
            Ask::Small(path) => {
                let image = Image::decode(&std::fs::read(&path).unwrap()).unwrap();
                let (width, height) = (image.width(), image.height());
                let small = Preview { width, height, rgb: image.into_rgb() };
                self.0.push_back(Tell::Small(path, Some(small)));
            }
            Ask::Memory(_) => self.0.push_back(Tell::Memory(Ok(memory()))),
            Ask::Start(_) => {
                self.0.push_back(Tell::State(State::Begins(Job::One(Attribute::Realism))));
                self.0.push_back(Tell::State(State::Step(Box::new(record(40)), 60)));
                self.0.push_back(Tell::State(State::Saved(40)));
            }
            Ask::Stop => {}
            Ask::Follow(path) => {
                let mut run = found("run-1");
                run.look.path = path;
                self.0.push_back(Tell::Followed(Box::new(run)));
            }
            Ask::Find(_) => {
                self.0.push_back(Tell::Found(vec![found("run-1"), found("run-2")]));
            }
            Ask::Judge { .. } => {
                let all = vec![judged(None), judged(Some("run-1")), judged(Some("run-2"))];
                self.0.push_back(Tell::Judged(Ok(all)));
            }
            Ask::Score { .. } => {
                let before = [(Attribute::Realism, 2.41)].into();
                let after = [(Attribute::Realism, 3.87)].into();
                self.0.push_back(Tell::Scored(Ok(Scores { before, after })));
            }
        }
    }

    fn poll(&mut self) -> Option<Tell> {
        self.0.pop_front()
    }

    fn runs(&self) -> Option<PathBuf> {
        Some("/home/dev/runs".into())
    }
}
