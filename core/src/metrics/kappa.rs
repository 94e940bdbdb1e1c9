//! Quadratic weighted kappa, QWK in the paper's tables (Cohen, 1968).

use super::rounded;

/// Cohen's kappa with quadratic weights of two columns of [`rounded`] scores, as
/// `sklearn.metrics.cohen_kappa_score(.., labels=[1, 2, 3, 4, 5], weights="quadratic")`:
///
/// `1 - Σ (i - j)² O(i, j) / Σ (i - j)² E(i, j)`, where O counts the pairs of scores, and E is what
/// it would be if both columns kept their counts and had nothing else in common.
///
/// `None` where there are no values or both columns hold one and the same score throughout.
#[must_use]
pub fn quadratic_weighted_kappa(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() {
        return None;
    }
    let mut counts = [[0.0; 5]; 5];
    for (a, b) in a.iter().zip(b) {
        counts[usize::from(rounded(*a) - 1)][usize::from(rounded(*b) - 1)] += 1.0;
    }
    let rows = counts.map(|row| row.iter().sum::<f64>());
    let (mut observed, mut expected) = (0.0, 0.0);
    for j in 0..5 {
        let column: f64 = counts.iter().map(|row| row[j]).sum();
        for (i, row) in rows.iter().enumerate() {
            let weight = (i as f64 - j as f64).powi(2);
            observed += weight * counts[i][j];
            expected += weight * row * column / a.len() as f64;
        }
    }
    (expected > 0.0).then(|| 1.0 - observed / expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_table_by_hand() {
        // O: (1, 1), (2, 3), (3, 3), (5, 4), weights 0 + 1 + 0 + 1. E: each score with each,
        // (0 + 4 + 4 + 9) + (1 + 1 + 1 + 4) + (4 + 0 + 0 + 1) + (16 + 4 + 4 + 1) = 54, over 4.
        let kappa = quadratic_weighted_kappa(&[1.0, 2.0, 3.0, 5.0], &[1.2, 2.9, 3.1, 4.4]).unwrap();
        assert!((kappa - (1.0 - 2.0 / 13.5)).abs() < 1e-15, "{kappa}");
    }

    #[test]
    fn full_agreement_is_1_and_reversal_is_minus_1() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(quadratic_weighted_kappa(&a, &a), Some(1.0));
        assert_eq!(quadratic_weighted_kappa(&a, &a.map(|a| 6.0 - a)), Some(-1.0));
    }

    #[test]
    fn one_constant_column_agrees_by_chance_alone_and_two_equal_ones_are_not_defined() {
        assert_eq!(quadratic_weighted_kappa(&[3.0; 3], &[1.0, 3.0, 5.0]), Some(0.0));
        assert_eq!(quadratic_weighted_kappa(&[3.0; 2], &[4.0; 2]), Some(0.0));
        assert_eq!(quadratic_weighted_kappa(&[3.0; 3], &[2.8, 3.0, 3.2]), None);
        assert_eq!(quadratic_weighted_kappa(&[], &[]), None);
        assert_eq!(quadratic_weighted_kappa(&[1.0, 2.0], &[1.0]), None);
    }
}
