//! Rubric scores for children's drawings: Qwen2.5-VL with one LoRA per attribute, on any device.
//!
//! The science is KidsArtBench (arXiv 2512.12503): an adapter per attribute, and the score as the
//! expected value over the digit tokens 1 to 5. All nine attributes are read in one pass.
//!
//! [`Assessor`] is the way in. Files come from a [`weights::Source`]: a folder, memory, or (with
//! the feature `hub`) a snapshot of the Hugging Face hub. Functions are async at two edges, the
//! reading of files and the reading of results, so that the same code runs in a browser.

pub mod assess;
#[cfg(feature = "demo")]
pub mod demo;
pub mod device;
#[cfg(all(feature = "train", not(target_family = "wasm")))]
pub mod drawings;
mod error;
#[cfg(all(feature = "hub", not(target_family = "wasm")))]
pub mod hub;
pub mod image;
pub mod lora;
#[cfg(not(target_family = "wasm"))]
pub mod measure;
pub mod metrics;
pub mod model;
pub mod prompt;
pub mod rubric;
#[cfg(all(feature = "train", not(target_family = "wasm")))]
pub mod train;
pub mod weights;

pub use assess::{Assessment, Assessor, Score};
pub use error::Error;
pub use image::Image;
pub use model::{LoadOptions, Precision};
pub use rubric::Attribute;
