//! The processor's way: tiles of queries in parallel. A tile's scores stay in a core's cache, and
//! keys that none of its queries sees are never multiplied.

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::TensorData;
use pulp::{Arch, Simd, WithSimd};

use super::Ranges;
use crate::parallel::{each_chunk, map};
use crate::power::power;

/// Rows of a tile: queries, times the heads that share a key head.
const ROWS: usize = 64;

/// The most scores of a tile: they stay in a cache, and a product with them stays in one thread.
const SCORES: usize = 48 << 10;

/// Sums and maxima are taken in so many parts at once.
const LANES: usize = 16;

/// The sizes of one attention.
struct Sizes {
    queries: usize,
    width: usize,
    kv_heads: usize,
    group: usize,
    /// Queries of a tile.
    tile: usize,
}

impl Sizes {
    const fn tiles(&self) -> usize {
        self.queries.div_ceil(self.tile)
    }
}

pub(super) fn forward(
    q: &FloatTensor<Flex>,
    k: &FloatTensor<Flex>,
    v: &FloatTensor<Flex>,
    ranges: &Ranges,
) -> FloatTensor<Flex> {
    let shape = q.shape();
    let [batch, queries, heads, width] = [shape[0], shape[1], shape[2], shape[3]];
    let [keys, kv_heads] = [k.shape()[1], k.shape()[2]];
    let group = heads / kv_heads;
    let tile = (ROWS.min(SCORES / keys.max(1)) / group).clamp(1, queries);
    let sizes = Sizes { queries, width, kv_heads, group, tile };

    let count = batch * kv_heads * sizes.tiles();
    let each = (sizes.tile * group + keys) * width;
    let tiles = map(count, each, |index| compute(index, &sizes, q, k, v, ranges));
    let mut y = vec![0.0; shape.num_elements()];
    // A row of y is one query, all heads.
    each_chunk(&mut y, heads * width, |row, y| {
        let (sequence, query) = (row / queries, row % queries);
        for (kv_head, y) in y.chunks_mut(group * width).enumerate() {
            let tile = (sequence * kv_heads + kv_head) * sizes.tiles() + query / sizes.tile;
            let from = query % sizes.tile * y.len();
            y.copy_from_slice(&tiles[tile][from..from + y.len()]);
        }
    });
    FloatTensor::<Flex>::from_data(TensorData::new(y, shape))
}

/// One tile of one key head: `[queries, group, width]`.
fn compute(
    index: usize,
    sizes: &Sizes,
    q: &FloatTensor<Flex>,
    k: &FloatTensor<Flex>,
    v: &FloatTensor<Flex>,
    ranges: &Ranges,
) -> Vec<f32> {
    let Sizes { queries, width, group, tile, .. } = *sizes;
    let (head, at) = (index / sizes.tiles(), index % sizes.tiles());
    let (sequence, kv_head) = (head / sizes.kv_heads, head % sizes.kv_heads);
    let from = at * tile;
    let to = (from + tile).min(queries);
    let spans = ranges.of(sequence, from..to);
    let rows = (to - from) * group;
    let seen = spans.iter().filter(|span| span.start < span.end);
    let first = seen.clone().map(|span| span.start as usize).min().unwrap_or(0);
    let end = seen.map(|span| span.end as usize).max().unwrap_or(0);
    if first >= end {
        return vec![0.0; rows * width];
    }

    // Exponentials are of base two: the scale takes that up.
    let scale = std::f32::consts::LOG2_E / (width as f32).sqrt();
    let mut scaled = Vec::with_capacity(rows * width);
    let (layout, values) = (q.layout(), q.storage::<f32>());
    for query in from..to {
        for head in kv_head * group..(kv_head + 1) * group {
            let at = layout.index(&[sequence, query, head, 0]);
            let step = layout.strides()[3];
            if step == 1 {
                scaled.extend(values[at..at + width].iter().map(|value| value * scale));
            } else {
                let value = |i| values[layout.index(&[sequence, query, head, i])] * scale;
                scaled.extend((0..width).map(value));
            }
        }
    }
    let scaled = FloatTensor::<Flex>::from_data(TensorData::new(scaled, [1, 1, rows, width]));
    let part = |x: &FloatTensor<Flex>| {
        x.narrow(0, sequence, 1).narrow(1, first, end - first).narrow(2, kv_head, 1)
    };
    let mut scores = Flex::float_matmul(scaled, part(k).permute(&[0, 2, 3, 1]));
    let mut sums = vec![0.0; rows];
    let arch = Arch::new();
    let lines = scores.storage_mut::<f32>().chunks_mut(end - first);
    for (row, (scores, sum)) in lines.zip(&mut sums).enumerate() {
        let span = &spans[row / group];
        let span = (span.start as usize).max(first) - first..(span.end as usize).max(first) - first;
        *sum = arch.dispatch(Exponentials { scores, from: span.start, to: span.end });
    }
    let mut y = Flex::float_matmul(scores, part(v).permute(&[0, 2, 1, 3]))
        .into_data()
        .try_into_vec()
        .unwrap_or_default();
    for (row, sum) in y.chunks_mut(width).zip(sums) {
        let factor = if sum > 0.0 { 1.0 / sum } else { 0.0 };
        row.iter_mut().for_each(|value: &mut f32| *value *= factor);
    }
    y
}

/// Turns the scores of one row into powers of two, the largest into 1, and those outside of its
/// span into 0. Returns their sum.
struct Exponentials<'a> {
    scores: &'a mut [f32],
    from: usize,
    to: usize,
}

impl WithSimd for Exponentials<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f32 {
        let Self { scores, from, to } = self;
        if from >= to {
            scores.fill(0.0);
            return 0.0;
        }
        scores[..from].fill(0.0);
        scores[to..].fill(0.0);
        let seen = &mut scores[from..to];

        let (lanes, rest) = seen.as_chunks::<LANES>();
        let mut most = [f32::MIN; LANES];
        for values in lanes {
            for (most, &value) in most.iter_mut().zip(values) {
                *most = if value > *most { value } else { *most };
            }
        }
        let largest = most.iter().chain(rest).fold(f32::MIN, |most, &value| most.max(value));

        let (lanes, rest) = seen.as_chunks_mut::<LANES>();
        let mut sums = [0.0; LANES];
        for values in lanes {
            for (sum, value) in sums.iter_mut().zip(values) {
                *value = power(*value - largest);
                *sum += *value;
            }
        }
        let mut sum = sums.iter().sum();
        for value in rest {
            *value = power(*value - largest);
            sum += *value;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_its_span_alone() {
        let mut scores = vec![1.0; 40];
        scores[5] = 3.0;
        let sum = Arch::new().dispatch(Exponentials { scores: &mut scores, from: 5, to: 39 });
        assert_eq!(sum, 1.0 + 33.0 * 0.25);
        assert_eq!((scores[4], scores[5], scores[6], scores[39]), (0.0, 1.0, 0.25, 0.0));
    }
}
