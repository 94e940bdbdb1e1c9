//! The settings of a training run, with the paper's as defaults.

mod check;
mod choices;
mod error;
mod schedule;
mod toml_file;

use serde::{Deserialize, Serialize};

pub use choices::{Augmentation, Metric, Objective, Probabilities};
pub use error::SettingsError;

use crate::lora::Target;

/// How an adapter is trained (`config.toml`).
///
/// Defaults are those of KidsArtBench's published training code and, for AdamW, of transformers;
/// [`TrainSettings::for_objective`] knows where an ablation differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TrainSettings {
    /// What is minimised.
    pub objective: Objective,
    /// Where the probabilities of RAFT's expected score come from.
    pub probabilities: Probabilities,
    /// Whether one adapter learns all attributes.
    pub single_adapter: bool,
    /// Whether the training prompt has a reference comment where the data has one.
    pub comments: bool,
    /// Rank of the adapter.
    pub rank: usize,
    /// The adapter's output is scaled by this over the rank.
    pub lora_alpha: f64,
    /// Share of the adapter's inputs that are dropped while training.
    pub lora_dropout: f64,
    /// The linears of each language layer that are adapted.
    #[serde(with = "choices::targets")]
    pub target_modules: Vec<Target>,
    /// AdamW's rate after the warm-up.
    pub learning_rate: f64,
    /// Optimiser steps over which the rate grows from 0.
    pub warmup_steps: u64,
    /// AdamW's decay of weights.
    pub weight_decay: f64,
    /// AdamW's decay of the mean.
    pub beta1: f64,
    /// AdamW's decay of the mean square.
    pub beta2: f64,
    /// AdamW's guard against division by zero.
    pub epsilon: f64,
    /// Longest gradient, in all parameters together; longer ones are shortened. 0 lets all pass.
    pub max_grad_norm: f64,
    /// Rows in a forward pass.
    pub batch_size: usize,
    /// Passes in an optimiser step.
    pub accumulation: usize,
    /// Passes over the data.
    pub epochs: u64,
    /// Optimiser steps in all; where it is not given, the epochs decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_steps: Option<u64>,
    /// Optimiser steps between evaluations.
    pub eval_steps: u64,
    /// What tells the best checkpoint.
    pub metric: Metric,
    /// Evaluations without gain after which training stops; 0 never stops early.
    pub patience: u64,
    /// Optimiser steps between checkpoints.
    pub save_steps: u64,
    /// Side of the letterboxed picture, in pixels.
    pub side: u32,
    /// Random changes of the training pictures.
    pub augment: Vec<Augmentation>,
    /// Whether activations are computed again in the backward pass, to save memory.
    pub recompute: bool,
    /// Where all chance begins.
    pub seed: u64,
    /// Share of the rows to train on where the sheet has no split.
    pub train_fraction: f64,
    /// Width of the hidden layer of a head.
    pub head_width: usize,
    /// Share of a head's hidden values that are dropped while training.
    pub head_dropout: f64,
}

impl Default for TrainSettings {
    fn default() -> Self {
        Self {
            objective: Objective::Raft,
            probabilities: Probabilities::Vocab,
            single_adapter: false,
            comments: true,
            rank: 8,
            lora_alpha: 16.0,
            lora_dropout: 0.05,
            target_modules: vec![Target::Q, Target::K, Target::V, Target::O],
            learning_rate: 1e-5,
            warmup_steps: 100,
            weight_decay: 0.0,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            max_grad_norm: 1.0,
            batch_size: 4,
            accumulation: 4,
            epochs: 100,
            max_steps: None,
            eval_steps: 50,
            metric: Metric::Pearson,
            patience: 3,
            save_steps: 50,
            side: 224,
            augment: Vec::new(),
            recompute: false,
            seed: 42,
            train_fraction: 0.9,
            head_width: 512,
            head_dropout: 0.5,
        }
    }
}

impl TrainSettings {
    /// Whether the loss reads the whole language head.
    #[must_use]
    pub fn reads_vocabulary(&self) -> bool {
        !self.objective.has_head() && self.probabilities == Probabilities::Vocab
    }

    /// The published settings of an objective.
    #[must_use]
    pub fn for_objective(objective: Objective) -> Self {
        let common = Self { objective, ..Self::default() };
        match objective {
            Objective::Mse => {
                Self { learning_rate: 2e-5, batch_size: 16, accumulation: 8, ..common }
            }
            _ => common,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_mse_head_has_defaults_of_its_own() {
        for objective in Objective::ALL {
            let settings = TrainSettings::for_objective(objective);
            assert_eq!(settings.objective, objective);
            let own = (settings.learning_rate, settings.batch_size, settings.accumulation);
            match objective {
                Objective::Mse => assert_eq!(own, (2e-5, 16, 8)),
                _ => assert_eq!(own, (1e-5, 4, 4)),
            }
            assert_eq!(settings.validate(), Ok(()));
        }
    }
}
