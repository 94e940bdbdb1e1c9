//! Products of one `x` with several weights, which one launch computes.

use burn::backend::Dispatch;
use burn::tensor::{DType, Device, Int, Tensor};

use super::{How, Layout, Normed, QuantMatmulBackend, QuantWeight, Way, quant_matmul_way};
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

    /// The whole.
    pub(super) const fn weight(&self) -> &QuantWeight {
        &self.weight
    }

    /// The outputs of each.
    #[must_use]
    pub fn outputs(&self) -> [usize; N] {
        self.parts.each_ref().map(|part| part.layout.outputs)
    }

    fn how(&self, way: Way) -> How {
        let end = |parts: usize| self.outputs().iter().take(parts).sum();
        How { splits: [end(1), end(2)], way }
    }

    /// Whether the parts are multiplied one by one.
    fn is_apart(&self, x: &Normed) -> bool {
        let x = x.multiplied();
        assert_eq!(
            x.dims()[1],
            self.weight.layout.inputs,
            "joined: x must be as wide as the weights"
        );
        assert_eq!(x.dtype(), DType::F32, "joined: x must be f32");
        // Gradients would have to pass through the order of the values.
        x.dims()[0] == 0 || x.device().is_autodiff() || Op::QuantMatmul.is_replaced()
    }

    /// All values, those of one part behind those of another.
    fn values(&self, x: Normed, way: Way) -> Tensor<1> {
        let weight = &self.weight;
        let how = self.how(way);
        let y: Tensor<2> = match x {
            Normed::Late(_) if self.is_fused(x.multiplied()) => self.product(x, how, false),
            x => {
                let x = x.whole().into_dispatch();
                let [quants, scales, mins] = weight.streams();
                let layout = weight.layout;
                let y = Dispatch::quant_matmul_forward(x, quants, scales, mins, layout, how);
                Tensor::from_dispatch(y)
            }
        };
        let count = y.shape().num_elements();
        y.reshape([count])
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
/// Gradients reach `x` alone, as with [`super::quant_matmul`]. Rows whose norm is late are divided by the
/// launch that multiplies them where [`Joined::is_fused`] tells so.
///
/// # Panics
/// When `x` is not as wide as the weights, or not of f32.
#[must_use]
pub fn quant_matmul_joined<const N: usize>(
    x: impl Into<Normed>,
    joined: &Joined<N>,
) -> [Tensor<2>; N] {
    quant_matmul_joined_way(x, joined, Way::Best)
}

/// The same in one way or another, as [`super::quant_matmul_way`].
///
/// # Shapes
/// As [`quant_matmul_joined`].
///
/// # Panics
/// As [`quant_matmul_joined`].
#[must_use]
pub fn quant_matmul_joined_way<const N: usize>(
    x: impl Into<Normed>,
    joined: &Joined<N>,
    way: Way,
) -> [Tensor<2>; N] {
    let x = x.into();
    let rows = x.multiplied().dims()[0];
    if joined.is_apart(&x) {
        let x = x.whole();
        return joined.parts.each_ref().map(|part| quant_matmul_way(x.clone(), part, way));
    }
    let y = joined.values(x, way);
    let mut start = 0;
    joined.outputs().map(|outputs| {
        let part = y.clone().slice(start..start + rows * outputs);
        start += rows * outputs;
        part.reshape([rows, outputs])
    })
}

/// The values of [`quant_matmul_joined`] of one row, one part's behind another's, as one launch leaves
/// them.
///
/// # Shapes
/// - `x`: `[1, inputs]`
/// - output: `[outputs of all parts]`
///
/// # Panics
/// As [`quant_matmul_joined`]; and when there are more rows, or none.
#[must_use]
pub fn quant_matmul_row<const N: usize>(x: impl Into<Normed>, joined: &Joined<N>) -> Tensor<1> {
    let x = x.into();
    assert_eq!(x.multiplied().dims()[0], 1, "quant_matmul_row: one row");
    if joined.is_apart(&x) {
        let parts = quant_matmul_joined(x, joined).map(|part| part.squeeze_dim(0));
        return Tensor::cat(parts.into(), 0);
    }
    joined.values(x, Way::Best)
}
