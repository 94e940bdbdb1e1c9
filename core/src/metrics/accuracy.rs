//! Whole scores and how often they are right, ACC in the paper's tables.

use super::mean;
use crate::rubric::SCALE;

/// The score as a whole number of the scale: the nearest one, halves to the even neighbour (as
/// numpy rounds), 1 and 5 for what lies outside. No number at all counts as 1.
#[must_use]
pub fn rounded(score: f64) -> u8 {
    let (least, most) = (f64::from(*SCALE.start()), f64::from(*SCALE.end()));
    // `max` prefers the number where the score is none.
    score.round_ties_even().max(least).min(most) as u8
}

/// The share of pairs whose [`rounded`] scores are equal.
///
/// `None` where there are no values.
#[must_use]
pub fn accuracy(original: &[f64], predicted: &[f64]) -> Option<f64> {
    if original.len() != predicted.len() {
        return None;
    }
    let equal = |(a, b): (&f64, &f64)| f64::from(u8::from(rounded(*a) == rounded(*b)));
    mean(original.iter().zip(predicted).map(equal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour_and_the_rest_into_the_scale() {
        let scores = [1.5, 2.5, 3.5, 4.5, 3.49, 3.51];
        assert_eq!(scores.map(rounded), [2, 2, 4, 4, 3, 4]);
        let outside = [0.5, -7.0, 5.5, 1e300, f64::INFINITY, f64::NAN];
        assert_eq!(outside.map(rounded), [1, 1, 5, 5, 5, 1]);
    }

    #[test]
    fn a_small_table_by_hand() {
        // Rounded: 2, 2, 4, 5.
        assert_eq!(accuracy(&[2.0, 3.0, 4.0, 5.0], &[2.4, 2.5, 3.6, 6.2]), Some(0.75));
        assert_eq!(accuracy(&[], &[]), None);
        assert_eq!(accuracy(&[1.0], &[]), None);
    }
}
