//! The published file of predictions.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::read;
use super::{Table, TableError};

/// `{"ArtEdu": {MODEL: {IMAGE: {ATTRIBUTE: {"original": 4, "predicted": 3.62}}}}}`, as
/// KidsArtBench's code writes it and its analysis reads it.
///
/// Beside the two scores an entry may have `"probabilities"`, the five of the digits, and
/// `"raters"`, scores by teacher. Other names are passed over.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Predictions {
    /// Tables by the model's name, in the file's order.
    pub models: Vec<(String, Table)>,
}

/// The name that all models stand under.
pub(super) const ROOT: &str = "ArtEdu";

impl Predictions {
    /// Of one model.
    #[must_use]
    pub fn new(model: impl Into<String>, table: Table) -> Self {
        Self { models: vec![(model.into(), table)] }
    }

    /// Reads a file's bytes.
    ///
    /// # Errors
    /// The bytes are no JSON or JSON of another shape, an attribute is unknown, a name is there
    /// twice, a teacher's score lies outside 1 to 5, or a model's score is no number.
    pub fn from_json(bytes: &[u8]) -> Result<Self, TableError> {
        Ok(Self { models: read::models(bytes)? })
    }

    /// The file's text, indented.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Names and numbers only: this cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

impl Serialize for Predictions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Models<'a>(&'a [(String, Table)]);
        impl Serialize for Models<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.iter().map(|(model, table)| (model, table)))
            }
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(ROOT, &Models(&self.models))?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Entry;
    use crate::rubric::Attribute;

    #[test]
    fn the_file_has_the_published_shape() {
        let mut table = Table::new();
        table.set("0001.png", Attribute::Realism, Entry::new(Some(4.0), Some(3.62)));
        let text = Predictions::new("Qwen/Qwen2.5-VL-7B-Instruct", table).to_json();
        let expected = concat!(
            r#"{"ArtEdu":{"Qwen/Qwen2.5-VL-7B-Instruct":{"0001.png":{"realism":"#,
            r#"{"original":4,"predicted":3.62}}}}}"#
        );
        let bare: String = text.split_whitespace().collect();
        assert_eq!(bare, expected);
        assert!(text.contains("\n        \"realism\": {\n"), "{text}");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut table = Table::new();
        for (index, attribute) in Attribute::ALL.into_iter().enumerate() {
            let mut entry = Entry::new(Some(3.0), Some(2.25));
            if index == 1 {
                entry.original = None;
                entry.probabilities = Some([0.5, 0.25, 0.25, 0.0, 0.0]);
            }
            if index == 2 {
                entry.raters = [("anna".to_owned(), 4.0)].into();
                entry.predicted = None;
            }
            table.set(format!("\"{index}\" ü.png"), attribute, entry);
        }
        table.add("bare.png");
        let models = vec![("b".to_owned(), table), ("a".to_owned(), Table::new())];
        let predictions = Predictions { models };
        let again = Predictions::from_json(predictions.to_json().as_bytes()).unwrap();
        assert_eq!(again, predictions);
    }
}
