//! GGUF pairs, as llama.cpp publishes Qwen2.5-VL: a language model's file and the vision tower's
//! (`mmproj`), with settings and tokenizer in their metadata.

mod blocks;
mod config;
mod dequantize;
mod error;
mod file;
mod folder;
mod header;
mod metadata;
mod names;
mod pair;
mod reader;
mod tokenizer;
mod types;
mod value;

pub use blocks::Blocks;
pub use dequantize::dequantize;
pub use error::GgufError;
pub use folder::GgufFolder;
pub use pair::GgufPair;
pub use types::GgufType;

#[cfg(test)]
pub(in crate::weights) mod fixtures;
#[cfg(test)]
mod tests;
