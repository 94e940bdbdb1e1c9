//! Weights in blocks of small numbers: the layout that kernels read.
//!
//! A matrix `[outputs, inputs]` is cut into blocks of 32 values along its rows; the last block of
//! a row is filled up with zeros. Of a block are kept 32 integers of 4 or 8 bits, a scale and, where
//! its source has one, a minimum:
//!
//! ```text
//! w = scale · (q − 8)          4 bits, without a minimum   (as llama.cpp's Q4_0)
//! w = scale · q + min          4 bits, with one            (Q4_1)
//! w = scale · q                8 bits, q from −128 to 127  (Q8_0)
//! w                            bfloat16, without a scale
//! ```
//!
//! | stream  | of one block                                                            |
//! |---------|-------------------------------------------------------------------------|
//! | quants  | 4 bits: four words; byte `i` of 16 holds value `i` low and `16 + i` high |
//! |         | 8 bits: eight words; byte `i` of 32 holds value `i`                       |
//! |         | bfloat16: sixteen words of two values                                    |
//! | scales  | half a word: f16, even blocks low; or one word: f32                     |
//! | mins    | likewise                                                                |
//!
//! Q6_K has a scale for each 16 values, two a block. Scales of K-quants are products that f16
//! cannot always hold: they are kept as f32, so that nothing is rounded a second time.

use std::ops::Range;

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use pulp::NullaryFnOnce;
use pulp::bytemuck::cast_slice;
#[cfg(any(not(target_family = "wasm"), target_feature = "atomics"))]
use rayon::prelude::*;

/// Values of a block.
pub const BLOCK: usize = 32;

/// What a block's numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bits {
    /// Unsigned, 0 to 15.
    Four,
    /// Signed, −128 to 127.
    Eight,
    /// The upper halves of 32-bit floats.
    Brain,
}

impl Bits {
    /// Words of a block's integers.
    #[must_use]
    pub const fn words(self) -> usize {
        match self {
            Self::Four => 4,
            Self::Eight => 8,
            Self::Brain => 16,
        }
    }
}

/// How scales and minima are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scales {
    /// As f32 in a word of their own, instead of as f16 in half of one.
    pub full: bool,
    /// How many a block has: 1, or 2 for 16 values each (8 bits alone).
    pub groups: usize,
}

impl Scales {
    /// One f16 a block.
    pub const HALF: Self = Self { full: false, groups: 1 };

    /// Words of so many blocks.
    #[must_use]
    pub const fn words(self, blocks: usize) -> usize {
        match self.full {
            true => blocks * self.groups,
            false => (blocks * self.groups).div_ceil(2),
        }
    }
}

/// A quantized matrix on the host.
#[derive(Debug, Clone, PartialEq)]
pub struct Packed {
    /// The integers' bits.
    pub bits: Bits,
    /// How scales and minima are kept.
    pub kept: Scales,
    /// `[outputs, inputs]`.
    pub shape: [usize; 2],
    /// The integers.
    pub quants: Vec<u32>,
    /// The scales.
    pub scales: Vec<u32>,
    /// The minima, where there are any.
    pub mins: Option<Vec<u32>>,
}

/// Blocks of a row of `inputs` values.
#[must_use]
pub const fn blocks(inputs: usize) -> usize {
    inputs.div_ceil(BLOCK)
}

/// At most so many rows, or two: an even number, since two rows may share a word of scales.
#[must_use]
pub const fn even_rows(most: usize) -> usize {
    if most < 2 { 2 } else { most / 2 * 2 }
}

impl Packed {
    /// Quantizes a matrix, row-major, without minima.
    ///
    /// Of 4 bits the scale is the best of nine near the one that keeps the largest value, each
    /// fitted by least squares; of 8 bits it keeps the largest value.
    ///
    /// # Panics
    /// When there are not `outputs · inputs` values.
    #[must_use]
    pub fn quantize(values: &[f32], shape: [usize; 2], bits: Bits) -> Self {
        let [outputs, inputs] = shape;
        assert_eq!(values.len(), outputs * inputs, "quantize: values must fill the shape");
        // Two rows at a time begin with a whole word of scales.
        let two = 2 * blocks(inputs);
        let mut quants = vec![0; outputs * blocks(inputs) * bits.words()];
        let mut scales = vec![0_u32; (outputs * blocks(inputs)).div_ceil(2)];
        let arch = pulp::Arch::new();
        let part = |((quants, scales), values): ((&mut [u32], &mut [u32]), &[f32])| {
            arch.dispatch(Part { bits, inputs, quants, scales, values });
        };
        let sizes = [two * bits.words(), two / 2, 2 * inputs].map(|size| size.max(1) * ROWS);
        #[cfg(any(not(target_family = "wasm"), target_feature = "atomics"))]
        quants
            .par_chunks_mut(sizes[0])
            .zip(scales.par_chunks_mut(sizes[1]))
            .zip(values.par_chunks(sizes[2]))
            .for_each(part);
        #[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
        quants
            .chunks_mut(sizes[0])
            .zip(scales.chunks_mut(sizes[1]))
            .zip(values.chunks(sizes[2]))
            .for_each(part);
        if bits == Bits::Brain {
            // All ones: not read.
            scales = vec![0];
        }
        Self { bits, kept: Scales::HALF, shape, quants, scales, mins: None }
    }

    /// The layout's view for readers.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View {
            bits: self.bits,
            kept: self.kept,
            inputs: self.shape[1],
            quants: &self.quants,
            scales: &self.scales,
            mins: self.mins.as_deref(),
        }
    }

    /// All values, row-major.
    #[must_use]
    pub fn dequantize(&self) -> Vec<f32> {
        let mut values = vec![0.0; self.shape[0] * self.shape[1]];
        self.view().rows(0..self.shape[0], &mut values);
        values
    }

    /// Puts further rows of the same matrix behind these, of which there are an even number: two rows
    /// may share a word of scales.
    ///
    /// # Panics
    /// When they are kept in another way, or the number is odd.
    pub fn append(&mut self, rows: Self) {
        let same = (self.bits, self.kept, self.shape[1], self.mins.is_some());
        assert_eq!(
            same,
            (rows.bits, rows.kept, rows.shape[1], rows.mins.is_some()),
            "append: rows must be kept alike"
        );
        assert!(self.shape[0].is_multiple_of(2), "append: rows must come in pairs");
        self.shape[0] += rows.shape[0];
        self.quants.extend(rows.quants);
        // bfloat16 has one word that is never read.
        if self.bits != Bits::Brain {
            self.scales.extend(rows.scales);
        }
        if let (Some(mins), Some(more)) = (&mut self.mins, rows.mins) {
            mins.extend(more);
        }
    }

    /// Bytes of all streams.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let mins = self.mins.as_ref().map_or(0, Vec::len);
        4 * (self.quants.len() + self.scales.len() + mins) as u64
    }
}

/// The streams of a matrix, as words.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The integers' bits.
    pub bits: Bits,
    /// How scales and minima are kept.
    pub kept: Scales,
    /// Values of a row.
    pub inputs: usize,
    /// The integers.
    pub quants: &'a [u32],
    /// The scales.
    pub scales: &'a [u32],
    /// The minima.
    pub mins: Option<&'a [u32]>,
}

impl View<'_> {
    /// Scale and minimum of each half of a block. Without minima a 4-bit zero lies at 8, which is no rounding:
    /// eight times an f16 is an f32.
    #[inline(always)]
    #[must_use]
    pub fn affine(&self, block: usize) -> [[f32; 2]; 2] {
        if self.bits == Bits::Brain {
            return [[1.0, 0.0]; 2];
        }
        let of = |index: usize| {
            let scale = self.number(self.scales, index);
            let min = match (self.mins, self.bits) {
                (Some(mins), _) => self.number(mins, index),
                (None, Bits::Four) => -8.0 * scale,
                (None, _) => 0.0,
            };
            [scale, min]
        };
        match self.kept.groups {
            2 => [of(2 * block), of(2 * block + 1)],
            _ => [of(block); 2],
        }
    }

    #[inline(always)]
    fn number(&self, words: &[u32], index: usize) -> f32 {
        match self.kept.full {
            true => f32::from_bits(words[index]),
            false => half_of(words, index),
        }
    }

    /// A block's numbers as floats.
    #[inline(always)]
    #[must_use]
    pub fn integers(&self, block: usize) -> [f32; BLOCK] {
        let words = self.bits.words();
        let words = &self.quants[block * words..(block + 1) * words];
        let mut values = [0.0; BLOCK];
        match self.bits {
            Bits::Four => {
                for (i, word) in words.iter().enumerate() {
                    for (j, byte) in word.to_le_bytes().into_iter().enumerate() {
                        values[4 * i + j] = f32::from(byte & 15);
                        values[16 + 4 * i + j] = f32::from(byte >> 4);
                    }
                }
            }
            Bits::Eight => {
                for (i, word) in words.iter().enumerate() {
                    for (j, byte) in word.to_le_bytes().into_iter().enumerate() {
                        values[4 * i + j] = f32::from(byte as i8);
                    }
                }
            }
            Bits::Brain => {
                for (i, word) in words.iter().enumerate() {
                    values[2 * i] = f32::from_bits(word << 16);
                    values[2 * i + 1] = f32::from_bits(word & 0xFFFF_0000);
                }
            }
        }
        values
    }

    /// The scales of the blocks from `first` on, as many as `out` holds.
    #[inline(always)]
    pub fn scales(&self, first: usize, out: &mut [f32]) {
        self.numbers(self.scales, first, out);
    }

    /// The minima likewise.
    #[inline(always)]
    pub fn mins(&self, first: usize, out: &mut [f32]) {
        if let Some(mins) = self.mins {
            self.numbers(mins, first, out);
        }
    }

    #[inline(always)]
    fn numbers(&self, words: &[u32], first: usize, out: &mut [f32]) {
        let from = first * self.kept.groups;
        if self.kept.full {
            let words = &words[from..from + out.len()];
            for (out, word) in out.iter_mut().zip(words) {
                *out = f32::from_bits(*word);
            }
        } else {
            let halves: &[u16] = cast_slice(words);
            let halves = &halves[from..from + out.len()];
            for (out, half) in out.iter_mut().zip(halves) {
                *out = half_to_f32(*half);
            }
        }
    }

    /// A block's values.
    #[inline(always)]
    #[must_use]
    pub fn values(&self, block: usize) -> [f32; BLOCK] {
        let mut values = self.integers(block);
        let [low, high] = self.affine(block);
        let (first, second) = values.split_at_mut(BLOCK / 2);
        for (half, [scale, min]) in [(first, low), (second, high)] {
            // Two roundings, as gguf-py has them.
            half.iter_mut().for_each(|q| *q = scale * *q + min);
        }
        values
    }

    /// Some rows' values, one after another.
    ///
    /// # Panics
    /// When `out` is not as long as the rows.
    pub fn rows(&self, rows: Range<usize>, out: &mut [f32]) {
        let per_row = blocks(self.inputs);
        assert_eq!(out.len(), rows.len() * self.inputs, "rows: the output must hold them");
        for (row, out) in rows.zip(out.chunks_exact_mut(self.inputs.max(1))) {
            for (at, out) in out.chunks_mut(BLOCK).enumerate() {
                let block = row * per_row + at;
                out.copy_from_slice(&self.values(block)[..out.len()]);
            }
        }
    }
}

#[inline(always)]
fn half_of(words: &[u32], block: usize) -> f32 {
    half_to_f32((words[block / 2] >> (16 * (block % 2))) as u16)
}

/// An f16 as f32, without a branch: its exponent moves by a product.
#[inline(always)]
fn half_to_f32(half: u16) -> f32 {
    let half = u32::from(half);
    let moved = f32::from_bits((half & 0x7FFF) << 13) * f32::from_bits((127 + 112) << 23);
    // Infinities and NaNs have all bits of the exponent.
    let special = if half & 0x7C00 == 0x7C00 { 0x7F80_0000 } else { 0 };
    f32::from_bits(moved.to_bits() | special | (half & 0x8000) << 16)
}

/// Some whole rows, to quantize by the processor's best instructions.
struct Part<'a> {
    bits: Bits,
    inputs: usize,
    quants: &'a mut [u32],
    scales: &'a mut [u32],
    values: &'a [f32],
}

impl NullaryFnOnce for Part<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { bits, inputs, quants, scales, values } = self;
        let blocks = || values.chunks(inputs.max(1)).flat_map(|row| row.chunks(BLOCK));
        let mut set = |block: usize, scale: f16| {
            scales[block / 2] |= u32::from(scale.to_bits()) << (16 * (block % 2));
        };
        if bits != Bits::Four {
            for (block, (values, words)) in
                blocks().zip(quants.chunks_exact_mut(bits.words())).enumerate()
            {
                let mut full = [0.0; BLOCK];
                full[..values.len()].copy_from_slice(values);
                let scale =
                    if bits == Bits::Eight { eight(&full, words) } else { brain(&full, words) };
                set(block, scale);
            }
            return;
        }
        let mut blocks = blocks();
        for (group, quants) in quants.chunks_mut(LANES * bits.words()).enumerate() {
            let mut columns = [[0.0; LANES]; BLOCK];
            let quants = quants.as_chunks_mut::<4>().0;
            for (lane, values) in blocks.by_ref().take(quants.len()).enumerate() {
                for (column, value) in columns.iter_mut().zip(values) {
                    column[lane] = *value;
                }
            }
            let (scales, bytes) = fours(&columns);
            for (lane, words) in quants.iter_mut().enumerate() {
                set(group * LANES + lane, scales[lane]);
                for (at, word) in words.iter_mut().enumerate() {
                    let mut four = [0; 4];
                    for (byte, at) in four.iter_mut().zip(4 * at..) {
                        *byte = bytes[at][lane] | bytes[at + BLOCK / 2][lane] << 4;
                    }
                    *word = u32::from_le_bytes(four);
                }
            }
        }
    }
}

/// Pairs of rows that a thread quantizes at a time.
const ROWS: usize = 8;

/// Steps to each side of the scale that keeps the largest value.
const TRIED: i32 = 4;

/// Blocks that are quantized to 4 bits side by side, each in a lane of vectors.
const LANES: usize = 16;

/// Scale, and integers plus 8, of each lane's block.
#[inline(always)]
fn fours(values: &[[f32; LANES]; BLOCK]) -> ([f16; LANES], [[u8; LANES]; BLOCK]) {
    // The largest value becomes −8, whose side has one step more.
    let mut largest = [0.0_f32; LANES];
    for values in values {
        for (largest, value) in largest.iter_mut().zip(values) {
            *largest = if value.abs() > largest.abs() { *value } else { *largest };
        }
    }
    let (mut least, mut scales) = ([f32::INFINITY; LANES], [f16::ZERO; LANES]);
    let mut best = [[0.0_f32; LANES]; BLOCK];
    let mut integers = best;
    for step in -TRIED..=TRIED {
        let mut inverse = largest;
        for inverse in &mut inverse {
            *inverse = (-8.0 + 0.1 * step as f32) / *inverse;
        }
        let (mut squares, mut fits) = ([0.0; LANES], [0.0; LANES]);
        for values in values {
            for lane in 0..LANES {
                let q = (values[lane] * inverse[lane]).round().clamp(-8.0, 7.0);
                squares[lane] += q * q;
                fits[lane] += q * values[lane];
            }
        }
        for (fit, square) in fits.iter_mut().zip(squares) {
            *fit /= square;
        }
        let (mut rounded, mut wide) = ([f16::ZERO; LANES], [0.0; LANES]);
        rounded.convert_from_f32_slice(&fits);
        rounded.convert_to_f32_slice(&mut wide);
        // The scale was rounded: the integers are those of the rounded one.
        let mut errors = [0.0; LANES];
        for (integers, values) in integers.iter_mut().zip(values) {
            for lane in 0..LANES {
                let q = (values[lane] / wide[lane]).round().clamp(-8.0, 7.0);
                let error = q * wide[lane] - values[lane];
                integers[lane] = q;
                errors[lane] += error * error;
            }
        }
        let mut better = [false; LANES];
        for lane in 0..LANES {
            let sound = inverse[lane].is_finite() && wide[lane] != 0.0;
            better[lane] = sound && errors[lane] < least[lane];
            least[lane] = if better[lane] { errors[lane] } else { least[lane] };
            scales[lane] = if better[lane] { rounded[lane] } else { scales[lane] };
        }
        for (best, integers) in best.iter_mut().zip(&integers) {
            for lane in 0..LANES {
                best[lane] = if better[lane] { integers[lane] } else { best[lane] };
            }
        }
    }
    let mut bytes = [[0; LANES]; BLOCK];
    for (bytes, best) in bytes.iter_mut().zip(&best) {
        for (byte, best) in bytes.iter_mut().zip(best) {
            *byte = (best + 8.0) as u8;
        }
    }
    (scales, bytes)
}

#[inline(always)]
fn eight(values: &[f32; BLOCK], words: &mut [u32]) -> f16 {
    let mut largest = 0.0_f32;
    for value in values {
        largest = largest.max(value.abs());
    }
    let scale = f16::from_f32(largest / 127.0);
    let wide = scale.to_f32();
    let mut bytes = [0_u8; BLOCK];
    if wide != 0.0 {
        for (byte, value) in bytes.iter_mut().zip(values) {
            *byte = ((value / wide).round().clamp(-127.0, 127.0) as i8).cast_unsigned();
        }
    }
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    scale
}

#[inline(always)]
fn brain(values: &[f32; BLOCK], words: &mut [u32]) -> f16 {
    for (word, pair) in words.iter_mut().zip(values.as_chunks::<2>().0) {
        let [low, high] = pair.map(|value| u32::from(bf16::from_f32(value).to_bits()));
        *word = low | high << 16;
    }
    f16::ONE
}

#[cfg(test)]
mod tests;
