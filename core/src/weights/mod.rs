//! Reading checkpoints: where the bytes lie ([`Source`]) and what they hold ([`Checkpoint`]).

mod checkpoint;
mod error;
#[cfg(not(target_family = "wasm"))]
mod folder;
mod gguf;
pub(crate) mod json;
mod names;
mod pack;
mod safetensors;
mod shards;
mod source;
mod values;

pub use ::safetensors::Dtype;
pub use checkpoint::Checkpoint;
pub use error::WeightsError;
#[cfg(not(target_family = "wasm"))]
pub use folder::Folder;
pub use gguf::{Blocks, GgufError, GgufFolder, GgufPair, GgufType, dequantize};
#[cfg(not(target_family = "wasm"))]
pub use pack::{PackOptions, Packing, pack, verify};
pub use safetensors::TensorInfo;
pub use source::{Memory, Pending, Source};

pub(crate) use names::canonical;
#[cfg(feature = "train")]
pub(crate) use names::nearest;
pub(crate) use safetensors::read_header;
#[cfg(not(target_family = "wasm"))]
pub(crate) use source::checked;
pub(crate) use source::join;
pub(crate) use values::read_tensor;
