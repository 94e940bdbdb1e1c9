//! Pearson's correlation, PC in the paper's tables.

use super::{is_constant, mean};

/// Pearson's correlation of two columns, as `scipy.stats.pearsonr`: the cosine of the angle
/// between them, each less its mean.
///
/// `None` where a column is constant or has fewer than two values.
///
/// ```
/// # use easel_core::metrics::pearson;
/// assert_eq!(pearson(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]), Some(1.0));
/// assert_eq!(pearson(&[1.0, 2.0, 3.0], &[4.0, 4.0, 4.0]), None);
/// ```
#[must_use]
pub fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    // Asked first: the mean of equal values may differ from them in the last bit.
    if a.len() != b.len() || is_constant(a) || is_constant(b) {
        return None;
    }
    let (mean_a, mean_b) = (mean(a.iter().copied())?, mean(b.iter().copied())?);
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        aa += a * a;
        bb += b * b;
        ab += a * b;
    }
    // The root of the product gives exactly 1 for equal columns, but it may overflow.
    let product = aa * bb;
    let scale = if product.is_normal() { product.sqrt() } else { aa.sqrt() * bb.sqrt() };
    let correlation = ab / scale;
    correlation.is_finite().then(|| correlation.clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_table_by_hand() {
        // Deviations (-1.5, -0.5, 0.5, 1.5) and (-1, 0, -1, 2): 4 / sqrt(5 x 6).
        let correlation = pearson(&[1.0, 2.0, 3.0, 4.0], &[2.0, 3.0, 2.0, 5.0]).unwrap();
        assert!((correlation - 4.0 / 30.0_f64.sqrt()).abs() < 1e-15, "{correlation}");
    }

    #[test]
    fn the_sign_is_that_of_the_slope() {
        assert_eq!(pearson(&[1.0, 2.0], &[5.0, 3.0]), Some(-1.0));
        let large = pearson(&[1e120, 2e120, 3e120], &[1e120, 3e120, 2e120]).unwrap();
        assert!((large - 0.5).abs() < 1e-12, "{large}");
    }

    #[test]
    fn what_is_not_defined_is_none() {
        assert_eq!(pearson(&[], &[]), None);
        assert_eq!(pearson(&[1.0], &[2.0]), None);
        // 3.62 seven times has a mean of 3.6200000000000006.
        assert_eq!(pearson(&[3.62; 7], &[1.0, 2.0, 3.0, 4.0, 5.0, 1.0, 2.0]), None);
        assert_eq!(pearson(&[1.0, 2.0, 3.0], &[1.0, 2.0]), None);
        assert_eq!(pearson(&[1.0, f64::NAN], &[1.0, 2.0]), None);
        assert_eq!(pearson(&[1.0, f64::INFINITY], &[1.0, 2.0]), None);
    }
}
