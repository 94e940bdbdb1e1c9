//! Attention: causal, behind a cache, packed, padded, any spans.

use std::ops::Range;

use burn::tensor::Device;
use easel_shaders::Spans;
use easel_shaders::attention::{attention, reference};

use super::{Case, Make};
use crate::Random;

/// Batch, queries, keys, heads, key heads, width of a head.
pub type Shape = [usize; 6];

pub(super) const NAMED: usize = 7;

/// A prompt of 1,500 tokens, a token behind them, nine prompts and a token of each, windows of a
/// picture with edges, no batch, and no keys.
fn named(index: usize, device: &Device) -> (Shape, Spans) {
    match index {
        0 => ([1, 1500, 1500, 2, 1, 128], Spans::causal(0, 1500, device)),
        1 => ([1, 1, 1501, 16, 2, 128], Spans::causal(1500, 1, device)),
        2 => ([9, 90, 90, 8, 1, 128], Spans::causal(0, 90, device)),
        3 => ([9, 1, 181, 28, 4, 128], Spans::causal(180, 1, device)),
        4 => ([1, 252, 252, 16, 16, 80], Spans::packed(&[64, 64, 48, 32, 32, 12], device)),
        5 => ([0, 3, 3, 2, 2, 8], Spans::causal(0, 3, device)),
        _ => ([1, 3, 0, 2, 2, 8], Spans::padded(&[0], 3, 0, device)),
    }
}

/// A batch of one kind after another, by its number.
#[must_use]
pub fn any(random: &mut Random, index: usize, device: &Device) -> (Shape, Spans) {
    let kv_heads = random.size(4);
    let heads = kv_heads * random.size(8);
    let width = match index % 4 {
        0 => random.size(128),
        1 => 2 * random.size(64),
        _ => [16, 64, 80, 128][random.below(4)],
    };
    let (batch, queries, before) = (random.size(4), random.size(150), random.size(200));
    let (keys, spans) = match index % 5 {
        0 => (queries, Spans::causal(0, queries, device)),
        1 => (before + queries, Spans::causal(before, queries, device)),
        2 => {
            let mut lengths = vec![0, queries];
            while lengths.iter().sum::<usize>() < 160 && random.below(5) > 0 {
                lengths.push(random.size(70));
            }
            let total = lengths.iter().sum();
            let spans = Spans::packed(&lengths, device);
            return ([batch, total, total, heads, kv_heads, width], spans);
        }
        3 => {
            let lengths: Vec<_> = (0..batch).map(|_| random.below(before + 1)).collect();
            (before, Spans::padded(&lengths, queries, before, device))
        }
        _ => {
            let ranges: Vec<Range<usize>> = (0..batch * queries)
                .map(|_| random.below(before + 1)..random.below(before + 1))
                .collect();
            (before, Spans::new(&ranges, [batch, queries, before], device))
        }
    };
    ([batch, queries, keys, heads, kv_heads, width], spans)
}

pub(super) fn case(make: &mut Make) -> Case {
    let index = make.index;
    let random = make.random.clone();
    // The same spans on both devices, from the same numbers.
    let both = make.devices.clone().map(|device| {
        let mut random = random.clone();
        let made = match index.checked_sub(NAMED) {
            None => named(index, &device),
            Some(index) => any(&mut random, index, &device),
        };
        (made, random)
    });
    let [((shape, spans), random), ((_, spans0), _)] = both;
    make.random = random;
    let [batch, queries, keys, heads, kv_heads, width] = shape;
    let [q, q0] = make.normal([batch, queries, heads, width]);
    let [k, k0] = make.normal([batch, keys, kv_heads, width]);
    let [v, v0] = make.normal([batch, keys, kv_heads, width]);
    let found = attention(q, k, v, &spans);
    let expected = match found.shape().num_elements() * keys {
        0 => q0 * 0.0,
        _ => reference(q0, k0, v0, &spans0),
    };
    Case::new(format!("{shape:?}, case {index}"), found, expected)
}
