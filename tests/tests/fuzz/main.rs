//! Corrupt models: every length, count, offset and number of a file is spoilt, and arbitrary bytes
//! are; an error must come of it, never a panic, and never an allocation beyond four times the
//! file.
//!
//! Each group of fields is a test. In CI each has a fixed number of rounds;
//! `EASEL_FUZZ_SECONDS=600` gives each so long instead, and `EASEL_FUZZ_SEED=N` repeats one round.
//! What a round found becomes a unit test of the code that was mended.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "tests panic and print figures"
)]

mod allocations;
mod draft;
mod gguf;
mod json;
mod layout;
mod pack;
mod random;
mod rounds;
mod safetensors;
mod tables;
