//! Few rows, as in decoding: the weight is read once, and each block multiplied as it is read.

use pulp::NullaryFnOnce;

use super::by_rows;
use super::lanes::Lanes;
use super::rounded::{Block, PAIRS, Rounded, pairs};
use crate::parallel::each_large_chunk;
use crate::quant::{View, blocks};

/// Outputs that a thread computes at a time.
const OUTPUTS: usize = 32;

/// `y = x Wᵀ`, `[rows, outputs]`, of at most [`FEW`](super::FEW) rows.
pub(super) fn few<L: Lanes>(lanes: L, x: &[f32], view: View<'_>, outputs: usize) -> Vec<f32> {
    let rows = x.len() / view.inputs.max(1);
    let held = rows.next_power_of_two();
    let x = &Rounded::new(lanes, x, view.inputs, held);
    let mut found = vec![0.0; outputs * held];
    each_large_chunk(&mut found, OUTPUTS * held, |index, out| {
        let from = index * OUTPUTS;
        match (view.kept.groups, held) {
            (2, 1) => lanes.run(Dot::<L, 2, 1> { lanes, x, view, from, out }),
            (2, 2) => lanes.run(Dot::<L, 2, 2> { lanes, x, view, from, out }),
            (2, 4) => lanes.run(Dot::<L, 2, 4> { lanes, x, view, from, out }),
            (2, _) => lanes.run(Dot::<L, 2, 8> { lanes, x, view, from, out }),
            (_, 1) => lanes.run(Dot::<L, 1, 1> { lanes, x, view, from, out }),
            (_, 2) => lanes.run(Dot::<L, 1, 2> { lanes, x, view, from, out }),
            (_, 4) => lanes.run(Dot::<L, 1, 4> { lanes, x, view, from, out }),
            _ => lanes.run(Dot::<L, 1, 8> { lanes, x, view, from, out }),
        }
    });
    by_rows(&found, held, rows)
}

/// Products of some of the weight's rows with `R` rows of `x`, `[outputs, R]`; `G` scales a block.
struct Dot<'a, L, const G: usize, const R: usize> {
    lanes: L,
    x: &'a Rounded,
    view: View<'a>,
    from: usize,
    out: &'a mut [f32],
}

impl<L: Lanes, const G: usize, const R: usize> NullaryFnOnce for Dot<'_, L, G, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { lanes, x, view, from, out } = self;
        let per_row = blocks(view.inputs);
        let x: [&[Block]; R] = std::array::from_fn(|row| &x.rows[row][..per_row]);
        let mut scales = vec![[0.0; G]; per_row];
        let mut mins = vec![[0.0; G]; per_row];
        for (output, out) in out.as_chunks_mut::<R>().0.iter_mut().enumerate() {
            let first = (from + output) * per_row;
            view.scales(first, scales.as_flattened_mut());
            let mut sums = [lanes.float(0.0); R];
            for (at, scales) in scales.iter().enumerate() {
                let weight = pairs(lanes, view, first + at);
                for (sum, x) in sums.iter_mut().zip(x) {
                    let x = &x[at];
                    for v in 0..PAIRS / L::WIDTH {
                        let part = v * L::WIDTH..(v + 1) * L::WIDTH;
                        let weight = lanes.words(&weight[part.clone()]);
                        let int = lanes.dot(lanes.zeros(), weight, lanes.words(&x.pairs[part]));
                        let scale = match (G, L::WIDTH == PAIRS) {
                            (1, _) => lanes.float(scales[0] * x.scale),
                            (_, true) => lanes.halves(scales[0] * x.scale, scales[1] * x.scale),
                            (_, false) => lanes.float(scales[v] * x.scale),
                        };
                        *sum = lanes.mul_add(lanes.floats(int), scale, *sum);
                    }
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = lanes.sum(sum);
            }
            if view.mins.is_some() {
                view.mins(first, mins.as_flattened_mut());
                for (out, x) in out.iter_mut().zip(x) {
                    for (x, mins) in x.iter().zip(&mins) {
                        for (group, min) in mins.iter().enumerate() {
                            *out += min * x.sum(group, G);
                        }
                    }
                }
            }
        }
    }
}
