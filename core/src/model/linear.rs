//! The linear layer, in whatever format its weight is kept.

use std::fmt;
use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};
use easel_shaders::quant::{Bits, Packed};
use easel_shaders::{QuantWeight, quant_matmul};

use crate::model::ModelConfig;
use crate::weights::{Checkpoint, WeightsError};

/// `y = x Wᵀ + b`.
///
/// All matrices of the model are of this one type, which alone knows how its weight is stored:
/// a new format is a variant of [`Weight`] and a branch of the loader, and the model stays as it
/// is.
#[derive(Debug, Clone)]
pub struct Linear {
    weight: Weight,
    bias: Option<Tensor<1>>,
}

/// How a weight matrix `[outputs, inputs]` is kept on the device.
#[allow(clippy::large_enum_variant, reason = "a model has some hundred of them")]
#[derive(Debug, Clone)]
pub enum Weight {
    /// 32-bit floats, as in the checkpoint: row-major `[outputs, inputs]`.
    Float(Tensor<2>),
    /// Blocks of 32 small numbers; frozen.
    Quantized(QuantWeight),
}

/// How the weights of large matrices are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Precision {
    /// 32-bit floats.
    F32,
    /// The upper halves of 32-bit floats.
    Bf16,
    /// 8 bits in blocks of 32, 8.5 bits a weight with the scales.
    Q8,
    /// 4 bits in blocks of 32, 4.5 bits a weight; the vision tower and the head at 8 bits.
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

impl Precision {
    /// How a tensor of a checkpoint is kept: matrices of the language model's layers at this
    /// precision, those of the vision tower, the embeddings and the head at 8 bits or more, all
    /// else (the patches' convolution too) as floats.
    #[must_use]
    pub fn of_tensor(self, name: &str, axes: usize) -> Self {
        match axes {
            2 if name.starts_with("model.layers.") => self,
            2 => self.careful(),
            _ => Self::F32,
        }
    }

    /// What is no layer of the language model: nothing below 8 bits.
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
}

/// What a model's matrices become when they are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// The precision of those that are stored as plain numbers.
    pub precision: Precision,
    /// Whether blocks stay as they are stored.
    pub as_stored: bool,
}

impl Keeping {
    /// What `asked` means for a checkpoint; without it what is quantized stays as it is.
    ///
    /// # Errors
    /// When a pack is asked for other weights than it has.
    pub fn new(
        asked: Option<Precision>,
        config: &ModelConfig,
        checkpoint: &Checkpoint,
    ) -> Result<Self, WeightsError> {
        match (asked, checkpoint.packed_as()) {
            (Some(asked), Some(held)) if asked != held => Err(WeightsError::Pack {
                file: checkpoint.source().name(),
                reason: format!("has {held} weights, and {asked} ones were asked for"),
            }),
            (_, Some(held)) => Ok(Self { precision: held, as_stored: true }),
            (Some(precision), None) => Ok(Self { precision, as_stored: false }),
            (None, None) => Ok(Self { precision: Precision::of(config), as_stored: true }),
        }
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
        let shape = [rows.len(), width];
        if self.as_stored
            && let Some(packed) = checkpoint.packed(name, width, rows.clone()).await?
        {
            let bytes = packed.bytes();
            return Ok((Weight::Quantized(QuantWeight::new(packed, device)), bytes));
        }
        let values = checkpoint.read_rows(name, width, rows).await?;
        Ok(Weight::new(values, shape, self.precision.of_tensor(name, 2), device))
    }
}

impl Weight {
    /// Sends a matrix to the device at a precision. Returns the bytes that it takes there, too.
    ///
    /// # Panics
    /// When there are not `outputs · inputs` values.
    #[must_use]
    pub fn new(
        values: Vec<f32>,
        shape: [usize; 2],
        precision: Precision,
        device: &Device,
    ) -> (Self, u64) {
        let bits = match precision {
            Precision::F32 => {
                let bytes = values.len() as u64 * 4;
                let weight = Tensor::from_data(TensorData::new(values, shape), device);
                return (Self::Float(weight), bytes);
            }
            Precision::Bf16 => Bits::Brain,
            Precision::Q8 => Bits::Eight,
            Precision::Q4 => Bits::Four,
        };
        let packed = Packed::quantize(&values, shape, bits);
        let bytes = packed.bytes();
        (Self::Quantized(QuantWeight::new(packed, device)), bytes)
    }

    /// Rows of the matrix.
    #[must_use]
    pub fn outputs(&self) -> usize {
        match self {
            Self::Float(weight) => weight.dims()[0],
            Self::Quantized(weight) => weight.layout().outputs,
        }
    }

    /// `x Wᵀ`.
    ///
    /// # Shapes
    /// As [`Linear::forward`].
    #[must_use]
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Float(weight) => x.matmul(weight.clone().transpose()),
            Self::Quantized(weight) => quant_matmul(x, weight),
        }
    }
}

impl Linear {
    /// A layer of a weight `[outputs, inputs]` and a bias `[outputs]`.
    #[must_use]
    pub const fn new(weight: Weight, bias: Option<Tensor<1>>) -> Self {
        Self { weight, bias }
    }

    /// Applies the layer.
    ///
    /// # Shapes
    /// - `x`: `[rows, inputs]`
    /// - output: `[rows, outputs]`
    #[must_use]
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let y = self.weight.forward(x);
        match &self.bias {
            Some(bias) => y + bias.clone().unsqueeze(),
            None => y,
        }
    }
}
