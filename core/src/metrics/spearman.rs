//! Spearman's rank correlation, SC in the paper's tables.

use super::pearson;

/// Spearman's correlation of two columns, as `scipy.stats.spearmanr`: Pearson's correlation of
/// their [`ranks`].
///
/// `None` where a column is constant or has fewer than two values.
#[must_use]
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    let defined = |values: &[f64]| values.iter().all(|value| !value.is_nan());
    if !defined(a) || !defined(b) {
        return None;
    }
    pearson(&ranks(a), &ranks(b))
}

/// The rank of each value, 1 for the least; equal values share the mean of their ranks.
#[must_use]
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0_usize;
    for ties in order.chunk_by(|&i, &j| values[i] == values[j]) {
        let (first, last) = (before + 1, before + ties.len());
        for &index in ties {
            ranks[index] = (first + last) as f64 / 2.0;
        }
        before = last;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_the_mean_of_their_ranks() {
        assert_eq!(ranks(&[4.0, 2.0, 4.0, 5.0, 4.0]), [3.0, 1.0, 3.0, 5.0, 3.0]);
        assert_eq!(ranks(&[0.0, -0.0]), [1.5, 1.5]);
        assert!(ranks(&[]).is_empty());
    }

    #[test]
    fn a_small_table_by_hand() {
        // Without ties, 1 - 6 sum d^2 / (n (n^2 - 1)), here with d = (0, -1, 1, 0, 0).
        let correlation = spearman(&[1.0, 2.0, 3.0, 4.0, 5.0], &[1.1, 2.7, 2.6, 4.0, 9.0]).unwrap();
        assert!((correlation - 0.9).abs() < 1e-15, "{correlation}");
        // With ties: ranks (1, 2.5, 2.5, 4) and (1, 2, 3, 4), 4.5 / sqrt(4.5 x 5).
        let correlation = spearman(&[1.0, 3.0, 3.0, 4.0], &[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert!((correlation - 0.9_f64.sqrt()).abs() < 1e-15, "{correlation}");
    }

    #[test]
    fn only_the_order_counts() {
        let a = [1.0, 5.0, 2.0, 4.0];
        assert_eq!(spearman(&a, &a.map(f64::exp)), Some(1.0));
        assert_eq!(spearman(&a, &a.map(|a| -a)), Some(-1.0));
    }

    #[test]
    fn what_is_not_defined_is_none() {
        assert_eq!(spearman(&[], &[]), None);
        assert_eq!(spearman(&[3.0], &[3.0]), None);
        assert_eq!(spearman(&[3.0, 3.0], &[1.0, 2.0]), None);
        assert_eq!(spearman(&[3.0, f64::NAN], &[1.0, 2.0]), None);
    }
}
