//! Easel's interface: a window natively, and the same code in a page.
//!
//! [`ui`], [`papers`], [`class`], [`model`], [`portfolio`] and [`wire`] are shared and know no platform.
//! [`native`] is the window's door, a tablet's too: files, threads and the model on one of them. The page's is the
//! crate `easel-web`.
//! `training` and `evaluation` are what the command line and the window share.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod class;
#[cfg(not(target_family = "wasm"))]
pub mod evaluation;
pub mod model;
#[cfg(not(target_family = "wasm"))]
pub mod native;
pub mod papers;
pub mod portfolio;
#[cfg(not(target_family = "wasm"))]
pub mod size;
#[cfg(feature = "train")]
pub mod training;
pub mod ui;
pub mod wire;
