//! What is done with the numbers of a curve before it is drawn.

use std::ops::Range;

/// Step and value, in the order of steps.
pub(super) type Line = Vec<(f64, f64)>;

/// The most points of a line; more would only make the file large.
const POINTS: usize = 800;
/// Smoothing reaches over one in so many points.
const REACH: usize = 40;
/// Single values above this share of all do not stretch the axis.
const SHOWN: f64 = 0.98;

/// The running mean with exponential weights; unlike a plain one it does not lean on the first
/// value.
pub(super) fn smoothed(line: &[(f64, f64)]) -> Line {
    let span = (line.len() / REACH).max(1) as f64;
    let keep = 1.0 - 2.0 / (span + 1.0);
    let (mut sum, mut weights) = (0.0, 0.0);
    let step = |&(step, value): &(f64, f64)| {
        sum = keep * sum + value;
        weights = keep * weights + 1.0;
        (step, sum / weights)
    };
    line.iter().map(step).collect()
}

/// Evenly chosen points, the last among them.
pub(super) fn thinned(line: &[(f64, f64)]) -> Line {
    let stride = line.len().div_ceil(POINTS).max(1);
    let mut chosen: Line = line.iter().rev().step_by(stride).copied().collect();
    chosen.reverse();
    chosen
}

/// From zero to a little above nearly all losses and the whole smoothed line.
pub(super) fn loss_range(raw: &[(f64, f64)], smooth: &[(f64, f64)]) -> Range<f64> {
    let mut values: Vec<f64> = raw.iter().map(|point| point.1).collect();
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * SHOWN) as usize;
    let usual = values.get(at.min(values.len().saturating_sub(1))).copied().unwrap_or(0.0);
    let top = smooth.iter().map(|point| point.1).fold(usual, f64::max);
    0.0..if top > 0.0 { top * 1.08 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[f64]) -> Line {
        values.iter().enumerate().map(|(step, &value)| (step as f64, value)).collect()
    }

    #[test]
    fn smoothing_keeps_constants_and_short_lines_and_halves_a_swing() {
        assert_eq!(smoothed(&line(&[3.0, 1.0, 2.0])), line(&[3.0, 1.0, 2.0]));
        assert!(smoothed(&line(&[2.0; 400])).iter().all(|point| (point.1 - 2.0).abs() < 1e-12));
        let swing: Vec<f64> = (0..400).map(|step| f64::from(step % 2)).collect();
        let late = &smoothed(&line(&swing))[300..];
        assert!(late.iter().all(|point| (point.1 - 0.5).abs() < 0.1), "{late:?}");
    }

    #[test]
    fn long_lines_are_thinned_and_keep_their_end() {
        let values: Vec<f64> = (0..100_001).map(f64::from).collect();
        let thin = thinned(&line(&values));
        assert!((400..=POINTS).contains(&thin.len()), "{}", thin.len());
        assert_eq!(thin.last(), Some(&(100_000.0, 100_000.0)));
        assert!(thin.is_sorted());
        assert_eq!(thinned(&line(&[1.0, 2.0])), line(&[1.0, 2.0]));
    }

    #[test]
    fn one_outlier_does_not_stretch_the_axis() {
        let mut values = vec![1.0; 200];
        values[50] = 1e6;
        assert_eq!(loss_range(&line(&values), &[]), 0.0..1.08);
        assert_eq!(loss_range(&[], &[]), 0.0..1.0);
        assert_eq!(loss_range(&line(&[0.0]), &line(&[0.0])), 0.0..1.0);
    }
}
