//! The GPU's way: one kernel for few rows, one for many and for gradients, and another for many where a
//! GPU is imitated in software.

use burn::backend::TensorMetadata;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeTensor, KernelSource, SourceTemplate, into_contiguous};
use burn::tensor::{DType, Shape};
use cubecl::CubeCount;
use cubecl::prelude::KernelId;

use super::cooperative::halves;
use super::parts::{cut, sum};
use super::vector::{Beside, LANES, MATVEC};
use super::{How, Layout, Way, cooperative, vector};
use crate::kernel::{KernelInfo, identity, launch, launch_for, spread, unrolled};
use crate::quant::{BLOCK, Bits, blocks};
use crate::replaced::Op;

/// The source of products with many rows, in whose tiles lie the numbers that `$tiles` tells.
macro_rules! matrix {
    ($tiles:literal) => {
        concat!(
            include_str!($tiles),
            include_str!("quant_matmul.wgsl"),
            include_str!("quant_weight.wgsl")
        )
    };
}

const MATRIX: &str = matrix!("tiles_floats.wgsl");
const MATRIX_HALVES: &str = matrix!("tiles_halves.wgsl");
const PLAIN: &str =
    concat!(include_str!("quant_matmul_plain.wgsl"), include_str!("quant_weight.wgsl"));

/// The rows of this op's kernels in the table.
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
        ("each", "8"),
        ("parts", "2"),
        ("second", "20"),
        ("third", "50"),
    ],
    repeats: 8,
    bindings: &["x", "quants", "scales", "mins", "y"],
    workgroup_bytes: (64 + 128) * 16 * 4,
};

/// See [`MATMUL`].
pub(crate) const MATMUL_HALVES: KernelInfo = KernelInfo {
    name: "quant_matmul_halves",
    template: MATRIX_HALVES,
    bindings: &["x", "quants", "scales", "mins", "powers", "y"],
    workgroup_bytes: MATMUL.workgroup_bytes / 2,
    ..MATMUL
};

/// See [`MATMUL`].
pub(crate) const MATMUL_PLAIN: KernelInfo = KernelInfo {
    name: "quant_matmul_plain",
    template: PLAIN,
    example: MATVEC[0].example,
    repeats: FEW,
    bindings: MATVEC[0].bindings,
    workgroup_bytes: 0,
};

/// Rows that a workgroup of the kernel for few rows has at most.
pub(super) const FEW: usize = 8;

/// Outputs of a lane of the kernel without workgroup memory.
const PLAIN_OUTPUTS: usize = 16;

/// Columns of a workgroup of the kernel for many rows.
const TILE: usize = 128;

/// Rows of it for each that one of its lanes has.
const HIGH: usize = 8;

pub(super) fn forward(
    x: FloatTensor<CubeBackend>,
    weight: [CubeTensor; 3],
    layout: Layout,
    how: How,
) -> FloatTensor<CubeBackend> {
    let rows = x.shape()[0];
    let shape = Shape::from([rows, layout.outputs]);
    if rows * layout.outputs * layout.inputs == 0 {
        return CubeBackend::float_zeros(shape, &x.device, x.dtype.into());
    }
    let x = filled(x, layout.inputs);
    let cooperative = match how.way {
        Way::Best => cooperative::fits(rows, layout, &x),
        way => way == Way::Cooperative,
    };
    if cooperative {
        return cooperative::forward(into_contiguous(x), weight.map(into_contiguous), layout, how);
    }
    // Two readings of the weight cost less than a tile that is mostly empty.
    let parts = rows.div_ceil(FEW);
    let shared = parts <= 2;
    let software = is_software(&x);
    if !shared && !software || matches!(how.way, Way::Tiles | Way::Halves) {
        // Adapters' values may be smaller than a 16-bit float holds.
        let taken = how.way == Way::Best && Op::Halves.is_taken(software);
        let halves = how.way == Way::Halves || taken && layout.bits != Bits::Brain;
        let kind = if halves { Kind::Halves } else { Kind::Floats };
        return tiles(layout, how.splits, kind, inputs(x, weight, None), shape);
    }
    if shared || how.way == Way::Subgroups {
        let [y] = vector::forward(x, weight, Vec::new(), (layout, how), Beside::NOTHING);
        return y;
    }
    let [across, along] = spread(layout.outputs.div_ceil(LANES * PLAIN_OUTPUTS));
    let count = CubeCount::Static(across, along, u32::try_from(parts).unwrap_or(u32::MAX));
    let kernel = Plain { rows: rows.div_ceil(parts), layout, splits: how.splits };
    launch(kernel, LANES as u32, count, inputs(x, weight, None), shape)
}

pub(super) fn transposed(
    y: FloatTensor<CubeBackend>,
    weight: [CubeTensor; 3],
    layout: Layout,
) -> FloatTensor<CubeBackend> {
    let rows = y.shape()[0];
    let shape = Shape::from([rows, layout.inputs]);
    if rows * layout.outputs * layout.inputs == 0 {
        return CubeBackend::float_zeros(shape, &y.device, y.dtype.into());
    }
    let y = filled(y, layout.outputs);
    tiles(layout, [layout.inputs; 2], Kind::Transposed, inputs(y, weight, None), shape)
}

/// What kernels bind: `x`, the weight's streams, and others.
pub(super) fn inputs(
    x: CubeTensor,
    weight: [CubeTensor; 3],
    others: impl IntoIterator<Item = CubeTensor>,
) -> Vec<CubeTensor> {
    std::iter::once(x).chain(weight).chain(others).map(into_contiguous).collect()
}

fn tiles(
    layout: Layout,
    splits: [usize; 2],
    kind: Kind,
    mut inputs: Vec<CubeTensor>,
    shape: Shape,
) -> FloatTensor<CubeBackend> {
    // Fewer rows a lane where there are not as many.
    let each = [2, 4].into_iter().find(|each| shape[0] <= HIGH * each).unwrap_or(8);
    let depth = blocks(kind.width(layout));
    let (count, parts) = cut(shape[1].div_ceil(TILE), shape[0].div_ceil(HIGH * each), depth);
    let kernel = Matrix { layout, splits, kind, each, parts };
    let all = Shape::from([parts, shape[0], shape[1]]);
    if kind == Kind::Halves {
        let [x, powers] = halves(inputs[0].clone(), 1, false);
        inputs[0] = x;
        inputs.push(powers);
    }
    let [y] = launch_for(kernel, 128, count, inputs, [(all, DType::F32)]);
    sum(y, shape)
}

/// What lies in tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    /// 32-bit floats.
    Floats,
    /// 16-bit floats.
    Halves,
    /// 32-bit floats of the transposed weight.
    Transposed,
}

impl Kind {
    /// What is summed over.
    const fn width(self, layout: Layout) -> usize {
        match self {
            Self::Transposed => layout.outputs,
            Self::Floats | Self::Halves => layout.inputs,
        }
    }
}

/// Whether a tensor lies with a program that imitates a GPU: workgroup memory and its barriers cost it
/// much, and gain it nothing.
pub(super) fn is_software(tensor: &CubeTensor) -> bool {
    tensor.client.properties().identity.physical.is_none()
}

/// `x` with zeros up to a whole number of blocks a row.
pub(super) fn filled(x: CubeTensor, width: usize) -> CubeTensor {
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

/// A template with what all of them say of a weight.
pub(super) fn source(
    template: &str,
    repeats: usize,
    layout: &Layout,
    splits: [usize; 2],
) -> SourceTemplate {
    SourceTemplate::new(unrolled(template, repeats))
        .register("outputs", layout.outputs.to_string())
        .register("blocks", blocks(layout.inputs).to_string())
        .register("bits", bits(layout.bits))
        .register("mins", layout.mins.to_string())
        .register("groups", layout.kept.groups.to_string())
        .register("full", layout.kept.full.to_string())
        .register("second", splits[0].to_string())
        .register("third", splits[1].to_string())
}

/// For many rows in software.
#[derive(Debug)]
struct Plain {
    /// Of a workgroup.
    rows: usize,
    layout: Layout,
    splits: [usize; 2],
}

impl KernelSource for Plain {
    fn source(&self) -> SourceTemplate {
        source(PLAIN, self.rows, &self.layout, self.splits).register("rows", self.rows.to_string())
    }

    fn id(&self) -> KernelId {
        identity::<Self>((self.rows, self.layout, self.splits))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// For many.
#[derive(Debug)]
struct Matrix {
    layout: Layout,
    splits: [usize; 2],
    kind: Kind,
    /// Rows of a lane.
    each: usize,
    /// Of the sum.
    parts: usize,
}

impl KernelSource for Matrix {
    fn source(&self) -> SourceTemplate {
        let layout = &self.layout;
        let width = self.kind.width(*layout);
        let template = if self.kind == Kind::Halves { MATRIX_HALVES } else { MATRIX };
        source(template, self.each, layout, self.splits)
            .register("transposed", (self.kind == Kind::Transposed).to_string())
            .register("inputs", layout.inputs.to_string())
            .register("depth", (blocks(width) * BLOCK / 4).to_string())
            .register("each", self.each.to_string())
            .register("parts", self.parts.to_string())
    }

    fn id(&self) -> KernelId {
        identity::<Self>((self.kind, self.each, self.parts, self.layout, self.splits))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}
