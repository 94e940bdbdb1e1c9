//! Quantized matrices for kernels: the integers as they are in the file, in one plain order.

use std::ops::Range;

use easel_shaders::quant::{BLOCK, Bits, Packed, Scales};
use half::f16;

use super::dequantize::Block;
use super::types::GgufType;

/// A quantized matrix whose values are `scale * (q - zero) + min`, without a second rounding.
///
/// A value computed that way, each step rounded to f32, has the bits of [`super::dequantize()`].
/// Scales and minima are halves in the file, but for Q4_K, Q5_K and Q6_K, where they are products
/// of a half and an integer that a half cannot always hold.
///
/// # Shapes
/// - `quants`: row by row; at 4 bits 16 bytes for 32 columns, where byte `i` has column `i` in its
///   lower half and column `16 + i` in its upper one, 0 to 15; at 8 bits one to a byte, in two's
///   complement
/// - `scales`, `mins`: `[rows, width / group]`
#[derive(Debug, Clone, PartialEq)]
pub struct Blocks {
    /// Rows of the matrix: its outputs.
    pub rows: usize,
    /// Columns: its inputs, a multiple of `group`.
    pub width: usize,
    /// 4 or 8.
    pub bits: usize,
    /// Columns that share a scale: 16 or 32.
    pub group: usize,
    /// What is taken from each integer: 8 at 4 bits without minima, otherwise 0.
    pub zero: i8,
    /// The integers.
    pub quants: Vec<u8>,
    /// The scale of each group.
    pub scales: Vec<f32>,
    /// What is added to each group, where the type has it.
    pub mins: Option<Vec<f32>>,
    /// Whether scales and minima may be more than a half holds.
    pub full: bool,
}

impl From<Blocks> for Packed {
    /// In the layout of kernels.
    fn from(blocks: Blocks) -> Self {
        let (bits, kept) = (blocks.kernel_bits(), blocks.kept());
        let Blocks { rows, width, quants, scales, mins, full, .. } = blocks;
        let words = |values: Vec<f32>| -> Vec<u32> {
            if full {
                return values.into_iter().map(f32::to_bits).collect();
            }
            let half = |value: &f32| u32::from(f16::from_f32(*value).to_bits());
            let pairs = values.chunks(2);
            pairs.map(|pair| half(&pair[0]) | pair.get(1).map_or(0, half) << 16).collect()
        };
        Self {
            bits,
            kept,
            shape: [rows, width],
            quants: quants
                .as_chunks::<4>()
                .0
                .iter()
                .map(|word| u32::from_le_bytes(*word))
                .collect(),
            scales: words(scales),
            mins: mins.map(words),
        }
    }
}

impl Blocks {
    /// What kernels know the integers as.
    pub(super) const fn kernel_bits(&self) -> Bits {
        if self.bits == 4 { Bits::Four } else { Bits::Eight }
    }

    /// How kernels keep the scales.
    pub(super) const fn kept(&self) -> Scales {
        Scales { full: self.full, groups: BLOCK / self.group }
    }

    /// An empty matrix of this width with room for `rows`; none for a type of plain numbers.
    pub(super) fn new(kind: GgufType, rows: usize, width: usize) -> Option<Self> {
        let layout = kind.layout()?;
        let groups = rows * (width / layout.group);
        Some(Self {
            rows: 0,
            width,
            bits: layout.bits,
            group: layout.group,
            zero: layout.zero,
            quants: Vec::with_capacity(rows * (width * layout.bits / 8)),
            scales: Vec::with_capacity(groups),
            mins: layout.has_min.then(|| Vec::with_capacity(groups)),
            full: layout.full,
        })
    }

    /// Whether rows of this type can be appended.
    pub(super) fn takes(&self, kind: GgufType) -> bool {
        kind.layout().is_some_and(|layout| {
            (layout.bits, layout.group, layout.zero) == (self.bits, self.group, self.zero)
                && layout.has_min == self.mins.is_some()
        })
    }

    /// Appends the whole rows in `bytes`, of a type that it takes.
    pub(super) fn push_rows(&mut self, kind: GgufType, bytes: &[u8]) {
        let count = kind.block_values();
        let mut block = Block::new();
        let mut blocks = 0;
        for bytes in bytes.chunks_exact(kind.block_bytes()) {
            block.unpack(kind, bytes);
            let quants = &block.quants[..count];
            if self.bits == 4 {
                for quants in quants.chunks_exact(32) {
                    let (low, high) = quants.split_at(16);
                    let pairs = low.iter().zip(high);
                    self.quants
                        .extend(pairs.map(|(low, high)| (low | (high << 4)).cast_unsigned()));
                }
            } else {
                self.quants.extend(quants.iter().map(|q| q.cast_unsigned()));
            }
            self.scales.extend_from_slice(&block.scales[..count / self.group]);
            if let Some(mins) = &mut self.mins {
                mins.extend_from_slice(&block.mins[..count / self.group]);
            }
            blocks += 1;
        }
        self.rows += blocks * count / self.width.max(1);
    }

    /// The integer of one place.
    #[must_use]
    pub fn quant(&self, row: usize, column: usize) -> i8 {
        let at = row * self.width + column;
        match self.bits {
            4 => {
                let byte = self.quants[at / 32 * 16 + at % 16];
                ((byte >> (at % 32 / 16 * 4)) & 15).cast_signed()
            }
            _ => self.quants[at].cast_signed(),
        }
    }

    /// The values of some rows: `[rows.len(), width]`.
    ///
    /// # Panics
    /// If there are fewer rows.
    #[must_use]
    pub fn dequantize(&self, rows: Range<usize>) -> Vec<f32> {
        let mut floats = Vec::with_capacity(rows.len() * self.width);
        for row in rows {
            for column in 0..self.width {
                let group = (row * self.width + column) / self.group;
                let q = f32::from(self.quant(row, column) - self.zero);
                let product = self.scales[group] * q;
                floats.push(self.mins.as_ref().map_or(product, |mins| product + mins[group]));
            }
        }
        floats
    }

    /// The first scale or minimum that is no finite number, with the row it is in.
    pub(super) fn not_finite(&self) -> Option<(usize, f32)> {
        let numbers = [Some(&self.scales), self.mins.as_ref()];
        let places = numbers.into_iter().flatten().filter_map(|numbers| {
            let at = numbers.iter().position(|number| !number.is_finite())?;
            Some((at * self.group / self.width.max(1), numbers[at]))
        });
        places.min_by_key(|&(row, _)| row)
    }
}

#[cfg(test)]
mod tests {
    use super::super::dequantize::dequantize;
    use super::*;

    const QUANTIZED: [GgufType; 8] = [
        GgufType::Q4_0,
        GgufType::Q4_1,
        GgufType::Q5_0,
        GgufType::Q5_1,
        GgufType::Q8_0,
        GgufType::Q4K,
        GgufType::Q5K,
        GgufType::Q6K,
    ];

    fn random(count: usize, mut state: u64) -> Vec<u8> {
        let next = |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        };
        (0..count).map(next).collect()
    }

    #[test]
    fn any_bytes_give_the_bits_of_the_plain_values() {
        for (seed, kind) in QUANTIZED.into_iter().enumerate() {
            let (rows, width) = (3, 512);
            let count = rows * width / kind.block_values() * kind.block_bytes();
            for round in 0..200 {
                let bytes = random(count, 77 + round * 8 + seed as u64);
                let mut blocks = Blocks::new(kind, rows, width).unwrap();
                let room = (blocks.quants.capacity(), blocks.scales.capacity());
                blocks.push_rows(kind, &bytes);
                assert_eq!((blocks.rows, blocks.scales.len()), (3, 3 * 512 / blocks.group));
                assert_eq!(room, (blocks.quants.capacity(), blocks.scales.capacity()));
                let bits = |values: Vec<f32>| values.into_iter().map(f32::to_bits).collect();
                let expected: Vec<u32> = bits(dequantize(kind, &bytes));
                let found: Vec<u32> = bits(blocks.dequantize(0..rows));
                assert!(found == expected, "{} in round {round}", kind.name());
            }
        }
    }

    #[test]
    fn integers_lie_as_described() {
        let mut bytes = [0; 18];
        (bytes[2], bytes[3]) = (0x21, 0x43);
        let mut blocks = Blocks::new(GgufType::Q4_0, 1, 32).unwrap();
        blocks.push_rows(GgufType::Q4_0, &bytes);
        assert_eq!((blocks.quants[0], blocks.quants[1], blocks.quants.len()), (0x21, 0x43, 16));
        let found = [0, 1, 2, 16, 17, 18].map(|column| blocks.quant(0, column));
        assert_eq!(found, [1, 3, 0, 2, 4, 0]);
        let mut bytes = [0; 144];
        // Columns 64 and 96 of a Q4_K block share a byte, and no byte here.
        bytes[16 + 32] = 0x65;
        let mut large = Blocks::new(GgufType::Q4K, 1, 256).unwrap();
        large.push_rows(GgufType::Q4K, &bytes);
        assert_eq!((large.quants[32], large.quants[48], large.quant(0, 96)), (5, 6, 6));
        assert_eq!((blocks.bits, blocks.group, blocks.zero), (4, 32, 8));
        assert!(blocks.mins.is_none() && Blocks::new(GgufType::F16, 1, 32).is_none());
    }

    #[test]
    fn likes_join_and_unlikes_do_not() {
        let joins = |left, right| Blocks::new(left, 1, 256).unwrap().takes(right);
        assert!(joins(GgufType::Q4K, GgufType::Q4_1));
        assert!(joins(GgufType::Q5_0, GgufType::Q8_0));
        assert!(!joins(GgufType::Q4_0, GgufType::Q4_1));
        assert!(!joins(GgufType::Q8_0, GgufType::Q6K));
        assert!(!joins(GgufType::Q8_0, GgufType::F16));
    }

    #[test]
    fn a_scale_that_is_no_number_is_found() {
        let mut blocks = Blocks::new(GgufType::Q4_0, 2, 64).unwrap();
        let mut bytes = [0; 72];
        bytes[55] = 0x7c;
        blocks.push_rows(GgufType::Q4_0, &bytes);
        assert_eq!(blocks.not_finite(), Some((1, f32::INFINITY)));
        assert_eq!(dequantize(GgufType::Q4_0, &bytes)[96], f32::NEG_INFINITY);
    }
}
