//! What can go wrong between a checkpoint's bytes and its values.

use super::gguf::GgufError;

/// A checkpoint that cannot be read; each message names the file and, where there is one, the
/// tensor.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// The source has no such file.
    #[error("{file}: there is no such file")]
    NoFile {
        /// Source and file.
        file: String,
    },
    /// The system could not open or read it.
    #[error("{file}: cannot be read: {error}")]
    Io {
        /// Source and file.
        file: String,
        /// What the system answered.
        error: std::io::Error,
    },
    /// A path that is absolute or leaves the source.
    #[error("{place}: '{path}' is no plain path inside it")]
    Path {
        /// The source, or the file that gives the path.
        place: String,
        /// The path as written.
        path: String,
    },
    /// A folder with more files than any checkpoint has.
    #[error("{place}: more than {limit} files; this is not a checkpoint's folder")]
    TooManyFiles {
        /// The source.
        place: String,
        /// The most that are listed.
        limit: usize,
    },
    /// A small file (such as a configuration) that is not small.
    #[error("{file}: {size} bytes long, and such a file has at most {limit}")]
    TooLarge {
        /// Source and file.
        file: String,
        /// Its length in bytes.
        size: u64,
        /// The most that is read at once, in bytes.
        limit: u64,
    },
    /// A tensor of the model's towers that its configuration does not know.
    #[error(
        "{file}: tensor {tensor} has no place in the model that config.json describes; weights \
         and configuration do not belong together"
    )]
    Unused {
        /// Source and file.
        file: String,
        /// The tensor.
        tensor: String,
    },
    /// Bytes beyond the end.
    #[error("{file}: bytes {start} to {end} are wanted, but it is {size} bytes long")]
    Range {
        /// Source and file.
        file: String,
        /// The first byte wanted.
        start: u64,
        /// One past the last byte wanted.
        end: u64,
        /// The file's length in bytes.
        size: u64,
    },
    /// More values than this machine can hold.
    #[error("{file}: {bytes} bytes do not fit into memory")]
    Memory {
        /// Source and file.
        file: String,
        /// What was asked of the allocator.
        bytes: u64,
    },
    /// A safetensors header that is broken as a whole.
    #[error("{file}: not a safetensors file: {reason}")]
    Header {
        /// Source and file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// A pack that is not as its manifest says, or whose manifest is wrong.
    #[error("{file}: {reason}")]
    Pack {
        /// Source and file.
        file: String,
        /// What was expected and found.
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
    /// A broken `model.safetensors.index.json`.
    #[error("{file}: not an index of safetensors files: {reason}")]
    Index {
        /// Source and file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// The index names a file that is not there.
    #[error("{file}: missing; {index} says that it holds {tensor}")]
    NoShard {
        /// Source and missing file.
        file: String,
        /// The index's file name.
        index: String,
        /// A tensor that it should hold.
        tensor: String,
    },
    /// The index names a tensor that its file does not hold.
    #[error("{file}: tensor {tensor} is not in it, though {index} says so")]
    NotInShard {
        /// Source and file.
        file: String,
        /// The index's file name.
        index: String,
        /// The missing tensor.
        tensor: String,
    },
    /// Nothing here is a checkpoint.
    #[error(
        "{place}: no checkpoint; expected model.safetensors, model.safetensors.index.json or one \
         *.safetensors, found {found}"
    )]
    NoCheckpoint {
        /// The source.
        place: String,
        /// What is there instead.
        found: String,
    },
    /// Two tensors for one place in the model.
    #[error("{place}: {first} and {second} are both the model's {name}")]
    SameName {
        /// The source.
        place: String,
        /// One name.
        first: String,
        /// The other.
        second: String,
        /// What both stand for.
        name: String,
    },
    /// The checkpoint lacks a tensor.
    #[error("{place}: tensor {tensor} is missing{nearest}")]
    NoTensor {
        /// The source.
        place: String,
        /// The tensor wanted.
        tensor: String,
        /// A clause with the name most like it, or nothing.
        nearest: String,
    },
    /// The tensor's shape differs from the model's.
    #[error("{file}: tensor {tensor}: expected shape {expected}, found {found}")]
    Shape {
        /// Source and file.
        file: String,
        /// The tensor.
        tensor: String,
        /// The shape that the configuration asks for.
        expected: String,
        /// The shape in the file.
        found: String,
    },
    /// Rows that the tensor does not have.
    #[error("{file}: tensor {tensor}: rows {start} to {end} are wanted, but it has {rows}")]
    Rows {
        /// Source and file.
        file: String,
        /// The tensor.
        tensor: String,
        /// The first row wanted.
        start: usize,
        /// One past the last row wanted.
        end: usize,
        /// The rows there are.
        rows: usize,
    },
    /// Values of a type that is not read.
    #[error("{file}: tensor {tensor}: expected F32, F16 or BF16 values, found {found}")]
    Dtype {
        /// Source and file.
        file: String,
        /// The tensor.
        tensor: String,
        /// The type in the file.
        found: String,
    },
    /// A value that is no number one can compute with.
    #[error("{file}: tensor {tensor}: value {index} is {value}, expected a finite number")]
    NotFinite {
        /// Source and file.
        file: String,
        /// The tensor.
        tensor: String,
        /// Its position, counted through the whole tensor in row-major order.
        index: u64,
        /// NaN or an infinity.
        value: f32,
    },
    /// A GGUF file that is broken, or not the half of a pair that it should be.
    #[error(transparent)]
    Gguf(Box<GgufError>),
}

impl From<GgufError> for WeightsError {
    fn from(error: GgufError) -> Self {
        Self::Gguf(Box::new(error))
    }
}
