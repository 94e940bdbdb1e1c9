//! Seeded numbers, the same wherever they are made.

use std::f32::consts::TAU;

use burn::tensor::{Device, Tensor, TensorData};

/// Seeded sizes, words and values, by xorshift (Marsaglia, 2003).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// From a seed that is not zero.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 bits.
    pub const fn word(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From 1 to `most`, small ones as often as large ones.
    pub fn size(&mut self, most: u64) -> usize {
        let bits = 1 + self.word() % u64::from(most.ilog2() + 1);
        (1 + (self.word() >> 7) % (1 << bits).min(most)) as usize
    }

    /// Below `bound`, all as often.
    pub const fn below(&mut self, bound: usize) -> usize {
        ((self.word() >> 7) % bound as u64) as usize
    }

    /// Values of a normal distribution (Box and Muller, 1958).
    pub fn values(&mut self, count: usize) -> Vec<f32> {
        // Of 24 bits, from 2^-24 to 1.
        let mut chance = || ((self.word() >> 40) + 1) as f32 / (1 << 24) as f32;
        (0..count).map(|_| (-2.0 * chance().ln()).sqrt() * (TAU * chance()).cos()).collect()
    }

    /// The same as a tensor.
    pub fn normal<const D: usize>(&mut self, shape: [usize; D], device: &Device) -> Tensor<D> {
        let values = self.values(shape.iter().product());
        Tensor::from_data(TensorData::new(values, shape), device)
    }
}
