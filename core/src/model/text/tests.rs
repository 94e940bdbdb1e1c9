use std::collections::BTreeMap;

use burn::tensor::{Device, Distribution, TensorData};
use easel_shaders::quant::{Bits, Packed};
use easel_shaders::{Op, QuantWeight, Replaced};

use super::*;
use crate::device::{Choice, floats, open};
use crate::lora::{Adapter, LoraBatchBuilder, LoraWeights};
use crate::model::Weight;

const HIDDEN: usize = 96;
const INNER: usize = 160;
const LAYERS: usize = 3;

fn config() -> TextConfig {
    TextConfig {
        vocab_size: 8,
        hidden_size: HIDDEN,
        intermediate_size: INNER,
        num_hidden_layers: LAYERS,
        num_attention_heads: 3,
        num_key_value_heads: 1,
        head_dim: 32,
        rms_norm_eps: 1e-6,
        rope_theta: 10_000.0,
        mrope_section: [4, 6, 6],
        max_position_embeddings: 64,
    }
}

/// A model of integers.
fn model(device: &Device) -> TextModel {
    let values = |count: usize, seed: usize| -> Vec<f32> {
        (0..count).map(|i| ((i * 7 + seed * 13) as f32).sin() * 0.2).collect()
    };
    let vector = |width: usize, seed: usize| {
        Tensor::from_data(TensorData::new(values(width, seed), [width]), device)
    };
    let linear = |[outputs, inputs]: [usize; 2], seed: usize, bias: bool| {
        let packed = Packed::quantize(
            &values(outputs * inputs, seed),
            [outputs, inputs],
            [Bits::Four, Bits::Eight][seed / 10 % 2],
        );
        let weight = Weight::Quantized(QuantWeight::new(packed, device));
        Linear::new(weight, bias.then(|| vector(outputs, seed)))
    };
    let norm = |seed| RmsNorm::new(vector(HIDDEN, seed) + 1.0, 1e-6);
    let layer = |index: usize| {
        let seed = 10 * index;
        let qkv = [(HIDDEN, 0), (32, 1), (32, 2)]
            .map(|(outputs, part)| linear([outputs, HIDDEN], seed + part, true));
        let (qkv, bias) = Together::new(qkv).biases_apart();
        let o_proj = linear([HIDDEN, HIDDEN], seed + 3, false);
        let gate_up = Together::new([4, 5].map(|part| linear([INNER, HIDDEN], seed + part, false)));
        TextBlock {
            input_layernorm: norm(seed + 6),
            self_attn: TextAttention { qkv, bias, o_proj },
            post_attention_layernorm: norm(seed + 7),
            mlp: Mlp { gate_up, down_proj: linear([HIDDEN, INNER], seed + 8, false) },
        }
    };
    TextModel { config: config(), layers: (0..LAYERS).map(layer).collect(), norm: norm(9) }
}

/// A prompt and two tokens behind it, of which the second finds room.
fn read(text: &TextModel, x: &Tensor<3>, adapters: Option<&LoraBatch>) -> Vec<f32> {
    let device = x.device();
    let mut cache = Cache::new(LAYERS);
    let [_, length, _] = x.dims();
    let mut all = Vec::new();
    for (start, length) in [(0, length - 2), (length - 2, 1), (length - 1, 1)] {
        let angles: Vec<_> = (start * 16..(start + length) * 16).map(|i| i as f32 * 0.1).collect();
        let rotary = Rotary::new(&angles, 1, 16, &device);
        let part = x.clone().narrow(1, start, length);
        let y = text.forward(part, &rotary, adapters, Some(&mut cache));
        all.extend(floats(&y.into_data()));
    }
    all
}

/// Adapters on some layers' projections: what they adapt stands alone.
fn adapters(targets: &[(usize, Target)], device: &Device) -> LoraBatch {
    let weights = targets.iter().map(|&(layer, target)| {
        let (inputs, outputs) = target.sizes(&config());
        let a = (0..inputs).map(|i| (i as f32).cos()).collect();
        let b = (0..outputs).map(|i| (i as f32 * 0.3).sin()).collect();
        ((layer, target), LoraWeights { rank: 1, scale: 0.1, a, b })
    });
    let weights: BTreeMap<_, _> = weights.collect();
    let mut builder = LoraBatchBuilder::default();
    builder.push(Some(Adapter { name: "test".into(), weights }));
    builder.finish(LAYERS, false, device)
}

#[test]
fn few_launches_give_what_many_give() {
    if std::env::var_os("EASEL_NO_GPU").is_some() {
        return;
    }
    let device = open(Choice::Gpu).unwrap().device;
    let text = model(&device);
    let adapted = [
        vec![],
        vec![(1, Target::Q), (2, Target::O)],
        vec![(0, Target::Gate), (1, Target::Down)],
        vec![(0, Target::K), (1, Target::O), (1, Target::Up), (2, Target::V)],
    ];
    // A prompt of few rows, and one of many.
    for (targets, length) in adapted.iter().zip([7, 3, 30, 18]) {
        let adapters = (!targets.is_empty()).then(|| adapters(targets, &device));
        let x = Tensor::random([1, length, HIDDEN], Distribution::Normal(0.0, 1.0), &device);
        let found = read(&text, &x, adapters.as_ref());
        let apart = Replaced::new(Op::Fused);
        let expected = read(&text, &x, adapters.as_ref());
        drop(apart);
        assert_eq!(found.len(), expected.len());
        let largest = expected.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        let difference = found.iter().zip(&expected).map(|(a, b)| (a - b).abs());
        let difference = difference.fold(0.0_f32, f32::max);
        assert!(difference <= 1e-5 * largest, "{targets:?}: {difference} of {largest}");
        // They are other launches indeed, whose sums end in other bits.
        assert!(found != expected, "{targets:?}");
    }
}
