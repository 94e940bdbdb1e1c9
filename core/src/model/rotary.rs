//! Rotary position embedding (Su et al., arXiv 2104.09864), with one position axis for text,
//! two for patches, three for the language model's M-RoPE (Qwen2-VL, arXiv 2409.12191).

use burn::tensor::{Device, Tensor, TensorData};
use easel_shaders::{Input, Spans, rotary, rotary_append, rotary_qkv};

/// Cosines and sines for every position of a sequence.
#[derive(Debug, Clone)]
pub struct Rotary {
    cos: Tensor<3>,
    sin: Tensor<3>,
}

impl Rotary {
    /// Tables from the angles of the first half of each head; the second half turns alike.
    ///
    /// # Shapes
    /// - `angles`: `[batch, length, head_dim / 2]`, row-major, in radians
    #[must_use]
    pub fn new(angles: &[f32], batch: usize, half: usize, device: &Device) -> Self {
        let length = angles.len() / (batch * half).max(1);
        let table = |values: Vec<f32>| {
            Tensor::from_data(TensorData::new(values, [batch, length, half]), device)
        };
        let [cos, sin] = turns(angles).map(table);
        Self { cos, sin }
    }

    /// Where a recording reads cosines and sines; `None` on the processor.
    pub(crate) fn inputs(&self) -> Option<[Input; 2]> {
        Some([Input::of(self.cos.clone())?, Input::of(self.sin.clone())?])
    }

    /// Turns each pair of `x` by its position's angle.
    ///
    /// # Shapes
    /// - `x`, output: `[batch, length, heads, head_dim]`
    #[must_use]
    pub fn apply(&self, x: Tensor<4>) -> Tensor<4> {
        rotary(x, self.cos.clone(), self.sin.clone())
    }

    /// Adds the biases of queries, keys and values, and turns queries and keys.
    ///
    /// # Shapes
    /// As [`rotary_qkv`].
    #[must_use]
    pub fn apply_qkv(&self, qkv: [Tensor<4>; 3], bias: Tensor<1>) -> [Tensor<4>; 3] {
        rotary_qkv(qkv, bias, self.cos.clone(), self.sin.clone())
    }

    /// The same of one token, whose keys and values are put where its span ends among those that are held.
    ///
    /// # Shapes
    /// As [`rotary_append`].
    #[must_use]
    pub fn append(
        &self,
        qkv: Tensor<1>,
        bias: Tensor<1>,
        held: [Tensor<4>; 2],
        spans: &Spans,
    ) -> (Tensor<4>, [Tensor<4>; 2]) {
        rotary_append(qkv, bias, [self.cos.clone(), self.sin.clone()], held, spans)
    }
}

/// Cosines and sines.
pub(crate) fn turns(angles: &[f32]) -> [Vec<f32>; 2] {
    [f32::cos, f32::sin].map(|f: fn(f32) -> f32| angles.iter().map(|&angle| f(angle)).collect())
}

/// `theta^(-i / count)` for `i` in `0..count`, in f32 steps as PyTorch's models compute it.
#[must_use]
pub fn inverse_frequencies(theta: f64, count: usize) -> Vec<f32> {
    (0..count)
        .map(|i| {
            let exponent = (2 * i) as f32 / (2 * count) as f32;
            1.0 / (theta as f32).powf(exponent)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Tolerance;
    use std::f32::consts::FRAC_PI_2;

    #[test]
    fn a_quarter_turn_swaps_the_halves() {
        let device = Device::flex();
        let rotary = Rotary::new(&[0.0, FRAC_PI_2], 1, 1, &device);
        let x = Tensor::<4>::from_floats([[[[1.0, 2.0]], [[1.0, 2.0]]]], &device);
        let expected = TensorData::from([[[[1.0_f32, 2.0]], [[-2.0, 1.0]]]]);
        rotary.apply(x).into_data().assert_approx_eq::<f32>(&expected, Tolerance::default());
    }

    #[test]
    fn frequencies_fall_from_one_towards_the_inverse_of_theta() {
        let frequencies = inverse_frequencies(10_000.0, 4);
        for (found, expected) in frequencies.into_iter().zip([1.0, 0.1, 0.01, 0.001]) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }
}
