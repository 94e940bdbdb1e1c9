//! `easel train` and what goes with it: `predict`, `drawings`, and the demo model's beginning.

pub mod args;
pub mod drawings;
pub mod jobs;
pub mod predict;
pub mod pretrain;
mod tell;
