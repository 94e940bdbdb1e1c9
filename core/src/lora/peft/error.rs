//! What can be wrong with an adapter.

use crate::rubric::Attribute;
use crate::weights::WeightsError;

/// An adapter that cannot be used; each message names the file and, where there is one, the key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeftError {
    /// A file is missing or broken, or a tensor has another shape or type.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// `adapter_config.json` is not JSON or has a field of the wrong type.
    #[error("{file}: {error}")]
    Json {
        /// The file.
        file: String,
        /// Where it goes wrong.
        error: serde_json::Error,
    },
    /// A setting that every adapter has.
    #[error("{file}: {field} is missing")]
    Missing {
        /// The file.
        file: String,
        /// The setting.
        field: &'static str,
    },
    /// A setting that changes the computation in a way that is not supported.
    #[error("{file}: {field} is {found}; {reason}")]
    Unsupported {
        /// The file.
        file: String,
        /// The setting.
        field: String,
        /// Its value.
        found: String,
        /// Why it is refused.
        reason: &'static str,
    },
    /// Only `adapter_model.bin` is there.
    #[error(
        "{file}: PyTorch files can run programs and are not read; save the adapter with \
         safe_serialization=True, as adapter_model.safetensors"
    )]
    Pickle {
        /// The file.
        file: String,
    },
    /// No factors at all.
    #[error("{file}: holds no tensors, so it would change nothing")]
    Empty {
        /// The file.
        file: String,
    },
    /// A key that fits no linear of the language model.
    #[error("{file}: key {key}: {reason}")]
    Key {
        /// The file.
        file: String,
        /// The key.
        key: String,
        /// What does not fit.
        reason: String,
    },
    /// Two keys for the same factor.
    #[error("{file}: {first} and {second} are the same factor")]
    SameKey {
        /// The file.
        file: String,
        /// One key.
        first: String,
        /// The other.
        second: String,
    },
    /// One factor of two.
    #[error("{file}: key {key}: its lora_{lacking} is missing")]
    Half {
        /// The file.
        file: String,
        /// The factor that is there.
        key: String,
        /// The one that is not: A or B.
        lacking: &'static str,
    },
    /// The factors' rank is not the configuration's.
    #[error("{file}: key {key}: expected rank {expected} as in adapter_config.json, found {found}")]
    Rank {
        /// The file.
        file: String,
        /// The key.
        key: String,
        /// The rank in `adapter_config.json`.
        expected: usize,
        /// The rank of the factor.
        found: usize,
    },
    /// A source without adapters.
    #[error("{place}: no adapters; expected folders such as 'realism' with an adapter_config.json")]
    NoAdapters {
        /// The source.
        place: String,
    },
    /// An adapter whose folder says nothing of an attribute.
    #[error(
        "{folder}: an adapter, but none of the nine attributes is in its folder's name; name it, \
         for instance, 'realism' or 'dimension_color_richness'"
    )]
    Unnamed {
        /// The folder.
        folder: String,
    },
    /// A folder's name with two attributes in it.
    #[error("{folder}: its name has both {first} and {second}; name it after one attribute")]
    Ambiguous {
        /// The folder.
        folder: String,
        /// One attribute.
        first: Attribute,
        /// Another.
        second: Attribute,
    },
    /// Several folders for an attribute and no reason to prefer one.
    #[error(
        "{place}: both '{first}' and '{second}' hold adapters for {attribute}; keep one, or name \
         the one to use 'best_model'"
    )]
    Several {
        /// The source.
        place: String,
        /// The attribute.
        attribute: Attribute,
        /// One folder.
        first: String,
        /// Another.
        second: String,
    },
}
