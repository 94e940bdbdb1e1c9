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
    let mut devices = vec![open(Choice::Cpu).unwrap()];
    if std::env::var_os("EASEL_NO_GPU").is_none() {
        devices.push(open(Choice::Gpu).expect(
            "no GPU adapter: install mesa-vulkan-drivers for one in software, or set EASEL_NO_GPU=1",
        ));
    }
    devices
}
