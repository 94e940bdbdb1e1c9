//! What adapters add, each row of a batch its own.

use easel_shaders::lora::{add_lora, reference};

use super::{Case, Make};

/// Rows, tokens of each, rank, inputs, outputs.
pub(super) const NAMED: [[usize; 5]; 5] = [
    // One token, a prompt, nine attributes, the down projection of vision, and nothing.
    [1, 1, 1, 2048, 256],
    [1, 1500, 8, 96, 40],
    [9, 13, 64, 100, 130],
    [2, 3, 16, 3420, 33],
    [3, 0, 4, 10, 20],
];

pub(super) fn case(make: &mut Make) -> Case {
    let shape = NAMED.get(make.index).copied().unwrap_or_else(|| {
        let random = &mut make.random;
        [9, 120, 64, 500, 500].map(|most| random.size(most))
    });
    let [rows, length, rank, inputs, outputs] = shape;
    let what = format!("{rows} x {length} rows, {inputs} to {outputs}, rank {rank}");
    let [base, base0] = make.normal([rows * length, outputs]);
    let [x, x0] = make.normal([rows * length, inputs]);
    let [a, a0] = make.normal([rows, rank, inputs]);
    let [b, b0] = make.normal([rows, outputs, rank]);
    let expected = if length == 0 { base0 } else { reference(base0, x0, a0, b0) };
    Case::new(what, add_lora(base, x, a, b), expected)
}
