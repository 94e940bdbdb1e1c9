//! What the end-to-end tests share: the reference cases, the devices, and a hub on the loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

pub mod golden;
pub mod hub_model;
pub mod hub_server;
pub mod synthetic;

use easel_core::device::{Choice, Opened, open};

/// The devices that every case must pass on: the processor, and the best adapter there is.
///
/// # Panics
/// When there is no adapter: a test that skipped half of itself would look like one that passed.
/// `EASEL_NO_GPU=1` says that this machine really has none.
#[must_use]
pub fn devices() -> Vec<Opened> {
    let open = |(_, choice): &(&str, Choice)| {
        open(*choice).expect(
            "no GPU adapter: install mesa-vulkan-drivers for one in software, or set EASEL_NO_GPU=1",
        )
    };
    choices().iter().map(open).collect()
}

/// How `--device` and the library name the devices of [`devices`].
#[must_use]
pub fn choices() -> &'static [(&'static str, Choice)] {
    const ALL: [(&str, Choice); 2] = [("cpu", Choice::Cpu), ("gpu", Choice::Gpu)];
    match std::env::var_os("EASEL_NO_GPU") {
        Some(_) => &ALL[..1],
        None => &ALL,
    }
}
