//! Predictions over the teachers' scores.

use easel_core::Attribute;
use easel_core::metrics::Table;

/// What the axes show: the scale and a little room for the jitter.
pub const RANGE: std::ops::Range<f64> = 0.5..5.5;

/// One attribute's scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Scatter {
    /// Which.
    pub attribute: Attribute,
    /// Original and prediction, moved aside a little so that equal ones are seen.
    pub points: Vec<(f64, f64)>,
    /// The mean prediction at each whole score.
    pub means: Vec<(f64, f64)>,
}

impl Scatter {
    /// How opaque a point is: many need less ink each.
    #[must_use]
    pub fn ink(&self) -> f64 {
        (8.0 / (self.points.len() as f64).sqrt()).clamp(0.2, 0.7)
    }
}

/// The attributes of a table that have pairs of scores.
#[must_use]
pub fn scatters(table: &Table) -> Vec<Scatter> {
    let of = |attribute| {
        let pairs: Vec<_> = table.pairs(attribute).collect();
        let points = pairs.iter().enumerate().map(|(index, pair)| place(index, *pair)).collect();
        Scatter { attribute, points, means: means(&pairs) }
    };
    let all = table.attributes().into_iter().map(of);
    all.filter(|scatter| !scatter.points.is_empty()).collect()
}

/// Where a pair is drawn: aside by less than the space between scores, the same in each run.
fn place(index: usize, (original, predicted): (f64, f64)) -> (f64, f64) {
    // Multiples of these fill the square evenly (Roberts, 2018).
    let aside = |step: f64| (index as f64 * step).fract() - 0.5;
    let (x, y) = (original + 0.5 * aside(0.754_877_666), predicted + 0.14 * aside(0.569_840_29));
    (x, y.clamp(RANGE.start, RANGE.end))
}

/// The mean prediction at each whole score that a teacher gave.
fn means(pairs: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let at = |score: f64| {
        let here = pairs.iter().filter(|pair| pair.0 == score).map(|pair| pair.1);
        let (sum, count) = here.fold((0.0, 0_u32), |(sum, count), y| (sum + y, count + 1));
        (count > 0).then(|| (score, (sum / f64::from(count)).clamp(RANGE.start, RANGE.end)))
    };
    [1.0, 2.0, 3.0, 4.0, 5.0].into_iter().filter_map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_stay_beside_their_score_and_inside_the_frame() {
        for index in 0..1000 {
            let (x, y) = place(index, (4.0, 3.0));
            assert!((x - 4.0).abs() < 0.26 && (y - 3.0).abs() < 0.08, "{x}, {y}");
            assert_eq!(place(index, (4.0, 99.0)).1, 5.5);
        }
        assert_ne!(place(1, (4.0, 3.0)), place(2, (4.0, 3.0)));
    }

    #[test]
    fn means_are_taken_score_by_score() {
        let pairs = [(1.0, 2.0), (4.0, 3.0), (1.0, 3.0), (2.5, 5.0)];
        assert_eq!(means(&pairs), [(1.0, 2.5), (4.0, 3.0)]);
    }
}
