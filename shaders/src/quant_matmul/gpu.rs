//! The GPU's way: one kernel for few rows, one for many and for gradients.

use burn::backend::TensorMetadata;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeTensor, KernelSource, SourceTemplate, into_contiguous};
use burn::tensor::Shape;
use cubecl::CubeCount;
use cubecl::prelude::KernelId;

use super::Layout;
use crate::kernel::{KernelInfo, grid, launch};
use crate::quant::{BLOCK, Bits, blocks};

const VECTOR: &str = include_str!("quant_matvec.wgsl");
const MATRIX: &str = include_str!("quant_matmul.wgsl");

/// The rows of this op's kernels in the table.
pub(crate) const MATVEC: KernelInfo = KernelInfo {
    name: "quant_matvec",
    template: VECTOR,
    example: &[
        ("rows", "8"),
        ("outputs", "64"),
        ("blocks", "2"),
        ("bits", "4"),
        ("mins", "true"),
        ("groups", "1"),
        ("full", "false"),
    ],
    bindings: &["x", "quants", "scales", "mins", "y"],
    workgroup_bytes: 64 * 4 * 8 * 4,
};

/// See [`MATVEC`].
pub(crate) const MATMUL: KernelInfo = KernelInfo {
    name: "quant_matmul",
    template: MATRIX,
    example: &[
        ("transposed", "true"),
        ("outputs", "64"),
        ("inputs", "50"),
        ("blocks", "2"),
        ("bits", "8"),
        ("mins", "false"),
        ("groups", "2"),
        ("full", "true"),
        ("depth", "16"),
    ],
    bindings: &["x", "quants", "scales", "mins", "y"],
    workgroup_bytes: 2 * 32 * 64 * 4,
};

/// Up to so many rows are multiplied by the kernel for few.
const FEW: usize = 8;

/// Outputs of a workgroup of the kernel for few rows.
const OUTPUTS: usize = 4;

/// Rows and columns of a workgroup of the kernel for many.
const TILE: usize = 64;

pub(super) fn forward(
    x: FloatTensor<CubeBackend>,
    weight: [CubeTensor; 3],
    layout: Layout,
) -> FloatTensor<CubeBackend> {
    let rows = x.shape()[0];
    let x = filled(x, layout.inputs);
    let shape = Shape::from([rows, layout.outputs]);
    let inputs = inputs(x, weight);
    if rows <= FEW {
        let groups = grid(layout.outputs.div_ceil(OUTPUTS));
        return launch(Vector { rows, layout }, 64, groups, inputs, shape);
    }
    tiles(Matrix { layout, transposed: false }, inputs, shape)
}

pub(super) fn transposed(
    y: FloatTensor<CubeBackend>,
    weight: [CubeTensor; 3],
    layout: Layout,
) -> FloatTensor<CubeBackend> {
    let rows = y.shape()[0];
    let y = filled(y, layout.outputs);
    let shape = Shape::from([rows, layout.inputs]);
    tiles(Matrix { layout, transposed: true }, inputs(y, weight), shape)
}

fn inputs(x: CubeTensor, weight: [CubeTensor; 3]) -> Vec<CubeTensor> {
    std::iter::once(x).chain(weight).map(into_contiguous).collect()
}

fn tiles(kernel: Matrix, inputs: Vec<CubeTensor>, shape: Shape) -> FloatTensor<CubeBackend> {
    let tiles = |axis: usize| u32::try_from(shape[axis].div_ceil(TILE)).unwrap_or(u32::MAX);
    let count = CubeCount::Static(tiles(1), tiles(0), 1);
    launch(kernel, 256, count, inputs, shape)
}

/// `x` with zeros up to a whole number of blocks a row.
fn filled(x: CubeTensor, width: usize) -> CubeTensor {
    let rows = x.shape()[0];
    let missing = blocks(width) * BLOCK - width;
    if missing == 0 {
        return x;
    }
    let zeros = CubeBackend::float_zeros([rows, missing].into(), &x.device, x.dtype.into());
    CubeBackend::float_cat(vec![x, zeros], 1)
}

const fn bits(bits: Bits) -> &'static str {
    match bits {
        Bits::Four => "4",
        Bits::Eight => "8",
        Bits::Brain => "16",
    }
}

/// For few rows.
#[derive(Debug)]
struct Vector {
    rows: usize,
    layout: Layout,
}

impl KernelSource for Vector {
    fn source(&self) -> SourceTemplate {
        let layout = &self.layout;
        SourceTemplate::new(VECTOR)
            .register("rows", self.rows.to_string())
            .register("outputs", layout.outputs.to_string())
            .register("blocks", blocks(layout.inputs).to_string())
            .register("bits", bits(layout.bits))
            .register("mins", layout.mins.to_string())
            .register("groups", layout.kept.groups.to_string())
            .register("full", layout.kept.full.to_string())
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info((self.rows, self.layout))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// For many.
#[derive(Debug)]
struct Matrix {
    layout: Layout,
    transposed: bool,
}

impl KernelSource for Matrix {
    fn source(&self) -> SourceTemplate {
        let layout = &self.layout;
        let width = if self.transposed { layout.outputs } else { layout.inputs };
        SourceTemplate::new(MATRIX)
            .register("transposed", self.transposed.to_string())
            .register("outputs", layout.outputs.to_string())
            .register("inputs", layout.inputs.to_string())
            .register("blocks", blocks(layout.inputs).to_string())
            .register("bits", bits(layout.bits))
            .register("mins", layout.mins.to_string())
            .register("groups", layout.kept.groups.to_string())
            .register("full", layout.kept.full.to_string())
            .register("depth", (blocks(width) * BLOCK / 4).to_string())
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info((self.transposed, self.layout))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}
