//! Each kernel against its reference, on every device.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests panic and print figures")]

mod attention;
mod lora;
mod quant_matmul;
mod rms_norm;
mod rotary;
mod swiglu;

use burn::tensor::{Distribution, Tensor};
use easel_checks::{RELATIVE, Random, check, notices};
use easel_core::device::Device;
use easel_core::measure::Op;
use easel_tests::devices;
use easel_tests::golden::relative_error;

fn values<const D: usize>(x: Tensor<D>) -> Vec<f32> {
    x.into_data().iter::<f32>().collect()
}

#[test]
fn every_kernel_equals_its_reference_at_any_size() {
    for opened in devices() {
        for op in Op::ALL {
            let checked = pollster::block_on(check(op, &opened.device, 60));
            let worst = checked.unwrap_or_else(|e| panic!("{op:?} on {}: {e}", opened.name));
            println!("{op:?} on {}: at most {worst:.1e}", opened.name);
        }
    }
}

#[test]
fn checks_notice_a_small_change() {
    for opened in devices() {
        pollster::block_on(notices(&opened.device)).unwrap();
    }
}
