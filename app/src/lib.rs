//! Easel's interface: a window natively, and the same code in a page.
//!
//! [`ui`] is shared and knows no platform. [`native`] is the window's door: files, threads and the
//! model on one of them.
#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(not(target_family = "wasm"))]
pub mod native;
pub mod ui;
