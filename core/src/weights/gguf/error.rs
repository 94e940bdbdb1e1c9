//! What can be wrong with a GGUF file, or with a pair of them.

/// A GGUF file that cannot be read; each message names the file and, where there is one, the
/// tensor or the key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GgufError {
    /// The first four bytes are others.
    #[error("{file}: not a GGUF file: expected it to start with GGUF, found {found}")]
    Magic {
        /// Source and file.
        file: String,
        /// The first bytes, as text where they are text.
        found: String,
    },
    /// Written on and for a machine of the other byte order.
    #[error(
        "{file}: a big-endian GGUF file, and only little-endian ones are read; convert the model \
         again for a usual machine"
    )]
    BigEndian {
        /// Source and file.
        file: String,
    },
    /// A version that is too old or not known.
    #[error("{file}: expected GGUF version 2 or 3, found version {found}{hint}")]
    Version {
        /// Source and file.
        file: String,
        /// The version in the file.
        found: u32,
        /// A clause with what to do, or nothing.
        hint: &'static str,
    },
    /// A header that is broken as a whole.
    #[error("{file}: the GGUF header is broken: {reason}")]
    Header {
        /// Source and file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// A tensor whose entry in the header is wrong.
    #[error("{file}: tensor {tensor}: {reason}")]
    Entry {
        /// Source and file.
        file: String,
        /// The tensor as the file names it.
        tensor: String,
        /// What is wrong.
        reason: String,
    },
    /// Values of a type that is not read.
    #[error(
        "{file}: tensor {tensor}: expected values of type F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, \
         Q8_0, Q4_K, Q5_K or Q6_K, found {found}"
    )]
    Type {
        /// Source and file.
        file: String,
        /// The tensor as the file names it.
        tensor: String,
        /// The type in the file.
        found: String,
    },
    /// The metadata lacks a key.
    #[error("{file}: the metadata has no {key}")]
    MissingKey {
        /// Source and file.
        file: String,
        /// The key.
        key: String,
    },
    /// A key whose value cannot be.
    #[error("{file}: {key}: expected {expected}, found {found}")]
    Key {
        /// Source and file.
        file: String,
        /// The key.
        key: String,
        /// What would do.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A tensor without its counterpart.
    #[error("{file}: tensor {tensor} is missing; {other} is there, and the model needs both")]
    Half {
        /// Source and file.
        file: String,
        /// The missing tensor.
        tensor: String,
        /// The one that is there.
        other: String,
    },
    /// Tensors that the model joins and that do not fit together.
    #[error("{file}: tensor {tensor}: shape {found} does not fit {other} of shape {expected}")]
    Unlike {
        /// Source and file.
        file: String,
        /// The tensor.
        tensor: String,
        /// Its shape.
        found: String,
        /// The tensor that it is joined with.
        other: String,
        /// That one's shape.
        expected: String,
    },
}
