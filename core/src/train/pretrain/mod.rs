//! A small Qwen2.5-VL of our own, trained from nothing on drawings made by a computer.
//!
//! First its vision tower learns to see: a head reads from its tokens what a drawing shows. Then
//! its language model learns to describe drawings, to comment on them, and the form of a score;
//! what it knows of scores is noise for the most part. The nine adapters are trained over it by the same
//! [`Trainer`](crate::train::Trainer) that trains over the published models.

mod matrices;
mod model;
mod patches;
mod readout;
mod samples;
mod step;

use std::path::Path;
use std::time::Instant;

use burn::tensor::Device;

use matrices::Matrices;
pub use model::{Sizes, Trainable};
pub use samples::{Sample, Sight};
pub use step::Told;

use crate::Error;
use crate::model::ModelConfig;
use crate::prompt::Tokenizer;
use crate::train::TrainError;
use crate::train::demo::tokenizer;
use crate::train::output::write_atomic;
use crate::train::parameters::{AdamWSettings, GradientSum};
use crate::train::pass::mix;
use crate::train::pretrain::samples::stream;

/// How the small model is trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PretrainSettings {
    /// Its sizes.
    pub sizes: Sizes,
    /// Where all chance begins.
    pub seed: u64,
    /// Optimiser steps of the vision tower.
    pub sight_steps: u64,
    /// Optimiser steps of the language model.
    pub steps: u64,
    /// Drawings a step.
    pub batch: usize,
    /// AdamW's rate after the warm-up; it falls to zero in the second half.
    pub learning_rate: f64,
    /// Muon's rate, likewise: for all matrices but the embeddings'.
    pub matrix_rate: f64,
    /// Steps over which the rate grows.
    pub warmup: u64,
    /// The tokenizer's size, special tokens apart.
    pub vocabulary: usize,
}

impl Default for PretrainSettings {
    fn default() -> Self {
        let sizes = Sizes {
            hidden: 128,
            intermediate: 384,
            layers: 4,
            vision_hidden: 128,
            vision_intermediate: 384,
            depth: 3,
        };
        Self {
            sizes,
            seed: 1,
            sight_steps: 3000,
            steps: 1500,
            batch: 16,
            learning_rate: 1e-3,
            matrix_rate: 0.02,
            warmup: 50,
            vocabulary: 1200,
        }
    }
}

/// What is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The vision tower.
    Sight,
    /// The language model.
    Words,
}

/// One step, as it is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PretrainStep {
    /// What is trained.
    pub phase: Phase,
    /// Which step of the phase, from 1.
    pub step: u64,
    /// How many the phase has.
    pub steps: u64,
    /// The mean loss of levels and contents, or the mean cross-entropy over the answers' tokens.
    pub loss: f64,
    /// The gradient's norm before clipping.
    pub grad_norm: f64,
    /// Seconds that it took.
    pub seconds: f64,
}

/// How many drawings' texts the tokenizer is made from.
const CORPUS: u64 = 3000;

/// What a value loses each step, times the learning rate.
const WEIGHT_DECAY: f64 = 0.01;

/// Trains the small model and writes it to the folder `out`: `config.json`, `tokenizer.json`,
/// `model.safetensors`.
///
/// # Errors
/// When the folder cannot be written, the device fails, or the loss is no longer finite.
pub fn pretrain(
    settings: PretrainSettings,
    out: &Path,
    device: &Device,
    events: &mut dyn FnMut(PretrainStep),
) -> Result<(), TrainError> {
    std::fs::create_dir_all(out).map_err(|error| TrainError::Run {
        path: out.to_owned(),
        reason: format!("cannot be made: {error}"),
    })?;
    let json = tokenizer::build(samples::corpus(settings.seed, CORPUS), settings.vocabulary);
    let json = json.map_err(|error| TrainError::Run {
        path: out.join("tokenizer.json"),
        reason: error.to_string(),
    })?;
    write_atomic(&out.join("tokenizer.json"), &json)?;
    let tokenizer = Tokenizer::from_bytes(&json).map_err(Error::from)?;
    let config = model::config_json(settings.sizes, tokenizer.vocabulary(), &tokenizer);
    write_atomic(&out.join("config.json"), config.as_bytes())?;
    let config = ModelConfig::from_json(&config).map_err(|error| Error::Config {
        file: out.join("config.json").display().to_string(),
        error,
    })?;

    let mut model = Trainable::new(config, settings.seed, device)?;
    let weights = out.join("model.safetensors");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let PretrainSettings { seed, batch, sight_steps, steps, .. } = settings;

    let drawings = stream(batch, sight_steps, move |index, done| Sight::new(seed, index, done));
    let mut phase = Running::new(settings, Phase::Sight, sight_steps);
    for drawings in drawings {
        let drawings = drawings?;
        events(phase.step(&mut model, |model| model.see(&drawings, device, threads))?);
    }
    model.write(&weights)?;

    // Others than the tower has seen.
    let samples = stream(batch, steps, move |index, _| Sample::new(mix(seed, 1), index));
    let mut phase = Running::new(settings, Phase::Words, steps);
    for samples in samples {
        let told = samples?.into_iter().map(|sample| sample.told(&tokenizer));
        let told = told.collect::<Result<Vec<_>, _>>().map_err(Error::from)?;
        let image = tokenizer.image_pad();
        events(phase.step(&mut model, |model| model.learn(&told, image, device, threads))?);
    }
    model.write(&weights)
}

/// A phase that is under way.
struct Running {
    settings: PretrainSettings,
    phase: Phase,
    steps: u64,
    done: u64,
    matrices: Matrices,
}

impl Running {
    fn new(settings: PretrainSettings, phase: Phase, steps: u64) -> Self {
        Self { settings, phase, steps, done: 0, matrices: Matrices::new(WEIGHT_DECAY) }
    }

    /// One step along the gradients that `work` finds.
    fn step(
        &mut self,
        model: &mut Trainable,
        work: impl FnOnce(&Trainable) -> Result<(f64, GradientSum), TrainError>,
    ) -> Result<PretrainStep, TrainError> {
        let began = Instant::now();
        let (loss, mut grads) = work(model)?;
        self.done += 1;
        let rising = self.done as f64 / self.settings.warmup.max(1) as f64;
        // Full speed for the first half, then down to zero in a straight line.
        let falling = 2.0 * (self.steps - self.done) as f64 / self.steps as f64;
        let part = rising.min(falling).min(1.0);
        let grad_norm = grads.norm()?;
        self.matrices.update(model, &mut grads, self.settings.matrix_rate * part);
        let optimiser = AdamWSettings { weight_decay: WEIGHT_DECAY, ..AdamWSettings::default() };
        model.parameters.update(grads, self.settings.learning_rate * part, &optimiser)?;
        Ok(PretrainStep {
            phase: self.phase,
            step: self.done,
            steps: self.steps,
            loss,
            grad_norm,
            seconds: began.elapsed().as_secs_f64(),
        })
    }
}
