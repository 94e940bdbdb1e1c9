//! The gradient of a product with a frozen weight: `dX = dY W`.

use burn::backend::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::{FloatTensor, IntTensor};

use super::{How, Layout, QuantMatmulBackend};

#[derive(Debug)]
struct QuantMatmul;

/// The three streams and their layout.
type Weight<B> = (IntTensor<B>, IntTensor<B>, IntTensor<B>, Layout);

impl<B: QuantMatmulBackend> Backward<B, 1> for QuantMatmul {
    type State = Weight<B>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (quants, scales, mins, layout) = ops.state;
        let [parent] = ops.parents;
        let dy = grads.consume::<B>(&ops.node);
        if let Some(node) = parent {
            let dx = B::quant_matmul_transposed(dy, quants, scales, mins, layout);
            grads.register::<B>(node.id, dx);
        }
    }
}

impl<B: QuantMatmulBackend, C: CheckpointStrategy> QuantMatmulBackend for Autodiff<B, C> {
    fn quant_matmul_forward(
        x: FloatTensor<Self>,
        quants: IntTensor<Self>,
        scales: IntTensor<Self>,
        mins: IntTensor<Self>,
        layout: Layout,
        how: How,
    ) -> FloatTensor<Self> {
        let prepared = QuantMatmul.prepare::<C>([x.node()]).compute_bound();
        let forward =
            |x, quants, scales, mins| B::quant_matmul_forward(x, quants, scales, mins, layout, how);
        match prepared.stateful() {
            OpsKind::Tracked(step) => {
                let y = forward(x.into_primitive(), quants.clone(), scales.clone(), mins.clone());
                step.finish((quants, scales, mins, layout), y)
            }
            OpsKind::UnTracked(step) => {
                step.finish(forward(x.into_primitive(), quants, scales, mins))
            }
        }
    }

    /// Second derivatives are not needed: what comes back is a constant.
    fn quant_matmul_transposed(
        y: FloatTensor<Self>,
        quants: IntTensor<Self>,
        scales: IntTensor<Self>,
        mins: IntTensor<Self>,
        layout: Layout,
    ) -> FloatTensor<Self> {
        let x = B::quant_matmul_transposed(y.into_primitive(), quants, scales, mins, layout);
        FloatTensor::<Self>::new(x)
    }
}
