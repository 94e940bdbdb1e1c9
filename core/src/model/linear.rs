//! The linear layer, in whatever format its weight is kept.

use burn::tensor::{Device, Tensor};
use easel_shaders::{QuantWeight, quant_matmul};

use crate::device::lasting;

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

impl Weight {
    /// Sends a matrix of floats to the device.
    ///
    /// # Panics
    /// When there are not `outputs · inputs` values.
    #[must_use]
    pub fn floats(values: Vec<f32>, shape: [usize; 2], device: &Device) -> Self {
        Self::Float(lasting(values, shape, device))
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

    /// Its weight.
    #[must_use]
    pub(super) const fn weight(&self) -> &Weight {
        &self.weight
    }

    /// Its weight, where a product of as many rows as `x` is best fused with what stands around it.
    pub(super) fn fused(&self, x: &Tensor<2>) -> Option<&QuantWeight> {
        match &self.weight {
            Weight::Quantized(weight) if self.bias.is_none() && weight.is_fused(x) => Some(weight),
            _ => None,
        }
    }

    /// Its bias alone.
    pub(super) fn into_bias(self) -> Option<Tensor<1>> {
        self.bias
    }

    /// Its outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.weight.outputs()
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
