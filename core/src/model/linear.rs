//! The linear layer, in whatever format its weight is kept.

use burn::tensor::Tensor;

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
#[derive(Debug, Clone)]
pub enum Weight {
    /// 32-bit floats, as in the checkpoint: row-major `[outputs, inputs]`.
    Float(Tensor<2>),
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
        let y = match &self.weight {
            Weight::Float(weight) => x.matmul(weight.clone().transpose()),
        };
        match &self.bias {
            Some(bias) => y + bias.clone().unsqueeze(),
            None => y,
        }
    }
}
