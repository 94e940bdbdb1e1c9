//! The program as a person uses it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod about;
mod ask;
mod bad_inputs;
mod hub;
mod layouts;
mod memory;
mod quantized;
mod run;
mod score;
mod serve;
mod train;
