//! Root mean square normalisation, after Zhang and Sennrich (arXiv 1910.07467).

use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, KernelSource, SourceTemplate, into_contiguous};
use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{DType, Tensor, TensorData};
use cubecl::prelude::KernelId;
use pulp::{Arch, Simd, WithSimd};

use crate::kernel::{KernelInfo, grid, identity, launch, launch_for};
use crate::parallel::{each_chunk, each_pair};
use crate::replaced::Op;

const TEMPLATE: &str = include_str!("rms_norm.wgsl");
const WITH_SUM: &str = include_str!("add_rms_norm.wgsl");

/// This kernel's row in the table.
pub(crate) const INFO: KernelInfo = KernelInfo {
    name: "rms_norm",
    template: TEMPLATE,
    example: &[("width", "64"), ("epsilon", "1e-6"), ("lanes", "256")],
    repeats: 1,
    bindings: &["x", "weight", "y"],
    workgroup_bytes: 256 * 4,
};

/// The row of [`add_rms_norm`].
pub(crate) const ADD: KernelInfo = KernelInfo {
    name: "add_rms_norm",
    template: WITH_SUM,
    example: INFO.example,
    repeats: 1,
    bindings: &["x", "added", "weight", "sum", "y"],
    workgroup_bytes: 256 * 4,
};

/// `y = x / sqrt(mean(x²) + epsilon) · weight`, over the last axis.
///
/// On a wgpu device with f32 values this is one launch; elsewhere it is [`reference`]. Gradients
/// need no more than the inputs to be kept.
///
/// # Shapes
/// - `x`: `[.., width]`
/// - `weight`: `[width]`
/// - output: as `x`
///
/// # Panics
/// When `weight` is not as wide as the last axis of `x`.
pub fn rms_norm<const D: usize>(x: Tensor<D>, weight: Tensor<1>, epsilon: f64) -> Tensor<D> {
    assert_eq!(x.dims()[D - 1], weight.dims()[0], "rms_norm: weight must match the last axis");
    let other = [x.dtype(), weight.dtype()] != [DType::F32; 2];
    if other || Op::RmsNorm.is_replaced() {
        return reference(x, weight, epsilon);
    }
    let y = Dispatch::rms_norm_forward(x.into_dispatch(), weight.into_dispatch(), epsilon);
    Tensor::from_dispatch(y)
}

/// `x + added`, and [`rms_norm`] of that: one launch for the step from one part of a transformer
/// block to the next.
///
/// # Shapes
/// - `x`, `added`, both outputs: `[.., width]`
/// - `weight`: `[width]`
///
/// # Panics
/// When shapes do not fit together.
#[must_use]
pub fn add_rms_norm<const D: usize>(
    x: Tensor<D>,
    added: Tensor<D>,
    weight: Tensor<1>,
    epsilon: f64,
) -> (Tensor<D>, Tensor<D>) {
    assert_eq!(x.dims(), added.dims(), "add_rms_norm: what is added must have the shape of x");
    assert_eq!(x.dims()[D - 1], weight.dims()[0], "add_rms_norm: weight must match the last axis");
    let other = [x.dtype(), added.dtype(), weight.dtype()] != [DType::F32; 3];
    if other || x.shape().num_elements() == 0 || Op::RmsNorm.is_replaced() {
        let sum = x + added;
        return (sum.clone(), reference(sum, weight, epsilon));
    }
    let (x, added) = (x.into_dispatch(), added.into_dispatch());
    let (sum, y) = Dispatch::add_rms_norm_forward(x, added, weight.into_dispatch(), epsilon);
    (Tensor::from_dispatch(sum), Tensor::from_dispatch(y))
}

/// The same in plain burn operations.
///
/// # Shapes
/// As [`rms_norm`].
pub fn reference<const D: usize>(x: Tensor<D>, weight: Tensor<1>, epsilon: f64) -> Tensor<D> {
    let scale = (x.clone().square().mean_dim(D - 1) + epsilon).sqrt().recip();
    x * scale * weight.unsqueeze()
}

/// The backends that can run the op.
#[backend_extension(Cube, Flex, Autodiff: cfg(feature = "autodiff"))]
pub trait RmsNormBackend: Backend {
    /// See [`rms_norm`].
    fn rms_norm_forward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        epsilon: f64,
    ) -> FloatTensor<Self>;

    /// See [`add_rms_norm`].
    fn add_rms_norm_forward(
        x: FloatTensor<Self>,
        added: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        epsilon: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

impl RmsNormBackend for CubeBackend {
    fn rms_norm_forward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        epsilon: f64,
    ) -> FloatTensor<Self> {
        let x = into_contiguous(x);
        let weight = into_contiguous(weight);
        let shape = x.shape();
        let width = weight.shape()[0];
        let rows = shape.num_elements() / width.max(1);
        let kernel = Kernel::new(width, epsilon, false);
        let lanes = kernel.lanes;
        launch(kernel, lanes, grid(rows), vec![x, weight], shape)
    }

    fn add_rms_norm_forward(
        x: FloatTensor<Self>,
        added: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        epsilon: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [x, added, weight] = [x, added, weight].map(into_contiguous);
        let shape = x.shape();
        let width = weight.shape()[0];
        let rows = shape.num_elements() / width;
        let kernel = Kernel::new(width, epsilon, true);
        let (lanes, dtype) = (kernel.lanes, x.dtype);
        let shapes = [shape.clone(), shape].map(|shape| (shape, dtype));
        let [sum, y] = launch_for(kernel, lanes, grid(rows), vec![x, added, weight], shapes);
        (sum, y)
    }
}

impl RmsNormBackend for Flex {
    fn rms_norm_forward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        epsilon: f64,
    ) -> FloatTensor<Self> {
        let shape = x.shape();
        let [x, weight] = [x, weight].map(|x| x.to_contiguous());
        let x = x.as_slice::<f32>().unwrap_or_default();
        let weight = weight.as_slice::<f32>().unwrap_or_default();
        let width = weight.len();
        let mut y = vec![0.0; shape.num_elements()];
        let arch = Arch::new();
        each_chunk(&mut y, width, |row, y| {
            arch.dispatch(Row { x: &x[row * width..][..width], weight, epsilon, y });
        });
        FloatTensor::<Self>::from_data(TensorData::new(y, shape))
    }

    fn add_rms_norm_forward(
        x: FloatTensor<Self>,
        added: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        epsilon: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let shape = x.shape();
        let [x, added, weight] = [x, added, weight].map(|x| x.to_contiguous());
        let x = x.as_slice::<f32>().unwrap_or_default();
        let added = added.as_slice::<f32>().unwrap_or_default();
        let weight = weight.as_slice::<f32>().unwrap_or_default();
        let width = weight.len();
        let mut sum = vec![0.0; shape.num_elements()];
        let mut y = vec![0.0; shape.num_elements()];
        let arch = Arch::new();
        each_pair([&mut sum, &mut y], width, |row, sum, y| {
            let at = row * width..(row + 1) * width;
            for ((sum, x), added) in sum.iter_mut().zip(&x[at.clone()]).zip(&added[at]) {
                *sum = x + added;
            }
            arch.dispatch(Row { x: sum, weight, epsilon, y });
        });
        let tensor =
            |values| FloatTensor::<Self>::from_data(TensorData::new(values, shape.clone()));
        (tensor(sum), tensor(y))
    }
}

/// One row, with the widest instructions that the processor has.
struct Row<'a> {
    x: &'a [f32],
    weight: &'a [f32],
    epsilon: f64,
    y: &'a mut [f32],
}

impl WithSimd for Row<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (lanes, rest) = self.x.as_chunks::<16>();
        let mut sums = [0.0_f32; 16];
        for values in lanes {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += value * value;
            }
        }
        let sum = sums.iter().sum::<f32>() + rest.iter().map(|value| value * value).sum::<f32>();
        let scale = 1.0 / (sum / self.x.len() as f32 + self.epsilon as f32).sqrt();
        for ((y, x), weight) in self.y.iter_mut().zip(self.x).zip(self.weight) {
            *y = x * scale * weight;
        }
    }
}

#[cfg(feature = "autodiff")]
mod gradient {
    use burn::backend::Autodiff;
    use burn::backend::autodiff::checkpoint::base::Checkpointer;
    use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
    use burn::backend::autodiff::grads::Gradients;
    use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
    use burn::backend::ops::FloatTensorOps;

    use super::{FloatTensor, RmsNormBackend, TensorMetadata};

    #[derive(Debug)]
    struct RmsNorm;

    /// With `r = 1 / sqrt(mean(x²) + epsilon)` and `g = dY · weight`:
    /// `dX = r g − x r³ mean(x g)`, and `dW` sums `dY x r` over the rows.
    impl<B: RmsNormBackend> Backward<B, 2> for RmsNorm {
        type State = (FloatTensor<B>, FloatTensor<B>, f64);

        fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
            let (x, weight, epsilon) = ops.state;
            let [parent_x, parent_weight] = ops.parents;
            let dy = grads.consume::<B>(&ops.node);
            let shape = x.shape();
            let width = weight.shape()[0];
            let rows = shape.num_elements() / width.max(1);
            let flat = |tensor| B::float_reshape(tensor, [rows, width].into());
            let (x, dy) = (flat(x), flat(dy));

            let square = B::float_mul(x.clone(), x.clone());
            let mean = B::float_add_scalar(B::float_mean_dim(square, 1), epsilon.into());
            let scale = B::float_recip(B::float_sqrt(mean));
            let normed = B::float_mul(x, scale.clone());
            if let Some(node) = parent_weight {
                let sums = B::float_sum_dim(B::float_mul(dy.clone(), normed.clone()), 0);
                grads.register::<B>(node.id, B::float_reshape(sums, [width].into()));
            }
            if let Some(node) = parent_x {
                let g = B::float_mul(dy, B::float_reshape(weight, [1, width].into()));
                let along = B::float_mean_dim(B::float_mul(normed.clone(), g.clone()), 1);
                let dx = B::float_sub(g, B::float_mul(normed, along));
                let dx = B::float_mul(dx, scale);
                grads.register::<B>(node.id, B::float_reshape(dx, shape));
            }
        }
    }

    impl<B: RmsNormBackend, C: CheckpointStrategy> RmsNormBackend for Autodiff<B, C> {
        fn rms_norm_forward(
            x: FloatTensor<Self>,
            weight: FloatTensor<Self>,
            epsilon: f64,
        ) -> FloatTensor<Self> {
            let prepared = RmsNorm.prepare::<C>([x.node(), weight.node()]).compute_bound();
            match prepared.stateful() {
                OpsKind::Tracked(step) => {
                    let (x, weight) = (x.into_primitive(), weight.into_primitive());
                    let y = B::rms_norm_forward(x.clone(), weight.clone(), epsilon);
                    step.finish((x, weight, epsilon), y)
                }
                OpsKind::UnTracked(step) => {
                    let (x, weight) = (x.into_primitive(), weight.into_primitive());
                    step.finish(B::rms_norm_forward(x, weight, epsilon))
                }
            }
        }

        /// The sum and its norm are two steps here: each has its gradient already.
        fn add_rms_norm_forward(
            x: FloatTensor<Self>,
            added: FloatTensor<Self>,
            weight: FloatTensor<Self>,
            epsilon: f64,
        ) -> (FloatTensor<Self>, FloatTensor<Self>) {
            let sum = Self::float_add(x, added);
            (sum.clone(), Self::rms_norm_forward(sum, weight, epsilon))
        }
    }
}

/// The compiled variant: everything the template writes is part of its id, since pipelines are
/// cached by it.
#[derive(Debug)]
struct Kernel {
    width: usize,
    epsilon: f64,
    lanes: u32,
    /// Whether it adds first.
    adds: bool,
}

impl Kernel {
    fn new(width: usize, epsilon: f64, adds: bool) -> Self {
        // A power of two, for the tree; no more lanes than a row can use.
        let lanes = width.next_power_of_two().clamp(32, 256);
        Self { width, epsilon, lanes: u32::try_from(lanes).unwrap_or(256), adds }
    }
}

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(if self.adds { WITH_SUM } else { TEMPLATE })
            .register("width", self.width.to_string())
            .register("epsilon", format!("{:e}", self.epsilon))
            .register("lanes", self.lanes.to_string())
    }

    fn id(&self) -> KernelId {
        identity::<Self>((self.width, self.epsilon.to_bits(), self.lanes, self.adds))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution};

    #[test]
    fn small_known_numbers() {
        let device = Device::flex();
        let x = Tensor::<2>::from_floats([[3.0, 4.0], [0.0, 0.0]], &device);
        let y = rms_norm(x, Tensor::from_floats([2.0, 1.0], &device), 0.0001);
        // mean(9, 16) = 12.5; a row of zeros stays zero.
        let scale = 1.0 / 12.5001_f32.sqrt();
        let expected = TensorData::from([[6.0 * scale, 4.0 * scale], [0.0, 0.0]]);
        y.into_data().assert_approx_eq::<f32>(&expected, Default::default());
    }

    #[test]
    fn what_is_added_stays_and_is_normed() {
        let device = Device::flex();
        let x = Tensor::<2>::from_floats([[1.0, 4.0]], &device);
        let added = Tensor::<2>::from_floats([[2.0, 0.0]], &device);
        let (sum, y) = add_rms_norm(x, added, Tensor::from_floats([2.0, 1.0], &device), 0.0);
        sum.into_data().assert_eq(&TensorData::from([[3.0_f32, 4.0]]), false);
        let scale = 1.0 / 12.5_f32.sqrt();
        let expected = TensorData::from([[6.0 * scale, 4.0 * scale]]);
        y.into_data().assert_approx_eq::<f32>(&expected, Default::default());
    }

    #[test]
    fn the_op_of_flex_equals_the_reference() {
        let device = Device::flex();
        for (rows, width) in [(1, 1), (3, 64), (7, 1280), (2, 3420)] {
            let x = Tensor::<2>::random([rows, width], Distribution::Normal(0.0, 2.0), &device);
            let weight = Tensor::random([width], Distribution::Default, &device);
            let y = rms_norm(x.clone(), weight.clone(), 1e-6);
            let expected = reference(x, weight, 1e-6);
            y.into_data().assert_approx_eq::<f32>(&expected.into_data(), Default::default());
        }
    }
}
