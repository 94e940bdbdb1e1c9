//! How many bits a model's matrices have on the device.

use std::fmt;
use std::ops::Range;

use burn::tensor::Device;
use easel_shaders::QuantWeight;
use easel_shaders::quant::{Bits, Packed, Scales, even_rows};
use easel_shaders::quant_matmul::Layout;
use serde::{Deserialize, Serialize};

use crate::model::{ModelConfig, Tower, Weight};
use crate::weights::{Checkpoint, WeightsError};

/// How the weights of large matrices are kept. Packs write it in small letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats.
    F32,
    /// The upper halves of 32-bit floats.
    Bf16,
    /// 8 bits in blocks of 32, 8.5 bits a weight with the scales.
    Q8,
    /// 4 bits in blocks of 32, 4.5 bits a weight; most of the language model's first layer, the
    /// vision tower and the head at 8 bits.
    Q4,
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "32-bit",
            Self::Bf16 => "bfloat16",
            Self::Q8 => "8-bit",
            Self::Q4 => "4-bit",
        })
    }
}

impl From<Bits> for Precision {
    /// What blocks of such integers are called.
    fn from(bits: Bits) -> Self {
        match bits {
            Bits::Four => Self::Q4,
            Bits::Eight => Self::Q8,
            Bits::Brain => Self::Bf16,
        }
    }
}

impl Precision {
    /// What rounding would harm most, unless asked otherwise: nothing below 8 bits.
    #[must_use]
    pub const fn careful(self) -> Self {
        match self {
            Self::Q4 => Self::Q8,
            other => other,
        }
    }

    /// Bits of a weight, those of its block's scale included.
    #[must_use]
    pub const fn bits(self) -> f64 {
        match self {
            Self::F32 => 32.0,
            Self::Bf16 => 16.0,
            Self::Q8 => 8.5,
            Self::Q4 => 4.5,
        }
    }

    /// Whether adapters beside such weights are kept as bfloat16.
    #[must_use]
    pub const fn halves_adapters(self) -> bool {
        matches!(self, Self::Q8 | Self::Q4)
    }

    /// Its layout in blocks; none for plain floats.
    #[must_use]
    pub const fn blocks(self) -> Option<Bits> {
        match self {
            Self::F32 => None,
            Self::Bf16 => Some(Bits::Brain),
            Self::Q8 => Some(Bits::Eight),
            Self::Q4 => Some(Bits::Four),
        }
    }

    /// How a matrix `[outputs, inputs]` that is quantized here is kept; none for plain floats.
    #[must_use]
    pub fn layout(self, [outputs, inputs]: [usize; 2]) -> Option<Layout> {
        let kept = Scales::HALF;
        self.blocks().map(|bits| Layout { bits, outputs, inputs, mins: false, kept })
    }
}

/// What a person asks for, where they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// The language model's layers; without it what is quantized stays as it is, and the rest
    /// becomes 4 bits in models of a billion weights and more, else 32.
    pub weights: Option<Precision>,
    /// The vision tower; without it as the language model, at 8 bits or more.
    pub vision: Option<Precision>,
}

/// What a model's matrices become when they are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// The precision of the language model's matrices that are stored as plain numbers.
    pub precision: Precision,
    /// That of the vision tower's.
    pub vision: Precision,
    /// Whether the language model's blocks stay as they are stored.
    pub as_stored: bool,
    /// Whether the vision tower's do.
    pub vision_as_stored: bool,
}

/// The layer whose rounding all others see: on the demo model it makes nine tenths of what 4 bits
/// move the scores by. It is kept carefully where the vision tower is, but for the matrix that leads
/// out of it, which matters least there.
const FIRST: &str = "model.layers.0.";
const LAST_OF_FIRST: &str = "model.layers.0.mlp.down_proj.weight";

/// Matrices by which a tower's precision is told.
const TEXT: &str = "model.layers.0.self_attn.q_proj.weight";
const VISION: &str = "visual.blocks.0.attn.qkv.weight";

/// Values that are read and quantized at a time: a tensor of a large model takes no more host memory
/// than its blocks and these.
const PIECE: usize = 4 << 20;

impl Keeping {
    /// What is not stored in blocks: this precision in the language model's layers, 8 bits or more
    /// elsewhere.
    #[must_use]
    pub const fn at(precision: Precision) -> Self {
        let vision = precision.careful();
        Self { precision, vision, as_stored: true, vision_as_stored: true }
    }

    /// What `asked` means for a checkpoint.
    ///
    /// # Errors
    /// When a pack is asked for other weights than it has.
    pub fn new(
        asked: Asked,
        config: &ModelConfig,
        checkpoint: &Checkpoint,
    ) -> Result<Self, WeightsError> {
        let Asked { weights, vision } = asked;
        if let Some(held) = checkpoint.packed_as() {
            let has = |tower: &str, held: Precision, asked: Precision| WeightsError::Pack {
                file: checkpoint.source().name(),
                reason: format!("has {held} {tower}, and {asked} ones were asked for"),
            };
            if let Some(asked) = weights.filter(|asked| *asked != held) {
                return Err(has("weights", held, asked));
            }
            let tower =
                checkpoint.layout(VISION).map_or(Precision::F32, |layout| layout.bits.into());
            if let Some(asked) = vision.filter(|asked| *asked != tower) {
                return Err(has("weights in the vision tower", tower, asked));
            }
            // What a pack has in floats was not to be quantized.
            return Ok(Self::at(Precision::F32));
        }
        let precision = weights.unwrap_or(Precision::of(config));
        Ok(Self {
            precision,
            vision: vision.unwrap_or(precision.careful()),
            as_stored: weights.is_none(),
            vision_as_stored: weights.is_none() && vision.is_none(),
        })
    }

    /// How a tensor that is stored as plain numbers is kept: matrices of the towers as asked, most of
    /// the first layer, the embeddings and the head at 8 bits or more, all else (the patches'
    /// convolution too) as floats.
    #[must_use]
    pub fn of_tensor(self, name: &str, axes: usize) -> Precision {
        match axes {
            2 if name.starts_with("model.layers.") => match self.vision {
                Precision::Q4 => self.precision,
                _ if !name.starts_with(FIRST) || name == LAST_OF_FIRST => self.precision,
                _ => self.precision.careful(),
            },
            2 if Tower::Vision.has(name) => self.vision,
            2 => self.precision.careful(),
            _ => Precision::F32,
        }
    }

    /// The blocks that a tensor is stored in, where they stay as they are.
    #[must_use]
    pub fn stored(self, checkpoint: &Checkpoint, name: &str) -> Option<Layout> {
        let stays = match Tower::Vision.has(name) {
            true => self.vision_as_stored,
            false => self.as_stored,
        };
        checkpoint.layout(name).filter(|_| stays)
    }

    /// How a tensor will lie on the device; none for plain floats.
    #[must_use]
    pub fn layout(self, checkpoint: &Checkpoint, name: &str, shape: &[usize]) -> Option<Layout> {
        let &[outputs, inputs] = shape else { return None };
        let made = || self.of_tensor(name, 2).layout([outputs, inputs]);
        self.stored(checkpoint, name).or_else(made)
    }

    /// How large the language model's matrices are, in a word.
    #[must_use]
    pub fn weights(self, checkpoint: &Checkpoint) -> Precision {
        let stored = || self.stored(checkpoint, TEXT).map(|layout| layout.bits.into());
        checkpoint.packed_as().or_else(stored).unwrap_or(self.precision)
    }

    /// The same of the vision tower's.
    #[must_use]
    pub fn tower(self, checkpoint: &Checkpoint) -> Precision {
        self.stored(checkpoint, VISION).map_or(self.vision, |layout| layout.bits.into())
    }

    /// Some rows of a matrix `[_, width]`, on the device. Returns the bytes that they take there,
    /// too.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn load(
        self,
        checkpoint: &Checkpoint,
        name: &str,
        width: usize,
        rows: Range<usize>,
        device: &Device,
    ) -> Result<(Weight, u64), WeightsError> {
        match self.pack(checkpoint, name, width, rows.clone()).await? {
            Some(packed) => {
                let bytes = packed.bytes();
                Ok((Weight::Quantized(QuantWeight::new(packed, device)), bytes))
            }
            None => {
                let shape = [rows.len(), width];
                let values = checkpoint.read_rows(name, width, rows).await?;
                let bytes = values.len() as u64 * 4;
                Ok((Weight::floats(values, shape, device), bytes))
            }
        }
    }

    /// The same on the host; none where they are kept as floats.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn pack(
        self,
        checkpoint: &Checkpoint,
        name: &str,
        width: usize,
        rows: Range<usize>,
    ) -> Result<Option<Packed>, WeightsError> {
        if self.stored(checkpoint, name).is_some() {
            return checkpoint.packed(name, width, rows).await;
        }
        let Some(bits) = self.of_tensor(name, 2).blocks() else { return Ok(None) };
        let step = even_rows(PIECE / width.max(1));
        let mut whole: Option<Packed> = None;
        for start in (rows.start..rows.end.max(rows.start + 1)).step_by(step) {
            let piece = start..rows.end.min(start + step);
            let shape = [piece.len(), width];
            let values = checkpoint.read_rows(name, width, piece).await?;
            let packed = Packed::quantize(&values, shape, bits);
            match &mut whole {
                Some(whole) => whole.append(packed),
                None => whole = Some(packed),
            }
        }
        Ok(whole)
    }
}
