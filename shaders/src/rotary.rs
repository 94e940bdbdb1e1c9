//! Rotary position embedding (Su et al., arXiv 2104.09864): the two halves of each head turn.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::wgpu::{CubeBackend, KernelSource, SourceTemplate, into_contiguous};
use burn::backend::{Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{DType, Tensor, TensorData};
use cubecl::prelude::KernelId;

use crate::append::AppendBackend;
use crate::attention::Ranges;
use crate::kernel::{KernelInfo, grid, identity, launch};
use crate::parallel::each_chunk;
use crate::replaced::Op;

mod append;
mod qkv;

pub(crate) use append::APPEND;
pub use append::{reference_append, rotary_append};
pub(crate) use qkv::QKV;
pub use qkv::{reference_qkv, rotary_qkv};

use append::Token;

const TEMPLATE: &str = include_str!("rotary.wgsl");

/// This kernel's row in the table.
pub(crate) const INFO: KernelInfo = KernelInfo {
    name: "rotary",
    template: TEMPLATE,
    example: &[("heads", "16"), ("half", "64"), ("sign", "1.0")],
    repeats: 1,
    bindings: &["x", "cosines", "sines", "y"],
    workgroup_bytes: 0,
};

/// Invocations of a workgroup.
const LANES: usize = 128;

/// With `a` and `b` the halves of a head: `a cos − b sin` and `b cos + a sin`.
///
/// # Shapes
/// - `x`, output: `[batch, length, heads, 2 * half]`
/// - `cosines`, `sines`: `[batch or 1, length, half]`; they get no gradient
///
/// # Panics
/// When the shapes do not fit together.
#[must_use]
pub fn rotary(x: Tensor<4>, cosines: Tensor<3>, sines: Tensor<3>) -> Tensor<4> {
    let [batch, length, _, width] = x.dims();
    let [tables, positions, half] = cosines.dims();
    assert_eq!(cosines.dims(), sines.dims(), "rotary: cosines and sines must have one shape");
    assert_eq!([length, width], [positions, 2 * half], "rotary: tables must fit x");
    assert!([1, batch].contains(&tables), "rotary: one table, or one a sequence");
    if x.shape().num_elements() == 0 {
        return x;
    }
    let other = [x.dtype(), cosines.dtype(), sines.dtype()] != [DType::F32; 3];
    if other || Op::Rotary.is_replaced() {
        return reference(x, cosines, sines);
    }
    let (cosines, sines) = (cosines.into_dispatch(), sines.into_dispatch());
    Tensor::from_dispatch(Dispatch::rotary_forward(x.into_dispatch(), cosines, sines, false))
}

/// The same in plain burn operations.
///
/// # Shapes
/// As [`rotary`].
#[must_use]
pub fn reference(x: Tensor<4>, cosines: Tensor<3>, sines: Tensor<3>) -> Tensor<4> {
    let half = x.dims()[3] / 2;
    let [cosines, sines] = [cosines, sines].map(|table| table.unsqueeze_dim::<4>(2));
    let first = x.clone().narrow(3, 0, half);
    let second = x.narrow(3, half, half);
    let turned = first.clone() * cosines.clone() - second.clone() * sines.clone();
    Tensor::cat(vec![turned, second * cosines + first * sines], 3)
}

/// The backends that can run the op.
#[backend_extension(Cube, Flex, Autodiff: cfg(feature = "autodiff"))]
pub trait RotaryBackend: AppendBackend {
    /// See [`rotary`]; `back` turns the other way.
    fn rotary_forward(
        x: FloatTensor<Self>,
        cosines: FloatTensor<Self>,
        sines: FloatTensor<Self>,
        back: bool,
    ) -> FloatTensor<Self>;

    /// See [`rotary_qkv`]: queries, keys and values one behind another.
    fn rotary_qkv_forward(
        q: FloatTensor<Self>,
        k: FloatTensor<Self>,
        v: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        cosines: FloatTensor<Self>,
        sines: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`rotary_append`]; `spans` are the words of `ranges`.
    #[allow(clippy::too_many_arguments, reason = "what is dispatched is told one by one")]
    fn rotary_append_forward(
        qkv: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        cosines: FloatTensor<Self>,
        sines: FloatTensor<Self>,
        held_k: FloatTensor<Self>,
        held_v: FloatTensor<Self>,
        spans: IntTensor<Self>,
        ranges: Ranges,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let token = Token { qkv, bias, cosines, sines, held: [held_k, held_v] };
        append::plain::<Self>(token, spans, ranges)
    }
}

impl RotaryBackend for CubeBackend {
    fn rotary_forward(
        x: FloatTensor<Self>,
        cosines: FloatTensor<Self>,
        sines: FloatTensor<Self>,
        back: bool,
    ) -> FloatTensor<Self> {
        let shape = x.shape();
        let kernel = Kernel { heads: shape[2], half: shape[3] / 2, back };
        let groups = grid((shape.num_elements() / 2).div_ceil(LANES));
        let inputs = [x, cosines, sines].into_iter().map(into_contiguous).collect();
        launch(kernel, LANES as u32, groups, inputs, shape)
    }

    fn rotary_qkv_forward(
        q: FloatTensor<Self>,
        k: FloatTensor<Self>,
        v: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        cosines: FloatTensor<Self>,
        sines: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        qkv::on_gpu([q, k, v, bias, cosines, sines].map(into_contiguous))
    }

    fn rotary_append_forward(
        qkv: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        cosines: FloatTensor<Self>,
        sines: FloatTensor<Self>,
        held_k: FloatTensor<Self>,
        held_v: FloatTensor<Self>,
        spans: IntTensor<Self>,
        _: Ranges,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let token = Token { qkv, bias, cosines, sines, held: [held_k, held_v] };
        append::on_gpu(token, spans)
    }
}

impl RotaryBackend for Flex {
    fn rotary_forward(
        x: FloatTensor<Self>,
        cosines: FloatTensor<Self>,
        sines: FloatTensor<Self>,
        back: bool,
    ) -> FloatTensor<Self> {
        let shape = x.shape();
        let [length, heads, half] = [shape[1], shape[2], shape[3] / 2];
        // Heads may lie within wider rows, as where queries and keys come from one projection.
        let x = if x.layout().strides()[3] == 1 { x } else { x.to_contiguous() };
        let (values, layout) = (x.storage::<f32>(), x.layout());
        let [cosines, sines] = [cosines, sines].map(|table| table.to_contiguous());
        let cosines = cosines.as_slice::<f32>().unwrap_or_default();
        let sines = sines.as_slice::<f32>().unwrap_or_default();
        let mut y = vec![0.0; shape.num_elements()];
        each_chunk(&mut y, heads * 2 * half, |row, y| {
            let at = row * half % cosines.len();
            let (cosines, sines) = (&cosines[at..at + half], &sines[at..at + half]);
            for (head, y) in y.chunks_mut(2 * half).enumerate() {
                let at = layout.index(&[row / length, row % length, head, 0]);
                let (first, second) = values[at..at + 2 * half].split_at(half);
                let (a, b) = y.split_at_mut(half);
                for i in 0..half {
                    let sine = if back { -sines[i] } else { sines[i] };
                    a[i] = first[i] * cosines[i] - second[i] * sine;
                    b[i] = second[i] * cosines[i] + first[i] * sine;
                }
            }
        });
        FloatTensor::<Self>::from_data(TensorData::new(y, shape))
    }

    fn rotary_qkv_forward(
        q: FloatTensor<Self>,
        k: FloatTensor<Self>,
        v: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        cosines: FloatTensor<Self>,
        sines: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        qkv::plain::<Self>([q, k, v], &bias, &cosines, &sines)
    }
}

#[cfg(feature = "autodiff")]
mod gradient {
    use burn::backend::Autodiff;
    use burn::backend::autodiff::checkpoint::base::Checkpointer;
    use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
    use burn::backend::autodiff::grads::Gradients;
    use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};

    use super::{FloatTensor, RotaryBackend};

    #[derive(Debug)]
    struct Rotary;

    /// A turn's gradient is the turn back.
    impl<B: RotaryBackend> Backward<B, 1> for Rotary {
        type State = (FloatTensor<B>, FloatTensor<B>, bool);

        fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
            let (cosines, sines, back) = ops.state;
            let [parent] = ops.parents;
            let dy = grads.consume::<B>(&ops.node);
            if let Some(node) = parent {
                grads.register::<B>(node.id, B::rotary_forward(dy, cosines, sines, !back));
            }
        }
    }

    impl<B: RotaryBackend, C: CheckpointStrategy> RotaryBackend for Autodiff<B, C> {
        fn rotary_forward(
            x: FloatTensor<Self>,
            cosines: FloatTensor<Self>,
            sines: FloatTensor<Self>,
            back: bool,
        ) -> FloatTensor<Self> {
            let prepared = Rotary.prepare::<C>([x.node()]).compute_bound().stateful();
            let (cosines, sines) = (cosines.into_primitive(), sines.into_primitive());
            let turn = |x, cosines, sines| B::rotary_forward(x, cosines, sines, back);
            match prepared {
                OpsKind::Tracked(step) => {
                    let y = turn(x.into_primitive(), cosines.clone(), sines.clone());
                    step.finish((cosines, sines, back), y)
                }
                OpsKind::UnTracked(step) => step.finish(turn(x.into_primitive(), cosines, sines)),
            }
        }

        fn rotary_qkv_forward(
            q: FloatTensor<Self>,
            k: FloatTensor<Self>,
            v: FloatTensor<Self>,
            bias: FloatTensor<Self>,
            cosines: FloatTensor<Self>,
            sines: FloatTensor<Self>,
        ) -> FloatTensor<Self> {
            super::qkv::plain::<Self>([q, k, v], &bias, &cosines, &sines)
        }
    }
}

/// The compiled variant.
#[derive(Debug)]
struct Kernel {
    heads: usize,
    half: usize,
    back: bool,
}

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(TEMPLATE)
            .register("heads", self.heads.to_string())
            .register("half", self.half.to_string())
            .register("sign", if self.back { "-1.0" } else { "1.0" })
    }

    fn id(&self) -> KernelId {
        identity::<Self>((self.heads, self.half, self.back))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Tolerance};

    #[test]
    fn a_quarter_turn_swaps_the_halves() {
        let device = Device::flex();
        let x = Tensor::<4>::from_floats([[[[1.0, 2.0]], [[1.0, 2.0]]]], &device);
        let cosines = Tensor::<3>::from_floats([[[1.0], [0.0]]], &device);
        let sines = Tensor::<3>::from_floats([[[0.0], [1.0]]], &device);
        let expected = TensorData::from([[[[1.0_f32, 2.0]], [[-2.0, 1.0]]]]);
        for turn in [rotary, reference] {
            let y = turn(x.clone(), cosines.clone(), sines.clone());
            y.into_data().assert_approx_eq::<f32>(&expected, Tolerance::default());
        }
    }
}
