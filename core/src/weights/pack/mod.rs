//! Packs: a model as kernels read it, in pieces that a page, a stick or a class server hands out.
//!
//! A pack is a folder:
//!
//! ```text
//! manifest.json                  every file's size and SHA-256, every tensor's place
//! weights-00001.safetensors ...  at most 32 MiB each
//! config.json tokenizer.json ... the model's own small files
//! adapters/ATTRIBUTE/...         PEFT folders
//! ```
//!
//! A quantized matrix lies in the shards as `NAME/FIRST/quants`, `NAME/FIRST/scales` and, where its
//! blocks have minima, `NAME/FIRST/mins`, all U32, in the layout of [`easel_shaders::quant`], where `FIRST` is the first of the rows that the part
//! holds; other tensors as they are, in F32. So loading is fetching, checking, and sending on.

mod manifest;
mod reader;
#[cfg(not(target_family = "wasm"))]
mod writer;

pub(crate) use reader::PackReader;
#[cfg(not(target_family = "wasm"))]
pub use writer::{PackOptions, Packing, pack};

#[cfg(not(target_family = "wasm"))]
use super::{Checkpoint, WeightsError};

use sha2::{Digest, Sha256};

/// The most bytes of a shard.
pub const SHARD: u64 = 32 << 20;

/// Checks every file of a pack against its sum, and that every tensor can be read; `progress`
/// hears of each file.
///
/// # Errors
/// When the checkpoint is no pack, or on the first file or tensor that is not as the manifest says.
#[cfg(not(target_family = "wasm"))]
pub async fn verify(
    checkpoint: &Checkpoint,
    progress: &mut dyn FnMut(&str),
) -> Result<(), WeightsError> {
    match checkpoint.pack() {
        Some(pack) => pack.verify_all(progress).await,
        None => Err(WeightsError::Pack {
            file: checkpoint.source().name(),
            reason: "is no pack: expected a manifest.json, as `easel pack` writes it".to_owned(),
        }),
    }
}

/// The largest file of a pack that is no shard: an adapter of a high rank.
const MOST: u64 = 1 << 30;

/// A SHA-256 in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name of one stream of a part in its shard.
fn stream(tensor: &str, first: usize, stream: &str) -> String {
    format!("{tensor}/{first}/{stream}")
}

#[cfg(test)]
mod tests;
