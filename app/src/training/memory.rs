//! What a run will hold in memory, told before anything large is loaded.

use easel_core::Precision;
use easel_core::model::ModelConfig;
use easel_core::prompt::Tokenizer;
use easel_core::train::settings::TrainSettings;
use easel_core::train::{Data, Plan, TrainError};

/// A run's plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Labels that are trained on, and that are validated on.
    pub labels: [usize; 2],
    /// Optimiser steps of the first job.
    pub steps: u64,
    /// The plan as asked for.
    pub plan: Plan,
    /// Bytes in all with other weights.
    pub others: Vec<(Precision, f64)>,
}

/// Plans a run of `data`; `weights` says how the frozen matrices are kept, where that was chosen.
///
/// # Errors
/// When the tokenizer refuses a prompt.
pub fn planned(
    config: &ModelConfig,
    tokenizer: &Tokenizer,
    settings: &TrainSettings,
    data: &Data,
    weights: Option<Precision>,
) -> Result<Planned, TrainError> {
    let vision = &config.vision;
    let merged = settings.side as usize / vision.patch_size / vision.spatial_merge_size;
    let with_comments =
        settings.comments && data.train.iter().any(|example| !example.comments.is_empty());
    let mut longest = 0;
    for example in &data.train {
        for chance in 0..example.comments.len().max(1) {
            let prompt = example.prompt(with_comments, chance as u64);
            let ids = tokenizer.chat(&prompt, merged * merged).map_err(easel_core::Error::from)?;
            longest = longest.max(ids.len());
        }
    }
    let asked = weights.unwrap_or_else(|| Precision::of(config));
    let plan = |precision| Plan::new(config, settings, longest, precision);
    let all = [Precision::F32, Precision::Bf16, Precision::Q8, Precision::Q4];
    let others = all.into_iter().filter(|other| *other != asked);
    Ok(Planned {
        labels: [data.train.len(), data.valid.len()],
        steps: settings.total_steps(data.train.len()),
        plan: plan(asked),
        others: others.map(|other| (other, plan(other).total())).collect(),
    })
}
