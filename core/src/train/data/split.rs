//! Which rows are learned from and which are watched.

use super::random::{shuffle, stream};
use super::{DataError, Dataset, Split};
use crate::rubric::Attribute;

impl Dataset {
    /// The rows to train on and those to validate with, as indices.
    ///
    /// Where the sheet has a column `split`, it decides. Otherwise rows are shuffled by the seed
    /// and the first `fraction` of them (rounded down, as published) is trained on.
    ///
    /// # Errors
    /// When the fraction is not between 0 and 1, or one of the parts is empty.
    pub fn split(&self, fraction: f64, seed: u64) -> Result<(Vec<usize>, Vec<usize>), DataError> {
        let (train, valid) = if self.has_split() {
            (self.part(Split::Train), self.part(Split::Valid))
        } else {
            if !(fraction > 0.0 && fraction < 1.0) {
                return Err(DataError::Fraction { found: fraction });
            }
            let mut order: Vec<usize> = (0..self.rows().len()).collect();
            shuffle(&mut order, &mut stream(seed, &[]));
            let valid = order.split_off((fraction * order.len() as f64) as usize);
            (order, valid)
        };
        for (part, rows) in [(Split::Train, &train), (Split::Valid, &valid)] {
            if rows.is_empty() {
                return Err(self.empty(part, fraction));
            }
        }
        Ok((train, valid))
    }

    /// The rows that the sheet's column `split` puts into this part; none where it has no column.
    pub fn part(&self, part: Split) -> Vec<usize> {
        let rows = self.rows().iter().enumerate();
        rows.filter(|(_, row)| row.split == Some(part)).map(|(index, _)| index).collect()
    }

    /// Those of some rows that have a label for the attribute, in their order.
    ///
    /// # Errors
    /// When none has; `part` is for the message.
    pub fn labelled(
        &self,
        attribute: Attribute,
        rows: &[usize],
        part: Split,
    ) -> Result<Vec<usize>, DataError> {
        let has_label = |&index: &usize| self.label(index, attribute).is_some();
        let found: Vec<usize> = rows.iter().copied().filter(has_label).collect();
        match found.is_empty() {
            true => Err(DataError::NoLabels { file: self.file().to_owned(), part, attribute }),
            false => Ok(found),
        }
    }

    /// Whether all labels of some rows are equal (or there is at most one), so that no
    /// correlation with them is defined.
    pub fn is_constant(&self, attribute: Attribute, rows: &[usize]) -> bool {
        let mut labels = rows.iter().filter_map(|&index| self.label(index, attribute));
        let Some(first) = labels.next() else { return true };
        labels.all(|label| label == first)
    }

    fn empty(&self, part: Split, fraction: f64) -> DataError {
        let count = self.rows().len();
        let (found, expected) = if self.has_split() {
            let (train, valid, test) = (Split::Train, Split::Valid, Split::Test);
            let [train, valid, test] = [train, valid, test].map(|part| self.part(part).len());
            let found = format!("its column has train {train}, valid {valid}, test {test}");
            (found, "at least one row of train and one of valid")
        } else {
            let found = format!("{fraction} of {count} rows are trained on");
            (found, "rows enough for both parts, or another fraction")
        };
        DataError::EmptyPart { file: self.file().to_owned(), part, found, expected }
    }
}
