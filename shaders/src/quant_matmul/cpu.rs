//! The processor's ways: in integers where it multiplies those faster, else in floats.

#[cfg(target_arch = "x86_64")]
mod few;
mod floats;
#[cfg(target_arch = "x86_64")]
mod lanes;
#[cfg(target_arch = "x86_64")]
mod panels;
#[cfg(target_arch = "x86_64")]
mod rounded;

use burn::backend::Flex;
#[cfg(target_arch = "x86_64")]
use burn::backend::TensorMetadata;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::tensor::TensorData;
#[cfg(not(target_family = "wasm"))]
use rayon::prelude::*;

use super::Layout;
use crate::quant::View;

/// `y = x Wᵀ`.
pub(super) fn forward(
    x: &FloatTensor<Flex>,
    quants: &IntTensor<Flex>,
    scales: &IntTensor<Flex>,
    mins: &IntTensor<Flex>,
    layout: Layout,
) -> FloatTensor<Flex> {
    let view = view(quants, scales, mins, layout);
    #[cfg(target_arch = "x86_64")]
    if let Some(y) = integers(x, view, layout.outputs) {
        return tensor(y, [x.shape()[0], layout.outputs]);
    }
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
    floats::transposed(y, view(quants, scales, mins, layout), layout.outputs)
}

/// The product with `x` in 16 bits, where the weight is of integers and the processor has the
/// instructions.
#[cfg(target_arch = "x86_64")]
fn integers(x: &FloatTensor<Flex>, view: View<'_>, outputs: usize) -> Option<Vec<f32>> {
    if view.bits == crate::quant::Bits::Brain || view.inputs == 0 || outputs == 0 {
        return None;
    }
    let x = x.to_contiguous();
    let x = x.as_slice::<f32>()?;
    let is_few = x.len() <= few::FEW * view.inputs;
    if let Some(lanes) = lanes::Avx512::try_new() {
        return Some(match is_few {
            true => few::few(lanes, x, view, outputs),
            false => panels::many::<_, 6, 2>(lanes, x, view, outputs),
        });
    }
    let lanes = lanes::Avx2::try_new()?;
    Some(match is_few {
        true => few::few(lanes, x, view, outputs),
        false => panels::many::<_, 2, 4>(lanes, x, view, outputs),
    })
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

/// Does `work` on chunks of `values`, on all cores where there are threads.
fn each_chunk<T: Send>(values: &mut [T], size: usize, work: impl Fn(usize, &mut [T]) + Sync) {
    #[cfg(not(target_family = "wasm"))]
    values.par_chunks_mut(size).enumerate().for_each(|(index, chunk)| work(index, chunk));
    #[cfg(target_family = "wasm")]
    values.chunks_mut(size).enumerate().for_each(|(index, chunk)| work(index, chunk));
}
