//! Linear layers that read the same input.

use burn::tensor::Tensor;
use easel_shaders::{Joined, Normed, quant_matmul_joined};

use crate::model::{Linear, Weight};

/// Several linear layers of one input; on a GPU, quantized weights that are kept alike are multiplied
/// by one launch.
#[derive(Debug, Clone)]
pub struct Together<const N: usize>(Kept<N>);

#[allow(clippy::large_enum_variant, reason = "a model has some hundred of them")]
#[derive(Debug, Clone)]
enum Kept<const N: usize> {
    Apart([Linear; N]),
    Joined { weight: Joined<N>, biases: [Option<Tensor<1>>; N] },
}

impl<const N: usize> Together<N> {
    /// Of these layers, in this order.
    #[must_use]
    pub fn new(layers: [Linear; N]) -> Self {
        let weights: Option<Vec<_>> = layers
            .iter()
            .map(|layer| match layer.weight() {
                Weight::Quantized(weight) => Some(weight.clone()),
                Weight::Float(_) => None,
            })
            .collect();
        let weights = weights.and_then(|weights| <[_; N]>::try_from(weights).ok());
        Self(match weights.and_then(|weights| Joined::new(&weights)) {
            Some(weight) => Kept::Joined { weight, biases: layers.map(Linear::into_bias) },
            None => Kept::Apart(layers),
        })
    }

    /// The layers without biases, and these one behind another, to be added by what comes next; none
    /// where the layers stand apart, and keep theirs, or have none.
    #[must_use]
    pub fn biases_apart(self) -> (Self, Option<Tensor<1>>) {
        match self.0 {
            Kept::Joined { weight, biases } if biases.iter().any(Option::is_some) => {
                let device = biases.iter().flatten().map(Tensor::device).next().unwrap_or_default();
                let parts = biases.into_iter().zip(weight.outputs());
                let filled = |(bias, outputs): (Option<Tensor<1>>, usize)| {
                    bias.unwrap_or_else(|| Tensor::zeros([outputs], &device))
                };
                let bias = Tensor::cat(parts.map(filled).collect(), 0);
                (Self(Kept::Joined { weight, biases: [const { None }; N] }), Some(bias))
            }
            kept => (Self(kept), None),
        }
    }

    /// The outputs of each layer.
    #[must_use]
    pub fn outputs(&self) -> [usize; N] {
        match &self.0 {
            Kept::Apart(layers) => layers.each_ref().map(Linear::outputs),
            Kept::Joined { weight, .. } => weight.outputs(),
        }
    }

    /// The weight of all layers, where it is one and they have no biases.
    pub(super) fn joined(&self) -> Option<&Joined<N>> {
        match &self.0 {
            Kept::Joined { weight, biases } if biases.iter().all(Option::is_none) => Some(weight),
            _ => None,
        }
    }

    /// The same, where a product of as many rows as `x` is best fused with what stands around it.
    pub(super) fn fused(&self, x: &Tensor<2>) -> Option<&Joined<N>> {
        self.joined().filter(|weight| weight.is_fused(x))
    }

    /// Applies all layers.
    ///
    /// # Shapes
    /// - `x`: `[rows, inputs]`
    /// - outputs: `[rows, outputs of the layer]`
    #[must_use]
    pub fn forward(&self, x: impl Into<Normed>) -> [Tensor<2>; N] {
        match &self.0 {
            Kept::Apart(layers) => {
                let x = x.into().whole();
                layers.each_ref().map(|layer| layer.forward(x.clone()))
            }
            Kept::Joined { weight, biases } => {
                let mut biases = biases.iter();
                quant_matmul_joined(x, weight).map(|y| match biases.next() {
                    Some(Some(bias)) => y + bias.clone().unsqueeze(),
                    _ => y,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution, Tolerance};
    use easel_shaders::QuantWeight;
    use easel_shaders::quant::{Bits, Packed};

    use super::*;

    #[test]
    fn layers_together_are_the_layers() {
        let device = Device::flex();
        let layer = |outputs: usize, bits: Bits| {
            let values: Vec<_> = (0..outputs * 64).map(|i| (i as f32).sin()).collect();
            let packed = Packed::quantize(&values, [outputs, 64], bits);
            let bias = Tensor::random([outputs], Distribution::Default, &device);
            Linear::new(Weight::Quantized(QuantWeight::new(packed, &device)), Some(bias))
        };
        for last in [Bits::Four, Bits::Eight] {
            let layers = [layer(6, Bits::Four), layer(2, Bits::Four), layer(4, last)];
            let together = Together::new(layers.clone());
            assert_eq!(together.outputs(), [6, 2, 4]);
            for rows in [1, 3] {
                let x = Tensor::random([rows, 64], Distribution::Default, &device);
                for (y, layer) in together.forward(x.clone()).into_iter().zip(&layers) {
                    let expected = layer.forward(x.clone()).into_data();
                    let near = Tolerance::<f32>::rel_abs(1e-4, 1e-3);
                    y.into_data().assert_approx_eq::<f32>(&expected, near);
                }
            }
        }
    }
}
