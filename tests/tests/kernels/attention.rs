//! Attention without the matrix of scores, and its gradients.

use burn::tensor::Tolerance;
use easel_checks::attention::{Shape, any};
use easel_shaders::Spans;
use easel_shaders::attention::{attention, reference};

use super::*;

fn inputs(random: &mut Random, shape: Shape, device: &Device) -> [Tensor<4>; 3] {
    let [batch, queries, keys, heads, kv_heads, width] = shape;
    let q = random.normal([batch, queries, heads, width], device);
    let k = random.normal([batch, keys, kv_heads, width], device);
    [q, k, random.normal([batch, keys, kv_heads, width], device)]
}

fn error([q, k, v]: [Tensor<4>; 3], spans: &Spans) -> f32 {
    let found = values(attention(q.clone(), k.clone(), v.clone(), spans));
    relative_error(&found, &values(reference(q, k, v, spans)))
}

#[test]
fn large_scores_and_parts_of_wider_rows_are_read_as_they_are() {
    for opened in devices() {
        let device = &opened.device;
        let mut random = Random::new(5);
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
        let mut random = Random::new(3);
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
        let mut random = Random::new(0x9E37_79B9_7F4A_7C15);
        for index in 0..20 {
            let (shape, spans) = any(&mut random, index, device);
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
            let [q, k, v] = inputs(&mut Random::new(1), shape, device);
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
