//! Rows of floats as 16-bit integers, so that their products with a weight's integers are exact.

use pulp::NullaryFnOnce;

use super::lanes::Lanes;
use crate::parallel::each_large_chunk;
use crate::quant::{BLOCK, Bits, View, blocks};

/// Words of a block: a word is a pair of values.
pub(super) const PAIRS: usize = BLOCK / 2;

/// What a block's largest value becomes: the most that 16 bits hold.
pub(super) const STEPS: f32 = 32767.0;
/// The most whose two bytes are both signed, `256 · 127 + 127`.
pub(super) const BYTES: f32 = 32639.0;

/// Rows of `x`, each block of 32 values rounded to so many steps on each side of zero: at most
/// 1.6e-5 of a block's largest value is lost.
pub(super) struct Rounded {
    /// `[rows][blocks]`
    pub(super) rows: Vec<Vec<Block>>,
}

/// A block of a row.
#[derive(Clone, Copy)]
pub(super) struct Block {
    /// The integers.
    pub(super) pairs: [u32; PAIRS],
    /// What they are multiplied with.
    pub(super) scale: f32,
    /// The values' sum in each half: what a weight's minimum is multiplied with.
    pub(super) sums: [f32; 2],
}

impl Rounded {
    /// Rounds rows of `width` values; behind them come rows of zeros, up to `held` rows.
    pub(super) fn new<L: Lanes>(
        lanes: L,
        x: &[f32],
        width: usize,
        held: usize,
        steps: f32,
    ) -> Self {
        let mut rows = vec![Vec::new(); held];
        let round = |index: usize, row: &mut Vec<Block>| {
            let x = x.get(index * width..(index + 1) * width).unwrap_or_default();
            *row = vec![Block::ZERO; blocks(width)];
            lanes.run(Round { x, row, steps });
        };
        match rows.as_mut_slice() {
            // Sooner done than another thread is awake.
            [row] => round(0, row),
            rows => each_large_chunk(rows, 1, |index, row| round(index, &mut row[0])),
        }
        Self { rows }
    }
}

/// Rounds one row.
struct Round<'a> {
    x: &'a [f32],
    row: &'a mut [Block],
    steps: f32,
}

impl NullaryFnOnce for Round<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (to, x) in self.row.iter_mut().zip(self.x.chunks(BLOCK)) {
            let mut block = [0.0; BLOCK];
            block[..x.len()].copy_from_slice(x);
            to.set(&block, self.steps);
        }
    }
}

impl Block {
    pub(super) const ZERO: Self = Self { pairs: [0; PAIRS], scale: 0.0, sums: [0.0; 2] };

    #[inline(always)]
    fn set(&mut self, block: &[f32; BLOCK], steps: f32) {
        // Bits of floats without a sign are in the floats' order, and unlike those in any order alike.
        let mut largest = 0_u32;
        for x in block {
            largest = largest.max(x.abs().to_bits());
        }
        let largest = f32::from_bits(largest);
        // A NaN or an infinity spreads, as it does in floats.
        self.scale = if largest.is_finite() { largest / steps } else { f32::NAN };
        let inverse = if self.scale > 0.0 { steps / largest } else { 0.0 };
        let mut ints = [0_i16; BLOCK];
        for (int, x) in ints.iter_mut().zip(block) {
            // So large a float has no room for less than ones: the last bits are the rounded integer.
            *int = ((x * inverse + 12_582_912.0).to_bits() as u16).cast_signed();
        }
        for (sum, half) in self.sums.iter_mut().zip(ints.as_chunks::<{ BLOCK / 2 }>().0) {
            let mut total = 0_i32;
            for int in half {
                total += i32::from(*int);
            }
            *sum = total as f32 * self.scale;
        }
        for (pair, two) in self.pairs.iter_mut().zip(ints.as_chunks::<2>().0) {
            *pair = u32::from(two[0].cast_unsigned()) | u32::from(two[1].cast_unsigned()) << 16;
        }
    }

    /// The sum of group `group` of `groups`.
    #[inline(always)]
    pub(super) fn sum(&self, group: usize, groups: usize) -> f32 {
        match groups {
            1 => self.sums[0] + self.sums[1],
            _ => self.sums[group],
        }
    }
}

/// A block of a weight in pairs, the first of each low. Without minima a 4-bit zero lies at 8: that
/// is taken off.
#[inline(always)]
pub(super) fn pairs<L: Lanes>(lanes: L, view: View<'_>, block: usize) -> [u32; PAIRS] {
    match view.bits {
        Bits::Four => {
            let zero = if view.mins.is_some() { 0 } else { 8 };
            lanes.nibbles(&view.quants.as_chunks().0[block], zero)
        }
        _ => lanes.bytes(&view.quants.as_chunks().0[block]),
    }
}
