//! The measures beside scipy's, scikit-learn's and numpy's on a thousand random tables with ties,
//! constants and blanks; `tests/fixtures/metrics/make_metrics.py` says what the file holds.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::bootstrap::Bootstrap;
use super::calibration::Calibration;
use super::raters::Mean;
use super::{Agreement, Entry, Summary, Table};
use crate::rubric::Attribute;

const FILE: &str = include_str!("../../../tests/fixtures/metrics/metrics.json");
const TOLERANCE: f64 = 1e-9;

type Numbers = Vec<Option<f64>>;

#[derive(Deserialize)]
struct Case {
    columns: Vec<Column>,
    each: Vec<Numbers>,
    all: Numbers,
}

/// Name, originals, predictions, percents of the digits, scores by rater.
#[derive(Deserialize)]
struct Column(
    Attribute,
    Numbers,
    Numbers,
    #[serde(default)] Option<Vec<[u8; 5]>>,
    #[serde(default)] Option<BTreeMap<String, Numbers>>,
);

impl Case {
    fn table(&self) -> Table {
        let mut table = Table::new();
        for Column(attribute, originals, predictions, percents, raters) in &self.columns {
            for (row, (original, predicted)) in originals.iter().zip(predictions).enumerate() {
                let mut entry = Entry::new(*original, *predicted);
                let percents = percents.as_ref().map(|percents| percents[row]);
                entry.probabilities = percents.map(|p| p.map(|p| f64::from(p) / 100.0));
                for (rater, scores) in raters.iter().flatten() {
                    entry.raters.extend(scores[row].map(|score| (rater.clone(), score)));
                }
                table.set(format!("{row:02}"), *attribute, entry);
            }
        }
        table
    }

    /// The largest difference to the reference; infinite where one is defined and the other not.
    fn difference(&self) -> f64 {
        let summary = Summary::of(&self.table(), &Bootstrap { resamples: 0, seed: 0 });
        let Column(_, _, _, percents, raters) = &self.columns[0];
        let (percents, raters) = (percents.is_some(), raters.is_some());
        let mut worst: f64 = 0.0;
        for (Column(attribute, ..), expected) in self.columns.iter().zip(&self.each) {
            let mut found = numbers(&summary.attributes[attribute]);
            if percents {
                found.extend(calibration(summary.attributes[attribute].calibration));
            }
            if raters {
                let all = summary.raters.as_ref();
                let here = all.and_then(|all| all.attributes.get(attribute));
                let means = here.map(|here| [here.between, here.with_model]);
                found.extend(agreement(means.unwrap_or_default()));
            }
            worst = worst.max(largest(&found, expected));
        }
        let mut found = numbers(&summary.overall);
        found.push(summary.rv.value);
        if percents {
            found.extend(calibration(summary.overall.calibration));
        }
        if raters {
            let means = summary.raters.map(|all| [all.between, all.with_model]);
            found.extend(agreement(means.unwrap_or_default()));
        }
        worst.max(largest(&found, &self.all))
    }
}

fn numbers(agreement: &Agreement) -> Numbers {
    let n = Some(agreement.n as f64);
    std::iter::once(n).chain(agreement.measures().map(|estimate| estimate.value)).collect()
}

fn calibration(found: Option<Calibration>) -> [Option<f64>; 3] {
    [found.map(|c| c.ece), found.map(|c| c.crps), found.map(|c| c.coverage)]
}

fn agreement(means: [Mean; 2]) -> [Option<f64>; 4] {
    [means[0].sc, means[0].qwk, means[1].sc, means[1].qwk]
}

fn largest(found: &[Option<f64>], expected: &[Option<f64>]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let difference = |(found, expected): (&Option<f64>, &Option<f64>)| match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs(),
        (None, None) => 0.0,
        _ => f64::INFINITY,
    };
    found.iter().zip(expected).map(difference).fold(0.0, f64::max)
}

fn cases() -> Vec<Case> {
    serde_json::from_str(FILE).unwrap()
}

#[test]
fn a_thousand_tables_measure_as_the_libraries_say() {
    let cases = cases();
    assert_eq!(cases.len(), 1000);
    let differences = cases.iter().map(Case::difference).enumerate();
    let (table, worst) = differences.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    assert!(worst <= TOLERANCE, "table {table} differs by {worst:e}; at most {TOLERANCE:e}");
}

#[test]
fn a_changed_number_is_noticed() {
    let mut cases = cases();
    let case = cases.iter_mut().find(|case| case.columns[0].1.len() > 8).unwrap();
    assert!(case.difference() <= TOLERANCE);
    let right = case.all[1].unwrap();
    case.all[1] = Some(right + 1e-8);
    assert!(case.difference() > TOLERANCE);
    case.all[1] = None;
    assert!(case.difference() > TOLERANCE);
    case.all[1] = Some(right);
    let score = case.columns[0].2.iter_mut().flatten().next().unwrap();
    *score += 0.5;
    assert!(case.difference() > TOLERANCE);
}
