//! Each kernel against its reference, on every device.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests panic and print figures")]

mod quant_matmul;
mod rms_norm;

use burn::tensor::{Distribution, Tensor};
use easel_core::device::Device;
use easel_tests::devices;
use easel_tests::golden::relative_error;

/// The largest difference, as a share of the largest value.
const RELATIVE: f32 = 1e-5;

fn values<const D: usize>(x: Tensor<D>) -> Vec<f32> {
    x.into_data().iter::<f32>().collect()
}
