//! The gate of a SwiGLU layer (Shazeer, arXiv 2002.05202).

use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, KernelSource, SourceTemplate, into_contiguous};
use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{DType, Tensor, TensorData, activation};
use cubecl::prelude::KernelId;
use pulp::{Arch, Simd, WithSimd};

use crate::kernel::{KernelInfo, grid, identity, launch};
use crate::parallel::each_chunk;
use crate::power::power;
use crate::replaced::Op;

const TEMPLATE: &str = include_str!("swiglu.wgsl");

/// This kernel's row in the table.
pub(crate) const INFO: KernelInfo = KernelInfo {
    name: "swiglu",
    template: TEMPLATE,
    example: &[("lanes", "128")],
    repeats: 1,
    bindings: &["gate", "up", "y"],
    workgroup_bytes: 0,
};

/// Invocations of a workgroup.
const LANES: usize = 128;

/// Values that a thread computes at a time.
const PART: usize = 1 << 13;

/// `gate / (1 + exp(−gate)) · up`, value by value.
///
/// # Panics
/// When the shapes differ.
#[must_use]
pub fn swiglu<const D: usize>(gate: Tensor<D>, up: Tensor<D>) -> Tensor<D> {
    assert_eq!(gate.dims(), up.dims(), "swiglu: gate and up must have one shape");
    let other = gate.shape().num_elements() == 0 || [gate.dtype(), up.dtype()] != [DType::F32; 2];
    if other || Op::Swiglu.is_replaced() {
        return reference(gate, up);
    }
    let y = Dispatch::swiglu_forward(gate.into_dispatch(), up.into_dispatch());
    Tensor::from_dispatch(y)
}

/// The same in plain burn operations.
#[must_use]
pub fn reference<const D: usize>(gate: Tensor<D>, up: Tensor<D>) -> Tensor<D> {
    activation::silu(gate) * up
}

/// The backends that can run the op.
#[backend_extension(Cube, Flex, Autodiff: cfg(feature = "autodiff"))]
pub trait SwigluBackend: Backend {
    /// See [`swiglu`].
    fn swiglu_forward(gate: FloatTensor<Self>, up: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl SwigluBackend for CubeBackend {
    fn swiglu_forward(gate: FloatTensor<Self>, up: FloatTensor<Self>) -> FloatTensor<Self> {
        let shape = gate.shape();
        let groups = grid(shape.num_elements().div_ceil(LANES));
        let inputs = vec![into_contiguous(gate), into_contiguous(up)];
        launch(Kernel, LANES as u32, groups, inputs, shape)
    }
}

impl SwigluBackend for Flex {
    fn swiglu_forward(gate: FloatTensor<Self>, up: FloatTensor<Self>) -> FloatTensor<Self> {
        let shape = gate.shape();
        let [gate, up] = [gate, up].map(|x| x.to_contiguous());
        let gate = gate.as_slice::<f32>().unwrap_or_default();
        let up = up.as_slice::<f32>().unwrap_or_default();
        let mut y = vec![0.0; shape.num_elements()];
        let arch = Arch::new();
        each_chunk(&mut y, PART, |index, out| {
            let range = index * PART..index * PART + out.len();
            arch.dispatch(Gated { gate: &gate[range.clone()], up: &up[range], out });
        });
        FloatTensor::<Self>::from_data(TensorData::new(y, shape))
    }
}

/// Some values, with the widest instructions that the processor has.
struct Gated<'a> {
    gate: &'a [f32],
    up: &'a [f32],
    out: &'a mut [f32],
}

impl WithSimd for Gated<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for ((out, &gate), &up) in self.out.iter_mut().zip(self.gate).zip(self.up) {
            // Below zero both are divided by exp(-gate), which stays small that way.
            let small = power(-gate.abs() * std::f32::consts::LOG2_E);
            let numerator = if gate < 0.0 { gate * small } else { gate };
            *out = numerator / (1.0 + small) * up;
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

    use super::{FloatTensor, SwigluBackend};

    #[derive(Debug)]
    struct Swiglu;

    /// With `s` the sigmoid of the gate: `dUp = dY gate s` and
    /// `dGate = dY up s (1 + gate (1 − s))`.
    impl<B: SwigluBackend> Backward<B, 2> for Swiglu {
        type State = (FloatTensor<B>, FloatTensor<B>);

        fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
            let (gate, up) = ops.state;
            let [parent_gate, parent_up] = ops.parents;
            let dy = grads.consume::<B>(&ops.node);
            if let Some(node) = parent_up {
                grads.register::<B>(node.id, B::swiglu_forward(gate.clone(), dy.clone()));
            }
            if let Some(node) = parent_gate {
                let sigmoid = B::sigmoid(gate.clone());
                let rest = B::float_sub(gate.clone(), B::float_mul(gate, sigmoid.clone()));
                let slope = B::float_mul(sigmoid, B::float_add_scalar(rest, 1.0.into()));
                grads.register::<B>(node.id, B::float_mul(B::float_mul(dy, up), slope));
            }
        }
    }

    impl<B: SwigluBackend, C: CheckpointStrategy> SwigluBackend for Autodiff<B, C> {
        fn swiglu_forward(gate: FloatTensor<Self>, up: FloatTensor<Self>) -> FloatTensor<Self> {
            let prepared = Swiglu.prepare::<C>([gate.node(), up.node()]).compute_bound();
            match prepared.stateful() {
                OpsKind::Tracked(step) => {
                    let (gate, up) = (gate.into_primitive(), up.into_primitive());
                    let y = B::swiglu_forward(gate.clone(), up.clone());
                    step.finish((gate, up), y)
                }
                OpsKind::UnTracked(step) => {
                    step.finish(B::swiglu_forward(gate.into_primitive(), up.into_primitive()))
                }
            }
        }
    }
}

/// The one variant.
#[derive(Debug)]
struct Kernel;

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(TEMPLATE).register("lanes", LANES.to_string())
    }

    fn id(&self) -> KernelId {
        identity::<Self>(())
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
    fn small_known_numbers() {
        let device = Device::flex();
        let gate = Tensor::<1>::from_floats([0.0, 1.0, -1.0, 200.0, -200.0], &device);
        let up = Tensor::<1>::from_floats([5.0, 2.0, 1.0, 1.0, 1.0], &device);
        // The sigmoid of 1 is 0.7310586.
        let expected = TensorData::from([0.0_f32, 1.462_117_2, -0.268_941_4, 200.0, 0.0]);
        for gated in [swiglu, reference] {
            let y = gated(gate.clone(), up.clone());
            y.into_data().assert_approx_eq::<f32>(&expected, Tolerance::default());
        }
    }
}
