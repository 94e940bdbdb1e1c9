//! One forward and backward pass over a batch.

use burn::tensor::{Device, Tensor};

use crate::model::text::{Pass, TextModel};
use crate::train::TrainError;
use crate::train::batch::Batch;
use crate::train::heads;
use crate::train::lora::{LoraShape, prefix};
use crate::train::objective::{self, Outputs, Prediction};
use crate::train::parameters::{GradientSum, Leaves, Parameters};
use crate::train::settings::{Objective, Probabilities};

/// What a pass needs beside batch and parameters.
#[derive(Debug, Clone, Copy)]
pub struct Learner<'a> {
    /// The frozen language model.
    pub text: &'a TextModel,
    /// The adapter's shape.
    pub lora: &'a LoraShape,
    /// What is learned.
    pub objective: Objective,
    /// Over what RAFT and cross-entropy normalise.
    pub probabilities: Probabilities,
    /// The heads.
    pub outputs: Outputs<'a>,
    /// Keeps only each block's input and computes the rest again on the way back.
    pub recompute: bool,
    /// Where all of it lives.
    pub device: &'a Device,
}

impl Learner<'_> {
    /// Runs `batch` forward and back, adds the gradients of the loss, summed over rows and times
    /// `weight`, to `grads`, and returns that loss. Chance (dropout) is drawn from `seed` alone.
    ///
    /// # Errors
    /// When the device fails, or the loss is no number.
    pub fn learn(
        &self,
        batch: &Batch,
        labels: &[f32],
        parameters: &Parameters,
        weight: f64,
        seed: u64,
        grads: &mut GradientSum,
    ) -> Result<f64, TrainError> {
        let pass = self.text.pass(batch.size, 0, &batch.rotary, self.device);
        if self.recompute {
            self.learn_by_block(batch, labels, &pass, parameters, weight, seed, grads)
        } else {
            self.learn_whole(batch, labels, &pass, parameters, weight, seed, grads)
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one step's state, split in two ways")]
    fn learn_whole(
        &self,
        batch: &Batch,
        labels: &[f32],
        pass: &Pass<'_>,
        parameters: &Parameters,
        weight: f64,
        seed: u64,
        grads: &mut GradientSum,
    ) -> Result<f64, TrainError> {
        let leaves = parameters.leaves(|_| true);
        let adapters = self.lora.batch(self.text.layers.len(), &leaves, true);
        let mut x = batch.x.clone();
        for (index, layer) in self.text.layers.iter().enumerate() {
            self.device.seed(mix(seed, index as u64));
            x = layer.forward(x, pass, adapters.layer(index), None);
        }
        self.device.seed(mix(seed, u64::MAX));
        let hidden = self.text.norm.forward(x.select(0, batch.last.clone()));
        let loss = self.loss(hidden, labels, &leaves, true) * weight;
        grads.add(&leaves, &mut loss.backward());
        value(loss)
    }

    /// As [`Learner::learn_whole`]: the same numbers, with the activations of one block at a time
    /// (Chen et al., arXiv 1604.06174).
    #[expect(clippy::too_many_arguments, reason = "one step's state, split in two ways")]
    fn learn_by_block(
        &self,
        batch: &Batch,
        labels: &[f32],
        pass: &Pass<'_>,
        parameters: &Parameters,
        weight: f64,
        seed: u64,
        grads: &mut GradientSum,
    ) -> Result<f64, TrainError> {
        let layers = self.text.layers.len();
        let fixed = self.lora.batch(layers, &parameters.fixed(|_| true), true);
        let mut inputs = Vec::with_capacity(layers);
        let mut x = batch.x.clone();
        for (index, layer) in self.text.layers.iter().enumerate() {
            inputs.push(x.clone());
            self.device.seed(mix(seed, index as u64));
            x = layer.forward(x, pass, fixed.layer(index), None);
        }

        let leaf = |x: Tensor<2>| x.autodiff().require_grad();
        let x = leaf(x);
        let leaves = parameters.leaves(|name| name.starts_with(heads::PREFIX));
        self.device.seed(mix(seed, u64::MAX));
        let hidden = self.text.norm.forward(x.clone().select(0, batch.last.clone()));
        let loss = self.loss(hidden, labels, &leaves, true) * weight;
        let mut found = loss.backward();
        grads.add(&leaves, &mut found);
        let mut back = x.grad_remove(&mut found);

        for (index, layer) in self.text.layers.iter().enumerate().rev() {
            let (Some(input), Some(grad)) = (inputs.pop(), back.take()) else { break };
            let leaves = parameters.leaves(|name| name.starts_with(&prefix(index)));
            let adapters = self.lora.batch(layers, &leaves, true);
            let input = leaf(input);
            self.device.seed(mix(seed, index as u64));
            let output = layer.forward(input.clone(), pass, adapters.layer(index), None);
            // The derivative of this sum by the output is `grad`.
            let mut found = (output * grad).sum().backward();
            grads.add(&leaves, &mut found);
            back = input.grad_remove(&mut found);
        }
        value(loss)
    }

    fn loss(
        &self,
        hidden: Tensor<2>,
        labels: &[f32],
        leaves: &Leaves,
        training: bool,
    ) -> Tensor<1> {
        let (objective, probabilities) = (self.objective, self.probabilities);
        objective::loss(objective, probabilities, hidden, labels, self.outputs, leaves, training)
    }

    /// Reads the scores of a batch, and the loss against `labels`, summed; without dropout.
    ///
    /// # Errors
    /// When the device fails or computes what is no number.
    pub fn predict(
        &self,
        batch: &Batch,
        labels: &[f32],
        parameters: &Parameters,
    ) -> Result<(Vec<Prediction>, f64), TrainError> {
        let leaves = parameters.fixed(|_| true);
        let adapters = self.lora.batch(self.text.layers.len(), &leaves, false);
        let [rows, length] = batch.size;
        let hidden = batch.x.dims()[1];
        let x = batch.x.clone().reshape([rows, length, hidden]);
        let x = self.text.forward(x, &batch.rotary, Some(&adapters), None);
        let x = x.reshape([rows * length, hidden]).select(0, batch.last.clone());
        let hidden = self.text.norm.forward(x);
        let loss = value(self.loss(hidden.clone(), labels, &leaves, false))?;
        Ok((objective::predict(self.objective, hidden, self.outputs, &leaves)?, loss))
    }
}

fn value(loss: Tensor<1>) -> Result<f64, TrainError> {
    let value: f32 = loss.inner().try_into_data()?.iter::<f32>().next().unwrap_or(f32::NAN);
    match value.is_finite() {
        true => Ok(f64::from(value)),
        false => Err(TrainError::Diverged { what: "the loss" }),
    }
}

/// A seed for each use of one (SplitMix64, Steele et al., 2014).
#[must_use]
pub(crate) const fn mix(seed: u64, use_: u64) -> u64 {
    let mut z = seed ^ use_.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
