//! What can go wrong with a store.

/// Why something is not kept, found or deleted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A later Easel wrote it.
    #[error(
        "{place}: these portfolios have version {found}, and this Easel knows versions up to \
         {known}; a newer Easel opens them"
    )]
    Newer {
        /// The file or the database.
        place: String,
        /// Its version.
        found: u32,
        /// The latest one that is known.
        known: u32,
    },
    /// Something else lies where portfolios should.
    #[error("{place}: expected Easel's portfolios, and these are none")]
    Foreign {
        /// The file or the database.
        place: String,
    },
    /// What was read is not what was written.
    #[error("{place}: {what}")]
    Damaged {
        /// The file, the database or the part of a zip.
        place: String,
        /// What was expected, and what is there.
        what: String,
    },
    /// The platform refuses.
    #[error("{place}: {reason}")]
    Refused {
        /// The file or the database.
        place: String,
        /// The platform's own words.
        reason: String,
    },
    /// There is no such pupil or drawing (any more).
    #[error("this is not in the portfolios any more")]
    Gone,
    /// A name or a note is empty or too long.
    #[error("a {what} has 1 to {most} characters, and this one has {found}")]
    Length {
        /// `name` or `note`.
        what: &'static str,
        /// The most characters.
        most: usize,
        /// How many there are.
        found: usize,
    },
}

impl StoreError {
    /// What a platform refuses.
    #[must_use]
    pub fn refused(place: &str, reason: impl Into<String>) -> Self {
        Self::Refused { place: place.to_owned(), reason: reason.into() }
    }

    /// What is not as it was written.
    #[must_use]
    pub fn damaged(place: &str, what: impl Into<String>) -> Self {
        Self::Damaged { place: place.to_owned(), what: what.into() }
    }
}
