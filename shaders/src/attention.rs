//! Scaled dot-product attention (Vaswani et al., arXiv 1706.03762) with grouped keys and values
//! (Ainslie et al., arXiv 2305.13245), without the matrix of scores: each query sees one span of
//! the keys, and scores are held for a few queries at a time (FlashAttention, Dao et al.,
//! arXiv 2205.14135).

mod cpu;
mod gpu;
#[cfg(feature = "autodiff")]
mod gradient;
mod spans;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{DType, Tensor, TensorData, activation};

pub(crate) use gpu::{FEW, TILES};
pub use spans::{Ranges, Spans};

use crate::replaced::Op;

/// The widest head that kernels are made for.
const WIDEST: usize = 128;

/// What a score that is not seen is lowered by: far below any score, and still finite.
const UNSEEN: f32 = -1e30;

/// `softmax(q kᵀ / sqrt(head_dim)) v`, each query over its span of the keys; zeros for one that
/// sees none.
///
/// # Shapes
/// - `q`: `[batch, queries, heads, head_dim]`
/// - `k`, `v`: `[batch, keys, kv_heads, head_dim]`; `kv_heads` divides `heads`, and consecutive
///   query heads share one key head
/// - `spans`: of as many queries and keys, and of one sequence or `batch`
/// - output: as `q`
///
/// # Panics
/// When the shapes do not fit together.
#[must_use]
pub fn attention(q: Tensor<4>, k: Tensor<4>, v: Tensor<4>, spans: &Spans) -> Tensor<4> {
    let ([batch, queries, heads, width], [_, keys, kv_heads, _]) = (q.dims(), k.dims());
    assert_eq!(k.dims(), v.dims(), "attention: keys and values must have one shape");
    assert_eq!([batch, width], [k.dims()[0], k.dims()[3]], "attention: q and k must fit");
    assert!(
        kv_heads > 0 && heads % kv_heads == 0,
        "attention: {kv_heads} key heads must divide {heads} heads"
    );
    let ranges = spans.ranges();
    assert!(
        [1, batch].contains(&ranges.batch()) && [queries, keys] == ranges.lengths(),
        "attention: the spans must be of these queries and keys"
    );
    if q.shape().num_elements() == 0 || keys == 0 {
        return q.zeros_like();
    }
    let other = width > WIDEST || [&q, &k, &v].iter().any(|x| x.dtype() != DType::F32);
    if other || Op::Attention.is_replaced() {
        return reference(q, k, v, spans);
    }
    let y = Dispatch::attention_forward(
        q.into_dispatch(),
        k.into_dispatch(),
        v.into_dispatch(),
        spans.words().into_dispatch(),
        ranges.clone(),
    );
    Tensor::from_dispatch(y)
}

/// The same in plain burn operations, with all scores at once.
///
/// # Shapes
/// As [`attention`].
#[must_use]
pub fn reference(q: Tensor<4>, k: Tensor<4>, v: Tensor<4>, spans: &Spans) -> Tensor<4> {
    let ([batch, queries, heads, width], [_, keys, kv_heads, _]) = (q.dims(), k.dims());
    let group = heads / kv_heads;
    let device = q.device();
    let ranges = spans.ranges();
    let shape = [ranges.batch(), 1, 1, queries, keys];
    let seen: Tensor<5> =
        Tensor::from_data(TensorData::new(ranges.seen(0..queries), shape), (&device, q.dtype()));

    // The heads that share a key head become rows of one matrix: keys are not repeated.
    let q = (q / (width as f64).sqrt()).swap_dims(1, 2);
    let q = q.reshape([batch, kv_heads, group * queries, width]);
    let scores = q.matmul(k.swap_dims(1, 2).transpose());
    let scores = scores.reshape([batch, kv_heads, group, queries, keys]);
    let unseen = (seen.clone() - 1.0) * -UNSEEN;
    let mut weights = activation::softmax(scores + unseen, 4);
    if ranges.blind() {
        weights = weights * seen;
    }
    let y = weights.reshape([batch, kv_heads, group * queries, keys]).matmul(v.swap_dims(1, 2));
    y.reshape([batch, heads, queries, width]).swap_dims(1, 2)
}

/// The backends that can run the op.
#[backend_extension(Cube, Flex, Autodiff: cfg(feature = "autodiff"))]
pub trait AttentionBackend: Backend {
    /// See [`attention`]; `spans` are the words of `ranges`.
    fn attention_forward(
        q: FloatTensor<Self>,
        k: FloatTensor<Self>,
        v: FloatTensor<Self>,
        spans: IntTensor<Self>,
        ranges: Ranges,
    ) -> FloatTensor<Self>;
}

impl AttentionBackend for Flex {
    fn attention_forward(
        q: FloatTensor<Self>,
        k: FloatTensor<Self>,
        v: FloatTensor<Self>,
        _: IntTensor<Self>,
        ranges: Ranges,
    ) -> FloatTensor<Self> {
        cpu::forward(&q, &k, &v, &ranges)
    }
}

impl AttentionBackend for CubeBackend {
    fn attention_forward(
        q: FloatTensor<Self>,
        k: FloatTensor<Self>,
        v: FloatTensor<Self>,
        spans: IntTensor<Self>,
        _: Ranges,
    ) -> FloatTensor<Self> {
        let scale = (q.shape()[3] as f64).sqrt().recip();
        gpu::forward(q, k, v, spans, scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution, Tolerance};

    #[test]
    fn one_query_averages_what_it_may_see() {
        let device = Device::flex();
        let q = Tensor::<4>::zeros([1, 1, 1, 2], &device);
        let k = Tensor::<4>::zeros([1, 3, 1, 2], &device);
        let v = [[[[1.0, 0.0]], [[3.0, 2.0]], [[100.0, 100.0]]]];
        let v = Tensor::<4>::from_floats(v, &device);
        let spans = Spans::padded(&[2], 1, 3, &device);
        let expected = TensorData::from([[[[2.0_f32, 1.0]]]]);
        for y in [attention(q.clone(), k.clone(), v.clone(), &spans), reference(q, k, v, &spans)] {
            y.into_data().assert_approx_eq::<f32>(&expected, Tolerance::default());
        }
    }

    #[test]
    fn one_that_sees_nothing_gives_zeros() {
        let device = Device::flex();
        let x = Tensor::<4>::ones([1, 2, 1, 2], &device);
        let spans = Spans::new(&[0..0, 0..2], [1, 2, 2], &device);
        let expected = TensorData::from([[[[0.0_f32, 0.0]], [[1.0, 1.0]]]]);
        for y in [
            attention(x.clone(), x.clone(), x.clone(), &spans),
            reference(x.clone(), x.clone(), x, &spans),
        ] {
            y.into_data().assert_approx_eq::<f32>(&expected, Tolerance::default());
        }
    }

    #[test]
    fn grouped_heads_equal_repeated_keys_and_values() {
        let device = Device::flex();
        let random = |shape: [usize; 4]| Tensor::<4>::random(shape, Distribution::Default, &device);
        let (q, k, v) = (random([2, 5, 4, 8]), random([2, 7, 2, 8]), random([2, 7, 2, 8]));
        let repeat =
            |x: &Tensor<4>| x.clone().unsqueeze_dim::<5>(3).repeat_dim(3, 2).reshape([2, 7, 4, 8]);
        let spans = Spans::padded(&[7, 4], 5, 7, &device);
        let repeated = attention(q.clone(), repeat(&k), repeat(&v), &spans);
        let grouped = attention(q, k, v, &spans);
        grouped.into_data().assert_approx_eq::<f32>(&repeated.into_data(), Tolerance::default());
    }
}
