//! Whether a model fits a device, told before it is loaded.

use std::rc::Rc;

use easel::size::Bytes;
use easel_core::model::{Asked, DevicePlan, Keeping, ModelConfig, Work};
use easel_core::weights::{Checkpoint, Source};
use easel_core::{Error, Precision};

use crate::args::MemoryArgs;
use crate::failure::Failure;

/// What a device grants.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// Bytes in all, where that is known.
    pub memory: Option<u64>,
    /// Bytes of a buffer that a kernel binds.
    pub binding: Option<u64>,
}

impl Limits {
    /// What the arguments, else the environment, say of memory.
    pub fn new(args: MemoryArgs, binding: Option<u64>) -> Result<Self, Failure> {
        const VARIABLE: &str = "EASEL_MEMORY_LIMIT";
        let memory = match (args.memory_limit, std::env::var(VARIABLE)) {
            (Some(bytes), _) => Some(bytes),
            (None, Ok(text)) => {
                let wrong = |reason| Failure::Usage(format!("{VARIABLE}: {reason}"));
                Some(text.parse::<Bytes>().map_err(wrong)?)
            }
            (None, Err(_)) => None,
        };
        Ok(Self { memory: memory.map(|bytes| bytes.0), binding })
    }

    fn grant(&self, plan: &DevicePlan) -> bool {
        self.memory.is_none_or(|most| plan.peak() <= most)
            && self.binding.is_none_or(|most| plan.largest <= most)
    }
}

/// A model whose files were looked at, and which is not yet loaded.
pub struct Planner {
    name: String,
    config: ModelConfig,
    checkpoint: Checkpoint,
}

impl Planner {
    /// Reads a model's settings and the headers of its tensors.
    pub fn new(source: &Rc<dyn Source>) -> Result<Self, Failure> {
        let config = crate::session::config(&**source)?;
        let checkpoint = pollster::block_on(Checkpoint::open(Rc::clone(source)));
        let checkpoint = checkpoint.map_err(Error::from)?;
        Ok(Self { name: source.name(), config, checkpoint })
    }

    /// What the model takes.
    pub fn plan(&self, asked: Asked, work: Work) -> Result<DevicePlan, Failure> {
        let keeping = Keeping::new(asked, &self.config, &self.checkpoint).map_err(Error::from)?;
        Ok(DevicePlan::new(&self.config, keeping, Some(&self.checkpoint), work))
    }

    /// Refuses a model that does not fit, and names what does.
    pub fn check(&self, asked: Asked, work: Work, limits: Limits) -> Result<(), Failure> {
        let plan = self.plan(asked, work)?;
        if limits.grant(&plan) {
            return Ok(());
        }
        let needs = match limits.memory.filter(|most| plan.peak() > *most) {
            Some(most) => {
                format!("needs {} on the device, and {} are granted", gb(plan.peak()), gb(most))
            }
            None => format!(
                "needs a buffer of {} MiB, and the device binds at most {}",
                plan.largest >> 20,
                limits.binding.unwrap_or(0) >> 20
            ),
        };
        let others = self.others(asked, work);
        let fits = others.iter().filter(|(_, plan)| limits.grant(plan));
        let nearest = fits.max_by_key(|(_, plan)| plan.peak());
        let least = others.iter().min_by_key(|(_, plan)| plan.peak());
        let advice = match (nearest, least) {
            (Some((with, plan)), _) => format!("; it fits with {with} ({})", gb(plan.peak())),
            (None, Some((with, plan))) => {
                format!("; nothing fits: with {with} it still needs {}", gb(plan.peak()))
            }
            (None, None) => String::new(),
        };
        Err(Failure::Plan(format!("{}: {needs}{advice}", self.name)))
    }

    /// All that could be asked instead, as options of the command line; a pack is as it is.
    fn others(&self, asked: Asked, work: Work) -> Vec<(String, DevicePlan)> {
        let some = [Precision::F32, Precision::Bf16, Precision::Q8, Precision::Q4].map(Some);
        let mut found = Vec::new();
        for weights in std::iter::once(asked.weights).chain(some) {
            for vision in [asked.vision, None, Some(Precision::Q4)] {
                for low_memory in [false, true] {
                    let (asked, work) = (Asked { weights, vision }, Work { low_memory, ..work });
                    let Ok(plan) = self.plan(asked, work) else { continue };
                    // A tower of 4 bits beside more elsewhere would be a poor bargain.
                    if vision == Some(Precision::Q4) && plan.weights != Precision::Q4 {
                        continue;
                    }
                    let options = [
                        weights.map(|weights| format!("--weights {}", name(weights))),
                        vision.map(|vision| format!("--vision {}", name(vision))),
                        low_memory.then(|| "--low-memory".to_owned()),
                    ];
                    let options: Vec<_> = options.into_iter().flatten().collect();
                    if !options.is_empty() {
                        found.push((options.join(" "), plan));
                    }
                }
            }
        }
        found
    }
}

const fn name(precision: Precision) -> &'static str {
    match precision {
        Precision::F32 => "f32",
        Precision::Bf16 => "bf16",
        Precision::Q8 => "q8",
        Precision::Q4 => "q4",
    }
}

fn gb(bytes: u64) -> String {
    match bytes {
        100_000_000.. => format!("{:.2} GB", bytes as f64 / 1e9),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
