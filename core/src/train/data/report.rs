//! What a data set holds, in counts.

use std::fmt;

use super::Row;
use crate::rubric::{Attribute, SCALE};

/// The labels of one attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeCounts {
    /// Which attribute.
    pub attribute: Attribute,
    /// Rows with each of the labels 1 to 5; decimals count at the nearest, halves at the even one.
    pub labels: [usize; 5],
    /// Rows without a label.
    pub blanks: usize,
}

/// What was read, skipped and left out.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DataReport {
    /// The sheet.
    pub file: String,
    /// Rows in use.
    pub rows: usize,
    /// Names of the pictures that are not there, whose rows were left out.
    pub missing: Vec<String>,
    /// By attribute, in the order asked for.
    pub attributes: Vec<AttributeCounts>,
    /// What blanks count as; `None` where they are skipped.
    pub blank_as: Option<f64>,
    /// Rows with at least one comment.
    pub commented: usize,
    /// Images of the comments' file that are not in the sheet.
    pub strangers: usize,
}

impl AttributeCounts {
    /// Counts the labels of some rows.
    pub(super) fn of(attribute: Attribute, rows: &[Row]) -> Self {
        let mut counts = Self { attribute, labels: [0; 5], blanks: 0 };
        for row in rows {
            let Some(label) = row.label(attribute) else {
                counts.blanks += 1;
                continue;
            };
            let place = label.round_ties_even() as usize - usize::from(*SCALE.start());
            if let Some(count) = counts.labels.get_mut(place) {
                *count += 1;
            }
        }
        counts
    }
}

impl fmt::Display for DataReport {
    /// A line of totals and a small table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = if self.rows == 1 { "row" } else { "rows" };
        write!(f, "{}: {} {rows}", self.file, self.rows)?;
        if !self.missing.is_empty() {
            write!(f, ", {} left out for missing pictures", self.missing.len())?;
        }
        if self.commented > 0 {
            write!(f, ", {} with comments", self.commented)?;
        }
        if self.strangers > 0 {
            write!(f, ", comments on {} other images not used", self.strangers)?;
        }
        let blanks = match self.blank_as {
            Some(label) => format!("blank (as {label})"),
            None => "blank (skipped)".to_owned(),
        };
        write!(f, "\n{:20}", "labels")?;
        SCALE.into_iter().try_for_each(|label| write!(f, "{label:>6}"))?;
        write!(f, "  {blanks}")?;
        for counts in &self.attributes {
            write!(f, "\n{:20}", counts.attribute)?;
            counts.labels.iter().try_for_each(|count| write!(f, "{count:>6}"))?;
            write!(f, "  {}", counts.blanks)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_readable() {
        let report = DataReport {
            file: "train.csv".to_owned(),
            rows: 12,
            missing: vec!["x".to_owned()],
            attributes: vec![AttributeCounts {
                attribute: Attribute::PictureOrganization,
                labels: [1, 0, 10, 0, 0],
                blanks: 1,
            }],
            blank_as: None,
            commented: 3,
            strangers: 2,
        };
        let text = report.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "train.csv: 12 rows, 1 left out for missing pictures, 3 with comments, \
                 comments on 2 other images not used",
                "labels                   1     2     3     4     5  blank (skipped)",
                "picture_organization     1     0    10     0     0  1",
            ]
        );
    }
}
