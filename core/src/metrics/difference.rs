//! Mean differences: SD (absolute), MSE (squared) and RMSE (its root) in the paper's tables.

use super::mean;

/// The mean absolute difference of two columns, in points.
///
/// `None` where there are no values.
#[must_use]
pub fn mean_absolute_difference(a: &[f64], b: &[f64]) -> Option<f64> {
    differences(a, b, f64::abs)
}

/// The mean squared difference of two columns, in points squared.
///
/// `None` where there are no values.
#[must_use]
pub fn mean_squared_error(a: &[f64], b: &[f64]) -> Option<f64> {
    differences(a, b, |difference| difference * difference)
}

/// The root of the mean squared difference of two columns, in points.
///
/// `None` where there are no values.
#[must_use]
pub fn root_mean_squared_error(a: &[f64], b: &[f64]) -> Option<f64> {
    mean_squared_error(a, b).map(f64::sqrt)
}

fn differences(a: &[f64], b: &[f64], of: fn(f64) -> f64) -> Option<f64> {
    if a.len() != b.len() {
        return None;
    }
    mean(a.iter().zip(b).map(|(a, b)| of(a - b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_table_by_hand() {
        // Differences -1, 0.5, -2.
        let (a, b) = ([1.0, 4.0, 3.0], [2.0, 3.5, 5.0]);
        assert_eq!(mean_absolute_difference(&a, &b), Some(3.5 / 3.0));
        assert_eq!(mean_squared_error(&a, &b), Some(5.25 / 3.0));
        assert_eq!(root_mean_squared_error(&a, &b), Some(1.75_f64.sqrt()));
    }

    #[test]
    fn one_value_is_enough_and_none_is_not() {
        assert_eq!(mean_absolute_difference(&[2.0], &[2.0]), Some(0.0));
        assert_eq!(mean_absolute_difference(&[], &[]), None);
        assert_eq!(mean_squared_error(&[1.0], &[1.0, 2.0]), None);
        assert_eq!(root_mean_squared_error(&[f64::NAN], &[1.0]), None);
    }
}
