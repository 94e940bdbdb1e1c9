//! Each kernel against its reference, on every device.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests panic and print figures")]

mod attention;
mod lora;
mod quant_matmul;
mod rms_norm;
mod rotary;
mod swiglu;

use burn::tensor::{Distribution, Tensor};
use easel_core::device::Device;
use easel_tests::devices;
use easel_tests::golden::relative_error;

/// The largest difference, as a share of the largest value.
const RELATIVE: f32 = 1e-5;

fn values<const D: usize>(x: Tensor<D>) -> Vec<f32> {
    x.into_data().iter::<f32>().collect()
}

/// Seeded sizes and words, by xorshift (Marsaglia, 2003).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From 1 to `most`, small ones as often as large ones.
    fn size(&mut self, most: u64) -> usize {
        let bits = 1 + self.next() % u64::from(most.ilog2() + 1);
        (1 + (self.next() >> 7) % (1 << bits).min(most)) as usize
    }

    /// Below `bound`, all as often.
    fn below(&mut self, bound: usize) -> usize {
        ((self.next() >> 7) % bound as u64) as usize
    }

    /// Values of a normal distribution, from this seed too.
    fn normal<const D: usize>(&mut self, shape: [usize; D], device: &Device) -> Tensor<D> {
        device.seed(self.next());
        Tensor::random(shape, Distribution::Normal(0.0, 1.0), device)
    }
}
