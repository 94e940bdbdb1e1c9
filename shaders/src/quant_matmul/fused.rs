//! Products of few rows with what stands before and behind them, by one launch: a step of decoding is so
//! short that each launch counts.

#[cfg(feature = "autodiff")]
use burn::backend::Autodiff;
#[cfg(feature = "autodiff")]
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{DType, Device, Tensor};

use super::gpu::{FEW, filled};
use super::vector::{Beside, End, forward};
use super::{How, Joined, Layout, QuantMatmulBackend, QuantWeight, Way, quant_matmul_way};
use crate::quant::Bits;
use crate::replaced::Op;
use crate::rms_norm::rms_norm;
use crate::swiglu::{SwigluBackend, swiglu};

/// Rows behind a root mean square norm.
#[allow(clippy::large_enum_variant, reason = "there are few at a time")]
#[derive(Debug, Clone)]
pub enum Normed {
    /// As they are.
    Whole(Tensor<2>),
    /// As products make them that divide on their own.
    Late(LateNorm),
}

/// Rows and what a norm multiplies them by. `(x · weight) Wᵀ`, divided by the root mean square of `x`, is
/// the product of the norm: who reads the rows anyway, divides on the way.
#[derive(Debug, Clone)]
pub struct LateNorm {
    x: Tensor<2>,
    scaled: Tensor<2>,
    weight: Tensor<1>,
    epsilon: f64,
}

impl LateNorm {
    /// The rows before the norm.
    #[must_use]
    pub const fn x(&self) -> &Tensor<2> {
        &self.x
    }
}

impl Normed {
    /// The rows, which are divided now if that is still to be done.
    #[must_use]
    pub fn whole(self) -> Tensor<2> {
        match self {
            Self::Whole(x) => x,
            Self::Late(norm) => rms_norm(norm.x, norm.weight, norm.epsilon),
        }
    }

    /// What products multiply.
    #[must_use]
    pub const fn multiplied(&self) -> &Tensor<2> {
        match self {
            Self::Whole(x) => x,
            Self::Late(norm) => &norm.scaled,
        }
    }
}

impl From<Tensor<2>> for Normed {
    fn from(x: Tensor<2>) -> Self {
        Self::Whole(x)
    }
}

impl From<LateNorm> for Normed {
    fn from(norm: LateNorm) -> Self {
        Self::Late(norm)
    }
}

impl QuantWeight {
    /// Whether products of `x` with it are best fused with what stands around them: few rows, on a GPU,
    /// without gradients; a weight of integers.
    #[must_use]
    pub fn is_fused(&self, x: &Tensor<2>) -> bool {
        let device = x.device();
        let few = (1..=2 * FEW).contains(&x.dims()[0]) && x.dtype() == DType::F32;
        let replaced = [Op::Fused, Op::QuantMatmul, Op::RmsNorm, Op::Swiglu];
        few && self.layout.bits != Bits::Brain
            && !device.is_autodiff()
            && device != Device::flex()
            && !replaced.into_iter().any(Op::is_replaced)
    }
}

/// `added + x Wᵀ`, on its way through a norm.
///
/// # Shapes
/// - `x`: `[rows, inputs]`
/// - `added`: `[rows, outputs]`
/// - `norm`: the norm's weight, `[outputs]`, and what it adds to mean squares
///
/// On a GPU it is meant for as few rows as [`QuantWeight::is_fused`] tells, and one launch. Gradients reach
/// all but the weight.
///
/// # Panics
/// When shapes do not fit together, or values are not of f32.
#[must_use]
pub fn quant_matmul_sum(
    x: Tensor<2>,
    weight: &QuantWeight,
    added: Tensor<2>,
    norm: (Tensor<1>, f64),
    way: Way,
) -> LateNorm {
    let ([rows, width], layout) = (x.dims(), weight.layout);
    let (gamma, epsilon) = norm;
    assert_eq!(width, layout.inputs, "quant_matmul_sum: x must be as wide as the weight");
    assert_eq!(added.dims(), [rows, layout.outputs], "quant_matmul_sum: a sum for each output");
    assert_eq!(gamma.dims(), [layout.outputs], "quant_matmul_sum: the norm must fit outputs");
    let types = [x.dtype(), added.dtype(), gamma.dtype()];
    assert_eq!(types, [DType::F32; 3], "quant_matmul_sum: values must be f32");
    if rows == 0 || Op::Fused.is_replaced() || Op::QuantMatmul.is_replaced() {
        let x = added + quant_matmul_way(x, weight, way);
        return LateNorm {
            scaled: x.clone() * gamma.clone().unsqueeze(),
            x,
            weight: gamma,
            epsilon,
        };
    }
    let [quants, scales, mins] = weight.streams();
    let (sum, scaled) = Dispatch::quant_matmul_sum_forward(
        x.into_dispatch(),
        quants,
        scales,
        mins,
        added.into_dispatch(),
        gamma.clone().into_dispatch(),
        layout,
        How { way, ..How::whole(layout.outputs) },
    );
    let [x, scaled] = [sum, scaled].map(Tensor::from_dispatch);
    LateNorm { x, scaled, weight: gamma, epsilon }
}

/// [`swiglu`](crate::swiglu()) of the products with two weights: `silu(x Gᵀ) · x Uᵀ`.
///
/// # Shapes
/// - `x`: `[rows, inputs]`
/// - output: `[rows, outputs of one part]`
///
/// It is meant for as few rows as [`Joined::is_fused`] tells, and one launch for these.
///
/// # Panics
/// When the parts have not as many outputs, `x` is not as wide as the weights, or not of f32.
#[must_use]
pub fn quant_matmul_swiglu(x: impl Into<Normed>, joined: &Joined<2>, way: Way) -> Tensor<2> {
    let x = x.into();
    let [gates, ups] = joined.outputs();
    assert_eq!(gates, ups, "quant_matmul_swiglu: as many gates as outputs");
    if !joined.is_fused(x.multiplied()) {
        let [gate, up] = super::quant_matmul_joined(x, joined);
        return swiglu(gate, up);
    }
    joined.product(x, How { way, ..How::whole(gates + ups) }, true)
}

impl<const N: usize> Joined<N> {
    /// As [`QuantWeight::is_fused`].
    #[must_use]
    pub fn is_fused(&self, x: &Tensor<2>) -> bool {
        self.weight().is_fused(x)
    }

    /// The product of rows, fused with their norm, and with gates where the weight is of these.
    pub(super) fn product<const D: usize>(&self, x: Normed, how: How, gated: bool) -> Tensor<D> {
        let weight = self.weight();
        assert_eq!(
            x.multiplied().dims()[1],
            weight.layout.inputs,
            "joined: x must be as wide as the weights"
        );
        let (x, whole, epsilon) = match x {
            Normed::Whole(x) => (x.clone(), x, None),
            Normed::Late(norm) => (norm.scaled, norm.x, Some(norm.epsilon)),
        };
        let [quants, scales, mins] = weight.streams();
        Tensor::from_dispatch(Dispatch::quant_matmul_beside_forward(
            x.into_dispatch(),
            whole.into_dispatch(),
            quants,
            scales,
            mins,
            weight.layout,
            how,
            epsilon,
            gated,
        ))
    }
}

/// The backends that can run the ops. Elsewhere than on a GPU they are the ops that they are made of.
#[backend_extension(Cube, Flex, Autodiff: cfg(feature = "autodiff"))]
pub trait QuantFusedBackend: QuantMatmulBackend + SwigluBackend {
    /// See [`quant_matmul_sum`]: the sum, and that times the norm's weight.
    #[allow(clippy::too_many_arguments, reason = "what is dispatched is told one by one")]
    fn quant_matmul_sum_forward(
        x: FloatTensor<Self>,
        quants: IntTensor<Self>,
        scales: IntTensor<Self>,
        mins: IntTensor<Self>,
        added: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        layout: Layout,
        how: How,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let y = Self::quant_matmul_forward(x, quants, scales, mins, layout, how);
        let sum = Self::float_add(added, y);
        let gamma = Self::float_reshape(gamma, [1, layout.outputs].into());
        (sum.clone(), Self::float_mul(sum, gamma))
    }

    /// `x Wᵀ` of a joined weight; with `epsilon` divided by the root mean square of the rows `whole`,
    /// which else are `x`; with `gated` as [`quant_matmul_swiglu`] has it. Values are in the order of
    /// [`QuantMatmulBackend::quant_matmul_forward`].
    #[allow(clippy::too_many_arguments, reason = "what is dispatched is told one by one")]
    fn quant_matmul_beside_forward(
        x: FloatTensor<Self>,
        whole: FloatTensor<Self>,
        quants: IntTensor<Self>,
        scales: IntTensor<Self>,
        mins: IntTensor<Self>,
        layout: Layout,
        how: How,
        epsilon: Option<f64>,
        gated: bool,
    ) -> FloatTensor<Self> {
        let rows = whole.shape()[0];
        let mut y = Self::quant_matmul_forward(x, quants, scales, mins, layout, how);
        if let Some(epsilon) = epsilon {
            let mean = Self::float_mean_dim(Self::float_mul(whole.clone(), whole), 1);
            y = Self::float_div(y, Self::float_sqrt(Self::float_add_scalar(mean, epsilon.into())));
        }
        if !gated {
            return y;
        }
        let half = layout.outputs / 2;
        let part =
            |start| Self::float_slice(y.clone(), &[(0..rows).into(), (start..start + half).into()]);
        Self::swiglu_forward(part(0), part(half))
    }
}

impl QuantFusedBackend for Flex {}

#[cfg(feature = "autodiff")]
impl<B: QuantFusedBackend, C: CheckpointStrategy> QuantFusedBackend for Autodiff<B, C> {}

impl QuantFusedBackend for CubeBackend {
    fn quant_matmul_sum_forward(
        x: FloatTensor<Self>,
        quants: IntTensor<Self>,
        scales: IntTensor<Self>,
        mins: IntTensor<Self>,
        added: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        layout: Layout,
        how: How,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let weight = [quants, scales, mins];
        let beside = Beside { epsilon: None, end: End::Sum };
        let x = filled(x, layout.inputs);
        let [sum, scaled] = forward(x, weight, vec![added, gamma], (layout, how), beside);
        (sum, scaled)
    }

    fn quant_matmul_beside_forward(
        x: FloatTensor<Self>,
        whole: FloatTensor<Self>,
        quants: IntTensor<Self>,
        scales: IntTensor<Self>,
        mins: IntTensor<Self>,
        layout: Layout,
        how: How,
        epsilon: Option<f64>,
        gated: bool,
    ) -> FloatTensor<Self> {
        let weight = [quants, scales, mins];
        let end = if gated { End::Swiglu } else { End::Parts };
        let beside = Beside { epsilon: epsilon.map(f64::to_bits), end };
        let others = match epsilon {
            Some(_) => vec![filled(whole, layout.inputs)],
            None => Vec::new(),
        };
        let x = filled(x, layout.inputs);
        let [y] = forward(x, weight, others, (layout, how), beside);
        y
    }
}
