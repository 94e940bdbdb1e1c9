//! What can go wrong in training.

use std::path::PathBuf;

use burn::tensor::ExecutionError;

use crate::Error;

/// Why training, or what belongs to it, failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The model, an adapter or a device.
    #[error(transparent)]
    Model(#[from] Error),
    /// The data set.
    #[error(transparent)]
    Data(#[from] crate::train::data::DataError),
    /// The settings.
    #[error(transparent)]
    Settings(#[from] crate::train::settings::SettingsError),
    /// A file of the run.
    #[error(transparent)]
    Output(#[from] crate::train::output::OutputError),
    /// A picture, named.
    #[error("{}: {reason}", path.display())]
    Picture {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing finite came out.
    #[error("{what} is no longer a finite number; a lower learning_rate may help")]
    Diverged {
        /// What it was.
        what: &'static str,
    },
    /// The data does not allow what was asked.
    #[error("{job}: {reason}")]
    Unfit {
        /// The attribute, or `single`.
        job: String,
        /// Why not, and what was expected.
        reason: String,
    },
    /// What is in a run's folder does not go with what was asked.
    #[error("{}: {reason}", path.display())]
    Run {
        /// The file or folder.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
}

impl From<ExecutionError> for TrainError {
    fn from(error: ExecutionError) -> Self {
        Self::Model(error.into())
    }
}
