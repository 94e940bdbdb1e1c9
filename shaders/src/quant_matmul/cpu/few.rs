//! Few rows, as in decoding: the weight is read once, and each block multiplied as it is read.
//!
//! Two blocks at a time fill four vectors of 256 bits. Of 4-bit integers neither the order nor the
//! zero is mended on the way: `x` lies in the order in which masks and shifts bring them, and each
//! sum begins at minus eight times the values of `x` that it adds up.

use std::arch::x86_64::{__m256, __m256i};
use std::array::from_fn;
use std::iter::repeat_n;

use pulp::{NullaryFnOnce, cast};

use super::by_rows;
use super::lanes::{Avx2, Lanes};
use super::rounded::{Block, Rounded, STEPS};
use crate::parallel::each_large_chunk;
use crate::quant::{BLOCK, Bits, View, blocks};

/// Outputs that a thread computes at a time.
const OUTPUTS: usize = 64;

/// Pairs of blocks above which a row of `x` leaves no room in the nearest cache (160 bytes each):
/// several outputs are then computed for each time that it is brought.
const WIDE: usize = 96;

/// Floats of a vector.
const WIDTH: usize = Avx2::WIDTH;

/// `y = x Wᵀ`, `[rows, outputs]`, of at most [`FEW`](super::FEW) rows. `best` are the processor's
/// best instructions, which may be more than [`Avx2`].
pub(super) fn few<L: Lanes>(
    best: L,
    x: &[f32],
    view: View<'_>,
    outputs: usize,
) -> Option<Vec<f32>> {
    let lanes = Avx2::try_new()?;
    let rows = x.len() / view.inputs.max(1);
    let held = rows.next_power_of_two();
    let rounded = Rounded::new(best, x, view.inputs, held, STEPS);
    let x: Vec<Row> = rounded.rows.iter().map(|row| Row::new(best, row, view)).collect();
    let x = x.as_slice();
    let mut found = vec![0.0; outputs * held];
    each_large_chunk(&mut found, OUTPUTS * held, |index, out| {
        let from = index * OUTPUTS;
        match (view.bits, view.kept.groups) {
            (Bits::Four, _) => some::<_, 8, 1, 2>(best, Job { lanes, x, view, from, out }),
            (_, 1) => some::<_, 16, 2, 2>(best, Job { lanes, x, view, from, out }),
            _ => some::<_, 16, 4, 4>(best, Job { lanes, x, view, from, out }),
        }
    });
    Some(by_rows(&found, held, rows))
}

/// By the numbers of rows, and of outputs that are computed side by side.
fn some<L: Lanes, const W: usize, const S: usize, const P: usize>(best: L, job: Job<'_>) {
    match job.x {
        [x] if x.pairs.len() > WIDE && job.out.len().is_multiple_of(4) => {
            best.run(Dot::<W, S, P, 1, 4>(job));
        }
        [_] => best.run(Dot::<W, S, P, 1, 1>(job)),
        [_, _] => best.run(Dot::<W, S, P, 2, 1>(job)),
        [_, _, _, _] => best.run(Dot::<W, S, P, 4, 1>(job)),
        _ => best.run(Dot::<W, S, P, 8, 1>(job)),
    }
}

/// A row of `x`.
struct Row {
    pairs: Vec<Pair>,
    /// What each group of a block's sums is multiplied with, filled up with zeros to whole vectors.
    scales: Vec<f32>,
    /// Each group's sum, likewise.
    sums: Vec<f32>,
}

/// Two blocks of `x`.
#[derive(Clone, Copy)]
struct Pair {
    /// The integers, in the order in which the weight's come.
    quads: [[u32; WIDTH]; 4],
    /// Where sums begin.
    start: [u32; WIDTH],
}

impl Row {
    fn new<L: Lanes>(lanes: L, blocks: &[Block], view: View<'_>) -> Self {
        let groups = view.kept.groups;
        let filled = (blocks.len() * groups).next_multiple_of(WIDTH);
        let zero = match (view.bits, view.mins) {
            (Bits::Four, None) => Some(8),
            (Bits::Four, _) => Some(0),
            _ => None,
        };
        let empty = Pair { quads: [[0; WIDTH]; 4], start: [0; WIDTH] };
        let mut pairs = vec![empty; blocks.len().div_ceil(2)];
        lanes.run(Order { blocks, zero, pairs: &mut pairs });
        let mut scales: Vec<f32> = blocks.iter().flat_map(|x| repeat_n(x.scale, groups)).collect();
        let sums = blocks.iter().flat_map(|x| (0..groups).map(|group| x.sum(group, groups)));
        let mut sums: Vec<f32> = sums.collect();
        scales.resize(filled, 0.0);
        sums.resize(filled, 0.0);
        Self { pairs, scales, sums }
    }
}

/// Lays a row's integers in order.
struct Order<'a> {
    blocks: &'a [Block],
    /// What zero is among a weight's 4-bit integers.
    zero: Option<i32>,
    pairs: &'a mut [Pair],
}

impl NullaryFnOnce for Order<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (pair, two) in self.pairs.iter_mut().zip(self.blocks.chunks(2)) {
            let Some(zero) = self.zero else {
                for (quads, block) in pair.quads.as_chunks_mut::<2>().0.iter_mut().zip(two) {
                    *quads = cast(block.pairs);
                }
                continue;
            };
            let mut quads = [[0_i16; 2 * WIDTH]; 4];
            let mut start = [0_i32; WIDTH];
            for (at, block) in two.iter().enumerate() {
                let ints: [i16; BLOCK] = cast(block.pairs);
                // Of 16 bits the lowest four hold an even value, the next the one 16 further on, then
                // come those after them.
                for (v, quad) in quads.iter_mut().enumerate() {
                    for half in 0..WIDTH {
                        let int = ints[2 * half + v / 2 + 16 * (v % 2)];
                        quad[at * WIDTH + half] = int;
                        start[at * WIDTH / 2 + half / 2] -= zero * i32::from(int);
                    }
                }
            }
            *pair = Pair { quads: cast(quads), start: cast(start) };
        }
    }
}

/// Products of some of the weight's rows with all of `x`.
struct Job<'a> {
    lanes: Avx2,
    x: &'a [Row],
    view: View<'a>,
    /// The weight's first row.
    from: usize,
    /// `[outputs, R]`
    out: &'a mut [f32],
}

/// A [`Job`] of `R` rows, which computes `O` outputs side by side, each of another part of the
/// weight's rows: that memory is read in few, long streams. A pair of blocks has `W` words, `P`
/// scales, and `S` sums: one of 4 bits, two of 8 bits, or four where a block has two scales.
struct Dot<'a, const W: usize, const S: usize, const P: usize, const R: usize, const O: usize>(
    Job<'a>,
);

impl<const W: usize, const S: usize, const P: usize, const R: usize, const O: usize> NullaryFnOnce
    for Dot<'_, W, S, P, R, O>
{
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Job { lanes, x, view, from, out } = self.0;
        let Some((x, _)) = x.split_first_chunk::<R>() else { return };
        let per_row = blocks(view.inputs);
        let whole = per_row / 2;
        let each = out.len() / R / O;
        let mut scales = vec![0.0; x[0].scales.len()];
        let mut products: [[Vec<f32>; R]; O] = from_fn(|_| from_fn(|_| scales.clone()));
        for output in 0..each {
            let mut sums = [[lanes.float(0.0); R]; O];
            let mut weights: [&[[u32; W]]; O] = [&[]; O];
            let mut rows: [[Scaled<'_, P>; R]; O] = [[(&[], &[]); R]; O];
            for (o, products) in products.iter_mut().enumerate() {
                let first = (from + o * each + output) * per_row;
                scale(lanes, view, first, x, &mut scales, products, &mut sums[o]);
                let words = &view.quants[first * W / 2..(first + per_row) * W / 2];
                weights[o] = &words.as_chunks().0[..whole];
                for ((row, x), products) in rows[o].iter_mut().zip(x).zip(products) {
                    *row = (&x.pairs[..whole], &products.as_chunks().0[..whole]);
                }
            }
            for at in 0..whole {
                for o in 0..O {
                    let weight = weight::<W>(lanes, &weights[o][at]);
                    for (sum, (x, products)) in sums[o].iter_mut().zip(rows[o]) {
                        *sum = add::<S, P>(lanes, weight, &x[at], products[at], *sum);
                    }
                }
            }
            for o in 0..O {
                let output = o * each + output;
                if per_row % 2 == 1 {
                    let mut words = [0; W];
                    let end = (from + output + 1) * per_row * W / 2;
                    words[..W / 2].copy_from_slice(&view.quants[end - W / 2..end]);
                    let weight = weight::<W>(lanes, &words);
                    for ((sum, x), products) in sums[o].iter_mut().zip(x).zip(&products[o]) {
                        let products = products.as_chunks().0[whole];
                        *sum = add::<S, P>(lanes, weight, &x.pairs[whole], products, *sum);
                    }
                }
                for (out, sum) in out[output * R..][..R].iter_mut().zip(sums[o]) {
                    *out = lanes.sum(sum);
                }
            }
        }
    }
}

/// What a row of the weight, from block `first`, needs beside its integers: its scales' products
/// with those of `x`, and in the sums the minima's products.
#[inline(always)]
fn scale<const R: usize>(
    lanes: Avx2,
    view: View<'_>,
    first: usize,
    x: &[Row; R],
    scales: &mut [f32],
    products: &mut [Vec<f32>; R],
    sums: &mut [__m256; R],
) {
    let numbers = blocks(view.inputs) * view.kept.groups;
    if view.mins.is_some() {
        view.mins(first, &mut scales[..numbers]);
        for (sum, x) in sums.iter_mut().zip(x) {
            for (min, x) in scales.chunks_exact(WIDTH).zip(x.sums.chunks_exact(WIDTH)) {
                *sum = lanes.mul_add(lanes.load(min), lanes.load(x), *sum);
            }
        }
    }
    view.scales(first, &mut scales[..numbers]);
    for (products, x) in products.iter_mut().zip(x) {
        for ((product, scale), x) in products.iter_mut().zip(&*scales).zip(&x.scales) {
            *product = scale * x;
        }
    }
}

/// A row's pairs, and the products of their scales with the weight's.
type Scaled<'a, const P: usize> = (&'a [Pair], &'a [[f32; P]]);

/// The integers of two of the weight's blocks, in 16 bits each.
#[inline(always)]
fn weight<const W: usize>(lanes: Avx2, words: &[u32; W]) -> [__m256i; 4] {
    match W {
        8 => lanes.quads(lanes.words(words)),
        // Closures may not be compiled with the instructions: none here.
        _ => [
            lanes.wide(&words[..4]),
            lanes.wide(&words[4..8]),
            lanes.wide(&words[8..12]),
            lanes.wide(&words[12..16]),
        ],
    }
}

/// `sum`, and what two blocks add to it.
#[inline(always)]
fn add<const S: usize, const P: usize>(
    lanes: Avx2,
    weight: [__m256i; 4],
    x: &Pair,
    products: [f32; P],
    mut sum: __m256,
) -> __m256 {
    for s in 0..S {
        let mut int = if S == 1 { lanes.words(&x.start) } else { lanes.zeros() };
        let of_sum = s * 4 / S..(s + 1) * 4 / S;
        for (weight, x) in weight[of_sum.clone()].iter().zip(&x.quads[of_sum]) {
            int = lanes.dot(int, *weight, lanes.words(x));
        }
        let product = match S {
            1 => lanes.halves([products[0], products[1]]),
            _ => lanes.float(products[s]),
        };
        sum = lanes.mul_add(lanes.floats(int), product, sum);
    }
    sum
}
