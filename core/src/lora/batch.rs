//! The adapters of a batch's rows, stacked on the device.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};
use easel_shaders::{Normed, add_lora};

#[cfg(feature = "train")]
use crate::lora::Dropout;
use crate::lora::halves::Halves;
use crate::lora::{Adapter, LoraWeights, Target};
use crate::model::{Linear, Together};

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
#[allow(clippy::large_enum_variant, reason = "a model has some hundred of them")]
#[derive(Debug, Clone)]
enum Stack {
    /// As 32-bit floats.
    Float {
        /// `[rows, rank, inputs]`
        lora_a: Tensor<3>,
        /// `[rows, outputs, rank]`, times the scale
        lora_b: Tensor<3>,
    },
    /// As bfloat16.
    Half(Halves),
}

/// Adapters that were read, one after another, and are not yet stacked on the device.
#[derive(Debug, Default)]
pub struct LoraBatchBuilder {
    rows: usize,
    modules: BTreeMap<(usize, Target), Vec<(usize, LoraWeights)>>,
}

impl LoraBatchBuilder {
    /// Takes one adapter as the next row; `None` is a row of the bare model.
    pub fn push(&mut self, adapter: Option<Adapter>) {
        for (module, weights) in adapter.into_iter().flat_map(|adapter| adapter.weights) {
            self.modules.entry(module).or_default().push((self.rows, weights));
        }
        self.rows += 1;
    }

    /// Sends the rows to the device for a model of `layers` layers: as bfloat16 with `halves`, which
    /// suits a model that is itself quantized, else as 32-bit floats.
    #[must_use]
    pub fn finish(self, layers: usize, halves: bool, device: &Device) -> LoraBatch {
        let mut stacked = vec![BTreeMap::new(); layers];
        for ((layer, target), parts) in self.modules {
            let stack = match halves {
                true => Stack::Half(Halves::new(parts, self.rows, device)),
                false => Stack::floats(parts, self.rows, device),
            };
            stacked[layer].insert(target, stack);
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
            let (lora_a, lora_b) = (a.unsqueeze(), (b * scale).unsqueeze());
            let stack = Stack::Float { lora_a, lora_b };
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
        let narrow = |(target, stack): (&Target, &Stack)| Some((*target, stack.row(row)?));
        let layers =
            self.layers.iter().map(|layer| layer.iter().filter_map(narrow).collect()).collect();
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
    /// Rows that have an adapter, in order, among `rows` of them; ranks are filled up with zeros.
    fn floats(parts: Vec<(usize, LoraWeights)>, rows: usize, device: &Device) -> Self {
        let rank = parts.iter().map(|(_, weights)| weights.rank).max().unwrap_or(0);
        let sizes = |weights: &LoraWeights| {
            [weights.a.len() / weights.rank, weights.b.len() / weights.rank]
        };
        let [inputs, outputs] = parts.first().map_or([0; 2], |(_, weights)| sizes(weights));
        let mut lora_a = vec![0.0; rows * rank * inputs];
        let mut lora_b = vec![0.0; rows * outputs * rank];
        for (row, LoraWeights { rank: own, scale, a, b }) in parts {
            let first = row * rank * inputs;
            lora_a[first..first + a.len()].copy_from_slice(&a);
            let to = lora_b[row * outputs * rank..].chunks_exact_mut(rank.max(1));
            for (to, from) in to.zip(b.chunks_exact(own)) {
                to.iter_mut().zip(from).for_each(|(to, from)| *to = from * scale);
            }
        }
        let send =
            |values, shape: [usize; 3]| Tensor::from_data(TensorData::new(values, shape), device);
        Self::Float {
            lora_a: send(lora_a, [rows, rank, inputs]),
            lora_b: send(lora_b, [rows, outputs, rank]),
        }
    }

    /// The stack of one row; `None` where it has no adapter.
    fn row(&self, row: usize) -> Option<Self> {
        match self {
            Self::Float { lora_a, lora_b } => Some(Self::Float {
                lora_a: lora_a.clone().narrow(0, row, 1),
                lora_b: lora_b.clone().narrow(0, row, 1),
            }),
            Self::Half(halves) => halves.row(row).map(Self::Half),
        }
    }

    /// `base` and what each row's adapter adds to it.
    ///
    /// # Shapes
    /// - `base`, output: `[rows * length, outputs]`
    /// - `x`: `[rows * length, inputs]`
    fn add(&self, base: Tensor<2>, x: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Float { lora_a, lora_b } => add_lora(base, x, lora_a.clone(), lora_b.clone()),
            Self::Half(halves) => halves.add(base, x),
        }
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
        match self.has(&[target]) {
            true => self.add(target, linear.forward(x.clone()), x),
            false => linear.forward(x),
        }
    }

    /// The same for layers that read one input.
    ///
    /// # Shapes
    /// As [`Adapted::forward`], for each.
    #[must_use]
    pub fn forward_all<const N: usize>(
        &self,
        targets: [Target; N],
        linears: &Together<N>,
        x: impl Into<Normed>,
    ) -> [Tensor<2>; N] {
        let x = x.into();
        if !self.has(&targets) {
            return linears.forward(x);
        }
        let x = x.whole();
        let mut targets = targets.into_iter();
        linears.forward(x.clone()).map(|base| match targets.next() {
            Some(target) => self.add(target, base, x.clone()),
            None => base,
        })
    }

    /// `base`, and what the adapters add to it for `target`, whose input is `x`.
    fn add(&self, target: Target, base: Tensor<2>, x: Tensor<2>) -> Tensor<2> {
        match self.layer.and_then(|layer| layer.get(&target)) {
            Some(stack) => stack.add(base, self.drop(target, x)),
            None => base,
        }
    }

    /// Whether some row of this layer has an adapter for one of these.
    #[must_use]
    pub fn has(&self, targets: &[Target]) -> bool {
        self.layer.is_some_and(|layer| targets.iter().any(|target| layer.contains_key(target)))
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
        // All numbers are bfloat16s.
        for halves in [false, true] {
            each_row(halves, &Device::flex());
        }
    }

    fn each_row(halves: bool, device: &Device) {
        let mut builder = LoraBatchBuilder::default();
        builder.push(Some(adapter(1, &[1.0, 0.0], &[1.0, 1.0], 0.5)));
        builder.push(None);
        builder.push(Some(adapter(2, &[1.0, 0.0, 0.0, 1.0], &[0.0, 1.0, 1.0, 0.0], 1.0)));
        let batch = builder.finish(2, halves, device);

        // The base keeps x as it is; x = (4, 6) in each of three rows.
        let eye = Tensor::<2>::from_floats([[1.0, 0.0], [0.0, 1.0]], device);
        let linear = Linear::new(Weight::Float(eye), None);
        let x = Tensor::<2>::from_floats([[4.0, 6.0], [4.0, 6.0], [4.0, 6.0]], device);
        // Row 0 adds 0.5 · 4 to both, row 1 nothing, row 2 its values swapped.
        let expected = TensorData::from([[6.0_f32, 8.0], [4.0, 6.0], [10.0, 10.0]]);
        let y = batch.layer(0).forward(Target::Q, &linear, x.clone());
        y.into_data().assert_approx_eq::<f32>(&expected, Tolerance::default());

        for (row, expected) in [[6.0_f32, 8.0], [4.0, 6.0], [10.0, 10.0]].into_iter().enumerate() {
            let x = x.clone().narrow(0, row, 1);
            let one = batch.row(row).layer(0).forward(Target::Q, &linear, x);
            let expected = TensorData::from([expected]);
            one.into_data().assert_approx_eq::<f32>(&expected, Tolerance::default());
        }

        // What has no adapter is the base.
        assert!(batch.layer(0).has(&[Target::K, Target::Q]) && !batch.layer(0).has(&[Target::K]));
        let other = batch.layer(1).forward(Target::Q, &linear, x.clone());
        other.into_data().assert_eq(&x.into_data(), false);
    }
}
