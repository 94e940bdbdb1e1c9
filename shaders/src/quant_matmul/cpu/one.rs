//! One row, as in decoding, of a 4-bit weight, where the processor adds up products of bytes.
//!
//! Such an instruction multiplies unsigned bytes, the weight's integers as they are kept, with
//! signed ones. The 16 bits of `x` are therefore two parts, `256 · high + low`, whose sums stay apart
//! until the end of a block: they are exact, as those of 16-bit products are.

use std::arch::x86_64::{__m512, __m512i};

use pulp::bytemuck::{cast_slice, pod_read_unaligned};
use pulp::{NullaryFnOnce, cast};

use super::lanes::{Avx512, Lanes};
use super::rounded::{BYTES, Block, Rounded};
use crate::parallel::each_large_chunk;
use crate::quant::{BLOCK, View, blocks};

/// Outputs that a thread computes at a time.
const OUTPUTS: usize = 64;
/// Outputs side by side, each of another part of those: what is loaded of `x` serves all of them, and
/// memory is read in few, long streams.
const SIDE: usize = 4;
/// Blocks of a vector: 16 bytes each.
const FOUR: usize = 4;
/// Blocks of a group: a vector of scales.
const GROUP: usize = 16;
/// Words of a group's 4-bit integers.
const WORDS: usize = 4 * GROUP;

/// `y = x Wᵀ`, `[outputs]`, of a row of `x`.
pub(super) fn one(lanes: Avx512, x: &[f32], view: View<'_>, outputs: usize) -> Vec<f32> {
    let rounded = Rounded::new(lanes, x, view.inputs, 1, BYTES);
    let zero = if view.mins.is_some() { 0 } else { 8 };
    let mut x = vec![Group::ZERO; rounded.rows[0].len().div_ceil(GROUP)];
    lanes.run(Order { blocks: &rounded.rows[0], zero, groups: &mut x });
    let x = x.as_slice();
    let mut found = vec![0.0; outputs];
    each_large_chunk(&mut found, OUTPUTS, |index, out| {
        let from = index * OUTPUTS;
        some(Job { lanes, x, view, from, out });
    });
    found
}

/// By what the weight has.
fn some(job: Job<'_>) {
    let lanes = job.lanes;
    match (job.out.len().is_multiple_of(SIDE), job.view.kept.full, job.view.mins.is_some()) {
        (true, false, false) => lanes.run(Dot::<SIDE, false, false>(job)),
        (true, false, true) => lanes.run(Dot::<SIDE, false, true>(job)),
        (true, true, false) => lanes.run(Dot::<SIDE, true, false>(job)),
        (true, true, true) => lanes.run(Dot::<SIDE, true, true>(job)),
        (_, false, false) => lanes.run(Dot::<1, false, false>(job)),
        (_, false, true) => lanes.run(Dot::<1, false, true>(job)),
        (_, true, false) => lanes.run(Dot::<1, true, false>(job)),
        (_, true, true) => lanes.run(Dot::<1, true, true>(job)),
    }
}

/// Sixteen blocks of `x`.
#[derive(Clone, Copy)]
struct Group {
    fours: [Four; GROUP / FOUR],
    /// What each block's sum is multiplied with.
    scales: [f32; GROUP],
    /// Each block's sum.
    sums: [f32; GROUP],
}

/// Four blocks of `x`.
#[derive(Clone, Copy)]
struct Four {
    /// The high parts of each block's first 16 values, and of its last; the low parts likewise.
    parts: [[i8; FOUR * BLOCK / 2]; 4],
    /// Where sums begin.
    start: [i32; GROUP],
}

impl Group {
    const ZERO: Self = {
        let four = Four { parts: [[0; FOUR * BLOCK / 2]; 4], start: [0; GROUP] };
        Self { fours: [four; GROUP / FOUR], scales: [0.0; GROUP], sums: [0.0; GROUP] }
    };
}

/// Lays a row's integers in order.
struct Order<'a> {
    blocks: &'a [Block],
    /// What zero is among the weight's integers.
    zero: i32,
    groups: &'a mut [Group],
}

impl NullaryFnOnce for Order<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (group, blocks) in self.groups.iter_mut().zip(self.blocks.chunks(GROUP)) {
            for (at, block) in blocks.iter().enumerate() {
                group.scales[at] = block.scale;
                group.sums[at] = block.sums[0] + block.sums[1];
                let Four { parts: [high, higher, low, lower], start } = &mut group.fours[at / FOUR];
                let place = at % FOUR * (BLOCK / 2);
                let ints: [[i16; BLOCK / 2]; 2] = cast(block.pairs);
                split(&ints[0], &mut high[place..], &mut low[place..]);
                split(&ints[1], &mut higher[place..], &mut lower[place..]);
                let [first, last] = [ints[0].as_chunks::<4>().0, ints[1].as_chunks::<4>().0];
                for (start, (a, b)) in start[place / 4..].iter_mut().zip(first.iter().zip(last)) {
                    let mut sum = 0;
                    for (a, b) in a.iter().zip(b) {
                        sum += i32::from(*a) + i32::from(*b);
                    }
                    *start = -self.zero * sum;
                }
            }
        }
    }
}

/// The two parts of 16 bits.
#[inline(always)]
fn split(ints: &[i16; BLOCK / 2], high: &mut [i8], low: &mut [i8]) {
    let (high, low) = (&mut high[..BLOCK / 2], &mut low[..BLOCK / 2]);
    for i in 0..BLOCK / 2 {
        low[i] = ints[i] as i8;
        high[i] = ((ints[i] - i16::from(low[i])) >> 8) as i8;
    }
}

/// Products of some of the weight's rows with `x`.
struct Job<'a> {
    lanes: Avx512,
    x: &'a [Group],
    view: View<'a>,
    /// The weight's first row.
    from: usize,
    /// `[outputs]`
    out: &'a mut [f32],
}

/// A [`Job`] of `O` outputs side by side, whose weight has scales in `FULL` words, or halves of them,
/// and `MINS` where that is true.
struct Dot<'a, const O: usize, const FULL: bool, const MINS: bool>(Job<'a>);

impl<const O: usize, const FULL: bool, const MINS: bool> NullaryFnOnce for Dot<'_, O, FULL, MINS> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Job { lanes, x, view, from, out } = self.0;
        let per_row = blocks(view.inputs);
        let whole = per_row / GROUP;
        let (x, last) = x.split_at(whole);
        let each = out.len() / O;
        for output in 0..each {
            let mut sums = [lanes.float(0.0); O];
            let mut rows = [Weight { words: &[], scales: &[], mins: &[] }; O];
            for (o, row) in rows.iter_mut().enumerate() {
                *row = Weight::new::<FULL>(view, from + o * each + output, per_row);
            }
            for (at, x) in x.iter().enumerate() {
                let mut words = [&[0; WORDS]; O];
                let mut products = [lanes.float(0.0); O];
                for o in 0..O {
                    words[o] = &rows[o].words.as_chunks().0[at];
                    let scales = numbers::<FULL>(lanes, rows[o].scales, at);
                    products[o] = lanes.mul(scales, lanes.load(&x.scales));
                    if MINS {
                        let mins = numbers::<FULL>(lanes, rows[o].mins, at);
                        sums[o] = lanes.mul_add(mins, lanes.load(&x.sums), sums[o]);
                    }
                }
                sums = add(lanes, x, words, products, sums);
            }
            for x in last {
                for o in 0..O {
                    let words = &filled::<_, WORDS>(rows[o].words, whole * WORDS);
                    let behind = whole * GROUP * size(FULL);
                    let scales = &filled::<_, { 4 * GROUP }>(rows[o].scales, behind);
                    let products =
                        lanes.mul(numbers::<FULL>(lanes, scales, 0), lanes.load(&x.scales));
                    if MINS {
                        let mins = &filled::<_, { 4 * GROUP }>(rows[o].mins, behind);
                        let mins = numbers::<FULL>(lanes, mins, 0);
                        sums[o] = lanes.mul_add(mins, lanes.load(&x.sums), sums[o]);
                    }
                    [sums[o]] = add(lanes, x, [words], [products], [sums[o]]);
                }
            }
            for o in 0..O {
                out[o * each + output] = lanes.sum(sums[o]);
            }
        }
    }
}
/// A row of the weight.
#[derive(Clone, Copy)]
struct Weight<'a> {
    words: &'a [u32],
    scales: &'a [u8],
    mins: &'a [u8],
}

impl<'a> Weight<'a> {
    #[inline(always)]
    fn new<const FULL: bool>(view: View<'a>, row: usize, per_row: usize) -> Self {
        let (first, end) = (row * per_row, (row + 1) * per_row);
        let size = size(FULL);
        let bytes = |words: &'a [u32]| &cast_slice::<_, u8>(words)[first * size..end * size];
        Self {
            words: &view.quants[4 * first..4 * end],
            scales: bytes(view.scales),
            mins: view.mins.map(bytes).unwrap_or_default(),
        }
    }
}

/// Bytes of a scale or a minimum.
const fn size(full: bool) -> usize {
    if full { 4 } else { 2 }
}

/// The scales or minima of group `at`.
#[inline(always)]
fn numbers<const FULL: bool>(lanes: Avx512, bytes: &[u8], at: usize) -> __m512 {
    match FULL {
        true => pod_read_unaligned(&bytes.as_chunks::<{ 4 * GROUP }>().0[at]),
        false => lanes.halves(&bytes.as_chunks().0[at]),
    }
}

/// What lies behind the last whole chunk, filled up with zeros.
#[inline(always)]
fn filled<T: Copy + Default, const N: usize>(values: &[T], whole: usize) -> [T; N] {
    let rest = &values[whole..];
    let mut filled = [T::default(); N];
    filled[..rest.len()].copy_from_slice(rest);
    filled
}

/// `sums`, and what sixteen blocks add to them. `products` are of the scales.
#[inline(always)]
fn add<const O: usize>(
    lanes: Avx512,
    x: &Group,
    words: [&[u32; WORDS]; O],
    products: [__m512; O],
    mut sums: [__m512; O],
) -> [__m512; O] {
    for (at, four) in x.fours.iter().enumerate() {
        let high: __m512i = cast(four.parts[0]);
        let higher: __m512i = cast(four.parts[1]);
        let low: __m512i = cast(four.parts[2]);
        let lower: __m512i = cast(four.parts[3]);
        let start: __m512i = cast(four.start);
        for o in 0..O {
            let [first, last] = lanes.unsigned(lanes.words(&words[o][at * GROUP..]));
            let int = lanes.dot_bytes(lanes.zeros(), first, high);
            let int = lanes.dot_bytes(int, last, higher);
            let small = lanes.dot_bytes(start, first, low);
            let small = lanes.dot_bytes(small, last, lower);
            let float = lanes.floats(lanes.joined(int, small));
            sums[o] = lanes.mul_add(float, lanes.four(products[o], at), sums[o]);
        }
    }
    sums
}
