//! Scaled dot-product attention (Vaswani et al., arXiv 1706.03762) with grouped keys and values
//! (Ainslie et al., arXiv 2305.13245).

use burn::tensor::{Tensor, activation};

/// The most scores that are held at once, in elements: 64 MiB of f32, half of the smallest
/// buffer binding that WebGPU grants.
const MAX_SCORES: usize = 16 << 20;

/// What a masked score is lowered by: far below any score, and still finite, so that a row that
/// is masked throughout gives numbers.
pub const MASKED: f32 = -1e30;

/// `softmax(q kᵀ / sqrt(head_dim) + mask) v`, for queries a chunk at a time where the whole score
/// matrix would be too large.
///
/// # Shapes
/// - `q`: `[batch, heads, queries, head_dim]`
/// - `k`, `v`: `[batch, kv_heads, keys, head_dim]`; `kv_heads` divides `heads`, and consecutive
///   query heads share one key head
/// - `mask`: `[batch or 1, queries or 1, keys]`, added to the scores
/// - output: `[batch * queries, heads * head_dim]`
#[must_use]
pub fn attention(
    q: &Tensor<4>,
    k: &Tensor<4>,
    v: &Tensor<4>,
    mask: Option<&Tensor<3>>,
) -> Tensor<2> {
    let [batch, heads, queries, head_dim] = q.dims();
    let keys = k.dims()[2];
    let chunk = (MAX_SCORES / (batch * heads * keys).max(1)).clamp(1, queries.max(1));
    let k = k.clone().transpose();

    let mut outputs = Vec::with_capacity(queries.div_ceil(chunk));
    for start in (0..queries).step_by(chunk) {
        let length = chunk.min(queries - start);
        let rows = q.clone().narrow(2, start, length);
        let rows_mask = mask.cloned().map(|mask| match mask.dims()[1] {
            1 => mask,
            _ => mask.narrow(1, start, length),
        });
        outputs.push(attend(rows, k.clone(), v.clone(), rows_mask));
    }
    let output = if outputs.len() == 1 { outputs.remove(0) } else { Tensor::cat(outputs, 2) };
    output.swap_dims(1, 2).reshape([batch * queries, heads * head_dim])
}

/// One chunk; `k` comes transposed. Returns `[batch, heads, queries, head_dim]`.
fn attend(q: Tensor<4>, k: Tensor<4>, v: Tensor<4>, mask: Option<Tensor<3>>) -> Tensor<4> {
    let [batch, heads, queries, head_dim] = q.dims();
    let [_, kv_heads, _, keys] = k.dims();
    let group = heads / kv_heads;
    let scale = 1.0 / (head_dim as f64).sqrt();

    // The heads that share a key head become rows of one matrix: keys are not repeated.
    let q = (q * scale).reshape([batch, kv_heads, group * queries, head_dim]);
    let mut scores = q.matmul(k);
    if let Some(mask) = mask {
        let mask = mask.unsqueeze_dims::<5>(&[1, 2]);
        let grouped = scores.reshape([batch, kv_heads, group, queries, keys]) + mask;
        scores = grouped.reshape([batch, kv_heads, group * queries, keys]);
    }
    let output = activation::softmax(scores, 3).matmul(v);
    output.reshape([batch, heads, queries, head_dim])
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution, TensorData, Tolerance};

    #[test]
    fn one_query_averages_what_it_may_see() {
        let device = Device::flex();
        let q = Tensor::<4>::zeros([1, 1, 1, 2], &device);
        let k = Tensor::<4>::zeros([1, 1, 3, 2], &device);
        let v = Tensor::<4>::from_floats([[[[1.0, 0.0], [3.0, 2.0], [100.0, 100.0]]]], &device);
        let mask = Tensor::<3>::from_floats([[[0.0, 0.0, MASKED]]], &device);
        let y = attention(&q, &k, &v, Some(&mask));
        y.into_data().assert_eq(&TensorData::from([[2.0_f32, 1.0]]), false);
    }

    #[test]
    fn grouped_heads_equal_repeated_keys_and_values() {
        let device = Device::flex();
        let random = |shape: [usize; 4]| Tensor::<4>::random(shape, Distribution::Default, &device);
        let (q, k, v) = (random([2, 4, 5, 8]), random([2, 2, 7, 8]), random([2, 2, 7, 8]));
        let repeat =
            |x: &Tensor<4>| x.clone().unsqueeze_dim::<5>(2).repeat_dim(2, 2).reshape([2, 4, 7, 8]);
        let grouped = attention(&q, &k, &v, None);
        let repeated = attention(&q, &repeat(&k), &repeat(&v), None);
        grouped.into_data().assert_approx_eq::<f32>(&repeated.into_data(), Tolerance::default());
    }

    #[test]
    fn chunks_equal_the_whole() {
        let device = Device::flex();
        let (heads, queries, keys) = (8, 1500, 1600);
        assert!(heads * queries * keys > MAX_SCORES, "the case must need chunks");
        let q = Tensor::<4>::random([1, heads, queries, 4], Distribution::Default, &device);
        let k = Tensor::<4>::random([1, 1, keys, 4], Distribution::Default, &device);
        let mask = Tensor::<3>::random([1, queries, keys], Distribution::Default, &device);
        let (queries_of, keys_of) = (q.clone(), k.clone().transpose());
        let whole = attend(queries_of, keys_of, k.clone(), Some(mask.clone()));
        let whole = whole.swap_dims(1, 2).reshape([queries, heads * 4]);
        let chunked = attention(&q, &k, &k, Some(&mask));
        chunked.into_data().assert_approx_eq::<f32>(&whole.into_data(), Tolerance::default());
    }
}
