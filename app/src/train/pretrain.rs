//! `easel pretrain`: the demo's base model, from nothing.

use std::path::Path;

use easel_core::device;
use easel_core::train::pretrain::{Phase, PretrainSettings, pretrain};

use crate::failure::Failure;
use crate::terminal::note;
use crate::train::args::PretrainArgs;

/// After how many steps a line is told.
const TOLD: u64 = 20;

/// Trains and writes the model.
pub fn run(args: &PretrainArgs) -> Result<(), Failure> {
    let defaults = PretrainSettings::default();
    let settings = PretrainSettings {
        seed: args.seed,
        sight_steps: args.steps.unwrap_or(defaults.sight_steps),
        steps: args.steps.unwrap_or(defaults.steps),
        ..defaults
    };
    let opened = device::open(args.device.into())?;
    note(&format!("computing on {}: {}", opened.name, opened.reason));
    let (mut sum, mut count, mut seconds) = (0.0, 0.0, 0.0);
    pretrain(settings, Path::new(&args.out), &opened.device, &mut |step| {
        (sum, count, seconds) = (sum + step.loss, count + 1.0, seconds + step.seconds);
        if step.step % TOLD == 0 || step.step == step.steps {
            let what = match step.phase {
                Phase::Sight => "sight",
                Phase::Words => "words",
            };
            note(&format!(
                "{what}, step {} of {}: loss {:.4}, gradient {:.2}, {:.2} s a step",
                step.step,
                step.steps,
                sum / count,
                step.grad_norm,
                seconds / count
            ));
            (sum, count, seconds) = (0.0, 0.0, 0.0);
        }
    })?;
    Ok(())
}
