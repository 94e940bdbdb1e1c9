//! Each kernel against its reference, on every device.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests panic and print figures")]

mod append;
mod attention;
mod lora;
mod quant_matmul;
mod recording;
mod rms_norm;
mod rotary;
mod swiglu;

use std::sync::Mutex;

use burn::tensor::{Distribution, Tensor};
use easel_checks::{RELATIVE, Random, check, notices};
use easel_core::device::Device;
use easel_core::measure::Op;
use easel_tests::devices;
use easel_tests::golden::relative_error;

fn values<const D: usize>(x: Tensor<D>) -> Vec<f32> {
    x.into_data().iter::<f32>().collect()
}

/// Products by cooperative matrices stand aside for the whole process while others are checked.
static PRODUCTS: Mutex<()> = Mutex::new(());

fn equals_its_reference_at_any_size(op: Op) {
    for opened in devices() {
        let checked = pollster::block_on(check(op, &opened.device, 60));
        let worst = checked.unwrap_or_else(|e| panic!("{op:?} on {}: {e}", opened.name));
        println!("{op:?} on {}: at most {worst:.1e}", opened.name);
    }
}

#[test]
fn attention_equals_its_reference() {
    equals_its_reference_at_any_size(Op::Attention);
}

#[test]
fn what_is_fused_equals_its_parts() {
    equals_its_reference_at_any_size(Op::Fused);
}

#[test]
fn lora_equals_its_reference() {
    equals_its_reference_at_any_size(Op::Lora);
}

#[test]
fn products_equal_their_references() {
    let _alone = PRODUCTS.lock();
    equals_its_reference_at_any_size(Op::Cooperative);
    equals_its_reference_at_any_size(Op::QuantMatmul);
}

/// What an adapter lacks cannot be checked on it; the one that tests bring has both.
#[test]
fn products_of_some_adapters_equal_their_references() {
    let _alone = PRODUCTS.lock();
    let there = devices().iter().any(|opened| opened.device != Device::flex());
    for op in [Op::Halves, Op::Subgroups].into_iter().filter(|op| there && op.is_there()) {
        equals_its_reference_at_any_size(op);
    }
}

#[test]
fn rms_norm_equals_its_reference() {
    equals_its_reference_at_any_size(Op::RmsNorm);
}

#[test]
fn rotary_equals_its_reference() {
    equals_its_reference_at_any_size(Op::Rotary);
}

#[test]
fn swiglu_equals_its_reference() {
    equals_its_reference_at_any_size(Op::Swiglu);
}

#[test]
fn checks_notice_a_small_change() {
    for opened in devices() {
        pollster::block_on(notices(&opened.device)).unwrap();
    }
}
