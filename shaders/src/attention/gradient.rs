//! The gradient: weights are computed again from queries and keys, some queries at a time, so that
//! nothing as large as the scores is kept.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, TensorMetadata};
use burn::tensor::{Slice, TensorData};

use super::{AttentionBackend, Ranges, UNSEEN};

/// The most scores that are held at once, in elements: 64 MiB, half of the smallest buffer binding
/// that WebGPU grants.
const MOST: usize = 16 << 20;

#[derive(Debug)]
struct Attention;

/// Queries, keys, values, what came out, and who saw what.
type Kept<B> = ([FloatTensor<B>; 4], Ranges);

impl<B: AttentionBackend> Backward<B, 3> for Attention {
    type State = Kept<B>;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dy = grads.consume::<B>(&ops.node);
        let parents = ops.parents;
        for (node, found) in parents.into_iter().zip(backward::<B>(ops.state, &dy)) {
            if let Some(node) = node {
                grads.register::<B>(node.id, found);
            }
        }
    }
}

/// With `P` the weights of a query: `dV = Pᵀ dY`, `dS = P (dY Vᵀ − sum(dY Y))`, `dQ = dS K`,
/// `dK = dSᵀ Q`, the last two times the scale. Returns them as the inputs lie.
fn backward<B: AttentionBackend>(
    (kept, ranges): Kept<B>,
    dy: &FloatTensor<B>,
) -> [FloatTensor<B>; 3] {
    let [q, k, v, y] = kept;
    let shapes = [q.shape(), k.shape()];
    let [batch, queries, heads, width] = [0, 1, 2, 3].map(|axis| shapes[0][axis]);
    let [keys, kv_heads] = [shapes[1][1], shapes[1][2]];
    let group = heads / kv_heads;
    let scale = (width as f64).sqrt().recip();

    // The heads that share a key head become rows of one matrix.
    let turn = |x| B::float_swap_dims(x, 1, 2);
    let [k, v] = [k, v].map(turn);
    let across = |x: &FloatTensor<B>| B::float_swap_dims(x.clone(), 2, 3);
    let (kt, vt) = (across(&k), across(&v));
    let chunk = (MOST / (batch * heads * keys).max(1)).clamp(1, queries);
    let (mut dq, mut dk, mut dv) = (Vec::new(), None, None);
    for from in (0..queries).step_by(chunk) {
        let to = (from + chunk).min(queries);
        let some = |x: &FloatTensor<B>| {
            let slices = [0..batch, from..to, 0..heads, 0..width].map(Slice::from);
            let x = turn(B::float_slice(x.clone(), &slices));
            B::float_reshape(x, [batch, kv_heads, group * (to - from), width].into())
        };
        let [q, y, dy] = [&q, &y, dy].map(some);
        let q = B::float_mul_scalar(q, scale.into());
        let weights =
            weights::<B>(B::float_matmul(q.clone(), kt.clone()), &ranges, from..to, group);

        let along = B::float_sum_dim(B::float_mul(dy.clone(), y), 3);
        let back = B::float_sub(B::float_matmul(dy.clone(), vt.clone()), along);
        let scores = B::float_mul(weights.clone(), back);
        let found = B::float_mul_scalar(B::float_matmul(scores.clone(), k.clone()), scale.into());
        let found = B::float_reshape(found, [batch, heads, to - from, width].into());
        dq.push(turn(found));
        let add = |sum: &mut Option<_>, part| {
            *sum = Some(match sum.take() {
                Some(sum) => B::float_add(sum, part),
                None => part,
            });
        };
        add(&mut dk, B::float_matmul(across(&scores), q));
        add(&mut dv, B::float_matmul(across(&weights), dy));
    }
    let [dk, dv] = [dk, dv].map(|sum| turn(sum.expect("there are queries")));
    [B::float_cat(dq, 1), dk, dv]
}

/// From the scores of some queries `[batch, kv_heads, group * queries, keys]` to their weights.
fn weights<B: AttentionBackend>(
    scores: FloatTensor<B>,
    ranges: &Ranges,
    queries: std::ops::Range<usize>,
    group: usize,
) -> FloatTensor<B> {
    let shape = scores.shape();
    let device = scores.device();
    let (length, keys) = (queries.len(), shape[3]);
    let seen = ranges.seen(queries);
    let mask = |values: Vec<f32>| {
        let data = TensorData::new(values, [ranges.batch(), 1, 1, length, keys]);
        B::float_from_data(data, &device)
    };
    let grouped = B::float_reshape(scores, [shape[0], shape[1], group, length, keys].into());
    let unseen = mask(seen.iter().map(|seen| (1.0 - seen) * UNSEEN).collect());
    let mut weights = B::softmax(B::float_add(grouped, unseen), 4);
    if ranges.blind() {
        weights = B::float_mul(weights, mask(seen));
    }
    B::float_reshape(weights, shape)
}

impl<B: AttentionBackend, C: CheckpointStrategy> AttentionBackend for Autodiff<B, C> {
    fn attention_forward(
        q: FloatTensor<Self>,
        k: FloatTensor<Self>,
        v: FloatTensor<Self>,
        spans: IntTensor<Self>,
        ranges: Ranges,
    ) -> FloatTensor<Self> {
        let nodes = [q.node(), k.node(), v.node()];
        let [q, k, v] = [q, k, v].map(FloatTensor::<Self>::into_primitive);
        match Attention.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(step) => {
                let inputs = [q.clone(), k.clone(), v.clone()];
                let y = B::attention_forward(q, k, v, spans, ranges.clone());
                let [q, k, v] = inputs;
                step.finish(([q, k, v, y.clone()], ranges), y)
            }
            OpsKind::UnTracked(step) => step.finish(B::attention_forward(q, k, v, spans, ranges)),
        }
    }
}
