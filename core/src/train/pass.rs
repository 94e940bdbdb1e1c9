//! One forward and backward pass over a batch.

use std::thread;

use burn::tensor::{Device, Tensor};
use easel_shaders::Spans;

use crate::lora::Dropout;
use crate::model::text::{Pass, TextModel};
use crate::train::TrainError;
use crate::train::batch::Batch;
use crate::train::heads;
use crate::train::lora::{LoraShape, prefix};
use crate::train::objective::{self, Outputs, Prediction};
use crate::train::parameters::{GradientSum, Leaves, Parameters};
use crate::train::settings::{Objective, Probabilities};

/// Some rows of a step with their labels.
#[derive(Debug)]
pub struct Part {
    /// The prompts.
    pub batch: Batch,
    /// As many scores, from 1 to 5.
    pub labels: Vec<f32>,
}

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
    /// The probability with which a head's inner value is left out in training.
    pub head_dropout: f64,
    /// Keeps only each block's input and computes the rest again on the way back.
    pub recompute: bool,
    /// Where all of it lives.
    pub device: &'a Device,
}

impl Learner<'_> {
    /// Runs a part of a step forward and back: the loss, summed over rows and times `weight`, and
    /// its gradients. Chance (dropout) is drawn from `seed` alone.
    ///
    /// # Errors
    /// When the device fails, or the loss is no number.
    pub fn learn(
        &self,
        part: &Part,
        parameters: &Parameters,
        weight: f64,
        seed: u64,
    ) -> Result<(f64, GradientSum), TrainError> {
        let Part { batch, labels } = part;
        let [rows, length] = batch.size;
        let spans = Spans::causal(0, length, self.device);
        let pass = self.text.pass(rows, &batch.rotary, spans);
        let mut grads = GradientSum::default();
        let loss = if self.recompute {
            self.learn_by_block(part, &pass, parameters, seed, weight, &mut grads)
        } else {
            self.learn_whole(part, &pass, parameters, seed, weight, &mut grads)
        }?;
        debug_assert_eq!(labels.len(), batch.size[0], "a label a row");
        Ok((loss, grads))
    }

    /// As [`Learner::learn`] for several parts, each in a thread of its own: a processor's cores
    /// are used better by rows than within the operations of a few rows.
    ///
    /// # Errors
    /// As [`Learner::learn`].
    pub fn learn_all(
        &self,
        parts: &[Part],
        parameters: &Parameters,
        weight: f64,
        seed: u64,
    ) -> Result<(f64, GradientSum), TrainError> {
        let learn =
            |index: u64, part: &Part| self.learn(part, parameters, weight, mix(seed, index));
        let (mut loss, mut grads) = (0.0, GradientSum::default());
        for done in in_threads(parts, learn)? {
            loss += done.0;
            grads.merge(done.1);
        }
        Ok((loss, grads))
    }

    /// Reads the scores of several parts, one after another in the answer, and the loss, summed;
    /// without dropout.
    ///
    /// # Errors
    /// When the device fails or computes what is no number.
    pub fn predict_all(
        &self,
        parts: &[Part],
        parameters: &Parameters,
    ) -> Result<(Vec<Prediction>, f64), TrainError> {
        let (mut found, mut loss) = (Vec::new(), 0.0);
        for done in in_threads(parts, |_, part| self.predict(part, parameters))? {
            found.extend(done.0);
            loss += done.1;
        }
        Ok((found, loss))
    }

    fn learn_whole(
        &self,
        Part { batch, labels }: &Part,
        pass: &Pass<'_>,
        parameters: &Parameters,
        seed: u64,
        weight: f64,
        grads: &mut GradientSum,
    ) -> Result<f64, TrainError> {
        let leaves = parameters.leaves(|_| true);
        let dropout = self.dropout(self.lora.dropout, seed);
        let adapters = self.lora.batch(self.text.layers.len(), &leaves, dropout);
        let mut x = batch.x.clone();
        for (index, layer) in self.text.layers.iter().enumerate() {
            self.seed(seed, index as u64);
            x = layer.forward(x, pass, adapters.layer(index), None);
        }
        self.seed(seed, u64::MAX);
        let hidden = self.text.norm.forward(x.select(0, batch.last.clone()));
        let loss = self.loss(hidden, labels, &leaves, Some(seed)) * weight;
        grads.add(&leaves, &mut loss.backward());
        value(loss)
    }

    /// As [`Learner::learn_whole`]: the same numbers, with the activations of one block at a time
    /// (Chen et al., arXiv 1604.06174).
    fn learn_by_block(
        &self,
        Part { batch, labels }: &Part,
        pass: &Pass<'_>,
        parameters: &Parameters,
        seed: u64,
        weight: f64,
        grads: &mut GradientSum,
    ) -> Result<f64, TrainError> {
        let layers = self.text.layers.len();
        let dropout = self.dropout(self.lora.dropout, seed);
        let fixed = self.lora.batch(layers, &parameters.fixed(|_| true), dropout);
        let mut inputs = Vec::with_capacity(layers);
        let mut x = batch.x.clone();
        for (index, layer) in self.text.layers.iter().enumerate() {
            inputs.push(x.clone());
            self.seed(seed, index as u64);
            x = layer.forward(x, pass, fixed.layer(index), None);
        }

        let leaf = |x: Tensor<2>| x.autodiff().require_grad();
        let x = leaf(x);
        let leaves = parameters.leaves(|name| name.starts_with(heads::PREFIX));
        self.seed(seed, u64::MAX);
        let hidden = self.text.norm.forward(x.clone().select(0, batch.last.clone()));
        let loss = self.loss(hidden, labels, &leaves, Some(seed)) * weight;
        let mut found = loss.backward();
        grads.add(&leaves, &mut found);
        let mut back = x.grad_remove(&mut found);

        for (index, layer) in self.text.layers.iter().enumerate().rev() {
            let (Some(input), Some(grad)) = (inputs.pop(), back.take()) else { break };
            let leaves = parameters.leaves(|name| name.starts_with(&prefix(index)));
            let adapters = self.lora.batch(layers, &leaves, dropout);
            let input = leaf(input);
            self.seed(seed, index as u64);
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
        seed: Option<u64>,
    ) -> Tensor<1> {
        let (objective, probabilities) = (self.objective, self.probabilities);
        let dropout = seed.and_then(|seed| self.dropout(self.head_dropout, seed));
        objective::loss(objective, probabilities, hidden, labels, self.outputs, leaves, dropout)
    }

    /// On the processor chance comes from the host, so that threads do not share a generator.
    fn dropout(&self, rate: f64, seed: u64) -> Option<Dropout> {
        let seed = self.on_processor().then_some(seed);
        (rate > 0.0).then_some(Dropout { rate, seed })
    }

    /// On a GPU chance comes from the device; each block begins anew, so that it can be repeated.
    fn seed(&self, seed: u64, place: u64) {
        if !self.on_processor() {
            self.device.seed(mix(seed, place));
        }
    }

    fn on_processor(&self) -> bool {
        *self.device == Device::flex()
    }

    fn predict(
        &self,
        Part { batch, labels }: &Part,
        parameters: &Parameters,
    ) -> Result<(Vec<Prediction>, f64), TrainError> {
        let leaves = parameters.fixed(|_| true);
        let adapters = self.lora.batch(self.text.layers.len(), &leaves, None);
        let [rows, length] = batch.size;
        let hidden = batch.x.dims()[1];
        let x = batch.x.clone().reshape([rows, length, hidden]);
        let x = self.text.forward(x, &batch.rotary, Some(&adapters), None);
        let x = x.reshape([rows * length, hidden]).select(0, batch.last.clone());
        let hidden = self.text.norm.forward(x);
        let loss = value(self.loss(hidden.clone(), labels, &leaves, None))?;
        Ok((objective::predict(self.objective, hidden, self.outputs, &leaves)?, loss))
    }
}

/// Does `work` on each part in a thread of its own, and gives what came of them in their order.
fn in_threads<T: Send>(
    parts: &[Part],
    work: impl Fn(u64, &Part) -> Result<T, TrainError> + Sync,
) -> Result<Vec<T>, TrainError> {
    if let [part] = parts {
        return Ok(vec![work(0, part)?]);
    }
    thread::scope(|scope| {
        let work = &work;
        let start = |(index, part)| scope.spawn(move || work(index, part));
        let running: Vec<_> = (0..).zip(parts).map(start).collect();
        let end = |thread: thread::ScopedJoinHandle<'_, _>| match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        running.into_iter().map(end).collect()
    })
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
