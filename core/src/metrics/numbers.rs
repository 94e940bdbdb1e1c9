//! All measures of some rows of a table, as one list for the bootstrap.

use super::{
    accuracy, mean, mean_absolute_difference, mean_squared_error, pearson,
    quadratic_weighted_kappa, root_mean_squared_error, rv_coefficient, spearman,
};

/// One attribute by row: the pair of scores, or `None` for a blank.
pub(super) type Column = Vec<Option<(f64, f64)>>;

/// The overall [`MEASURES`](super::MEASURES), RV, then each column's measures, of some rows.
pub(super) fn numbers(columns: &[Column], rows: &[usize]) -> Vec<Option<f64>> {
    let mut each = Vec::with_capacity(columns.len());
    let (mut all_a, mut all_b) = (Vec::new(), Vec::new());
    for column in columns {
        let (a, b): (Vec<_>, Vec<_>) = rows.iter().filter_map(|row| column[*row]).unzip();
        each.push(measures(&a, &b));
        all_a.extend(a);
        all_b.extend(b);
    }
    let over_all = |index: usize| mean(each.iter().filter_map(|measures| measures[index]));
    let mse = mean_squared_error(&all_a, &all_b);
    let mut numbers = vec![
        over_all(0),
        over_all(1),
        mean_absolute_difference(&all_a, &all_b),
        accuracy(&all_a, &all_b),
        mse,
        mse.map(f64::sqrt),
        over_all(6),
        rv(columns, rows),
    ];
    numbers.extend(each.into_iter().flatten());
    numbers
}

fn measures(a: &[f64], b: &[f64]) -> [Option<f64>; 7] {
    [
        spearman(a, b),
        pearson(a, b),
        mean_absolute_difference(a, b),
        accuracy(a, b),
        mean_squared_error(a, b),
        root_mean_squared_error(a, b),
        quadratic_weighted_kappa(a, b),
    ]
}

fn rv(columns: &[Column], rows: &[usize]) -> Option<f64> {
    let columns: Vec<_> =
        columns.iter().filter(|column| column.iter().any(Option::is_some)).collect();
    let whole: Vec<usize> = rows
        .iter()
        .copied()
        .filter(|row| columns.iter().all(|column| column[*row].is_some()))
        .collect();
    let (x, y): (Vec<_>, Vec<_>) = columns
        .iter()
        .map(|column| whole.iter().filter_map(|row| column[*row]).unzip::<_, _, Vec<_>, Vec<_>>())
        .unzip();
    rv_coefficient(&x, &y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_may_be_drawn_twice_and_blanks_belong_to_their_column() {
        let columns = [
            vec![Some((1.0, 2.0)), None, Some((3.0, 3.0))],
            vec![Some((4.0, 4.0)), Some((5.0, 3.0)), None],
            vec![None; 3],
        ];
        let found = numbers(&columns, &[0, 0, 1]);
        assert_eq!(found.len(), 8 + 3 * 7);
        // Pooled differences 1, 1, 0, 0, 2.
        assert_eq!(found[2], Some(0.8));
        assert_eq!(found[3], Some(0.4));
        // The first column's are 1 and 1, the second's 0, 0 and 2.
        assert_eq!((found[8 + 2], found[15 + 2]), (Some(1.0), Some(2.0 / 3.0)));
        assert_eq!(found[8], None);
        assert_eq!(found[15], Some(-1.0));
        assert_eq!(found[22..], [None; 7]);
        // The same row twice is no table.
        assert_eq!(found[7], None);
    }

    #[test]
    fn rv_leaves_out_rows_with_blanks_and_columns_without_scores() {
        let pairs = |scores: &[f64]| scores.iter().map(|s| Some((*s, 6.0 - *s))).collect();
        let mut columns: Vec<Column> = vec![pairs(&[1.0, 2.0, 4.0]), pairs(&[5.0, 3.0, 1.0])];
        columns.push(vec![None; 3]);
        columns[0].push(Some((5.0, 5.0)));
        columns[1].push(None);
        columns[2].push(None);
        let found = rv(&columns, &[0, 1, 2, 3]).unwrap();
        assert!((found - 1.0).abs() < 1e-12, "{found}");
    }
}
