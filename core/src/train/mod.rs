//! Training of attribute adapters: RAFT (KidsArtBench, arXiv 2512.12503) and the paper's
//! ablations of it, natively only.
//!
//! [`Trainer`] is the way in: a frozen [`Base`], [`settings::TrainSettings`], examples of a
//! [`data::Dataset`], and a [`run::RunFolder`] that holds all that must not be lost. `pass` is one
//! forward and backward pass, `objective` and `heads` say what is learned, `parameters` holds what
//! changes.

pub mod augment;
pub mod base;
pub mod batch;
mod cache;
mod checkpoint;
pub mod data;
pub mod demo;
mod error;
pub mod examples;
pub mod heads;
pub mod look;
pub mod lora;
pub mod objective;
pub mod output;
pub mod parameters;
pub mod pass;
pub mod plan;
mod predictor;
pub mod pretrain;
mod record;
pub mod run;
pub mod settings;
mod trainer;

pub use base::Base;
pub use batch::{Encoded, Prompted};
pub use cache::VisionCache;
pub use error::TrainError;
pub use plan::Plan;
pub use predictor::Predictor;
pub use trainer::{Data, End, Event, Trainer, check};
