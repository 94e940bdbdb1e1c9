//! The gated feed-forward layer that both towers use (SwiGLU, Shazeer, arXiv 2002.05202).

use burn::tensor::Tensor;
use easel_shaders::swiglu;

use crate::lora::{Adapted, Target};
use crate::model::Linear;

/// `down(silu(gate(x)) · up(x))`.
#[derive(Debug, Clone)]
pub struct Mlp {
    /// From hidden to intermediate, through the activation.
    pub gate_proj: Linear,
    /// From hidden to intermediate.
    pub up_proj: Linear,
    /// From intermediate back to hidden.
    pub down_proj: Linear,
}

impl Mlp {
    /// Applies the layer, with the adapters of the batch's rows.
    ///
    /// # Shapes
    /// - `x`, output: `[rows * length, hidden]`
    #[must_use]
    pub fn forward(&self, x: Tensor<2>, adapted: Adapted<'_>) -> Tensor<2> {
        let gate = adapted.forward(Target::Gate, &self.gate_proj, x.clone());
        let up = adapted.forward(Target::Up, &self.up_proj, x);
        adapted.forward(Target::Down, &self.down_proj, swiglu(gate, up))
    }
}
