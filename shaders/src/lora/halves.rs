//! Adapters of bfloat16, for models that are themselves quantized: half of the room on the device.

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::wgpu::{CubeBackend, CubeTensor, KernelSource, SourceTemplate};
use burn::backend::{Dispatch, Flex, TensorMetadata};
use burn::tensor::{Int, Shape, Tensor, TensorData};
use cubecl::CubeCount;
use cubecl::prelude::KernelId;

use super::LoraBackend;
use crate::kernel::{KernelInfo, grid, identity, launch, unrolled};
use crate::quant::{Bits, Scales, blocks};
use crate::quant_matmul::{How, Layout, QuantMatmulBackend, QuantWeight};
use crate::replaced::Op;

const SHRINK: &str = include_str!("lora_shrink_halves.wgsl");
const EXPAND: &str = include_str!("lora_expand_halves.wgsl");

/// Ranks of a workgroup that shrinks.
const RANKS: usize = 8;

/// The rows of this op's kernels in the table.
pub(crate) const SHRINK_HALVES: KernelInfo = KernelInfo {
    name: "lora_shrink_halves",
    template: SHRINK,
    example: &[("rows", "9"), ("inputs", "2048"), ("rank", "8"), ("words", "1024")],
    repeats: RANKS,
    bindings: &["x", "a", "own", "inner"],
    workgroup_bytes: 2080 * 4,
};

/// See [`SHRINK_HALVES`].
pub(crate) const EXPAND_HALVES: KernelInfo = KernelInfo {
    name: "lora_expand_halves",
    template: EXPAND,
    example: &[("rows", "9"), ("outputs", "256"), ("rank", "8"), ("words", "128")],
    repeats: 1,
    bindings: &["base", "inner", "b", "own", "y"],
    workgroup_bytes: 0,
};

/// How large the adapters of a batch are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HalvesShape {
    /// Rows of the batch.
    pub rows: usize,
    /// The largest rank of a row.
    pub rank: usize,
    /// Values of a row of `a`.
    pub inputs: usize,
    /// Values of a row of `b`.
    pub outputs: usize,
}

/// `base + x Aᵀ B` with the ranks of each row of the batch.
///
/// # Shapes
/// - `base`, output: `[rows * length, outputs]`
/// - `x`: `[rows * length, inputs]`
/// - `a`: `[ranks, inputs]`, `b`: `[ranks, outputs]`, both of bfloat16
/// - `own`: `[2 * rows]`, for each row its first rank and how many it has, `rank` at most
///
/// No gradients pass through it.
///
/// # Panics
/// When the shapes do not fit together, or a matrix is kept in another way.
#[must_use]
pub fn add_lora_halves(
    base: Tensor<2>,
    x: Tensor<2>,
    [a, b]: [&QuantWeight; 2],
    own: &Tensor<1, Int>,
    rank: usize,
) -> Tensor<2> {
    let shape = shape([&base, &x], [a, b], own, rank);
    if base.shape().num_elements() == 0 || shape.inputs * rank == 0 {
        return base;
    }
    if Op::Lora.is_replaced() {
        return reference_halves(base, x, [a, b], own, rank);
    }
    let (base, x, own) = (base.into_dispatch(), x.into_dispatch(), own.clone().into_dispatch());
    let [a, b] = [a, b].map(QuantWeight::words);
    Tensor::from_dispatch(Dispatch::lora_halves_forward(base, x, a, b, own, shape))
}

fn shape(
    [base, x]: [&Tensor<2>; 2],
    [a, b]: [&QuantWeight; 2],
    own: &Tensor<1, Int>,
    rank: usize,
) -> HalvesShape {
    let ([total, outputs], [lines, inputs]) = (base.dims(), x.dims());
    let rows = own.dims()[0] / 2;
    let fits = |weight: &QuantWeight, width| {
        let layout = weight.layout();
        layout.bits == Bits::Brain && layout.inputs == width
    };
    assert!(lines == total, "add_lora_halves: base must have the rows of x");
    assert!(fits(a, inputs) && fits(b, outputs), "add_lora_halves: a and b must fit x and base");
    assert!(rows > 0 && total % rows == 0, "add_lora_halves: {total} rows are no batch of {rows}");
    HalvesShape { rows, rank, inputs, outputs }
}

/// The same in plain burn operations: all ranks at once, and zeros for those of other rows.
///
/// # Shapes
/// As [`add_lora_halves`].
#[must_use]
pub fn reference_halves(
    base: Tensor<2>,
    x: Tensor<2>,
    [a, b]: [&QuantWeight; 2],
    own: &Tensor<1, Int>,
    rank: usize,
) -> Tensor<2> {
    let HalvesShape { rows, .. } = shape([&base, &x], [a, b], own, rank);
    let own: Vec<u32> = own.clone().into_data().iter::<u32>().collect();
    let ranks = a.layout().outputs;
    let of = |own: &[u32]| {
        let own = own[0] as usize..(own[0] + own[1]) as usize;
        (0..ranks).map(move |rank| f32::from(u8::from(own.contains(&rank))))
    };
    let mask: Vec<f32> = own.chunks_exact(2).flat_map(of).collect();
    let mask = Tensor::<3>::from_data(TensorData::new(mask, [rows, 1, ranks]), &x.device());
    let total = x.dims()[0];
    let inner = x.matmul(a.dequantize().transpose()).reshape([rows, total / rows, ranks]) * mask;
    base + inner.reshape([total, ranks]).matmul(b.dequantize())
}

/// `x` meets the matrices of all rows in one product each way. Between the two, what belongs to another
/// row's adapter becomes zero: as many ranks more cost little, and no row waits for products of its own.
pub(super) fn on_host(
    base: FloatTensor<Flex>,
    x: FloatTensor<Flex>,
    [a, b, own]: [IntTensor<Flex>; 3],
    shape: HalvesShape,
) -> FloatTensor<Flex> {
    let ranks = a.shape()[0] / (blocks(shape.inputs) * Bits::Brain.words());
    let layout = |inputs| {
        let (bits, kept) = (Bits::Brain, Scales::HALF);
        Layout { bits, outputs: ranks, inputs, mins: false, kept }
    };
    // There are neither scales nor minima: what stands in their place is not read.
    let how = How::whole(ranks);
    let inner = Flex::quant_matmul_forward(x, a.clone(), a.clone(), a, layout(shape.inputs), how);
    let dims = inner.shape();
    let mut values = inner.to_contiguous().as_slice::<f32>().unwrap_or_default().to_vec();
    let length = dims[0] / shape.rows;
    for (own, tokens) in own.storage::<u32>().chunks_exact(2).zip(values.chunks_mut(length * ranks))
    {
        let own = own[0] as usize..(own[0] + own[1]) as usize;
        for values in tokens.chunks_exact_mut(ranks) {
            values[..own.start].fill(0.0);
            values[own.end..].fill(0.0);
        }
    }
    let inner = FloatTensor::<Flex>::from_data(TensorData::new(values, dims));
    let added =
        Flex::quant_matmul_transposed(inner, b.clone(), b.clone(), b, layout(shape.outputs));
    Flex::float_add(base, added)
}

pub(super) fn on_gpu(
    [base, x, a, b, own]: [CubeTensor; 5],
    shape: HalvesShape,
) -> FloatTensor<CubeBackend> {
    let HalvesShape { rows, rank, .. } = shape;
    let y = base.shape();
    let total = y[0];
    let counts = [(total / rows).div_ceil(4), rank.div_ceil(RANKS), rows];
    let [tokens, ranks, sequences] = counts.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    let count = CubeCount::Static(tokens, ranks, sequences);
    let inputs = vec![x, a, own.clone()];
    let inner = Shape::from([total, rank]);
    let inner = launch(Kernel { expands: false, shape }, 64, count, inputs, inner);
    let groups = grid((total * shape.outputs).div_ceil(128));
    launch(Kernel { expands: true, shape }, 128, groups, vec![base, inner, b, own], y)
}

/// The compiled variant of one of the two.
#[derive(Debug)]
struct Kernel {
    expands: bool,
    shape: HalvesShape,
}

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        let HalvesShape { rows, rank, inputs, outputs } = self.shape;
        let (template, name, width) = match self.expands {
            true => (EXPAND.to_owned(), "outputs", outputs),
            false => (unrolled(SHRINK, RANKS), "inputs", inputs),
        };
        let words = blocks(width) * Bits::Brain.words();
        SourceTemplate::new(template)
            .register("rows", rows.to_string())
            .register("rank", rank.to_string())
            .register(name, width.to_string())
            .register("words", words.to_string())
    }

    fn id(&self) -> KernelId {
        identity::<Self>((self.expands, self.shape))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}
