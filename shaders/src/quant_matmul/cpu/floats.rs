//! Products in floats: few rows are multiplied block by block as the integers are read; for many
//! rows, some of the weight's rows at a time become floats for the usual matrix product.

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::Slice;
use pulp::{Arch, Simd, WithSimd};

use super::{FEW, by_rows, tensor};
use crate::parallel::each_large_chunk;
use crate::quant::{BLOCK, View, blocks};

/// Floats of a dequantized part of a weight: it stays in the processor's cache.
const PART: usize = 1 << 20;

/// Outputs that a thread computes at a time.
const OUTPUTS: usize = 64;

/// `y = x Wᵀ`.
pub(super) fn forward(x: &FloatTensor<Flex>, view: View<'_>, outputs: usize) -> FloatTensor<Flex> {
    let rows = x.shape()[0];
    if rows <= FEW {
        return few(x, rows, view, outputs);
    }
    let parts = parts(view.inputs, outputs).map(|(from, to)| {
        let weight = floats(view, from, to);
        Flex::float_matmul(x.clone(), Flex::float_transpose(weight))
    });
    Flex::float_cat(parts.collect(), 1)
}

/// `x = y W`.
pub(super) fn transposed(
    y: &FloatTensor<Flex>,
    view: View<'_>,
    outputs: usize,
) -> FloatTensor<Flex> {
    let rows = y.shape()[0];
    let products = parts(view.inputs, outputs).map(|(from, to)| {
        let slices = [Slice::from(0..rows), Slice::from(from..to)];
        Flex::float_matmul(Flex::float_slice(y.clone(), &slices), floats(view, from, to))
    });
    let sum = products.reduce(Flex::float_add);
    sum.unwrap_or_else(|| tensor(vec![0.0; rows * view.inputs], [rows, view.inputs]))
}

/// The weight's rows in parts of at most [`PART`] values.
fn parts(inputs: usize, outputs: usize) -> impl Iterator<Item = (usize, usize)> {
    let step = (PART / inputs.max(1)).max(1);
    (0..outputs).step_by(step).map(move |from| (from, (from + step).min(outputs)))
}

/// Some of the weight's rows as floats.
fn floats(view: View<'_>, from: usize, to: usize) -> FloatTensor<Flex> {
    let inputs = view.inputs;
    let mut values = vec![0.0; (to - from) * inputs];
    let arch = Arch::new();
    each_large_chunk(&mut values, inputs.max(1) * 8, |index, out| {
        arch.dispatch(Rows { view, from: from + index * 8, out });
    });
    tensor(values, [to - from, inputs])
}

/// Dequantizes rows with the widest instructions that the processor has.
struct Rows<'a> {
    view: View<'a>,
    from: usize,
    out: &'a mut [f32],
}

impl WithSimd for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let count = self.out.len() / self.view.inputs.max(1);
        self.view.rows(self.from..self.from + count, self.out);
    }
}

/// At most [`FEW`] rows.
fn few(x: &FloatTensor<Flex>, rows: usize, view: View<'_>, outputs: usize) -> FloatTensor<Flex> {
    let width = blocks(view.inputs) * BLOCK;
    let x = x.to_contiguous();
    let x = x.as_slice::<f32>().unwrap_or_default();
    // Whole blocks, and as many rows as the loops below are made for.
    let held = rows.next_power_of_two();
    let mut full = vec![0.0; held * width];
    for (full, x) in full.chunks_mut(width.max(1)).zip(x.chunks(view.inputs.max(1))) {
        full[..x.len()].copy_from_slice(x);
    }
    let mut found = vec![0.0; outputs * held];
    let arch = Arch::new();
    each_large_chunk(&mut found, OUTPUTS * held, |index, out| {
        let from = index * OUTPUTS;
        match held {
            1 => arch.dispatch(Dot::<1> { view, from, x: &full, out }),
            2 => arch.dispatch(Dot::<2> { view, from, x: &full, out }),
            4 => arch.dispatch(Dot::<4> { view, from, x: &full, out }),
            _ => arch.dispatch(Dot::<8> { view, from, x: &full, out }),
        }
    });
    tensor(by_rows(&found, held, rows), [rows, outputs])
}

/// Products of some of the weight's rows with `R` rows of `x`, `[outputs, R]`.
struct Dot<'a, const R: usize> {
    view: View<'a>,
    from: usize,
    x: &'a [f32],
    out: &'a mut [f32],
}

impl<const R: usize> WithSimd for Dot<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { view, from, x, out } = self;
        let per_row = blocks(view.inputs);
        let (x, _) = x.as_chunks::<BLOCK>();
        for (at, out) in out.as_chunks_mut::<R>().0.iter_mut().enumerate() {
            let first = (from + at) * per_row;
            let mut sums = [[0.0_f32; BLOCK]; R];
            for index in 0..per_row {
                let weight = view.values(first + index);
                for (row, sums) in sums.iter_mut().enumerate() {
                    let (x, _) = S::as_simd_f32s(&x[row * per_row + index]);
                    let (weight, _) = S::as_simd_f32s(&weight);
                    let (sums, _) = S::as_mut_simd_f32s(sums);
                    for ((sum, x), weight) in sums.iter_mut().zip(x).zip(weight) {
                        *sum = simd.mul_add_e_f32s(*x, *weight, *sum);
                    }
                }
            }
            for (out, sums) in out.iter_mut().zip(&sums) {
                *out = sums.iter().sum();
            }
        }
    }
}
