//! What a fetch tells while it works.

/// One step of a fetch, in the order of this list; sizes are in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// Told once, after the list of files is known.
    Total {
        /// How many files are not in the cache yet.
        files: usize,
        /// Their whole size, parts from earlier runs included.
        bytes: u64,
    },
    /// A file's turn has come; told again, with `already` 0, when it has to begin anew.
    Started {
        /// The file's name in the model.
        name: &'a str,
        /// Its whole size.
        size: u64,
        /// The part that is on the disk from earlier.
        already: u64,
    },
    /// More of the file last started is on the disk.
    Advanced {
        /// How much more.
        bytes: u64,
    },
    /// The file last started is whole, checked and in its place.
    Finished {
        /// The file's name in the model.
        name: &'a str,
    },
}
