//! The interface, driven by role and label as a screen reader would, with a scripted worker.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod about;
mod class;
mod demo;
mod desk;
mod fake;
mod faults;
mod journey;
mod keyboard;
mod models;
mod pictures;
mod portfolio;
mod portfolios;
mod training;
mod voices;
