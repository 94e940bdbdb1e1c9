//! How the levels of a class lie, attribute by attribute.

use easel_core::{Attribute, Score};
use serde::Serialize;

use crate::portfolio::Record;

/// One attribute over all drawings that have a level of it: the teacher's where there is one, else
/// the model's expected value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// The attribute.
    pub attribute: Attribute,
    /// How many drawings have it.
    pub count: usize,
    /// The arithmetic mean, in points from 1 to 5.
    pub mean: f64,
    /// The sample's standard deviation, in points, `sqrt(Σ (x - mean)² / (n - 1))`; of one drawing
    /// there is none.
    pub deviation: Option<f64>,
}

/// Of each attribute that any drawing has.
#[must_use]
pub fn spreads<'a>(records: impl Iterator<Item = &'a Record>) -> Vec<Spread> {
    let judged: Vec<_> = records.map(Record::judged).collect();
    let spread = |attribute: Attribute| {
        let levels = judged.iter().filter_map(|scores| scores.get(attribute));
        of(attribute, &levels.map(Score::expected).collect::<Vec<_>>())
    };
    Attribute::ALL.into_iter().filter_map(spread).collect()
}

fn of(attribute: Attribute, levels: &[f64]) -> Option<Spread> {
    let count = levels.len();
    let mean = levels.iter().sum::<f64>() / count as f64;
    let squares: f64 = levels.iter().map(|level| (level - mean).powi(2)).sum();
    let deviation = (count > 1).then(|| (squares / (count as f64 - 1.0)).sqrt());
    (count > 0).then_some(Spread { attribute, count, mean, deviation })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_deviations_are_those_worked_by_hand() {
        let of = |levels: &[f64]| of(Attribute::Realism, levels);
        assert_eq!(of(&[]), None);
        let one = of(&[2.5]).unwrap();
        assert_eq!((one.count, one.mean, one.deviation), (1, 2.5, None));
        // 2, 4, 4, 4, 5, 5, 7, 9: squares sum to 32.
        let many = of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
        assert_eq!(many.mean, 5.0);
        assert!((many.deviation.unwrap() - (32.0_f64 / 7.0).sqrt()).abs() < 1e-12);
    }
}
