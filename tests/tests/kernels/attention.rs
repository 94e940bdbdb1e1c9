//! Attention without the matrix of scores, and its gradients.

use std::ops::Range;

use burn::tensor::Tolerance;
use easel_shaders::Spans;
use easel_shaders::attention::{attention, reference};

use super::*;

/// Batch, queries, keys, heads, key heads, width of a head.
type Shape = [usize; 6];

fn inputs(random: &mut Random, shape: Shape, device: &Device) -> [Tensor<4>; 3] {
    let [batch, queries, keys, heads, kv_heads, width] = shape;
    let q = random.normal([batch, queries, heads, width], device);
    let k = random.normal([batch, keys, kv_heads, width], device);
    [q, k, random.normal([batch, keys, kv_heads, width], device)]
}

/// Batches of each kind in turn: causal, behind a cache, packed, padded, any spans.
fn case(random: &mut Random, index: usize, device: &Device) -> (Shape, Spans) {
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
            return (
                [batch, total, total, heads, kv_heads, width],
                Spans::packed(&lengths, device),
            );
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

fn error([q, k, v]: [Tensor<4>; 3], spans: &Spans) -> f32 {
    let found = values(attention(q.clone(), k.clone(), v.clone(), spans));
    let expected = values(reference(q, k, v, spans));
    if expected.iter().all(|&value| value == 0.0) {
        assert!(found.iter().all(|&value| value == 0.0), "nobody sees anything");
        return 0.0;
    }
    relative_error(&found, &expected)
}

#[test]
fn attention_of_any_shape_equals_the_reference() {
    for opened in devices() {
        let device = &opened.device;
        let mut random = Random(0x2545_F491_4F6C_DD1D);
        let mut worst = 0.0_f32;
        for index in 0..80 {
            let (shape, spans) = case(&mut random, index, device);
            let found = error(inputs(&mut random, shape, device), &spans);
            assert!(found <= RELATIVE, "case {index}, {shape:?} on {}: {found}", opened.name);
            worst = worst.max(found);
        }
        println!("{}: at most {worst:.1e}", opened.name);
    }
}

#[test]
fn the_models_own_attentions_equal_the_reference() {
    for opened in devices() {
        let device = &opened.device;
        let mut random = Random(11);
        let cases = [
            // A prompt of 1,500 tokens, a token behind them, and nine prompts.
            ([1, 1500, 1500, 2, 1, 128], Spans::causal(0, 1500, device)),
            ([1, 1, 1501, 16, 2, 128], Spans::causal(1500, 1, device)),
            ([9, 1, 181, 28, 4, 128], Spans::causal(180, 1, device)),
            ([9, 90, 90, 8, 1, 128], Spans::causal(0, 90, device)),
            // Windows of a picture with edges.
            ([1, 252, 252, 16, 16, 80], Spans::packed(&[64, 64, 48, 32, 32, 12], device)),
        ];
        for (shape, spans) in cases {
            let found = error(inputs(&mut random, shape, device), &spans);
            println!("{shape:?} on {}: {found:.1e}", opened.name);
            assert!(found <= RELATIVE, "{shape:?} on {}: {found}", opened.name);
        }
    }
}

#[test]
fn large_scores_and_parts_of_wider_rows_are_read_as_they_are() {
    for opened in devices() {
        let device = &opened.device;
        let mut random = Random(5);
        let wide: Tensor<4> = random.normal([1, 70, 12, 20], device);
        let part = |from: usize| wide.clone().narrow(2, from, 4);
        let spans = Spans::packed(&[30, 40], device);
        let found = error([part(0), part(4), part(8)], &spans);
        assert!(found <= RELATIVE, "{}: {found}", opened.name);
        // Weights of nearly one and nearly zero.
        let [q, k, v] = inputs(&mut random, [2, 40, 40, 2, 2, 16], device);
        let found =
            values(attention(q.clone() * 300.0, k.clone(), v.clone(), &spans_of(40, device)));
        let expected = values(reference(q * 300.0, k, v, &spans_of(40, device)));
        assert!(found.iter().all(|value| value.is_finite()));
        // Scores of some hundreds have but five digits behind the point.
        assert!(relative_error(&found, &expected) < 1e-3, "{}", opened.name);
    }
}

fn spans_of(queries: usize, device: &Device) -> Spans {
    Spans::causal(0, queries, device)
}

#[test]
fn an_empty_batch_and_no_keys_give_what_they_can() {
    for opened in devices() {
        let device = &opened.device;
        let zeros = |shape: [usize; 4]| Tensor::<4>::zeros(shape, device);
        let spans = Spans::padded(&[0], 3, 0, device);
        let (q, k) = (zeros([1, 3, 2, 8]), zeros([1, 0, 2, 8]));
        assert_eq!(values(attention(q, k.clone(), k, &spans)), [0.0; 48]);
        let empty = zeros([0, 3, 2, 8]);
        let y = attention(empty.clone(), empty.clone(), empty, &Spans::causal(0, 3, device));
        assert_eq!(y.dims(), [0, 3, 2, 8]);
    }
}

#[test]
fn one_changed_key_is_noticed() {
    for opened in devices() {
        let device = &opened.device;
        let mut random = Random(3);
        let [q, k, v] = inputs(&mut random, [1, 40, 40, 2, 2, 16], device);
        let spans = spans_of(40, device);
        let changed = k.clone().slice_fill([0..1, 39..40, 1..2, 3..4], 3.0);
        let found = values(attention(q.clone(), changed, v.clone(), &spans));
        let expected = values(reference(q, k, v, &spans));
        assert!(relative_error(&found, &expected) > RELATIVE);
    }
}

#[test]
fn gradients_of_attention_equal_those_of_the_reference() {
    for opened in devices() {
        let device = &opened.device;
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        for index in 0..20 {
            let (shape, spans) = case(&mut random, index, device);
            let held = inputs(&mut random, shape, device);
            let dy: Tensor<4> = random.normal(held[0].dims(), device);
            let gradients = |op: fn(Tensor<4>, Tensor<4>, Tensor<4>, &Spans) -> Tensor<4>| {
                let [q, k, v] = held.clone().map(|x| x.autodiff().require_grad());
                let y = op(q.clone(), k.clone(), v.clone(), &spans);
                let mut found = (y * dy.clone().autodiff()).sum().backward();
                [q, k, v].map(|x| x.grad_remove(&mut found).unwrap())
            };
            let (found, expected) = (gradients(attention), gradients(reference));
            for (found, expected) in found.into_iter().zip(expected) {
                let near = Tolerance::<f32>::rel_abs(1e-3, 1e-4);
                found.into_data().assert_approx_eq::<f32>(&expected.into_data(), near);
            }
        }
    }
}

/// Not a test: prints how much faster the op is than its reference, measured in turns.
#[test]
#[ignore = "measures; run it alone, with --nocapture"]
fn ratios() {
    let cases = [
        ("nine prompts", [9, 180, 180, 16, 16, 128], 0),
        ("nine prompts, grouped", [9, 180, 180, 16, 2, 128], 0),
        ("a token", [1, 1, 400, 16, 2, 128], 399),
        ("nine tokens", [9, 1, 400, 16, 2, 128], 399),
        ("a picture", [1, 1024, 1024, 16, 16, 80], usize::MAX),
        ("its windows", [1, 1024, 1024, 16, 16, 80], usize::MAX - 1),
    ];
    for opened in devices() {
        let device = &opened.device;
        for (name, shape, before) in cases {
            let spans = match before {
                usize::MAX => Spans::packed(&[1024], device),
                n if n == usize::MAX - 1 => Spans::packed(&[64; 16], device),
                before => Spans::causal(before, shape[1], device),
            };
            let [q, k, v] = inputs(&mut Random(1), shape, device);
            let time = |op: fn(Tensor<4>, Tensor<4>, Tensor<4>, &Spans) -> Tensor<4>| {
                let start = std::time::Instant::now();
                let y = op(q.clone(), k.clone(), v.clone(), &spans);
                let _ = values(y.slice([0..1, 0..1, 0..1, 0..1]));
                start.elapsed().as_secs_f64()
            };
            let mut ratios = Vec::new();
            let mut fastest = f64::MAX;
            for turn in 0..10 {
                let (own, other) = (time(attention), time(reference));
                // The first turns compile and tune.
                if turn > 2 {
                    ratios.push(other / own);
                    fastest = fastest.min(own);
                }
            }
            ratios.sort_by(f64::total_cmp);
            let median = ratios[ratios.len() / 2];
            println!("{name} on {}: {median:.2}x, {:.2} ms", opened.name, fastest * 1e3);
        }
    }
}
