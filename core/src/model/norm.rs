//! Root mean square normalisation with its weight.

use burn::tensor::Tensor;
use easel_shaders::{LateNorm, QuantWeight, Way, add_rms_norm, quant_matmul_sum, rms_norm};

/// `y = x / sqrt(mean(x²) + epsilon) · weight` (Zhang and Sennrich, arXiv 1910.07467).
#[derive(Debug, Clone)]
pub struct RmsNorm {
    weight: Tensor<1>,
    epsilon: f64,
}

impl RmsNorm {
    /// A norm over rows as wide as `weight`.
    #[must_use]
    pub const fn new(weight: Tensor<1>, epsilon: f64) -> Self {
        Self { weight, epsilon }
    }

    /// Normalises each row.
    ///
    /// # Shapes
    /// - `x`: `[rows, width]`
    /// - output: as `x`
    #[must_use]
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        rms_norm(x, self.weight.clone(), self.epsilon)
    }

    /// `x + added`, and that normalised.
    ///
    /// # Shapes
    /// - `x`, `added`: `[rows, width]`
    /// - outputs: as `x`
    #[must_use]
    pub fn forward_sum(&self, x: Tensor<2>, added: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        add_rms_norm(x, added, self.weight.clone(), self.epsilon)
    }

    /// `added + x Wᵀ`, and that on its way to a product that normalises it.
    ///
    /// # Shapes
    /// - `x`: `[rows, inputs]`
    /// - `added`: `[rows, width]`
    #[must_use]
    pub fn forward_product(
        &self,
        x: Tensor<2>,
        weight: &QuantWeight,
        added: Tensor<2>,
    ) -> LateNorm {
        quant_matmul_sum(x, weight, added, (self.weight.clone(), self.epsilon), Way::Best)
    }
}
