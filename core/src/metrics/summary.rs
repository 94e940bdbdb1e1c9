//! Everything that is measured of a table.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::bootstrap::Bootstrap;
use super::calibration::{Calibration, Judged};
use super::numbers::{Column, numbers};
use super::raters::{self, Comparison};
use super::{Entry, Table};
use crate::rubric::Attribute;

/// A number with its 95% interval.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Estimate {
    /// The number; `None` where it is not defined.
    pub value: Option<f64>,
    /// The interval's ends; `None` where none was asked for, or where it is not defined.
    pub interval: Option<[f64; 2]>,
}

/// How well scores agree with the originals: of one attribute, or of all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// How many scores have an original and a prediction.
    pub n: usize,
    /// How many lack one of them.
    pub blanks: usize,
    /// Spearman's correlation; of all, the mean over the attributes where it is defined.
    #[serde(rename = "SC")]
    pub sc: Estimate,
    /// Pearson's correlation; of all, the mean likewise.
    #[serde(rename = "PC")]
    pub pc: Estimate,
    /// The mean absolute difference in points; of all, over all scores.
    #[serde(rename = "SD")]
    pub sd: Estimate,
    /// The share of equal rounded scores; of all, over all scores.
    #[serde(rename = "ACC")]
    pub acc: Estimate,
    /// The mean squared difference; of all, over all scores.
    #[serde(rename = "MSE")]
    pub mse: Estimate,
    /// Its root.
    #[serde(rename = "RMSE")]
    pub rmse: Estimate,
    /// Quadratic weighted kappa; of all, the mean over the attributes where it is defined.
    #[serde(rename = "QWK")]
    pub qwk: Estimate,
    /// What the probabilities are worth, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
}

/// The names of an [`Agreement`]'s measures, in the paper's order.
pub const MEASURES: [&str; 7] = ["SC", "PC", "SD", "ACC", "MSE", "RMSE", "QWK"];

impl Agreement {
    /// All of [`MEASURES`].
    #[must_use]
    pub const fn measures(&self) -> [Estimate; 7] {
        [self.sc, self.pc, self.sd, self.acc, self.mse, self.rmse, self.qwk]
    }
}

/// The agreement among several teachers, where a table has their scores.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Raters {
    /// The mean over the attributes of what teachers agree among themselves.
    pub between: raters::Mean,
    /// The mean over the attributes of what the model agrees with each of them.
    pub with_model: raters::Mean,
    /// By attribute.
    pub attributes: BTreeMap<Attribute, Comparison>,
}

/// Everything that is measured of a [`Table`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// How many images there are.
    pub images: usize,
    /// By attribute: those that the table has entries of.
    pub attributes: BTreeMap<Attribute, Agreement>,
    /// Over all attributes.
    pub overall: Agreement,
    /// The RV coefficient of the two tables of scores, over the attributes that have any pair of
    /// scores and the images without a blank among those. It is biased upwards where images are
    /// few, and more so in the bootstrap's samples: the interval may lie above the number.
    #[serde(rename = "RV")]
    pub rv: Estimate,
    /// How several teachers agree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raters: Option<Raters>,
}

impl Summary {
    /// Measures a table, with intervals over its images.
    #[must_use]
    pub fn of(table: &Table, bootstrap: &Bootstrap) -> Self {
        let attributes = table.attributes();
        let columns: Vec<Column> = attributes
            .iter()
            .map(|attribute| table.column(*attribute).map(|entry| entry?.pair()).collect())
            .collect();
        let rows: Vec<usize> = (0..table.len()).collect();
        let mut intervals =
            bootstrap.intervals(rows.len(), |rows| numbers(&columns, rows)).into_iter();
        let mut estimates = numbers(&columns, &rows).into_iter().map(|value| {
            let interval = intervals.next().flatten();
            Estimate { value, interval: value.and(interval) }
        });
        // The order of `numbers`: the overall ones, RV, then each attribute's.
        let judged: Vec<Vec<Judged>> = attributes.iter().map(|a| judged(table, *a)).collect();
        let n = columns.iter().flatten().flatten().count();
        let blanks = rows.len() * columns.len() - n;
        let all = Calibration::of(&judged.concat());
        let overall = Agreement::take(n, blanks, all, &mut estimates);
        let rv = estimates.next().unwrap_or_default();
        let mut by_attribute = BTreeMap::new();
        for ((attribute, column), judged) in attributes.iter().zip(&columns).zip(&judged) {
            let n = column.iter().flatten().count();
            let calibration = Calibration::of(judged);
            let agreement = Agreement::take(n, rows.len() - n, calibration, &mut estimates);
            by_attribute.insert(*attribute, agreement);
        }
        Self {
            images: rows.len(),
            attributes: by_attribute,
            overall,
            rv,
            raters: Raters::of(table, &attributes),
        }
    }
}

impl Agreement {
    fn take(
        n: usize,
        blanks: usize,
        calibration: Option<Calibration>,
        estimates: &mut impl Iterator<Item = Estimate>,
    ) -> Self {
        let mut next = || estimates.next().unwrap_or_default();
        let [sc, pc, sd, acc, mse, rmse, qwk] = std::array::from_fn(|_| next());
        Self { n, blanks, sc, pc, sd, acc, mse, rmse, qwk, calibration }
    }
}

impl Raters {
    /// `None` where no entry has raters.
    fn of(table: &Table, attributes: &[Attribute]) -> Option<Self> {
        let mut found = BTreeMap::new();
        for &attribute in attributes {
            let names: BTreeSet<&String> =
                table.column(attribute).flatten().flat_map(|entry| entry.raters.keys()).collect();
            if names.is_empty() {
                continue;
            }
            let scores = |rater: &String| {
                let of = |entry: Option<&Entry>| entry?.raters.get(rater).copied();
                (rater.clone(), table.column(attribute).map(of).collect())
            };
            let columns: Vec<_> = names.into_iter().map(scores).collect();
            let model: Vec<_> = table.column(attribute).map(|entry| entry?.predicted).collect();
            found.insert(attribute, raters::compare(&columns, &model));
        }
        (!found.is_empty()).then(|| Self {
            between: raters::Mean::of(found.values().map(|comparison| comparison.between)),
            with_model: raters::Mean::of(found.values().map(|comparison| comparison.with_model)),
            attributes: found,
        })
    }
}

fn judged(table: &Table, attribute: Attribute) -> Vec<Judged> {
    let judged = |entry: Option<&Entry>| entry?.probabilities.zip(entry?.original);
    table.column(attribute).filter_map(judged).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Bootstrap = Bootstrap { resamples: 0, seed: 0 };

    /// Realism (1, 1), (2, 3), (3, 3), (-, 4), (5, 4) and imagination constant at 3 in both.
    fn table() -> Table {
        let mut table = Table::new();
        let realism =
            [(Some(1.0), 1.0), (Some(2.0), 3.0), (Some(3.0), 3.0), (None, 4.0), (Some(5.0), 4.0)];
        for (index, (original, predicted)) in realism.into_iter().enumerate() {
            let image = format!("{index}.png");
            table.set(&image, Attribute::Realism, Entry::new(original, Some(predicted)));
            table.set(&image, Attribute::Imagination, Entry::new(Some(3.0), Some(3.0)));
        }
        table
    }

    #[test]
    fn overall_correlations_are_means_and_overall_differences_are_pooled() {
        let summary = Summary::of(&table(), &NONE);
        let realism = &summary.attributes[&Attribute::Realism];
        assert_eq!((realism.n, realism.blanks), (4, 1));
        assert_eq!(realism.sd.value, Some(0.5));
        assert_eq!(realism.acc.value, Some(0.5));
        let imagination = &summary.attributes[&Attribute::Imagination];
        assert_eq!(
            imagination.measures().map(|estimate| estimate.value.is_some()),
            [false, false, true, true, true, true, false]
        );
        let overall = &summary.overall;
        assert_eq!((summary.images, overall.n, overall.blanks), (5, 9, 1));
        assert_eq!(overall.sc, realism.sc);
        assert_eq!(overall.qwk.value, realism.qwk.value);
        assert_eq!(overall.sd.value, Some(2.0 / 9.0));
        assert_eq!(overall.acc.value, Some(7.0 / 9.0));
        assert_eq!(overall.rmse.value, Some((2.0_f64 / 9.0).sqrt()));
        // Constant columns add nothing: the squared correlation of the rest.
        let pc = realism.pc.value.unwrap();
        assert!((summary.rv.value.unwrap() - pc * pc).abs() < 1e-12);
        assert!(overall.calibration.is_none() && summary.raters.is_none());
        assert!(overall.measures().iter().all(|estimate| estimate.interval.is_none()));
    }

    #[test]
    fn intervals_hold_the_value_and_follow_the_seed() {
        let mut table = Table::new();
        for index in 0..60_u8 {
            let original = f64::from(index % 5 + 1);
            let predicted = original * 0.5 + f64::from(index % 7) * 0.3;
            let entry = Entry::new(Some(original), Some(predicted));
            table.set(format!("{index:02}"), Attribute::Realism, entry);
        }
        let summary = Summary::of(&table, &Bootstrap::default());
        for estimate in summary.overall.measures().into_iter().chain([summary.rv]) {
            let ([low, high], value) = (estimate.interval.unwrap(), estimate.value.unwrap());
            assert!(low < value && value < high, "{estimate:?}");
        }
        // One attribute alone is the whole.
        assert_eq!(summary.overall.pc, summary.attributes[&Attribute::Realism].pc);
        // Fisher's interval for as many rows.
        let [low, high] = summary.overall.pc.interval.unwrap();
        let fisher = 2.0 * 1.96 / 57.0_f64.sqrt();
        let ratio = (high.atanh() - low.atanh()) / fisher;
        assert!((0.7..1.3).contains(&ratio), "{ratio}");
        assert_eq!(summary, Summary::of(&table, &Bootstrap::default()));
        assert_ne!(summary, Summary::of(&table, &Bootstrap { seed: 1, ..Bootstrap::default() }));
    }

    #[test]
    fn an_empty_table_has_no_numbers() {
        let summary = Summary::of(&Table::new(), &Bootstrap::default());
        assert!(summary.attributes.is_empty() && summary.rv.value.is_none());
        assert!(summary.overall.measures().iter().all(|estimate| estimate.value.is_none()));
        let mut table = Table::new();
        table.set("a", Attribute::Realism, Entry::new(Some(3.0), None));
        let summary = Summary::of(&table, &Bootstrap::default());
        assert_eq!((summary.overall.n, summary.overall.blanks), (0, 1));
        assert!(summary.overall.measures().iter().all(|estimate| estimate.value.is_none()));
    }

    #[test]
    fn json_has_the_papers_names_and_null_for_what_is_not_defined() {
        let json = serde_json::to_value(Summary::of(&table(), &NONE)).unwrap();
        assert_eq!(json["attributes"]["imagination"]["SC"]["value"], serde_json::Value::Null);
        assert_eq!(json["attributes"]["realism"]["SD"]["value"], 0.5);
        assert!(json["RV"]["value"].is_number());
    }

    #[test]
    fn probabilities_and_raters_are_measured_where_there_are_any() {
        let mut table = table();
        for (image, anna, ben) in [("0.png", 1.0, 2.0), ("1.png", 2.0, 3.0), ("4.png", 4.0, 5.0)] {
            let mut entry = table.get(image, Attribute::Realism).cloned().unwrap();
            entry.raters = [("anna".to_owned(), anna), ("ben".to_owned(), ben)].into();
            entry.probabilities = Some([0.0, 0.0, 0.5, 0.5, 0.0]);
            table.set(image, Attribute::Realism, entry);
        }
        let summary = Summary::of(&table, &NONE);
        let calibration = summary.overall.calibration.unwrap();
        assert_eq!(calibration.n, 3);
        assert_eq!(Some(calibration), summary.attributes[&Attribute::Realism].calibration);
        assert_eq!(summary.attributes[&Attribute::Imagination].calibration, None);
        let raters = summary.raters.unwrap();
        assert_eq!(raters.between.sc, Some(1.0));
        assert_eq!(raters.with_model.sc, Some(1.0));
        assert_eq!(raters.attributes[&Attribute::Realism].pairs[0].n, 3);
        assert_eq!(raters.attributes.len(), 1);
    }
}
