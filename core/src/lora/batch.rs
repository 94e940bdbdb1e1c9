//! The adapters of a batch's rows, stacked on the device.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};
use easel_shaders::add_lora;

#[cfg(feature = "train")]
use crate::lora::Dropout;
use crate::lora::{Adapter, LoraWeights, Target};
use crate::model::Linear;

/// The adapters of all rows of a batch. Rows may have other ranks, other modules, or no adapter:
/// what is missing is zero.
#[derive(Debug, Clone)]
pub struct LoraBatch {
    rows: usize,
    layers: Vec<BTreeMap<Target, Stack>>,
    #[cfg(feature = "train")]
    dropout: Option<Dropout>,
}

/// One module's adapters.
#[derive(Debug, Clone)]
struct Stack {
    /// `[rows, rank, inputs]`
    lora_a: Tensor<3>,
    /// `[rows, outputs, rank]`, times the scale
    lora_b: Tensor<3>,
}

/// Adapters that were sent to the device, one after another, and are not yet stacked.
#[derive(Debug, Default)]
pub struct LoraBatchBuilder {
    rows: usize,
    modules: BTreeMap<(usize, Target), Vec<(usize, Stack)>>,
}

impl LoraBatchBuilder {
    /// Sends one adapter to the device as the next row; `None` is a row of the bare model.
    pub fn push(&mut self, adapter: Option<Adapter>, device: &Device) {
        for (module, weights) in adapter.into_iter().flat_map(|adapter| adapter.weights) {
            let stack = Stack::new(weights, device);
            self.modules.entry(module).or_default().push((self.rows, stack));
        }
        self.rows += 1;
    }

    /// Stacks the rows for a model of `layers` layers.
    #[must_use]
    pub fn finish(self, layers: usize) -> LoraBatch {
        let mut stacked = vec![BTreeMap::new(); layers];
        for ((layer, target), parts) in self.modules {
            stacked[layer].insert(target, Stack::join(parts, self.rows));
        }
        LoraBatch {
            rows: self.rows,
            layers: stacked,
            #[cfg(feature = "train")]
            dropout: None,
        }
    }
}

impl LoraBatch {
    /// One adapter for all rows of any batch, from tensors that may keep gradients.
    ///
    /// # Shapes
    /// - `modules`: by layer and linear, `lora_a` `[rank, inputs]` and `lora_b`
    ///   `[outputs, rank]`, the latter not yet times `scale`
    #[cfg(feature = "train")]
    pub(crate) fn shared<'a>(
        modules: impl Iterator<Item = (&'a (usize, Target), [Tensor<2>; 2])>,
        layers: usize,
        scale: f64,
        dropout: Option<Dropout>,
    ) -> Self {
        let mut stacked = vec![BTreeMap::new(); layers];
        for (&(layer, target), [a, b]) in modules {
            let stack = Stack { lora_a: a.unsqueeze(), lora_b: (b * scale).unsqueeze() };
            stacked[layer].insert(target, stack);
        }
        Self { rows: 1, layers: stacked, dropout }
    }

    /// How many rows the batch has.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The batch of the one row `row`.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn row(&self, row: usize) -> Self {
        assert!(row < self.rows, "row {row} of {}", self.rows);
        let narrow = |stack: &Stack| Stack {
            lora_a: stack.lora_a.clone().narrow(0, row, 1),
            lora_b: stack.lora_b.clone().narrow(0, row, 1),
        };
        let layers = self
            .layers
            .iter()
            .map(|layer| layer.iter().map(|(target, stack)| (*target, narrow(stack))).collect())
            .collect();
        Self {
            rows: 1,
            layers,
            #[cfg(feature = "train")]
            dropout: self.dropout,
        }
    }

    /// The adapters of one layer.
    #[must_use]
    pub fn layer(&self, index: usize) -> Adapted<'_> {
        Adapted {
            layer: self.layers.get(index),
            #[cfg(feature = "train")]
            dropout: self.dropout.map(|dropout| (dropout, index)),
        }
    }
}

impl Stack {
    /// One row.
    fn new(weights: LoraWeights, device: &Device) -> Self {
        let LoraWeights { rank, scale, a, mut b } = weights;
        for value in &mut b {
            *value *= scale;
        }
        let (inputs, outputs) = (a.len() / rank, b.len() / rank);
        Self {
            lora_a: Tensor::from_data(TensorData::new(a, [1, rank, inputs]), device),
            lora_b: Tensor::from_data(TensorData::new(b, [1, outputs, rank]), device),
        }
    }

    /// `rows` rows of the largest rank among `parts`, in order; the rest is zero.
    fn join(parts: Vec<(usize, Self)>, rows: usize) -> Self {
        let rank = parts.iter().map(|(_, stack)| stack.lora_a.dims()[1]).max().unwrap_or(0);
        let [inputs, outputs] = [parts[0].1.lora_a.dims()[2], parts[0].1.lora_b.dims()[1]];
        let device = parts[0].1.lora_a.device();
        let zeros = |shape: [usize; 3]| Tensor::<3>::zeros(shape, &device);

        let (mut lora_a, mut lora_b) = (Vec::new(), Vec::new());
        let mut parts = parts.into_iter().peekable();
        for row in 0..rows {
            let part = parts.next_if(|(index, _)| *index == row);
            let own = part.as_ref().map_or(0, |(_, stack)| stack.lora_a.dims()[1]);
            let (mut a, mut b) = (Vec::new(), Vec::new());
            if let Some((_, stack)) = part {
                a.push(stack.lora_a);
                b.push(stack.lora_b);
            }
            if own < rank {
                a.push(zeros([1, rank - own, inputs]));
                b.push(zeros([1, outputs, rank - own]));
            }
            lora_a.push(Tensor::cat(a, 1));
            lora_b.push(Tensor::cat(b, 2));
        }
        Self { lora_a: Tensor::cat(lora_a, 0), lora_b: Tensor::cat(lora_b, 0) }
    }
}

/// What adapts one layer; possibly nothing.
#[derive(Debug, Clone, Copy)]
pub struct Adapted<'a> {
    layer: Option<&'a BTreeMap<Target, Stack>>,
    /// With the layer's number.
    #[cfg(feature = "train")]
    dropout: Option<(Dropout, usize)>,
}

impl Adapted<'_> {
    /// A layer without adapters.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            layer: None,
            #[cfg(feature = "train")]
            dropout: None,
        }
    }

    /// Applies `linear` to all rows, and to each row what its adapter adds for `target`.
    ///
    /// # Shapes
    /// - `x`: `[rows * length, inputs]`
    /// - output: `[rows * length, outputs]`
    #[must_use]
    pub fn forward(&self, target: Target, linear: &Linear, x: Tensor<2>) -> Tensor<2> {
        let Some(stack) = self.layer.and_then(|layer| layer.get(&target)) else {
            return linear.forward(x);
        };
        let base = linear.forward(x.clone());
        add_lora(base, self.drop(target, x), stack.lora_a.clone(), stack.lora_b.clone())
    }

    #[cfg(feature = "train")]
    fn drop(&self, target: Target, x: Tensor<2>) -> Tensor<2> {
        match self.dropout {
            Some((dropout, layer)) => dropout.apply(x, layer as u64 * 16 + target as u64),
            None => x,
        }
    }

    /// Only training leaves values out.
    #[cfg(not(feature = "train"))]
    fn drop(&self, _: Target, x: Tensor<2>) -> Tensor<2> {
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Weight;
    use burn::tensor::Tolerance;

    fn adapter(rank: usize, a: &[f32], b: &[f32], scale: f32) -> Adapter {
        let weights = LoraWeights { rank, scale, a: a.to_vec(), b: b.to_vec() };
        Adapter { name: "test".into(), weights: BTreeMap::from([((0, Target::Q), weights)]) }
    }

    #[test]
    fn each_row_gets_its_own_adapter_of_its_own_rank() {
        let device = Device::flex();
        let mut builder = LoraBatchBuilder::default();
        builder.push(Some(adapter(1, &[1.0, 0.0], &[1.0, 1.0], 0.5)), &device);
        builder.push(None, &device);
        builder.push(Some(adapter(2, &[1.0, 0.0, 0.0, 1.0], &[0.0, 1.0, 1.0, 0.0], 1.0)), &device);
        let batch = builder.finish(2);

        // The base keeps x as it is; x = (4, 6) in each of three rows.
        let eye = Tensor::<2>::from_floats([[1.0, 0.0], [0.0, 1.0]], &device);
        let linear = Linear::new(Weight::Float(eye), None);
        let x = Tensor::<2>::from_floats([[4.0, 6.0], [4.0, 6.0], [4.0, 6.0]], &device);
        // Row 0 adds 0.5 · 4 to both, row 1 nothing, row 2 its values swapped.
        let expected = TensorData::from([[6.0_f32, 8.0], [4.0, 6.0], [10.0, 10.0]]);
        let y = batch.layer(0).forward(Target::Q, &linear, x.clone());
        y.into_data().assert_approx_eq::<f32>(&expected, Tolerance::default());

        let last = batch.row(2).layer(0).forward(Target::Q, &linear, x.clone().narrow(0, 0, 1));
        let expected = TensorData::from([[10.0_f32, 10.0]]);
        last.into_data().assert_approx_eq::<f32>(&expected, Tolerance::default());

        // What has no adapter is the base.
        let other = batch.layer(1).forward(Target::Q, &linear, x.clone());
        other.into_data().assert_eq(&x.into_data(), false);
    }
}
