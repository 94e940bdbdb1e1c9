//! The gated feed-forward layer that both towers use (SwiGLU, Shazeer, arXiv 2002.05202).

use burn::tensor::Tensor;
use easel_shaders::{Normed, Way, quant_matmul_swiglu, swiglu};

use crate::device::is_processor;
use crate::lora::{Adapted, Target};
use crate::model::{Linear, Together};

/// The most values of the wide layer that are held at once, in elements: 9.5 MiB of f32,
/// which nearly fill two tiles of 3B's rows and leave its plan below what people have.
const WIDE: usize = 76 << 15;

/// Rows that go through a feed-forward layer of this width at once on a GPU, by sixteens where there
/// is room for so many.
#[must_use]
pub(crate) const fn rows_at_once(inner: usize) -> usize {
    const TILE: usize = 16;
    match WIDE / if inner == 0 { 1 } else { inner } {
        0 => 1,
        rows @ 1..TILE => rows,
        rows => rows / TILE * TILE,
    }
}

/// `down(silu(gate(x)) · up(x))`.
#[derive(Debug, Clone)]
pub struct Mlp {
    /// From hidden to intermediate twice: through the activation, and not.
    pub gate_up: Together<2>,
    /// From intermediate back to hidden.
    pub down_proj: Linear,
}

impl Mlp {
    /// Applies the layer, with the adapters of the batch's rows; many rows in parts, so that the wide
    /// values of a long batch never lie on the device all at once.
    ///
    /// # Shapes
    /// - `x`, output: `[rows * length, hidden]`
    #[must_use]
    pub fn forward(&self, x: impl Into<Normed>, adapted: Adapted<'_>) -> Tensor<2> {
        let x = match x.into() {
            Normed::Whole(x) => x,
            // Only few rows have a late norm.
            late => return self.whole(late, adapted),
        };
        let step = rows_at_once(self.gate_up.outputs()[0]);
        // Adapters of this layer belong to whole rows of the batch, which must stay together; and the
        // processor has room, but would make floats of the weights anew for each part.
        let together = adapted.has(&[Target::Gate, Target::Up, Target::Down]);
        match x.dims()[0] <= step || together || is_processor(&x.device()) {
            true => self.whole(x, adapted),
            false => self.parts(&x, step),
        }
    }

    fn parts(&self, x: &Tensor<2>, step: usize) -> Tensor<2> {
        let [rows, _] = x.dims();
        let part = |start| {
            let part = x.clone().narrow(0, start, step.min(rows - start));
            self.whole(part, Adapted::none())
        };
        Tensor::cat((0..rows).step_by(step).map(part).collect(), 0)
    }

    fn whole(&self, x: impl Into<Normed>, adapted: Adapted<'_>) -> Tensor<2> {
        adapted.forward(Target::Down, &self.down_proj, self.wide(x, adapted))
    }

    /// What goes into the last of the three projections; of few rows by one launch.
    pub(super) fn wide(&self, x: impl Into<Normed>, adapted: Adapted<'_>) -> Tensor<2> {
        let (x, targets) = (x.into(), [Target::Gate, Target::Up]);
        match self.gate_up.fused(x.multiplied()) {
            Some(joined) if !adapted.has(&targets) => quant_matmul_swiglu(x, joined, Way::Best),
            _ => {
                let [gate, up] = adapted.forward_all(targets, &self.gate_up, x);
                swiglu(gate, up)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution, Tolerance};

    use super::*;
    use crate::model::Weight;

    #[test]
    fn parts_are_the_whole() {
        let device = Device::flex();
        let inner = 5;
        let linear = |shape: [usize; 2]| {
            let weight = Tensor::<2>::random(shape, Distribution::Default, &device);
            Linear::new(Weight::Float(weight), None)
        };
        let gate_up = Together::new([linear([inner, 2]), linear([inner, 2])]);
        let mlp = Mlp { gate_up, down_proj: linear([2, inner]) };
        let x = Tensor::<2>::random([201, 2], Distribution::Default, &device);
        let whole = mlp.whole(x.clone(), Adapted::none()).into_data();
        let parts = mlp.parts(&x, 64).into_data();
        parts.assert_approx_eq::<f32>(&whole, Tolerance::default());
    }

    #[test]
    fn wide_layers_take_fewer_rows_at_once() {
        // Of 3B, of 7B, and of one as wide as no model is.
        assert_eq!([11_008, 18_944, 100_000, 1 << 30].map(rows_at_once), [224, 128, 16, 1]);
    }
}
