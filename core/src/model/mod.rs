//! Qwen2.5-VL (arXiv 2502.13923) in burn modules.
//!
//! The files are the model: `config`, the two towers `vision` and `text`, what they are made of
//! (`linear`, `together`, `norm`, `mlp`, `rotary`), positions (`mrope`, `windows`), and the
//! edges, `embedding` and `head`. Modules hold weights only; the `cache` is lent to them.

pub(crate) mod build;
pub mod cache;
pub mod config;
mod embedding;
mod head;
mod linear;
mod load;
mod mlp;
pub mod mrope;
mod norm;
mod options;
mod plan;
mod precision;
mod published;
#[cfg(not(target_family = "wasm"))]
mod random;
pub mod rotary;
mod shapes;
mod size;
pub mod text;
mod together;
pub mod vision;
pub mod windows;

pub use config::{ConfigError, ModelConfig, TextConfig, VisionConfig};
pub use embedding::Embedding;
pub use head::Head;
pub use linear::{Linear, Weight};
pub use load::{Loading, Model, Tower};
pub use mlp::Mlp;
pub use norm::RmsNorm;
pub use options::LoadOptions;
pub use plan::{DevicePlan, Work};
pub use precision::{Asked, Keeping, Precision};
pub use published::Published;
#[cfg(not(target_family = "wasm"))]
pub use random::RandomModel;
pub use together::Together;
