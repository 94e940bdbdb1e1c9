//! What can go wrong with a model or a picture, as one type.

use burn::tensor::ExecutionError;

use crate::image::ImageError;
use crate::lora::PeftError;
use crate::model::{ConfigError, Tower};
use crate::prompt::PromptError;
use crate::weights::WeightsError;

/// Any error of this library but the hub's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The picture; the message does not know its name.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The model's weights, or any of its files that cannot be read.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// An adapter.
    #[error(transparent)]
    Peft(#[from] PeftError),
    /// `config.json`.
    #[error("{file}: {error}")]
    Config {
        /// Which one.
        file: String,
        /// What is wrong in it.
        error: ConfigError,
    },
    /// Another settings file of the model.
    #[error("{file}: {message}")]
    Settings {
        /// Which one.
        file: String,
        /// What is wrong in it.
        message: String,
    },
    /// The tokenizer; the message does not know its folder.
    #[error("tokenizer.json: {0}")]
    Prompt(#[from] PromptError),
    /// The device failed while computing.
    #[error("the device failed while computing: {0}")]
    Device(String),
    /// The model computed something that is no number.
    #[error("{model}: what it computes is no number; its weights or the device are broken")]
    NotFinite {
        /// Where the model lies.
        model: String,
    },
    /// A prompt, picture included, that is longer than the model reads.
    #[error("{tokens} tokens of prompt and picture, and at most {limit} are read at once")]
    TooLong {
        /// How many there are.
        tokens: usize,
        /// The most that are read.
        limit: usize,
    },
    /// A tower that left the device to save memory.
    #[error("the {0} is not on the device: it was loaded to hold one tower there at a time")]
    Away(Tower),
    /// A drawing was to be read with an adapter that was not loaded.
    #[error("there is no adapter for {0}; loaded are: {1}")]
    NoAdapter(crate::rubric::Attribute, String),
}

impl From<ExecutionError> for Error {
    fn from(error: ExecutionError) -> Self {
        Self::Device(error.to_string())
    }
}
