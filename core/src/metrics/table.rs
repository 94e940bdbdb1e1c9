//! The scores of one model beside the teachers'.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use crate::rubric::Attribute;

/// One attribute of one image. It is serialized as the published code writes it: the original a
/// whole number where it is one, the prediction with two decimals.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Entry {
    /// The teacher's score, from 1 to 5; `None` for a blank.
    #[serde(serialize_with = "whole_where_it_is")]
    pub original: Option<f64>,
    /// The model's score; `None` where it gave none.
    #[serde(serialize_with = "two_decimals")]
    pub predicted: Option<f64>,
    /// The model's probabilities of the digits 1 to 5, which the published format does not have.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "six_decimals")]
    pub probabilities: Option<[f64; 5]>,
    /// Scores of several teachers by name, likewise our own addition.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", serialize_with = "all_whole")]
    pub raters: BTreeMap<String, f64>,
}

impl Entry {
    /// Two scores and nothing else.
    #[must_use]
    pub fn new(original: Option<f64>, predicted: Option<f64>) -> Self {
        Self { original, predicted, ..Self::default() }
    }

    /// The original and the predicted score, where there are both.
    #[must_use]
    pub fn pair(&self) -> Option<(f64, f64)> {
        self.original.zip(self.predicted)
    }
}

/// A row an image, a column an attribute. Images are sorted by name, so that tables of the same
/// images have the same rows.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct Table {
    rows: BTreeMap<String, BTreeMap<Attribute, Entry>>,
}

impl Table {
    /// Without any row.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an image without scores, unless it is there; whether it was not.
    pub fn add(&mut self, image: impl Into<String>) -> bool {
        let before = self.rows.len();
        self.rows.entry(image.into()).or_default();
        self.rows.len() > before
    }

    /// Sets one entry; what was there before is answered.
    pub fn set(
        &mut self,
        image: impl Into<String>,
        attribute: Attribute,
        entry: Entry,
    ) -> Option<Entry> {
        self.rows.entry(image.into()).or_default().insert(attribute, entry)
    }

    /// One entry.
    #[must_use]
    pub fn get(&self, image: &str, attribute: Attribute) -> Option<&Entry> {
        self.rows.get(image)?.get(&attribute)
    }

    /// The images by name.
    pub fn images(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    /// How many images there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The attributes that any image has an entry of, in the rubric's order.
    #[must_use]
    pub fn attributes(&self) -> Vec<Attribute> {
        let found: BTreeSet<_> = self.rows.values().flat_map(BTreeMap::keys).collect();
        found.into_iter().copied().collect()
    }

    /// One attribute of every image.
    pub fn column(&self, attribute: Attribute) -> impl Iterator<Item = Option<&Entry>> {
        self.rows.values().map(move |row| row.get(&attribute))
    }

    /// The original and predicted scores of one attribute, where there are both.
    pub fn pairs(&self, attribute: Attribute) -> impl Iterator<Item = (f64, f64)> {
        self.column(attribute).filter_map(|entry| entry?.pair())
    }
}

/// A number as Python writes an int where it is one.
struct Whole(f64);

impl Serialize for Whole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let whole = self.0 as i64;
        match whole as f64 == self.0 {
            true => serializer.serialize_i64(whole),
            false => serializer.serialize_f64(self.0),
        }
    }
}

fn whole_where_it_is<S: Serializer>(value: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    value.map(Whole).serialize(to)
}

fn two_decimals<S: Serializer>(value: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    value.map(|value| decimals(value, 2)).serialize(to)
}

fn six_decimals<S: Serializer>(value: &Option<[f64; 5]>, to: S) -> Result<S::Ok, S::Error> {
    value.map(|values| values.map(|value| decimals(value, 6))).serialize(to)
}

fn all_whole<S: Serializer>(values: &BTreeMap<String, f64>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(values.iter().map(|(name, value)| (name, Whole(*value))))
}

/// Rounded as Python's `round(value, places)`: by the decimal digits, halves to even.
fn decimals(value: f64, places: usize) -> f64 {
    format!("{value:.places$}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_written_as_published() {
        let mut entry = Entry::new(Some(4.0), Some(3.625_4));
        assert_eq!(serde_json::to_string(&entry).unwrap(), r#"{"original":4,"predicted":3.63}"#);
        entry = Entry::new(Some(3.5), None);
        assert_eq!(serde_json::to_string(&entry).unwrap(), r#"{"original":3.5,"predicted":null}"#);
        entry = Entry::new(None, Some(3.0));
        entry.probabilities = Some([0.0, 0.1, 1.0 / 3.0, 0.0, 0.0]);
        entry.raters = [("b".to_owned(), 2.0), ("a".to_owned(), 4.5)].into();
        assert_eq!(
            serde_json::to_string(&entry).unwrap(),
            concat!(
                r#"{"original":null,"predicted":3.0,"probabilities":[0.0,0.1,0.333333,0.0,0.0],"#,
                r#""raters":{"a":4.5,"b":2}}"#
            )
        );
    }

    #[test]
    fn decimals_are_those_of_pythons_round() {
        // 2.675 lies below its digits, 0.125 is a true half.
        assert_eq!([2.675, 0.125, 3.616, 4.999].map(|x| decimals(x, 2)), [2.67, 0.12, 3.62, 5.0]);
    }

    #[test]
    fn rows_are_sorted_and_attributes_are_those_with_entries() {
        let mut table = Table::new();
        table.set("b", Attribute::LineTexture, Entry::new(Some(1.0), Some(2.0)));
        table.set("a", Attribute::Realism, Entry::new(Some(3.0), None));
        assert!(table.add("c"));
        assert!(!table.add("b"));
        assert_eq!(table.images().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(table.attributes(), [Attribute::Realism, Attribute::LineTexture]);
        assert_eq!(table.pairs(Attribute::LineTexture).collect::<Vec<_>>(), [(1.0, 2.0)]);
        assert_eq!(table.pairs(Attribute::Realism).count(), 0);
        assert_eq!(table.column(Attribute::Realism).count(), 3);
        let old = table.set("a", Attribute::Realism, Entry::default());
        assert_eq!(old, Some(Entry::new(Some(3.0), None)));
    }
}
