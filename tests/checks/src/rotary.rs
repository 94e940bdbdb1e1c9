//! Rotary turns.

use easel_shaders::rotary::{reference, reference_qkv, rotary, rotary_qkv};

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
    let expected = match batch * length {
        0 => [x0.clone(), k0, v0],
        _ => reference_qkv([x0.clone(), k0, v0], &bias0, &cos0, &sin0),
    };
    let found = rotary_qkv([x.clone(), k, v], bias, cos.clone(), sin.clone());
    let alone = Case::new(what, rotary(x, cos, sin), reference(x0, cos0, sin0));
    found.into_iter().zip(expected).fold(alone, |case, (found, expected)| case.and(found, expected))
}
