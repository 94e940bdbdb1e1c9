//! Adapters as bfloat16, for models that are themselves quantized: half of the room on the device.

use std::ops::Range;

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use easel_shaders::quant::{Bits, Packed};
use easel_shaders::{QuantWeight, add_lora_halves};

use crate::lora::LoraWeights;

/// One module's adapters, the ranks of all rows one after another.
#[derive(Debug, Clone)]
pub(super) struct Halves {
    /// `[ranks, inputs]`
    a: QuantWeight,
    /// `[ranks, outputs]`, times the scale
    b: QuantWeight,
    /// Which of the ranks are each row's.
    own: Vec<Range<usize>>,
    /// The same as words: where they begin, and how many they are.
    words: Tensor<1, Int>,
}

impl Halves {
    /// Rows that have an adapter, in order, among `rows` of them.
    pub(super) fn new(parts: Vec<(usize, LoraWeights)>, rows: usize, device: &Device) -> Self {
        let ranks: usize = parts.iter().map(|(_, weights)| weights.rank).sum();
        let (mut all_a, mut all_b) = (Vec::new(), Vec::new());
        let (mut own, mut at) = (vec![0..0; rows], 0);
        for (row, LoraWeights { rank, scale, a, b }) in parts {
            own[row] = at..at + rank;
            at += rank;
            all_a.extend(a);
            for column in 0..rank {
                all_b.extend(b.iter().skip(column).step_by(rank).map(|value| value * scale));
            }
        }
        let send = |values: Vec<f32>| {
            let shape = [ranks, values.len() / ranks.max(1)];
            QuantWeight::new(Packed::quantize(&values, shape, Bits::Brain), device)
        };
        let words = words(&own, device);
        Self { a: send(all_a), b: send(all_b), own, words }
    }

    /// Those of one row; `None` where it has no adapter.
    pub(super) fn row(&self, row: usize) -> Option<Self> {
        let own = self.own[row].clone();
        let rank = own.len();
        (rank > 0).then(|| {
            let (a, b) = (self.a.rows(own.clone()), self.b.rows(own));
            let own: Vec<_> = std::iter::once(0..rank).collect();
            let words = words(&own, &self.words.device());
            Self { a, b, own, words }
        })
    }

    /// `base` and what each row's adapter adds to it.
    ///
    /// # Shapes
    /// - `base`, output: `[rows * length, outputs]`
    /// - `x`: `[rows * length, inputs]`
    pub(super) fn add(&self, base: Tensor<2>, x: Tensor<2>) -> Tensor<2> {
        let rank = self.own.iter().map(Range::len).max().unwrap_or(0);
        add_lora_halves(base, x, [&self.a, &self.b], &self.words, rank)
    }
}

fn words(own: &[Range<usize>], device: &Device) -> Tensor<1, Int> {
    let words: Vec<u32> = own.iter().flat_map(|own| [own.start as u32, own.len() as u32]).collect();
    let length = words.len();
    Tensor::from_data(TensorData::new(words, [length]), (device, DType::U32))
}
