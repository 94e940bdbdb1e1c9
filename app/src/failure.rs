//! What the command line tells when something fails: one line, with the file's name.

use std::io;
use std::path::{Path, PathBuf};

use easel_core::device::DeviceError;
use easel_core::hub::HubError;

use crate::terminal::without_numbers;

/// A run, or one picture, that failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The model, its adapters, or the device while computing.
    #[error(transparent)]
    Core(#[from] easel_core::Error),
    /// The hub.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// Training.
    #[cfg(feature = "train")]
    #[error(transparent)]
    Train(#[from] easel_core::train::TrainError),
    /// The drawings' data set.
    #[cfg(feature = "train")]
    #[error(transparent)]
    Drawings(#[from] easel_core::drawings::DrawingsError),
    /// No window.
    #[error(transparent)]
    Window(#[from] easel::native::WindowError),
    /// No device.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// A model that does not fit the device.
    #[error("{0}")]
    Plan(String),
    /// Portfolios that cannot be used.
    #[error("{0}")]
    Portfolio(String),
    /// A file that cannot be read or written.
    #[error("{}: {}: {}", file.display(), action, error)]
    Io {
        /// Which file.
        file: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        error: io::Error,
    },
    /// A file that is not what it should be.
    #[error("{}: {}", file.display(), message)]
    File {
        /// Which file.
        file: PathBuf,
        /// What was expected and found.
        message: String,
    },
    /// Arguments that do not fit together; the exit status is 2.
    #[error("{0}")]
    Usage(String),
    /// Some pictures failed and were told about.
    #[error("{failed} of {total} pictures could not be scored")]
    Some {
        /// How many failed.
        failed: usize,
        /// Of how many.
        total: usize,
    },
}

impl Failure {
    /// Wraps what the system said of `file`.
    pub fn io(file: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io { file: file.to_owned(), action, error }
    }

    /// About the contents of `file`.
    pub fn file(file: &Path, message: impl Into<String>) -> Self {
        Self::File { file: file.to_owned(), message: message.into() }
    }

    /// The process's exit status.
    pub const fn status(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            _ => 1,
        }
    }

    /// The message where the file's name stands beside it anyway.
    pub fn without_file(&self) -> String {
        match self {
            Self::Io { action, error, .. } => {
                format!("{action}: {}", without_numbers(&error.to_string()))
            }
            Self::File { message, .. } => message.clone(),
            other => other.to_string(),
        }
    }

    /// Whether the picture is at fault, so that the next one may work.
    pub const fn is_picture(&self) -> bool {
        matches!(
            self,
            Self::Core(easel_core::Error::Image(_)) | Self::Io { .. } | Self::File { .. }
        )
    }
}
