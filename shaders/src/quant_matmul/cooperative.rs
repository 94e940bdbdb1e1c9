//! The way of GPUs that multiply whole matrices (cooperative matrices, `VK_KHR_cooperative_matrix`).

use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeTensor, KernelSource, SourceTemplate};
use burn::tensor::{DType, Shape};
use cubecl::CubeCount;
use cubecl::prelude::KernelId;

use super::gpu::source;
use super::{How, Layout};
use crate::kernel::{KernelInfo, grid, identity, launch, launch_for};
use crate::quant::{Bits, blocks};
use crate::replaced::Op;

const MATRIX: &str =
    concat!(include_str!("quant_matmul_cooperative.wgsl"), include_str!("quant_weight.wgsl"));
const HALVES: &str = include_str!("half_rows.wgsl");
const PARTS: &str = include_str!("sum_parts.wgsl");

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

/// See [`MATMUL_COOPERATIVE`].
pub(crate) const SUM_PARTS: KernelInfo = KernelInfo {
    name: "sum_parts",
    template: PARTS,
    example: &[],
    repeats: 1,
    bindings: &["x", "y"],
    workgroup_bytes: 0,
};

/// Columns of a workgroup.
const WIDE: usize = 128;

/// Workgroups that a GPU is kept busy by: more than the largest has processors.
const BUSY: usize = 256;

/// Blocks of a part at least.
const STEPS: usize = 16;

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
    match parts {
        1 => CubeTensor::new_contiguous(y.client, y.device, shape, y.handle, DType::F32),
        _ => {
            let groups = grid((rows * layout.outputs).div_ceil(128));
            launch(Sum, 128, groups, vec![y], shape)
        }
    }
}

/// Into how many parts the sum of a tile is cut.
const fn parts(tiles: usize, blocks: usize) -> usize {
    let wanted = BUSY.div_ceil(tiles);
    let most = blocks / STEPS;
    let parts = if wanted < most { wanted } else { most };
    if parts == 0 { 1 } else { parts }
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

#[derive(Debug)]
struct Sum;

impl KernelSource for Sum {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(PARTS)
    }

    fn id(&self) -> KernelId {
        identity::<Self>(())
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_tiles_are_cut_and_many_are_not() {
        // 3B's down projection of 192 rows, its gate and up of 1,611, and a small one.
        assert_eq!([parts(32, 344), parts(13 * 172, 64), parts(1, 3)], [8, 1, 1]);
    }
}
