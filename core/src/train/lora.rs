//! The adapter that is trained, among the parameters.

use std::collections::BTreeMap;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::lora::{Dropout, LoraBatch, LoraWeights, Target};
use crate::model::TextConfig;
use crate::train::parameters::{HostTensor, Leaves, Parameters};
use burn::tensor::Device;

/// Which linears an adapter changes, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct LoraShape {
    /// Rows of `lora_a`.
    pub rank: usize,
    /// The scale is `alpha / rank`.
    pub alpha: f64,
    /// The probability with which a value that enters the adapter is left out in training.
    pub dropout: f64,
    /// The linears of every layer.
    pub targets: Vec<Target>,
}

/// The name of one factor among the parameters.
fn name(layer: usize, target: Target, factor: &str) -> String {
    format!("layers.{layer:03}.{}.{factor}", target.name())
}

/// What all parameters of a layer's adapter begin with.
pub(crate) fn prefix(layer: usize) -> String {
    format!("layers.{layer:03}.")
}

impl LoraShape {
    /// `alpha / rank`.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.alpha / self.rank as f64
    }

    fn modules(&self, layers: usize) -> impl Iterator<Item = (usize, Target)> {
        (0..layers).flat_map(|layer| self.targets.iter().map(move |&target| (layer, target)))
    }

    /// A new adapter, as peft begins one: `lora_a` uniform in ±1/√inputs (PyTorch's
    /// `kaiming_uniform_` with a = √5), `lora_b` zero.
    pub fn init(&self, config: &TextConfig, seed: u64, into: &mut Parameters, device: &Device) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        for (layer, target) in self.modules(config.num_hidden_layers) {
            let (inputs, outputs) = target.sizes(config);
            let bound = 1.0 / (inputs as f64).sqrt();
            let mut draw = || ((rng.random::<f64>() * 2.0 - 1.0) * bound) as f32;
            let a = (0..self.rank * inputs).map(|_| draw()).collect();
            let b = vec![0.0; outputs * self.rank];
            let tensors = [("a", [self.rank, inputs], a), ("b", [outputs, self.rank], b)];
            for (factor, shape, values) in tensors {
                let tensor = HostTensor { shape: shape.to_vec(), values };
                into.insert(name(layer, target, factor), tensor, device);
            }
        }
    }

    /// Puts an adapter that was read among the parameters.
    ///
    /// # Errors
    /// The first module that it lacks or that has another rank.
    pub fn insert(
        &self,
        config: &TextConfig,
        weights: &BTreeMap<(usize, Target), LoraWeights>,
        into: &mut Parameters,
        device: &Device,
    ) -> Result<(), String> {
        for (layer, target) in self.modules(config.num_hidden_layers) {
            let held = weights.get(&(layer, target)).filter(|w| w.rank == self.rank);
            let held = held.ok_or_else(|| format!("layer {layer}, {}", target.name()))?;
            let (inputs, outputs) = target.sizes(config);
            let a = HostTensor { shape: vec![self.rank, inputs], values: held.a.clone() };
            let b = HostTensor { shape: vec![outputs, self.rank], values: held.b.clone() };
            into.insert(name(layer, target, "a"), a, device);
            into.insert(name(layer, target, "b"), b, device);
        }
        Ok(())
    }

    /// The adapter as the model applies it, where `leaves` has its parameters.
    pub(crate) fn batch(
        &self,
        layers: usize,
        leaves: &Leaves,
        dropout: Option<Dropout>,
    ) -> LoraBatch {
        let factors = |(layer, target): (usize, Target)| {
            let a = leaves.get::<2>(&name(layer, target, "a"))?;
            let b = leaves.get::<2>(&name(layer, target, "b"))?;
            Some(((layer, target), [a, b]))
        };
        let held: Vec<_> = self.modules(layers).filter_map(factors).collect();
        let modules = held.iter().map(|(module, factors)| (module, factors.clone()));
        LoraBatch::shared(modules, layers, self.scale(), dropout)
    }

    /// The adapter's factors of what [`Parameters::values`] gave.
    #[must_use]
    pub fn weights(
        &self,
        layers: usize,
        values: &BTreeMap<String, HostTensor>,
    ) -> BTreeMap<(usize, Target), LoraWeights> {
        let factors = |(layer, target): (usize, Target)| {
            let factor = |factor| Some(values.get(&name(layer, target, factor))?.values.clone());
            let (a, b) = (factor("a")?, factor("b")?);
            let scale = self.scale() as f32;
            Some(((layer, target), LoraWeights { rank: self.rank, scale, a, b }))
        };
        self.modules(layers).filter_map(factors).collect()
    }
}
