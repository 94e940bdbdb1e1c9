//! Easel in the browser: the core compiled to WebAssembly, for a worker to call.
//!
//! [`Session`] is all of it. What goes wrong becomes a JavaScript `Error` with the core's own
//! message; a panic is told to the worker's `easelPanic`, since after it no promise settles.
//! On other targets this library is empty.

#[cfg(target_family = "wasm")]
mod device;
#[cfg(target_family = "wasm")]
mod session;

#[cfg(target_family = "wasm")]
pub use session::Session;
