//! Many rows: the weight's rows, 32 at a time, become panels of 16-bit pairs that are shared by all
//! rows of `x`.

use std::ops::Range;

use pulp::NullaryFnOnce;

use super::lanes::Lanes;
use super::rounded::{Block, PAIRS, Rounded, STEPS, pairs};
use crate::parallel::each_large_chunk;
use crate::quant::{View, blocks};

/// Rows of the weight in a panel.
const OUTPUTS: usize = 32;
/// Blocks of a panel: it stays in a core's own cache.
const DEPTH: usize = 64;
/// Panels that are expanded before they are used.
const PANELS: usize = 8;
/// Rows of `x` that a thread takes at a time, about: they stay in a core's own cache.
const ROWS: usize = 128;

/// A part of 32 of the weight's rows: for each group of `P` pairs that has a scale, the integers and
/// the scale.
#[derive(Clone)]
struct Panel<const P: usize> {
    pairs: Vec<[[u32; OUTPUTS]; P]>,
    scales: Vec<[f32; OUTPUTS]>,
    mins: Vec<[f32; OUTPUTS]>,
}

/// `M` rows of `x` side by side.
#[derive(Clone, Default)]
struct Tile<const P: usize, const M: usize> {
    pairs: Vec<[[u32; M]; P]>,
    scales: Vec<[f32; M]>,
    sums: Vec<[f32; M]>,
}

/// `y = x Wᵀ`, `[rows, outputs]`, `M` rows and `V` vectors at a time.
pub(super) fn many<L: Lanes, const M: usize, const V: usize>(
    lanes: L,
    x: &[f32],
    view: View<'_>,
    outputs: usize,
) -> Vec<f32> {
    match view.kept.groups {
        2 => grouped::<L, { PAIRS / 2 }, M, V>(lanes, x, view, outputs),
        _ => grouped::<L, PAIRS, M, V>(lanes, x, view, outputs),
    }
}

/// The same for scales of `P` pairs.
fn grouped<L: Lanes, const P: usize, const M: usize, const V: usize>(
    lanes: L,
    x: &[f32],
    view: View<'_>,
    outputs: usize,
) -> Vec<f32> {
    let rows = x.len() / view.inputs.max(1);
    let count = rows.div_ceil(M);
    let rounded = Rounded::new(lanes, x, view.inputs, count * M, STEPS);
    let mut tiles = vec![Tile::<P, M>::default(); count];
    each_large_chunk(&mut tiles, 1, |index, tile| {
        tile[0] = Tile::new(&rounded.rows[index * M..(index + 1) * M]);
    });
    drop(rounded);
    let per_row = blocks(view.inputs);

    // Threads share the rows evenly.
    let parts =
        rows.div_ceil(ROWS).next_multiple_of(rayon::current_num_threads()).min(tiles.len()).max(1);
    let tiles_each = tiles.len().div_ceil(parts);
    let mut y = vec![0.0; rows * outputs];
    let empty = Panel::<P> { pairs: Vec::new(), scales: Vec::new(), mins: Vec::new() };
    let mut panels = vec![empty; PANELS];
    for from in (0..per_row).step_by(DEPTH) {
        let depth = from..(from + DEPTH).min(per_row);
        for first in (0..outputs).step_by(PANELS * OUTPUTS) {
            let count = (outputs - first).div_ceil(OUTPUTS).min(PANELS);
            each_large_chunk(&mut panels[..count], 1, |index, panel| {
                let output = first + index * OUTPUTS;
                let rows = output..(output + OUTPUTS).min(outputs);
                let panel = &mut panel[0];
                lanes.run(Fill { lanes, view, rows, depth: depth.clone(), panel });
            });
            each_large_chunk(&mut y, tiles_each * M * outputs, |index, y| {
                let tiles = &tiles[index * tiles_each..];
                for (at, panel) in panels[..count].iter().enumerate() {
                    let to = first + at * OUTPUTS;
                    let from = depth.start;
                    lanes.run(Multiply::<L, P, M, V> { lanes, panel, tiles, from, y, outputs, to });
                }
            });
        }
    }
    y
}

/// Adds a panel's products with some tiles to `y`, `[rows, outputs]`.
struct Multiply<'a, L, const P: usize, const M: usize, const V: usize> {
    lanes: L,
    panel: &'a Panel<P>,
    tiles: &'a [Tile<P, M>],
    /// The panel's first block.
    from: usize,
    y: &'a mut [f32],
    outputs: usize,
    /// The panel's first output.
    to: usize,
}

impl<L: Lanes, const P: usize, const M: usize, const V: usize> NullaryFnOnce
    for Multiply<'_, L, P, M, V>
{
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { lanes, panel, tiles, from, y, outputs, to } = self;
        let width = (outputs - to).min(OUTPUTS);
        for (tile, y) in tiles.iter().zip(y.chunks_mut(M * outputs)) {
            let sums = multiply::<L, P, M, V>(lanes, panel, tile, from);
            for (sums, y) in sums.iter().zip(y.chunks_mut(outputs)) {
                for (sum, y) in sums.iter().zip(y[to..to + width].chunks_mut(L::WIDTH)) {
                    lanes.add_to(*sum, y);
                }
            }
        }
    }
}

#[inline(always)]
fn multiply<L: Lanes, const P: usize, const M: usize, const V: usize>(
    lanes: L,
    panel: &Panel<P>,
    tile: &Tile<P, M>,
    from: usize,
) -> [[L::Floats; V]; M] {
    let mut sums = [[lanes.float(0.0); V]; M];
    let from = from * PAIRS / P;
    let groups = from..from + panel.pairs.len();
    let tiles = tile.pairs[groups.clone()].iter().zip(&tile.scales[groups.clone()]);
    let weights = panel.pairs.iter().zip(&panel.scales);
    for ((pairs, x_scales), (weight, scales)) in tiles.zip(weights) {
        let mut ints = [[lanes.zeros(); V]; M];
        for (x, weight) in pairs.iter().zip(weight) {
            let mut vectors = [lanes.zeros(); V];
            for (vector, words) in vectors.iter_mut().zip(weight.chunks_exact(L::WIDTH)) {
                *vector = lanes.words(words);
            }
            for (ints, x) in ints.iter_mut().zip(x) {
                let x = lanes.word(*x);
                for (int, weight) in ints.iter_mut().zip(vectors) {
                    *int = lanes.dot(*int, x, weight);
                }
            }
        }
        for ((sums, ints), x_scale) in sums.iter_mut().zip(&ints).zip(x_scales) {
            let x_scale = lanes.float(*x_scale);
            let scales = scales.chunks_exact(L::WIDTH);
            for ((sum, int), scale) in sums.iter_mut().zip(ints).zip(scales) {
                let product = lanes.mul(lanes.floats(*int), x_scale);
                *sum = lanes.mul_add(product, lanes.load(scale), *sum);
            }
        }
    }
    for (x, mins) in tile.sums[groups].iter().zip(&panel.mins) {
        for (sums, x) in sums.iter_mut().zip(x) {
            let x = lanes.float(*x);
            for (sum, min) in sums.iter_mut().zip(mins.chunks_exact(L::WIDTH)) {
                *sum = lanes.mul_add(x, lanes.load(min), *sum);
            }
        }
    }
    sums
}

/// Fills a panel with some of a weight's rows and blocks.
struct Fill<'a, L, const P: usize> {
    lanes: L,
    view: View<'a>,
    rows: Range<usize>,
    depth: Range<usize>,
    panel: &'a mut Panel<P>,
}

impl<L: Lanes, const P: usize> NullaryFnOnce for Fill<'_, L, P> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { lanes, view, rows, depth, panel } = self;
        let per_block = PAIRS / P;
        let groups = per_block * depth.len();
        let mins = if view.mins.is_some() { groups } else { 0 };
        panel.pairs.resize(groups, [[0; OUTPUTS]; P]);
        panel.scales.resize(groups, [0.0; OUTPUTS]);
        panel.mins.resize(mins, [0.0; OUTPUTS]);
        let (mut row_scales, mut row_mins) = (vec![0.0; groups], vec![0.0; mins]);
        let per_row = blocks(view.inputs);
        for (output, row) in rows.enumerate() {
            let first = row * per_row + depth.start;
            view.scales(first, &mut row_scales);
            view.mins(first, &mut row_mins);
            for (to, scale) in panel.scales.iter_mut().zip(&row_scales) {
                to[output] = *scale;
            }
            for (to, min) in panel.mins.iter_mut().zip(&row_mins) {
                to[output] = *min;
            }
            for (at, to) in panel.pairs.chunks_exact_mut(per_block).enumerate() {
                let pairs = pairs(lanes, view, first + at);
                for (to, pair) in to.as_flattened_mut().iter_mut().zip(pairs) {
                    to[output] = pair;
                }
            }
        }
    }
}

impl<const P: usize, const M: usize> Tile<P, M> {
    fn new(rows: &[Vec<Block>]) -> Self {
        let groups = PAIRS / P;
        let count = groups * rows[0].len();
        let each = std::array::from_fn::<usize, M, _>(|m| m);
        let block = |at: usize, m: usize| &rows[m][at / groups];
        let word = |at: usize, pair: usize, m: usize| block(at, m).pairs[at % groups * P + pair];
        Self {
            pairs: (0..count)
                .map(|at| std::array::from_fn(|pair| each.map(|m| word(at, pair, m))))
                .collect(),
            scales: (0..count).map(|at| each.map(|m| block(at, m).scale)).collect(),
            sums: (0..count)
                .map(|at| each.map(|m| block(at, m).sum(at % groups, groups)))
                .collect(),
        }
    }
}
