//! Blocks of quantized values as f32, bit for bit as gguf-py has them.
//!
//! A scale is a half (11 bits) times an integer of at most 7 bits, and with the value's integer (at
//! most 6 more, 7 where the scale is a half alone) it still fits the 24 bits of an f32: only the sum
//! with a minimum is ever rounded. Formats: `ggml-common.h` and `ggml-quants.c` of llama.cpp.

use half::f16;

use super::super::values::{append_bf16, append_f16, append_f32};
use super::types::{GgufType, Layout};

/// The most values of a block.
const MOST: usize = 256;

/// One block taken apart: value `i` is `scales[g] * (quants[i] - zero) + mins[g]`, where `g` is
/// `i / group` and [`Layout`] has group and zero.
pub(super) struct Block {
    pub(super) quants: [i8; MOST],
    pub(super) scales: [f32; MOST / 16],
    pub(super) mins: [f32; MOST / 32],
}

impl Block {
    pub(super) const fn new() -> Self {
        Self { quants: [0; MOST], scales: [0.0; MOST / 16], mins: [0.0; MOST / 32] }
    }

    /// Takes `bytes` apart, one block of a quantized type.
    pub(super) fn unpack(&mut self, kind: GgufType, bytes: &[u8]) {
        match kind {
            GgufType::F32 | GgufType::F16 | GgufType::Bf16 => {}
            GgufType::Q4_0 => {
                self.scales[0] = half(bytes, 0);
                self.nibbles(&bytes[2..18]);
            }
            GgufType::Q4_1 => {
                (self.scales[0], self.mins[0]) = (half(bytes, 0), half(bytes, 2));
                self.nibbles(&bytes[4..20]);
            }
            GgufType::Q5_0 => {
                self.scales[0] = half(bytes, 0);
                self.nibbles(&bytes[6..22]);
                self.fifth_bits(&bytes[2..6]);
                self.quants[..32].iter_mut().for_each(|q| *q -= 16);
            }
            GgufType::Q5_1 => {
                (self.scales[0], self.mins[0]) = (half(bytes, 0), half(bytes, 2));
                self.nibbles(&bytes[8..24]);
                self.fifth_bits(&bytes[4..8]);
            }
            GgufType::Q8_0 => {
                self.scales[0] = half(bytes, 0);
                for (q, &byte) in self.quants.iter_mut().zip(&bytes[2..34]) {
                    *q = byte.cast_signed();
                }
            }
            GgufType::Q4K => {
                self.scales_and_mins(bytes);
                self.paired_nibbles(&bytes[16..144]);
            }
            GgufType::Q5K => {
                self.scales_and_mins(bytes);
                self.paired_nibbles(&bytes[48..176]);
                for (group, quants) in self.quants.chunks_exact_mut(32).enumerate() {
                    for (q, high) in quants.iter_mut().zip(&bytes[16..48]) {
                        *q |= (((high >> group) & 1) << 4).cast_signed();
                    }
                }
            }
            GgufType::Q6K => self.six_bits(bytes),
        }
    }

    /// 32 values: the lower halves of 16 bytes, then the upper ones.
    fn nibbles(&mut self, bytes: &[u8]) {
        let (low, high) = self.quants.split_at_mut(bytes.len());
        for ((low, high), byte) in low.iter_mut().zip(high).zip(bytes) {
            (*low, *high) = ((byte & 15).cast_signed(), (byte >> 4).cast_signed());
        }
    }

    /// 256 values: 64 of each 32 bytes, the lower halves first.
    fn paired_nibbles(&mut self, bytes: &[u8]) {
        for (quants, bytes) in self.quants.chunks_exact_mut(64).zip(bytes.chunks_exact(32)) {
            let (low, high) = quants.split_at_mut(32);
            for ((low, high), byte) in low.iter_mut().zip(high).zip(bytes) {
                (*low, *high) = ((byte & 15).cast_signed(), (byte >> 4).cast_signed());
            }
        }
    }

    /// The fifth bits of 32 values, one after another from the lowest of four bytes.
    fn fifth_bits(&mut self, bytes: &[u8]) {
        for (quants, bits) in self.quants.chunks_exact_mut(8).zip(bytes) {
            for (at, q) in quants.iter_mut().enumerate() {
                *q |= (((bits >> at) & 1) << 4).cast_signed();
            }
        }
    }

    /// Eight scales and minima of 6 bits in 12 bytes: the first four lie in the lower six bits of
    /// bytes 0 to 3 and 4 to 7; the others have their upper two bits above those, and their lower
    /// four in bytes 8 to 11.
    fn scales_and_mins(&mut self, bytes: &[u8]) {
        let (d, least) = (half(bytes, 0), half(bytes, 2));
        let packed = &bytes[4..16];
        for group in 0..8 {
            let (scale, min) = if group < 4 {
                (packed[group] & 63, packed[group + 4] & 63)
            } else {
                let low = packed[group + 4];
                let high = |byte: u8| (byte >> 6) << 4;
                ((low & 15) | high(packed[group - 4]), (low >> 4) | high(packed[group]))
            };
            self.scales[group] = d * f32::from(scale);
            self.mins[group] = -(least * f32::from(min));
        }
    }

    /// Q6_K: rows of 32 values; four rows share 64 bytes of lower and 32 bytes of upper bits.
    fn six_bits(&mut self, bytes: &[u8]) {
        let (low, rest) = bytes.split_at(128);
        let (high, rest) = rest.split_at(64);
        for (row, quants) in self.quants.chunks_exact_mut(32).enumerate() {
            let (part, row) = (row / 4, row % 4);
            let low = &low[64 * part + 32 * (row % 2)..];
            let high = &high[32 * part..];
            for ((q, low), high) in quants.iter_mut().zip(low).zip(high) {
                let low = (low >> (4 * (row / 2))) & 15;
                let high = (high >> (2 * row)) & 3;
                *q = (low | (high << 4)).cast_signed() - 32;
            }
        }
        let d = half(rest, 16);
        for (scale, &byte) in self.scales.iter_mut().zip(rest) {
            *scale = d * f32::from(byte.cast_signed());
        }
    }

    /// The values of `count` integers.
    fn append(&self, layout: Layout, count: usize, floats: &mut Vec<f32>) {
        let Layout { group, zero, has_min, .. } = layout;
        for (at, quants) in self.quants[..count].chunks_exact(group).enumerate() {
            let scale = self.scales[at];
            if has_min {
                let min = self.mins[at];
                floats.extend(quants.iter().map(|&q| scale * f32::from(q) + min));
            } else {
                floats.extend(quants.iter().map(|&q| scale * f32::from(q - zero)));
            }
        }
    }
}

/// Two bytes as a number.
fn half(bytes: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([bytes[at], bytes[at + 1]]).to_f32()
}

/// The values of whole blocks; bytes behind the last whole block are left out.
#[must_use]
pub fn dequantize(kind: GgufType, bytes: &[u8]) -> Vec<f32> {
    let mut floats = Vec::with_capacity(bytes.len() / kind.block_bytes() * kind.block_values());
    append(kind, bytes, &mut floats);
    floats
}

/// Appends the values of whole blocks.
pub(super) fn append(kind: GgufType, bytes: &[u8], floats: &mut Vec<f32>) {
    let Some(layout) = kind.layout() else {
        return match kind {
            GgufType::F16 => append_f16(bytes, floats),
            GgufType::Bf16 => append_bf16(bytes, floats),
            _ => append_f32(bytes, floats),
        };
    };
    let mut block = Block::new();
    for bytes in bytes.chunks_exact(kind.block_bytes()) {
        block.unpack(kind, bytes);
        block.append(layout, kind.block_values(), floats);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block of zeros with halves set at these places.
    fn block(kind: GgufType, halves: &[(usize, f32)]) -> Vec<u8> {
        let mut bytes = vec![0; kind.block_bytes()];
        for &(at, value) in halves {
            bytes[at..at + 2].copy_from_slice(&f16::from_f32(value).to_le_bytes());
        }
        bytes
    }

    #[test]
    fn the_small_blocks_are_as_written() {
        let mut bytes = block(GgufType::Q4_0, &[(0, 0.5)]);
        bytes[2] = 0xf1;
        let values = dequantize(GgufType::Q4_0, &bytes);
        assert_eq!((values[0], values[16], values[1]), (-3.5, 3.5, -4.0));
        let mut bytes = block(GgufType::Q5_1, &[(0, 2.0), (2, -1.0)]);
        (bytes[4], bytes[8]) = (1, 0x23);
        let values = dequantize(GgufType::Q5_1, &bytes);
        assert_eq!((values[0], values[16], values[31]), (2.0 * 19.0 - 1.0, 3.0, -1.0));
        let mut bytes = block(GgufType::Q8_0, &[(0, 0.25)]);
        bytes[33] = 0x80;
        assert_eq!(dequantize(GgufType::Q8_0, &bytes)[31], -32.0);
    }

    #[test]
    fn the_scales_of_large_blocks_are_unpacked() {
        let mut bytes = block(GgufType::Q4K, &[(0, 1.0), (2, 1.0)]);
        // Group 1: scale 5, minimum 7. Group 5: scale 0b10_0011, minimum 0b01_0100.
        (bytes[5], bytes[9], bytes[13]) = (5 | 0b10 << 6, 7 | 0b01 << 6, 0b0100_0011);
        bytes[16] = 0x20;
        let values = dequantize(GgufType::Q4K, &bytes);
        assert_eq!((values[32], values[33], values[0]), (2.0 * 5.0 - 7.0, -7.0, 0.0));
        assert_eq!(values[160], -20.0);
        let mut bytes = block(GgufType::Q6K, &[(208, 1.0)]);
        // Scale 15, for the last 16 values; the last value is 0b11_1001.
        (bytes[207], bytes[127], bytes[191]) = (0xff, 0x90, 0b1100_0000);
        let values = dequantize(GgufType::Q6K, &bytes);
        assert_eq!((values[255], values[254], values[0]), (32.0 - 57.0, 32.0, 0.0));
    }

    #[test]
    fn a_part_of_a_block_is_left_out() {
        assert!(dequantize(GgufType::Q4K, &[1; 143]).is_empty());
        assert_eq!(dequantize(GgufType::Q4_0, &[1; 37]).len(), 64);
        assert_eq!(dequantize(GgufType::F32, &[0; 7]), [0.0]);
    }
}
