//! Products of one `x` with several weights, which one launch computes.

use burn::backend::Dispatch;
use burn::tensor::{DType, Device, Int, Tensor};

use super::{How, Layout, QuantMatmulBackend, QuantWeight, quant_matmul};
use crate::quant::blocks;
use crate::replaced::Op;

/// The largest stream that every device can bind, in bytes: what WebGPU grants.
const BINDING: u64 = 128 << 20;

/// Weights of the same inputs, one below another in one.
#[derive(Debug, Clone)]
pub struct Joined<const N: usize> {
    weight: QuantWeight,
    /// Views of it.
    parts: [QuantWeight; N],
}

impl<const N: usize> Joined<N> {
    /// Joins weights on a GPU. `None` where they are kept in other ways or share words, where there
    /// are more than three, or where the whole is larger than some device can bind; and on the
    /// processor, where a launch costs less than the copy.
    #[must_use]
    pub fn new(parts: &[QuantWeight; N]) -> Option<Self> {
        let first = parts.first()?.layout;
        let outputs = parts.each_ref().map(|part| part.layout.outputs);
        let alike = |part: &QuantWeight| Layout { outputs: first.outputs, ..part.layout } == first;
        let whole = |part: &QuantWeight| {
            first.kept.full || (part.layout.outputs * blocks(first.inputs)).is_multiple_of(2)
        };
        let layout = Layout { outputs: outputs.iter().sum(), ..first };
        let device = parts[0].quants.device();
        let fits = N <= 3 && layout.largest() <= BINDING && device != Device::flex();
        if !fits || !parts.iter().all(|part| alike(part) && whole(part)) {
            return None;
        }
        let join = |stream: fn(&QuantWeight) -> &Tensor<1, Int>| {
            let streams: Vec<_> = parts.iter().map(|part| stream(part).clone()).collect();
            device.memory_persistent_allocations(streams, |streams| Tensor::cat(streams, 0))
        };
        let weight = QuantWeight {
            layout,
            quants: join(|part| &part.quants),
            scales: join(|part| &part.scales),
            mins: join(|part| &part.mins),
        };
        Some(Self { parts: views(&weight, parts), weight })
    }

    /// The outputs of each.
    #[must_use]
    pub fn outputs(&self) -> [usize; N] {
        self.parts.each_ref().map(|part| part.layout.outputs)
    }

    fn how(&self) -> How {
        let end = |parts: usize| self.outputs().iter().take(parts).sum();
        How { splits: [end(1), end(2)], ..How::whole(self.weight.layout.outputs) }
    }
}

/// What each of the parts is in the whole.
fn views<const N: usize>(whole: &QuantWeight, parts: &[QuantWeight; N]) -> [QuantWeight; N] {
    let mut starts = [0; 3];
    parts.each_ref().map(|part| {
        let mut view = |index: usize, whole: &Tensor<1, Int>, part: &Tensor<1, Int>| {
            let start = starts[index];
            starts[index] += part.dims()[0];
            whole.clone().slice(start..starts[index])
        };
        QuantWeight {
            layout: part.layout,
            quants: view(0, &whole.quants, &part.quants),
            scales: view(1, &whole.scales, &part.scales),
            mins: view(2, &whole.mins, &part.mins),
        }
    })
}

/// `x Wᵀ` of each weight.
///
/// # Shapes
/// - `x`: `[rows, inputs]`
/// - outputs: `[rows, outputs of the part]`
///
/// Gradients reach `x` alone, as with [`super::quant_matmul`].
///
/// # Panics
/// When `x` is not as wide as the weights, or not of f32.
#[must_use]
pub fn quant_matmul_joined<const N: usize>(x: Tensor<2>, joined: &Joined<N>) -> [Tensor<2>; N] {
    let weight = &joined.weight;
    let [rows, width] = x.dims();
    assert_eq!(width, weight.layout.inputs, "joined: x must be as wide as the weights");
    assert_eq!(x.dtype(), DType::F32, "joined: x must be f32");
    // Gradients would have to pass through the order of the values.
    if rows == 0 || x.device().is_autodiff() || Op::QuantMatmul.is_replaced() {
        return joined.parts.each_ref().map(|part| quant_matmul(x.clone(), part));
    }
    let [quants, scales, mins] = weight.streams();
    let (x, how) = (x.into_dispatch(), joined.how());
    let y = Dispatch::quant_matmul_forward(x, quants, scales, mins, weight.layout, how);
    let y = Tensor::<2>::from_dispatch(y).reshape([rows * weight.layout.outputs]);
    let mut start = 0;
    joined.outputs().map(|outputs| {
        let part = y.clone().slice(start..start + rows * outputs);
        start += rows * outputs;
        part.reshape([rows, outputs])
    })
}
