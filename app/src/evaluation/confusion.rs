//! Rounded predictions counted over rounded originals.

use easel_core::Attribute;
use easel_core::metrics::{Table, rounded};

/// One attribute's counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    /// Which.
    pub attribute: Attribute,
    /// A row a prediction, a column an original, 1 first.
    pub counts: [[usize; 5]; 5],
}

impl Confusion {
    /// A cell's share of its column.
    #[must_use]
    pub fn share(&self, row: usize, column: usize) -> f64 {
        let all: usize = self.counts.iter().map(|row| row[column]).sum();
        self.counts[row][column] as f64 / all.max(1) as f64
    }
}

/// The attributes of a table that have pairs of scores.
#[must_use]
pub fn confusions(table: &Table) -> Vec<Confusion> {
    let of = |attribute| Confusion { attribute, counts: count(table.pairs(attribute)) };
    let all = table.attributes().into_iter().map(of);
    all.filter(|found| found.counts.iter().flatten().any(|count| *count > 0)).collect()
}

fn count(pairs: impl Iterator<Item = (f64, f64)>) -> [[usize; 5]; 5] {
    let mut counts = [[0; 5]; 5];
    for (original, predicted) in pairs {
        let index = |score| usize::from(rounded(score) - 1);
        counts[index(predicted)][index(original)] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_rounded_and_counted() {
        let counts = count([(4.0, 3.6), (4.0, 4.4), (1.0, 2.5), (5.0, 7.0)].into_iter());
        assert_eq!(counts[3][3], 2);
        assert_eq!(counts[1][0], 1);
        assert_eq!(counts[4][4], 1);
        assert_eq!(counts.iter().flatten().sum::<usize>(), 4);
        let found = Confusion { attribute: Attribute::Realism, counts };
        assert_eq!((found.share(3, 3), found.share(0, 1)), (1.0, 0.0));
    }
}
