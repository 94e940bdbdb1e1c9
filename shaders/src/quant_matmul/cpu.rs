//! The processor's ways: in integers where it multiplies those faster, else in floats.

#[cfg(target_arch = "x86_64")]
mod few;
mod floats;
#[cfg(target_arch = "x86_64")]
mod lanes;
#[cfg(target_arch = "x86_64")]
mod one;
#[cfg(target_arch = "x86_64")]
mod panels;
#[cfg(target_arch = "x86_64")]
mod rounded;

use burn::backend::Flex;
use burn::backend::TensorMetadata;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::tensor::TensorData;

use super::{Layout, Way};
#[cfg(target_arch = "x86_64")]
use crate::quant::Bits;
use crate::quant::View;

/// Up to so many rows are multiplied as the weight is read: it is read once for all of them.
const FEW: usize = 8;

/// Inputs from which a weight's product is worth rounding `x` to 16 bits: narrower models are fast enough
/// in floats, and give what floats give.
#[cfg(target_arch = "x86_64")]
const WIDE: usize = 1024;

/// `y = x Wᵀ`.
pub(super) fn forward(
    x: &FloatTensor<Flex>,
    quants: &IntTensor<Flex>,
    scales: &IntTensor<Flex>,
    mins: &IntTensor<Flex>,
    layout: Layout,
    way: Way,
) -> FloatTensor<Flex> {
    let rows = x.shape()[0];
    if rows == 0 {
        return tensor(Vec::new(), [0, layout.outputs]);
    }
    let view = view(quants, scales, mins, layout);
    #[cfg(target_arch = "x86_64")]
    if (layout.inputs >= WIDE || way == Way::Tiles)
        && let Some(y) = integers(x, view, layout.outputs)
    {
        return tensor(y, [rows, layout.outputs]);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = way;
    floats::forward(x, view, layout.outputs)
}

/// `x = y W`.
pub(super) fn transposed(
    y: &FloatTensor<Flex>,
    quants: &IntTensor<Flex>,
    scales: &IntTensor<Flex>,
    mins: &IntTensor<Flex>,
    layout: Layout,
) -> FloatTensor<Flex> {
    if y.shape()[0] == 0 {
        return tensor(Vec::new(), [0, layout.inputs]);
    }
    floats::transposed(y, view(quants, scales, mins, layout), layout.outputs)
}

/// The product with `x` in 16 bits, where the weight is of integers and the processor has the
/// instructions.
#[cfg(target_arch = "x86_64")]
fn integers(x: &FloatTensor<Flex>, view: View<'_>, outputs: usize) -> Option<Vec<f32>> {
    if view.bits == Bits::Brain || view.inputs == 0 || outputs == 0 {
        return None;
    }
    let x = x.to_contiguous();
    let x = x.as_slice::<f32>()?;
    match lanes::Avx512::try_new() {
        Some(lanes) if x.len() == view.inputs && view.bits == Bits::Four => {
            Some(one::one(lanes, x, view, outputs))
        }
        Some(lanes) => product::<_, 6, 2>(lanes, x, view, outputs),
        None => product::<_, 2, 4>(lanes::Avx2::try_new()?, x, view, outputs),
    }
}

/// The same by some instructions, many rows in tiles of `M` rows and `V` vectors.
#[cfg(target_arch = "x86_64")]
fn product<L: lanes::Lanes, const M: usize, const V: usize>(
    lanes: L,
    x: &[f32],
    view: View<'_>,
    outputs: usize,
) -> Option<Vec<f32>> {
    match x.len() <= FEW * view.inputs {
        true => few::few(lanes, x, view, outputs),
        false => Some(panels::many::<_, M, V>(lanes, x, view, outputs)),
    }
}

fn view<'a>(
    quants: &'a IntTensor<Flex>,
    scales: &'a IntTensor<Flex>,
    mins: &'a IntTensor<Flex>,
    layout: Layout,
) -> View<'a> {
    View {
        bits: layout.bits,
        kept: layout.kept,
        inputs: layout.inputs,
        quants: quants.storage::<u32>(),
        scales: scales.storage::<u32>(),
        mins: layout.mins.then(|| mins.storage::<u32>()),
    }
}

fn tensor(values: Vec<f32>, shape: [usize; 2]) -> FloatTensor<Flex> {
    FloatTensor::<Flex>::from_data(TensorData::new(values, shape))
}

/// From `[outputs, held]` to `[rows, outputs]`: the first `rows` of those that were held.
fn by_rows(found: &[f32], held: usize, rows: usize) -> Vec<f32> {
    let mut y = Vec::with_capacity(rows * found.len() / held);
    for row in 0..rows {
        y.extend(found.iter().skip(row).step_by(held));
    }
    y
}
