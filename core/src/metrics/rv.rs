//! The RV coefficient of two tables (Robert and Escoufier, 1976), RV in the paper's tables.

use super::{is_constant, mean};

/// `tr(XᵀY YᵀX) / sqrt(tr((XᵀX)²) tr((YᵀY)²))` of two tables with the same rows, each column less
/// its mean: 1 where one is the other turned and scaled, 0 where they have nothing in common.
///
/// `None` where all columns of a table are constant, or there are fewer than two rows.
///
/// # Shapes
/// - `x`: columns of n values each; `y`: any number of columns, of n values as well
#[must_use]
pub fn rv_coefficient(x: &[Vec<f64>], y: &[Vec<f64>]) -> Option<f64> {
    let rows = x.first()?.len();
    if x.iter().chain(y).any(|column| column.len() != rows) {
        return None;
    }
    let (x, y) = (centred(x)?, centred(y)?);
    let scale = products(&x, &x).sqrt() * products(&y, &y).sqrt();
    let rv = products(&x, &y) / scale;
    rv.is_finite().then(|| rv.clamp(0.0, 1.0))
}

/// The columns less their means; exactly zero where one is constant.
fn centred(table: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let centre = |column: &Vec<f64>| {
        let mean = mean(column.iter().copied())?;
        let constant = is_constant(column);
        Some(column.iter().map(|value| if constant { 0.0 } else { value - mean }).collect())
    };
    table.iter().map(centre).collect()
}

/// The sum of the squares of XᵀY, which is `tr(XᵀY YᵀX)`.
fn products(x: &[Vec<f64>], y: &[Vec<f64>]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    x.iter().flat_map(|a| y.iter().map(|b| dot(a, b).powi(2))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-15, "{found}, expected {expected}");
    }

    #[test]
    fn of_single_columns_it_is_the_squared_correlation() {
        let (x, y) = ([vec![1.0, 2.0, 3.0, 4.0]], [vec![2.0, 3.0, 2.0, 5.0]]);
        close(rv_coefficient(&x, &y), 16.0 / 30.0);
    }

    #[test]
    fn a_small_table_by_hand() {
        // Centred, X is (-1, 1, 0), (0, 1, -1) and Y is (-1, 1, 0): XᵀX = (2 1; 1 2), YᵀY = 2,
        // XᵀY = (2, 1), so 5 / sqrt(10 x 4).
        let x = [vec![1.0, 3.0, 2.0], vec![2.0, 3.0, 1.0]];
        close(rv_coefficient(&x, &[vec![3.0, 5.0, 4.0]]), 5.0 / 40.0_f64.sqrt());
    }

    #[test]
    fn turning_and_scaling_a_table_changes_nothing() {
        let x = [vec![1.0, 3.0, 2.0, 5.0], vec![2.0, 3.0, 1.0, 4.0]];
        let (cos, sin) = (0.7_f64.cos() * 3.0, 0.7_f64.sin() * 3.0);
        let turn = |a: f64, b: f64| -> Vec<f64> {
            x[0].iter().zip(&x[1]).map(|(p, q)| a * p + b * q + 1.0).collect()
        };
        close(rv_coefficient(&x, &[turn(cos, sin), turn(-sin, cos)]), 1.0);
    }

    #[test]
    fn what_is_not_defined_is_none() {
        assert_eq!(rv_coefficient(&[], &[]), None);
        assert_eq!(rv_coefficient(&[vec![1.0]], &[vec![2.0]]), None);
        assert_eq!(rv_coefficient(&[vec![3.62; 7]], &[(0..7).map(f64::from).collect()]), None);
        assert_eq!(rv_coefficient(&[vec![1.0, 2.0]], &[vec![1.0]]), None);
        assert_eq!(rv_coefficient(&[vec![1.0, f64::NAN]], &[vec![1.0, 2.0]]), None);
    }
}
