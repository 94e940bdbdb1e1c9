//! What training saves: pictures encoded once, blocks computed again, one cache for nine
//! adapters. Each pair is measured in one run; the ratio is the figure.
//!
//! `cargo bench --workspace --bench train`. Peaks of memory are told before the times.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench tells and fails"
)]

use std::hint::black_box;
use std::rc::Rc;

use criterion::{Criterion, criterion_group, criterion_main};
use easel_core::device::{Device, Opened};
use easel_core::drawings::Drawing;
use easel_core::lora::Target;
use easel_core::prompt::scoring_prompt;
use easel_core::train::Base;
use easel_core::train::batch::Encoded;
use easel_core::train::lora::LoraShape;
use easel_core::train::parameters::{AdamWSettings, Parameters};
use easel_core::train::pass::Part;
use easel_core::train::settings::{Objective, Probabilities};
use easel_core::weights::{Folder, Source};
use easel_core::{Assessor, Attribute, LoadOptions};
use easel_tests::devices;
use easel_tests::golden::own;
use easel_tests::synthetic::{Shape, write};
use pollster::block_on;

/// Pictures of a step.
const ROWS: usize = 4;
/// Steps that an adapter takes over the same pictures.
const STEPS: usize = 5;

/// A trainer of one adapter, without files.
struct Bench {
    base: Base,
    lora: LoraShape,
    parameters: Parameters,
    drawings: Vec<Drawing>,
}

impl Bench {
    fn new(assessor: Assessor) -> Self {
        let base = Base::new(assessor).unwrap();
        let targets = vec![Target::Q, Target::K, Target::V, Target::O];
        let lora = LoraShape { rank: 8, alpha: 16.0, dropout: 0.0, targets };
        let mut parameters = Parameters::default();
        lora.init(&base.config().text, 1, &mut parameters, &base.device().clone());
        let drawings = (0..ROWS as u64).map(|index| Drawing::generate(1, index)).collect();
        Self { base, lora, parameters, drawings }
    }

    fn encode(&mut self) -> Vec<Rc<Encoded>> {
        let encode = |drawing: &Drawing| Rc::new(self.base.encode(&drawing.image, 224).unwrap());
        self.drawings.iter().map(encode).collect()
    }

    fn step(&mut self, attribute: Attribute, pictures: &[Rc<Encoded>], recompute: bool) {
        let prompt = scoring_prompt(attribute);
        let prompts = pictures.iter().map(|p| self.base.prompt(&prompt, p.clone()).unwrap());
        let prompts: Vec<_> = prompts.collect();
        let labels = self.drawings.iter().map(|d| f32::from(d.levels[attribute as usize]));
        let part = Part { labels: labels.collect(), batch: self.base.batch(&prompts).unwrap() };
        let mut learner =
            self.base.learner(&self.lora, Objective::Raft, Probabilities::Digits, None).unwrap();
        learner.recompute = recompute;
        let (_, grads) = learner.learn(&part, &self.parameters, 0.25, 0).unwrap();
        let rate = AdamWSettings::default();
        black_box(self.parameters.update(grads, 1e-4, &rate).unwrap());
    }
}

/// The demo model, whose vision tower is as wide as its language model.
fn demo(device: &Device) -> Bench {
    let source = easel_core::demo::model();
    Bench::new(block_on(Assessor::load(source, None, LoadOptions::new(), device)).unwrap())
}

/// A deeper random model, whose activations weigh more than its weights.
fn deep(device: &Device) -> Bench {
    let shape =
        Shape { hidden: 256, intermediate: 768, layers: 16, heads: 4, vocab: 2048, depth: 2 };
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), shape).unwrap();
    let source = Rc::new(Folder::open(folder.path()).unwrap()) as Rc<dyn Source>;
    let tokenizer = std::fs::read(own().model().join("tokenizer.json")).unwrap();
    let options = LoadOptions::new().with_tokenizer(tokenizer);
    Bench::new(block_on(Assessor::load(source, None, options, device)).unwrap())
}

fn name(opened: &Opened) -> &'static str {
    if opened.device == Device::flex() { "flex" } else { "wgpu" }
}

fn cached(c: &mut Criterion) {
    for opened in devices() {
        let mut group = c.benchmark_group(format!("step/{}", name(&opened)));
        group.sample_size(10);
        let mut bench = demo(&opened.device);
        let pictures = bench.encode();
        group.bench_function("cached pictures", |b| {
            b.iter(|| bench.step(Attribute::Realism, &pictures, false));
        });
        group.bench_function("pictures encoded each time", |b| {
            b.iter(|| {
                let pictures = bench.encode();
                bench.step(Attribute::Realism, &pictures, false);
            });
        });
        group.finish();
    }
}

fn nine(c: &mut Criterion) {
    for opened in devices() {
        let mut group = c.benchmark_group(format!("nine adapters/{}", name(&opened)));
        group.sample_size(10);
        group.bench_function("over one cache", |b| {
            b.iter(|| {
                let mut bench = demo(&opened.device);
                let pictures = bench.encode();
                for attribute in Attribute::ALL {
                    (0..STEPS).for_each(|_| bench.step(attribute, &pictures, false));
                }
            });
        });
        group.bench_function("in runs of their own", |b| {
            b.iter(|| {
                for attribute in Attribute::ALL {
                    let mut bench = demo(&opened.device);
                    let pictures = bench.encode();
                    (0..STEPS).for_each(|_| bench.step(attribute, &pictures, false));
                }
            });
        });
        group.finish();
    }
}

fn recomputation(c: &mut Criterion) {
    let flex = devices().into_iter().find(|opened| opened.device == Device::flex()).unwrap();
    let mut bench = deep(&flex.device);
    let pictures = bench.encode();
    for recompute in [true, false] {
        let before = peak_since(|| ());
        let peak = peak_since(|| bench.step(Attribute::Realism, &pictures, recompute));
        let way = if recompute { "computed again" } else { "kept" };
        println!("activations {way}: {} MiB at the peak of a step", (peak - before) >> 20);
    }
    let mut group = c.benchmark_group("activations/flex");
    group.sample_size(10);
    for (way, recompute) in [("kept", false), ("computed again by block", true)] {
        group.bench_function(way, |b| {
            b.iter(|| bench.step(Attribute::Realism, &pictures, recompute));
        });
    }
    group.finish();
}

/// The most host memory that the process held while `work` ran, in bytes; Linux alone tells it.
fn peak_since(work: impl FnOnce()) -> u64 {
    // Sets the mark back to what is held now (proc(5)).
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    work();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) << 10
}

criterion_group!(benches, recomputation, cached, nine);
criterion_main!(benches);
