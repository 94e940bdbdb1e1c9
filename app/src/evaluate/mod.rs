//! `easel evaluate`: how well predictions agree with teachers' scores.

mod compare;
mod data;
mod layout;
mod load;
mod model;
mod plots;

use std::path::PathBuf;

use clap::{Args, ValueEnum, value_parser};
use easel_core::metrics::Summary;
use easel_core::metrics::bootstrap::Bootstrap;

use crate::failure::Failure;
use crate::terminal::{note, print};
use load::Loaded;

/// Arguments of `easel evaluate`.
#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// Files of predictions, as `easel predict` or the published code write them.
    #[arg(required = true, value_name = "FILE.json")]
    pub files: Vec<PathBuf>,
    /// How the results are written.
    #[arg(long, value_enum, default_value_t)]
    pub format: EvaluateFormat,
    /// Draw scatter plots, confusion matrices and calibration curves (SVG) into this folder.
    #[arg(long, value_name = "DIR")]
    pub plots: Option<PathBuf>,
    /// One line a model, side by side.
    #[arg(long)]
    pub compare: bool,
    /// How often pictures are drawn anew for the 95% intervals; 0 for none.
    #[arg(
        long,
        value_name = "N",
        value_parser = value_parser!(u32).range(..=100_000),
        default_value_t = Bootstrap::default().resamples
    )]
    pub bootstrap: u32,
    /// Where the chance of the intervals begins.
    #[arg(long, value_name = "S", default_value_t = Bootstrap::default().seed)]
    pub seed: u64,
}

/// How an evaluation is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum EvaluateFormat {
    /// For people.
    #[default]
    Table,
    /// One object with all numbers.
    Json,
    /// For spreadsheets, with all numbers.
    Csv,
    /// For documents.
    Markdown,
}

/// A model and what was measured of it.
#[derive(Debug)]
struct Evaluated {
    loaded: Loaded,
    summary: Summary,
}

/// Reads, measures, draws, prints.
pub fn run(args: &EvaluateArgs) -> Result<(), Failure> {
    let models = measure(args)?;
    if let Some(folder) = &args.plots {
        let files = plots::write(folder, &models)?;
        note(&format!("{files} plots are in {}", folder.display()));
    }
    print(&report(&models, args))
}

fn measure(args: &EvaluateArgs) -> Result<Vec<Evaluated>, Failure> {
    let bootstrap = bootstrap(args);
    let loaded = load::all(&args.files)?.into_iter();
    let measured = loaded.map(|loaded| {
        let summary = Summary::of(&loaded.table, &bootstrap);
        Evaluated { loaded, summary }
    });
    Ok(measured.collect())
}

fn report(models: &[Evaluated], args: &EvaluateArgs) -> String {
    let bootstrap = bootstrap(args);
    match (args.format, args.compare) {
        (EvaluateFormat::Json, _) => data::json(models, &bootstrap),
        (EvaluateFormat::Csv, false) => data::csv_by_attribute(models),
        (EvaluateFormat::Csv, true) => data::csv_by_model(models),
        (format, compare) => {
            let mut sections = match compare {
                false => models.iter().map(model::section).collect(),
                true => compare::sections(models),
            };
            if let Some(last) = sections.last_mut() {
                last.notes.extend(layout::legend(&bootstrap));
            }
            layout::render(&sections, format == EvaluateFormat::Markdown)
        }
    }
}

const fn bootstrap(args: &EvaluateArgs) -> Bootstrap {
    Bootstrap { resamples: args.bootstrap, seed: args.seed }
}

/// Made-up models for the tests of this folder's files.
#[cfg(test)]
mod samples {
    use super::*;
    use easel_core::Attribute;
    use easel_core::metrics::{Entry, Table};

    /// 60 pictures; `skill` from 0 (chance) to 1, with probabilities and two raters.
    pub fn table(skill: f64) -> Table {
        let mut table = Table::new();
        for index in 0..60_u32 {
            for (column, attribute) in (1_u32..).zip(Attribute::ALL) {
                let chance = |prime: u32| f64::from(index * column * prime % 101) / 101.0;
                let original = (1.0 + chance(37) * 5.0).floor();
                let predicted = skill * original + (1.0 - skill) * (1.0 + 4.0 * chance(59));
                let near = [1.0_f64, 2.0, 3.0, 4.0, 5.0].map(|k| (-(k - predicted).powi(2)).exp());
                let sum: f64 = near.iter().sum();
                let blank = index % 20 == 3 && attribute == Attribute::Imagination;
                let mut entry = Entry::new((!blank).then_some(original), Some(predicted));
                entry.probabilities = Some(near.map(|p| p / sum));
                let other = (original + (chance(83) * 3.0).floor() - 1.0).clamp(1.0, 5.0);
                entry.raters = [("anna".to_owned(), original), ("ben".to_owned(), other)].into();
                table.set(format!("{index:04}.png"), attribute, entry);
            }
        }
        table
    }

    pub fn evaluated(name: &str, table: Table, bootstrap: &Bootstrap) -> Evaluated {
        let summary = Summary::of(&table, bootstrap);
        let loaded = Loaded { name: name.into(), file: format!("{name}.json").into(), table };
        Evaluated { loaded, summary }
    }

    /// Two models, the second of one attribute, without probabilities and raters.
    pub fn two() -> Vec<Evaluated> {
        let mut bare = Table::new();
        for index in 0..10 {
            let (original, predicted) = (f64::from(index % 5 + 1), f64::from(index % 4 + 1));
            let entry = Entry::new(Some(original), Some(predicted));
            bare.set(format!("{index:04}.png"), Attribute::Realism, entry);
        }
        let bootstrap = Bootstrap { resamples: 50, seed: 3 };
        let first = evaluated("raft", table(0.6), &bootstrap);
        vec![first, evaluated("zero-shot | bare", bare, &bootstrap)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use easel_core::metrics::Predictions;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: EvaluateArgs,
    }

    fn args(words: &[&str]) -> EvaluateArgs {
        Line::try_parse_from([&["evaluate"], words].concat()).unwrap().args
    }

    #[test]
    fn the_defaults_are_a_table_with_a_thousand_samples() {
        let args = args(&["a.json"]);
        assert_eq!((args.format, args.bootstrap, args.seed), (EvaluateFormat::Table, 1000, 0));
        assert!(Line::try_parse_from(["evaluate"]).is_err());
        assert!(Line::try_parse_from(["evaluate", "a.json", "--bootstrap", "1000000"]).is_err());
    }

    #[test]
    fn every_format_says_the_same_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        let text = Predictions::new("raft", samples::table(0.6)).to_json();
        std::fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        for format in ["table", "json", "csv", "markdown"] {
            for compare in [&[][..], &["--compare"]] {
                let words = [&[file, "--format", format, "--bootstrap", "20"], compare].concat();
                let args = args(&words);
                let text = report(&measure(&args).unwrap(), &args);
                assert!(text.contains("raft") && text.ends_with('\n'), "{text}");
                assert!(!text.contains("NaN"), "{text}");
                assert_eq!(report(&measure(&args).unwrap(), &args), text);
            }
        }
    }

    #[test]
    fn plots_are_drawn_into_a_new_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        let text = Predictions::new("raft", samples::table(0.6)).to_json();
        std::fs::write(&file, text).unwrap();
        let plots = folder.path().join("new/plots");
        let words = [file.to_str().unwrap(), "--plots", plots.to_str().unwrap()];
        let args = args(&[&words[..], &["--bootstrap", "0"]].concat());
        let models = measure(&args).unwrap();
        plots::write(args.plots.as_deref().unwrap(), &models).unwrap();
        assert_eq!(std::fs::read_dir(plots).unwrap().count(), 3);
    }
}
