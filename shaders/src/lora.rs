//! What low-rank adapters add to a linear layer's output (LoRA, Hu et al., arXiv 2106.09685), each
//! row of a batch its own.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::wgpu::{CubeBackend, KernelSource, SourceTemplate, into_contiguous};
use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{DType, Shape, Tensor};

mod halves;

use cubecl::CubeCount;
use cubecl::prelude::KernelId;
pub(crate) use halves::{EXPAND_HALVES, SHRINK_HALVES};
pub use halves::{HalvesShape, add_lora_halves, reference_halves};

use crate::kernel::{KernelInfo, grid, identity, launch};
use crate::replaced::Op;

const INNER: &str = include_str!("lora/lora_shrink.wgsl");
const OUTER: &str = include_str!("lora/lora_expand.wgsl");

/// The rows of this op's kernels in the table.
pub(crate) const SHRINK: KernelInfo = KernelInfo {
    name: "lora_shrink",
    template: INNER,
    example: &[("rows", "9"), ("inputs", "2048"), ("rank", "8")],
    repeats: 1,
    bindings: &["x", "a", "inner"],
    workgroup_bytes: 2080 * 4,
};

/// See [`SHRINK`].
pub(crate) const EXPAND: KernelInfo = KernelInfo {
    name: "lora_expand",
    template: OUTER,
    example: &[("rows", "9"), ("outputs", "256"), ("rank", "8")],
    repeats: 1,
    bindings: &["base", "inner", "b", "y"],
    workgroup_bytes: 0,
};

/// `base + x Aᵀ Bᵀ`, with the `A` and `B` of each row of the batch.
///
/// # Shapes
/// - `base`, output: `[rows * length, outputs]`
/// - `x`: `[rows * length, inputs]`
/// - `a`: `[rows, rank, inputs]`, `b`: `[rows, outputs, rank]`
///
/// # Panics
/// When the shapes do not fit together.
#[must_use]
pub fn add_lora(base: Tensor<2>, x: Tensor<2>, a: Tensor<3>, b: Tensor<3>) -> Tensor<2> {
    let ([total, inputs], [rows, rank, _]) = (x.dims(), a.dims());
    let outputs = base.dims()[1];
    assert_eq!(base.dims()[0], total, "add_lora: base must have the rows of x");
    assert_eq!(a.dims()[2], inputs, "add_lora: a must be as wide as x");
    assert_eq!(b.dims(), [rows, outputs, rank], "add_lora: b must fit base and a");
    assert!(rows > 0 && total % rows == 0, "add_lora: {total} rows are no batch of {rows}");
    if base.shape().num_elements() == 0 || inputs * rank == 0 {
        return base;
    }
    let other = [base.dtype(), x.dtype(), a.dtype(), b.dtype()] != [DType::F32; 4];
    if other || Op::Lora.is_replaced() {
        return reference(base, x, a, b);
    }
    let (base, x) = (base.into_dispatch(), x.into_dispatch());
    Tensor::from_dispatch(Dispatch::lora_forward(base, x, a.into_dispatch(), b.into_dispatch()))
}

/// The same in plain burn operations.
///
/// # Shapes
/// As [`add_lora`].
#[must_use]
pub fn reference(base: Tensor<2>, x: Tensor<2>, a: Tensor<3>, b: Tensor<3>) -> Tensor<2> {
    let ([total, inputs], rows) = (x.dims(), a.dims()[0]);
    let inner = x.reshape([rows, total / rows, inputs]).matmul(a.transpose());
    let outputs = base.dims()[1];
    base + inner.matmul(b.transpose()).reshape([total, outputs])
}

/// The backends that can run the op.
#[backend_extension(Cube, Flex, Autodiff: cfg(feature = "autodiff"))]
pub trait LoraBackend: Backend {
    /// See [`add_lora`]. Where there is no kernel the operations are [`reference`]'s, whose
    /// gradients are known.
    fn lora_forward(
        base: FloatTensor<Self>,
        x: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`add_lora_halves`]: no gradients pass through it. `own` is two words for each row of the
    /// batch.
    fn lora_halves_forward(
        base: FloatTensor<Self>,
        x: FloatTensor<Self>,
        a: IntTensor<Self>,
        b: IntTensor<Self>,
        own: IntTensor<Self>,
        shape: HalvesShape,
    ) -> FloatTensor<Self>;
}

/// [`reference`] for a backend's own tensors.
fn plain<B: Backend>(
    base: FloatTensor<B>,
    x: FloatTensor<B>,
    a: FloatTensor<B>,
    b: FloatTensor<B>,
) -> FloatTensor<B> {
    let (shape, rows) = (base.shape(), a.shape()[0]);
    let x_shape = x.shape();
    let x = B::float_reshape(x, [rows, x_shape[0] / rows, x_shape[1]].into());
    let inner = B::float_matmul(x, B::float_swap_dims(a, 1, 2));
    let added = B::float_matmul(inner, B::float_swap_dims(b, 1, 2));
    B::float_add(base, B::float_reshape(added, shape))
}

impl LoraBackend for Flex {
    fn lora_forward(
        base: FloatTensor<Self>,
        x: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        plain::<Self>(base, x, a, b)
    }

    fn lora_halves_forward(
        base: FloatTensor<Self>,
        x: FloatTensor<Self>,
        a: IntTensor<Self>,
        b: IntTensor<Self>,
        own: IntTensor<Self>,
        shape: HalvesShape,
    ) -> FloatTensor<Self> {
        halves::on_host(base, x, [a, b, own], shape)
    }
}

impl LoraBackend for CubeBackend {
    fn lora_forward(
        base: FloatTensor<Self>,
        x: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [base, x, a, b] = [base, x, a, b].map(into_contiguous);
        let (shape, a_shape) = (base.shape(), a.shape());
        let [total, outputs] = [shape[0], shape[1]];
        let [rows, rank, inputs] = [a_shape[0], a_shape[1], a_shape[2]];
        let counts = [(total / rows).div_ceil(4), rank.div_ceil(8), rows];
        let [tokens, ranks, sequences] = counts.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        let count = CubeCount::Static(tokens, ranks, sequences);
        let kernel = Kernel { expands: false, rows, width: inputs, rank };
        let inner = launch(kernel, 64, count, vec![x, a], Shape::from([total, rank]));
        let kernel = Kernel { expands: true, rows, width: outputs, rank };
        let groups = grid((total * outputs).div_ceil(128));
        launch(kernel, 128, groups, vec![base, inner, b], shape)
    }

    fn lora_halves_forward(
        base: FloatTensor<Self>,
        x: FloatTensor<Self>,
        a: IntTensor<Self>,
        b: IntTensor<Self>,
        own: IntTensor<Self>,
        shape: HalvesShape,
    ) -> FloatTensor<Self> {
        halves::on_gpu([base, x, a, b, own].map(into_contiguous), shape)
    }
}

#[cfg(feature = "autodiff")]
mod gradient {
    use burn::backend::Autodiff;
    use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;

    use super::{FloatTensor, HalvesShape, IntTensor, LoraBackend, plain};

    impl<B: LoraBackend, C: CheckpointStrategy> LoraBackend for Autodiff<B, C> {
        fn lora_forward(
            base: FloatTensor<Self>,
            x: FloatTensor<Self>,
            a: FloatTensor<Self>,
            b: FloatTensor<Self>,
        ) -> FloatTensor<Self> {
            plain::<Self>(base, x, a, b)
        }

        fn lora_halves_forward(
            base: FloatTensor<Self>,
            x: FloatTensor<Self>,
            a: IntTensor<Self>,
            b: IntTensor<Self>,
            own: IntTensor<Self>,
            shape: HalvesShape,
        ) -> FloatTensor<Self> {
            let (base, x) = (base.into_primitive(), x.into_primitive());
            FloatTensor::<Self>::new(B::lora_halves_forward(base, x, a, b, own, shape))
        }
    }
}

/// The compiled variant of one of the two.
#[derive(Debug)]
struct Kernel {
    expands: bool,
    rows: usize,
    /// Inputs, or outputs.
    width: usize,
    rank: usize,
}

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        let (template, width) = if self.expands { (OUTER, "outputs") } else { (INNER, "inputs") };
        SourceTemplate::new(template)
            .register("rows", self.rows.to_string())
            .register(width, self.width.to_string())
            .register("rank", self.rank.to_string())
    }

    fn id(&self) -> KernelId {
        identity::<Self>((self.expands, self.rows, self.width, self.rank))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData, Tolerance};

    #[test]
    fn each_row_adds_what_its_own_adapter_makes() {
        let device = Device::flex();
        let x = Tensor::<2>::from_floats([[1.0, 2.0], [1.0, 2.0]], &device);
        let a = Tensor::<3>::from_floats([[[1.0, 0.0]], [[0.0, 1.0]]], &device);
        let b = Tensor::<3>::from_floats([[[1.0], [0.5]], [[10.0], [0.0]]], &device);
        let expected = TensorData::from([[2.0_f32, 2.5], [21.0, 2.0]]);
        for op in [add_lora, reference] {
            let y = op(x.clone(), x.clone(), a.clone(), b.clone());
            y.into_data().assert_approx_eq::<f32>(&expected, Tolerance::default());
        }
    }
}
