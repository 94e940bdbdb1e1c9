//! How often the likeliest digit is right, over how likely it is said to be.

use easel_core::Attribute;
use easel_core::metrics::calibration::{Bin, reliability};
use easel_core::metrics::{Entry, Table};

/// One attribute's bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// Which.
    pub attribute: Attribute,
    /// Those with scores, by confidence.
    pub bins: Vec<Bin>,
}

/// The attributes of a table that have probabilities.
#[must_use]
pub fn reliabilities(table: &Table) -> Vec<Reliability> {
    let judged = |entry: Option<&Entry>| entry?.probabilities.zip(entry?.original);
    let of = |attribute| {
        let judged: Vec<_> = table.column(attribute).filter_map(judged).collect();
        Reliability { attribute, bins: filled(&reliability(&judged)) }
    };
    let all = table.attributes().into_iter().map(of);
    all.filter(|found| !found.bins.is_empty()).collect()
}

fn filled(bins: &[Bin]) -> Vec<Bin> {
    bins.iter().copied().filter(|bin| bin.n > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_bins_have_no_point() {
        let bin = Bin { n: 1, confidence: 0.5, hits: 1.0 };
        assert_eq!(filled(&[Bin::default(), bin]), [bin]);
    }
}
