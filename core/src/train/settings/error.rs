//! What can be wrong with settings.

/// Why settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A name that is none of the settings'.
    #[error("{place}: there is no setting '{key}'{hint}")]
    Unknown {
        /// File and line.
        place: String,
        /// The name.
        key: String,
        /// The nearest one, as a question, if one is near.
        hint: String,
    },
    /// The file is no TOML.
    #[error("{place}: not the TOML that was expected: {message}")]
    Toml {
        /// File and line.
        place: String,
        /// What the reader says.
        message: String,
    },
    /// A value that will not do.
    #[error("{place}{key} is {found}; expected {expected}")]
    Value {
        /// File and line with a colon and a space, or nothing where it came from elsewhere.
        place: String,
        /// The setting.
        key: String,
        /// What is there.
        found: String,
        /// What would do.
        expected: String,
    },
}
