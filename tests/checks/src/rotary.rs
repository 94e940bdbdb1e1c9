//! Rotary turns.

use burn::tensor::Tensor;
use easel_shaders::rotary::{reference, rotary, rotary_qkv};

use super::{Case, Make};

/// Batch, tokens, heads, half of a head's width, tables.
pub(super) const NAMED: [[usize; 5]; 4] =
    [[1, 1, 16, 64, 1], [1, 1500, 2, 64, 1], [9, 20, 3, 40, 9], [0, 3, 2, 4, 1]];

pub(super) fn case(make: &mut Make) -> Case {
    let shape = NAMED.get(make.index).copied().unwrap_or_else(|| {
        let [batch, length, heads, half] = [9, 200, 16, 64].map(|most| make.random.size(most));
        [batch, length, heads, half, [1, batch][make.index % 2]]
    });
    let [batch, length, heads, half, tables] = shape;
    let [cosines, sines] = [0; 2].map(|_| make.normal([tables, length, half]));
    let [x, x0] = make.normal([batch, length, heads, 2 * half]);
    let ([cos, cos0], [sin, sin0]) = (cosines, sines);
    let what = format!("{batch} x {length} tokens, {heads} heads of {}", 2 * half);
    let [k, k0] = make.normal([batch, length, 2, 2 * half]);
    let [v, v0] = make.normal([batch, length, 2, 2 * half]);
    let [bias, bias0] = make.normal([(heads + 4) * 2 * half]);
    let [q1, k1, v1] = rotary_qkv([x.clone(), k, v], bias, cos.clone(), sin.clone());
    let mut start = 0;
    let mut with_bias = |x: Tensor<4>| {
        let [_, _, heads, width] = x.dims();
        let own = bias0.clone().narrow(0, start, heads * width).reshape([1, 1, heads, width]);
        start += heads * width;
        if x.shape().num_elements() == 0 { x } else { x + own }
    };
    let turned = |x| reference(x, cos0.clone(), sin0.clone());
    let (q2, k2) = (turned(with_bias(x0.clone())), turned(with_bias(k0)));
    Case::new(what, rotary(x, cos, sin), turned(x0)).and(q1, q2).and(k1, k2).and(v1, with_bias(v0))
}
