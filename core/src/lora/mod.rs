//! Low-rank adapters (Hu et al., arXiv 2106.09685), several applied in one batch.
//!
//! Each row of a batch has its own adapter over shared base weights, as in Punica
//! (arXiv 2310.18547) and S-LoRA (arXiv 2311.03285): `y = x Wᵀ + s (x Aᵀ) Bᵀ`, never a dense
//! `W + s B A`.

mod batch;
#[cfg(feature = "train")]
mod dropout;
mod halves;
mod peft;

pub use batch::{Adapted, LoraBatch, LoraBatchBuilder};
#[cfg(feature = "train")]
pub use dropout::Dropout;
pub use peft::{Adapter, LoraWeights, PeftError, Target, find_adapters, load_adapter};
#[cfg(feature = "train")]
pub use peft::{PeftSettings, peft_files};
