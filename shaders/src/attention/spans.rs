//! Which keys each query sees: one span, so that no mask of queries by keys need exist.

use std::ops::Range;
use std::sync::Arc;

use burn::backend::wgpu::CubeBackend;
use burn::tensor::{DType, Device, Int, Tensor, TensorData};

use crate::recording::Input;

/// For each query of a batch, the span of keys that it sees; on a device.
#[derive(Debug, Clone)]
pub struct Spans {
    ranges: Ranges,
    words: Tensor<1, Int>,
}

/// The spans as the host knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranges {
    /// First and one past the last key: `[batch, queries]`.
    ranges: Arc<[Range<u32>]>,
    batch: usize,
    queries: usize,
    keys: usize,
}

impl Spans {
    /// Any spans.
    ///
    /// # Shapes
    /// - `ranges`: `[batch, queries]`; a batch of one stands for any number of sequences
    ///
    /// # Panics
    /// When there are more or fewer ranges, or one ends behind the last key.
    #[must_use]
    pub fn new(ranges: &[Range<usize>], shape: [usize; 3], device: &Device) -> Self {
        let ranges = Ranges::new(ranges, shape);
        let words = Tensor::from_data(ranges.words(), (device, DType::U32));
        Self { ranges, words }
    }

    /// Each of `queries` tokens that follow `before` others sees those, itself, and what stands
    /// between, in every sequence.
    #[must_use]
    pub fn causal(before: usize, queries: usize, device: &Device) -> Self {
        Self::causal_within(before, queries, before + queries, device)
    }

    /// The same where behind their keys there is room for more.
    ///
    /// # Panics
    /// When there are fewer keys than tokens.
    #[must_use]
    pub fn causal_within(before: usize, queries: usize, keys: usize, device: &Device) -> Self {
        let ranges: Vec<_> = (0..queries).map(|query| 0..before + query + 1).collect();
        Self::new(&ranges, [1, queries, keys], device)
    }

    /// Sequences one behind the other in one row, each of which sees itself.
    #[must_use]
    pub fn packed(lengths: &[usize], device: &Device) -> Self {
        let mut ranges = Vec::new();
        for &length in lengths {
            let start = ranges.len();
            ranges.extend(std::iter::repeat_n(start..start + length, length));
        }
        let total = ranges.len();
        Self::new(&ranges, [1, total, total], device)
    }

    /// In each sequence, all queries see its first `lengths` of `keys` keys.
    ///
    /// # Panics
    /// When a length is above `keys`.
    #[must_use]
    pub fn padded(lengths: &[usize], queries: usize, keys: usize, device: &Device) -> Self {
        let each = |&length| std::iter::repeat_n(0..length, queries);
        let ranges: Vec<_> = lengths.iter().flat_map(each).collect();
        Self::new(&ranges, [lengths.len(), queries, keys], device)
    }

    /// What the host knows of them.
    #[must_use]
    pub const fn ranges(&self) -> &Ranges {
        &self.ranges
    }

    /// Where a recording reads them; `None` on the processor.
    #[must_use]
    pub fn input(&self) -> Option<Input> {
        self.words().try_into_primitive::<CubeBackend>().ok().map(Input::new)
    }

    /// What kernels read: queries, keys, batch, zero, and two words a span.
    pub(crate) fn words(&self) -> Tensor<1, Int> {
        self.words.clone()
    }
}

impl Ranges {
    fn new(ranges: &[Range<usize>], [batch, queries, keys]: [usize; 3]) -> Self {
        assert_eq!(ranges.len(), batch * queries, "a span for each query");
        assert!(ranges.iter().all(|range| range.end <= keys), "spans end with the keys");
        let word = |number: usize| u32::try_from(number).expect("fewer than 2^32 keys");
        let ranges = ranges.iter().map(|r| word(r.start)..word(r.end)).collect();
        Self { ranges, batch, queries, keys }
    }

    /// One token that sees the first `seen` of `keys` keys.
    ///
    /// # Panics
    /// When it is to see more keys than there are.
    #[must_use]
    pub fn first(seen: usize, keys: usize) -> Self {
        Self::new(std::slice::from_ref(&(0..seen)), [1, 1, keys])
    }

    /// What kernels read: queries, keys, batch, zero, and two words a span.
    #[must_use]
    pub fn words(&self) -> TensorData {
        let word = |number: usize| u32::try_from(number).expect("fewer than 2^32 keys");
        let mut words = vec![word(self.queries), word(self.keys), word(self.batch), 0];
        words.extend(self.ranges.iter().flat_map(|range| [range.start, range.end]));
        let length = words.len();
        TensorData::new(words, [length])
    }

    /// How many sequences have spans of their own.
    #[must_use]
    pub const fn batch(&self) -> usize {
        self.batch
    }

    /// Queries and keys.
    #[must_use]
    pub const fn lengths(&self) -> [usize; 2] {
        [self.queries, self.keys]
    }

    /// The spans of some queries of a sequence.
    pub(crate) fn of(&self, sequence: usize, queries: Range<usize>) -> &[Range<u32>] {
        let from = sequence % self.batch * self.queries;
        &self.ranges[from + queries.start..from + queries.end]
    }

    /// Whether a query sees nothing.
    pub(crate) fn blind(&self) -> bool {
        self.ranges.iter().any(|range| range.start >= range.end)
    }

    /// 1 where a key is seen by one of `queries`, else 0: `[batch, queries, keys]`.
    pub(crate) fn seen(&self, queries: Range<usize>) -> Vec<f32> {
        let mut seen = vec![0.0; self.batch * queries.len() * self.keys];
        let all = (0..self.batch).flat_map(|sequence| self.of(sequence, queries.clone()));
        for (row, range) in seen.chunks_mut(self.keys.max(1)).zip(all) {
            if range.start < range.end {
                row[range.start as usize..range.end as usize].fill(1.0);
            }
        }
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_sees_itself_and_what_came_before() {
        let spans = Spans::causal(1, 2, &Device::flex());
        assert_eq!(spans.ranges.lengths(), [2, 3]);
        assert_eq!(spans.ranges.seen(0..2), [1.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
        assert_eq!(spans.ranges.seen(1..2), [1.0, 1.0, 1.0]);
        let words: Vec<u32> = spans.words().into_data().iter().collect();
        assert_eq!(words, [2, 3, 1, 0, 0, 2, 0, 3]);
    }

    #[test]
    fn packed_sequences_see_themselves_and_padded_ones_their_beginning() {
        let device = Device::flex();
        let packed = Spans::packed(&[1, 2], &device);
        assert_eq!(packed.ranges.seen(0..3), [1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
        let padded = Spans::padded(&[2, 0], 1, 2, &device);
        assert_eq!(padded.ranges.seen(0..1), [1.0, 1.0, 0.0, 0.0]);
        assert_eq!(padded.ranges.of(1, 0..1)[0], 0..0);
    }

    #[test]
    #[should_panic(expected = "spans end with the keys")]
    fn no_span_ends_behind_the_keys() {
        let _ = Spans::new(&[0..1, 0..3], [1, 2, 2], &Device::flex());
    }
}
