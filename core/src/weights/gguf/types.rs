//! The types of values in GGUF files.
//!
//! Numbers and sizes: `ggml.h` and the `GGML_QUANT_SIZES` of gguf-py.

/// A type of values that is read.
///
/// Quantized values lie in blocks along a row, each with its own scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GgufType {
    /// Single precision.
    F32,
    /// Half precision.
    F16,
    /// The upper half of single precision.
    Bf16,
    /// 4 bits and a scale for 32 values.
    Q4_0,
    /// 4 bits, a scale and a minimum for 32 values.
    Q4_1,
    /// 5 bits and a scale for 32 values.
    Q5_0,
    /// 5 bits, a scale and a minimum for 32 values.
    Q5_1,
    /// 8 bits and a scale for 32 values.
    Q8_0,
    /// 4 bits; 256 values share two numbers, which 6-bit scales and minima multiply for each 32.
    Q4K,
    /// 5 bits, otherwise as Q4_K.
    Q5K,
    /// 6 bits; 256 values share a scale, which an 8-bit one multiplies for each 16.
    Q6K,
}

/// How the integers of a quantized type become values: `scale * (q - zero) + min`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Bits of an integer as it is held for kernels: 4 (0 to 15) or 8 (with a sign).
    pub(super) bits: usize,
    /// Values of one scale.
    pub(super) group: usize,
    /// What is taken from each integer.
    pub(super) zero: i8,
    /// Whether each group has a minimum.
    pub(super) has_min: bool,
    /// Whether scales are products that a half cannot always hold.
    pub(super) full: bool,
}

impl GgufType {
    /// The type of this number.
    pub(super) const fn from_id(id: u32) -> Option<Self> {
        Some(match id {
            0 => Self::F32,
            1 => Self::F16,
            2 => Self::Q4_0,
            3 => Self::Q4_1,
            6 => Self::Q5_0,
            7 => Self::Q5_1,
            8 => Self::Q8_0,
            12 => Self::Q4K,
            13 => Self::Q5K,
            14 => Self::Q6K,
            30 => Self::Bf16,
            _ => return None,
        })
    }

    /// Its name as llama.cpp writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Bf16 => "BF16",
            Self::Q4_0 => "Q4_0",
            Self::Q4_1 => "Q4_1",
            Self::Q5_0 => "Q5_0",
            Self::Q5_1 => "Q5_1",
            Self::Q8_0 => "Q8_0",
            Self::Q4K => "Q4_K",
            Self::Q5K => "Q5_K",
            Self::Q6K => "Q6_K",
        }
    }

    /// How many values a block holds; a row is a whole number of blocks.
    #[must_use]
    pub const fn block_values(self) -> usize {
        match self {
            Self::F32 | Self::F16 | Self::Bf16 => 1,
            Self::Q4_0 | Self::Q4_1 | Self::Q5_0 | Self::Q5_1 | Self::Q8_0 => 32,
            Self::Q4K | Self::Q5K | Self::Q6K => 256,
        }
    }

    /// How many bytes a block takes.
    #[must_use]
    pub const fn block_bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Q4_0 => 2 + 16,
            Self::Q4_1 => 2 + 2 + 16,
            Self::Q5_0 => 2 + 4 + 16,
            Self::Q5_1 => 2 + 2 + 4 + 16,
            Self::Q8_0 => 2 + 32,
            Self::Q4K => 2 + 2 + 12 + 128,
            Self::Q5K => 2 + 2 + 12 + 32 + 128,
            Self::Q6K => 128 + 64 + 16 + 2,
        }
    }

    /// How its integers are held; none for plain numbers.
    pub(super) const fn layout(self) -> Option<Layout> {
        let (bits, group, zero, has_min) = match self {
            Self::F32 | Self::F16 | Self::Bf16 => return None,
            Self::Q4_0 => (4, 32, 8, false),
            Self::Q4_1 | Self::Q4K => (4, 32, 0, true),
            Self::Q5_0 | Self::Q8_0 => (8, 32, 0, false),
            Self::Q5_1 | Self::Q5K => (8, 32, 0, true),
            Self::Q6K => (8, 16, 0, false),
        };
        let full = matches!(self, Self::Q4K | Self::Q5K | Self::Q6K);
        Some(Layout { bits, group, zero, has_min, full })
    }
}

/// What llama.cpp calls a type that is not read, or its number.
pub(super) fn foreign_name(id: u32) -> String {
    let name = match id {
        9 => "Q8_1",
        10 => "Q2_K",
        11 => "Q3_K",
        15 => "Q8_K",
        16 => "IQ2_XXS",
        17 => "IQ2_XS",
        18 => "IQ3_XXS",
        19 => "IQ1_S",
        20 => "IQ4_NL",
        21 => "IQ3_S",
        22 => "IQ2_S",
        23 => "IQ4_XS",
        24 => "I8",
        25 => "I16",
        26 => "I32",
        27 => "I64",
        28 => "F64",
        29 => "IQ1_M",
        34 => "TQ1_0",
        35 => "TQ2_0",
        39 => "MXFP4",
        _ => return format!("type {id}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_sizes_are_ggmls() {
        let sizes = |id| {
            let kind = GgufType::from_id(id).unwrap();
            (kind.name(), kind.block_values(), kind.block_bytes())
        };
        let known = [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 30].map(sizes);
        let expected = [
            ("F32", 1, 4),
            ("F16", 1, 2),
            ("Q4_0", 32, 18),
            ("Q4_1", 32, 20),
            ("Q5_0", 32, 22),
            ("Q5_1", 32, 24),
            ("Q8_0", 32, 34),
            ("Q4_K", 256, 144),
            ("Q5_K", 256, 176),
            ("Q6_K", 256, 210),
            ("BF16", 1, 2),
        ];
        assert_eq!(known, expected);
        assert_eq!((0..200).filter_map(GgufType::from_id).count(), known.len());
    }

    #[test]
    fn other_types_have_names() {
        assert_eq!(foreign_name(23), "IQ4_XS");
        assert_eq!(foreign_name(4), "type 4");
    }
}
