//! What can be wrong with a file of predictions, as one type.

use crate::rubric::UnknownAttribute;

/// A file that is not what [`Predictions`](super::Predictions) reads; the message does not know its
/// name.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// No JSON at all.
    #[error("expected JSON: {0}")]
    Json(String),
    /// JSON of another shape.
    #[error("{place}expected {expected}, found {found}")]
    Shape {
        /// Where, up to "model 'M', image 'I', attribute 'A': "; empty for the whole file.
        place: String,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// A name that an attribute's scores stand under, and that is none.
    #[error("{place}{error}")]
    Attribute {
        /// Where.
        place: String,
        /// Which name.
        error: UnknownAttribute,
    },
    /// One name for two things.
    #[error("{place}'{name}' is there twice")]
    Twice {
        /// Where.
        place: String,
        /// The model, image or attribute.
        name: String,
    },
    /// A teacher's score outside the scale.
    #[error("{place}{what} is {value}; expected 1 to 5, or null for a blank")]
    Label {
        /// Where.
        place: String,
        /// Whose score.
        what: String,
        /// The score.
        value: f64,
    },
}
