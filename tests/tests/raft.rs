//! RAFT's steps against PyTorch and peft: losses and gradient norms of twelve AdamW steps.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests panic and print figures")]

use std::rc::Rc;

use easel_core::device::Device;
use easel_core::lora::Target;
use easel_core::prompt::scoring_prompt;
use easel_core::train::Base;
use easel_core::train::lora::LoraShape;
use easel_core::train::parameters::{AdamWSettings, GradientSum, Parameters};
use easel_core::train::pass::Part;
use easel_core::train::settings::{Objective, Probabilities};
use easel_core::{Attribute, Image};
use easel_tests::devices;
use easel_tests::golden::{Case, all, own, source};
use serde::Deserialize;

/// `raft.json`.
#[derive(Deserialize)]
struct Raft {
    adapter: Attribute,
    labels: Vec<f32>,
    lr: f64,
    betas: [f64; 2],
    eps: f64,
    weight_decay: f64,
    max_grad_norm: f64,
    digits: Curve,
    vocab: Curve,
}

#[derive(Deserialize, Clone)]
struct Curve {
    losses: Vec<f64>,
    grad_norms: Vec<f64>,
}

fn reference(case: &Case) -> Raft {
    let json = std::fs::read_to_string(case.folder.join("raft.json")).unwrap();
    serde_json::from_str(&json).unwrap()
}

const FIRST_LOSS: f64 = 1e-4;
const LOSS: f64 = 1e-2;
const NORM: f64 = 2e-2;

/// Trains as the reference does: the full batch of four drawings, one at a time or together.
fn train(
    case: &Case,
    raft: &Raft,
    probabilities: Probabilities,
    [batch, recompute]: [usize; 2],
    device: &Device,
) -> Curve {
    let mut base = Base::new(case.load(false, device)).unwrap();
    if probabilities == Probabilities::Vocab {
        base.want_vocabulary().unwrap();
    }
    let adapters = source(case.adapters());
    let weights = base.read_adapter(adapters.as_ref(), raft.adapter.name()).unwrap();
    let targets = vec![Target::Q, Target::K, Target::V, Target::O];
    let lora = LoraShape { rank: 8, alpha: 16.0, dropout: 0.0, targets };
    let mut parameters = Parameters::default();
    lora.insert(&base.config().text, &weights, &mut parameters, device).unwrap();

    let settings = AdamWSettings {
        beta1: raft.betas[0],
        beta2: raft.betas[1],
        epsilon: raft.eps,
        weight_decay: raft.weight_decay,
        max_grad_norm: raft.max_grad_norm,
    };
    let mut prompts = Vec::new();
    for index in 0..raft.labels.len() {
        let image = Image::decode(&case.picture(&format!("drawing_{index}.png"))).unwrap();
        let picture = Rc::new(base.encode(&image, 224).unwrap());
        prompts.push(base.prompt(&scoring_prompt(raft.adapter), picture).unwrap());
    }
    let mut curve = Curve { losses: Vec::new(), grad_norms: Vec::new() };
    for _ in 0..raft.digits.losses.len() {
        let mut grads = GradientSum::default();
        let mut loss = 0.0;
        for (prompts, labels) in prompts.chunks(batch).zip(raft.labels.chunks(batch)) {
            let part = Part { batch: base.batch(prompts).unwrap(), labels: labels.to_vec() };
            let mut learner = base.learner(&lora, Objective::Raft, probabilities, None).unwrap();
            learner.recompute = recompute == 1;
            let weight = 1.0 / raft.labels.len() as f64;
            let (part_loss, part) = learner.learn(&part, &parameters, weight, 0).unwrap();
            loss += part_loss;
            grads.merge(part);
        }
        curve.losses.push(loss);
        curve.grad_norms.push(parameters.update(grads, raft.lr, &settings).unwrap());
    }
    curve
}

fn compare(found: &Curve, expected: &Curve, what: &str) {
    let relative = |(found, expected): (&f64, &f64)| (found - expected).abs() / expected.abs();
    let worst = |pairs: &[f64], expected: &[f64]| {
        pairs.iter().zip(expected).map(relative).fold(0.0, f64::max)
    };
    let first = worst(&found.losses[..1], &expected.losses[..1]);
    let losses = worst(&found.losses, &expected.losses);
    let norms = worst(&found.grad_norms[..6], &expected.grad_norms[..6]);
    println!("{what}: first loss {first:.1e}, losses {losses:.1e}, norms {norms:.1e}");
    assert!(first <= FIRST_LOSS, "{what}: first loss");
    assert!(losses <= LOSS, "{what}: {:?} {:?}", found.losses, expected.losses);
    assert!(norms <= NORM, "{what}: {:?} {:?}", found.grad_norms, expected.grad_norms);
}

#[test]
fn twelve_steps_equal_the_reference() {
    for case in all() {
        let raft = reference(&case);
        for opened in devices() {
            let pairs =
                [(Probabilities::Digits, &raft.digits), (Probabilities::Vocab, &raft.vocab)];
            for (probabilities, expected) in pairs {
                let found = train(&case, &raft, probabilities, [4, 0], &opened.device);
                let what = format!("{} on {}, {probabilities}", case.name(), opened.name);
                compare(&found, expected, &what);
            }
        }
    }
}

#[test]
fn accumulation_and_recomputation_change_nothing() {
    let case = own();
    let raft = reference(&case);
    for opened in devices() {
        for way in [[1, 0], [2, 1]] {
            let found = train(&case, &raft, Probabilities::Digits, way, &opened.device);
            let what = format!("{}, batches of {}", opened.name, way[0]);
            compare(&found, &raft.digits, &what);
        }
    }
}

#[test]
fn the_comparison_sees_a_wrong_step() {
    let raft = reference(&own());
    let mut other = raft.digits.clone();
    other.losses[3] *= 1.02;
    assert!(std::panic::catch_unwind(|| compare(&other, &raft.digits, "changed")).is_err());
}
