//! The way of GPUs that multiply whole matrices (cooperative matrices, `VK_KHR_cooperative_matrix`).

use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeTensor, KernelSource, SourceTemplate};
use burn::tensor::{DType, Shape};
use cubecl::CubeCount;
use cubecl::prelude::KernelId;

use super::gpu::source;
use super::parts::{parts, sum};
use super::{How, Layout};
use crate::kernel::{KernelInfo, grid, identity, launch_for};
use crate::quant::{Bits, blocks};
use crate::replaced::Op;

const MATRIX: &str =
    concat!(include_str!("quant_matmul_cooperative.wgsl"), include_str!("quant_weight.wgsl"));
const HALVES: &str = include_str!("half_rows.wgsl");

/// The rows of this op's kernels in the table.
pub(crate) const MATMUL_COOPERATIVE: KernelInfo = KernelInfo {
    name: "quant_matmul_cooperative",
    template: MATRIX,
    example: &[
        ("outputs", "64"),
        ("blocks", "2"),
        ("bits", "4"),
        ("mins", "true"),
        ("groups", "1"),
        ("full", "false"),
        ("parts", "2"),
        ("each", "4"),
        ("second", "30"),
        ("third", "64"),
    ],
    repeats: 4,
    bindings: &["x", "quants", "scales", "mins", "powers", "y"],
    workgroup_bytes: 2 * 128 * 10 * 8 + 1024 * 4,
};

/// See [`MATMUL_COOPERATIVE`].
pub(crate) const HALF_ROWS: KernelInfo = KernelInfo {
    name: "half_rows",
    template: HALVES,
    example: &[("width", "16")],
    repeats: 1,
    bindings: &["x", "y", "powers"],
    workgroup_bytes: 128 * 4,
};

/// Columns of a workgroup.
const WIDE: usize = 128;

/// Whether this way is there for a product of so many rows, and wanted.
pub(super) fn fits(rows: usize, layout: Layout, x: &CubeTensor) -> bool {
    // Adapters' values may be smaller than a 16-bit float holds.
    rows > super::gpu::FEW * 2
        && layout.bits != Bits::Brain
        && crate::features().cooperative_matrix
        && !super::gpu::is_software(x)
        && !Op::Cooperative.is_replaced()
}

/// `x` is filled up to whole blocks.
pub(super) fn forward(
    x: CubeTensor,
    weight: [CubeTensor; 3],
    layout: Layout,
    how: How,
) -> FloatTensor<CubeBackend> {
    let rows = x.shape()[0];
    let width = blocks(layout.inputs) * crate::quant::BLOCK;
    let outputs = [(Shape::from([rows, width]), DType::F16), (Shape::from([rows]), DType::F32)];
    let [x, powers] = launch_for(Halves { width }, 128, grid(rows), vec![x], outputs);

    let each = if rows > 64 { 4 } else { 2 };
    let count = |size: usize, tile| u32::try_from(size.div_ceil(tile)).unwrap_or(u32::MAX);
    let [across, down] = [count(layout.outputs, WIDE), count(rows, 32 * each)];
    let parts = parts(across as usize * down as usize, blocks(layout.inputs));
    let [quants, scales, mins] = weight;
    let kernel = Matrix { layout, splits: how.splits, each, parts };
    let shape = Shape::from([rows, layout.outputs]);
    let all = Shape::from([parts, rows, layout.outputs]);
    let inputs = vec![x, quants, scales, mins, powers];
    let count = CubeCount::Static(across, down, u32::try_from(parts).unwrap_or(u32::MAX));
    let [y] = launch_for(kernel, 128, count, inputs, [(all, DType::F32)]);
    sum(y, shape)
}

#[derive(Debug)]
struct Matrix {
    layout: Layout,
    splits: [usize; 2],
    each: usize,
    parts: usize,
}

impl KernelSource for Matrix {
    fn source(&self) -> SourceTemplate {
        source(MATRIX, self.each, &self.layout, self.splits)
            .register("each", self.each.to_string())
            .register("parts", self.parts.to_string())
    }

    fn id(&self) -> KernelId {
        identity::<Self>((self.layout, self.splits, self.each, self.parts))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// Rows of 16-bit floats.
#[derive(Debug)]
struct Halves {
    width: usize,
}

impl KernelSource for Halves {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(HALVES).register("width", (self.width / 4).to_string())
    }

    fn id(&self) -> KernelId {
        identity::<Self>(self.width)
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}
