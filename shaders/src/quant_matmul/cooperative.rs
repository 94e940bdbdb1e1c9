//! The way of GPUs that multiply whole matrices (cooperative matrices, `VK_KHR_cooperative_matrix`).

use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeTensor, KernelSource, SourceTemplate};
use burn::tensor::{DType, Shape};
use cubecl::prelude::KernelId;

use super::gpu::{FEW, is_software, source};
use super::parts::{cut, sum};
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
    example: &[("width", "16"), ("largest", "16384.0")],
    repeats: 1,
    bindings: &["x", "y", "powers"],
    workgroup_bytes: 128 * 4,
};

/// Columns of a workgroup.
const WIDE: usize = 128;

/// The largest values of rows: below the double of this, which is half of what 16 bits hold.
const LARGEST: u32 = 1 << 14;

/// Whether this way is there for a product of so many rows, and wanted.
pub(super) fn fits(rows: usize, layout: Layout, x: &CubeTensor) -> bool {
    // Adapters' values may be smaller than a 16-bit float holds.
    rows > 2 * FEW && layout.bits != Bits::Brain && Op::Cooperative.is_taken(is_software(x))
}

/// Whether the device has cooperative matrices.
fn are_there(x: &CubeTensor) -> bool {
    Op::Cooperative.is_there() && !is_software(x)
}

/// Rows of 16-bit floats, and what each was divided by so that its largest value is from `largest` to its
/// double; `alone` on a device without such floats.
pub(super) fn halves(x: CubeTensor, largest: u32, alone: bool) -> [CubeTensor; 2] {
    let [rows, width] = [x.shape()[0], x.shape()[1]];
    let outputs = [(Shape::from([rows, width]), DType::F16), (Shape::from([rows]), DType::F32)];
    launch_for(Halves { width, largest, alone }, 128, grid(rows), vec![x], outputs)
}

/// `x` is filled up to whole blocks.
pub(super) fn forward(
    x: CubeTensor,
    weight: [CubeTensor; 3],
    layout: Layout,
    how: How,
) -> FloatTensor<CubeBackend> {
    let rows = x.shape()[0];
    let alone = !are_there(&x);
    let [x, powers] = halves(x, LARGEST, alone);

    let each = if rows > 64 { 4 } else { 2 };
    let (across, down) = (layout.outputs.div_ceil(WIDE), rows.div_ceil(32 * each));
    let (count, parts) = cut(across, down, blocks(layout.inputs));
    let [quants, scales, mins] = weight;
    let kernel = Matrix { layout, splits: how.splits, each, parts, alone };
    let shape = Shape::from([rows, layout.outputs]);
    let all = Shape::from([parts, rows, layout.outputs]);
    let inputs = vec![x, quants, scales, mins, powers];
    let [y] = launch_for(kernel, 128, count, inputs, [(all, DType::F32)]);
    sum(y, shape)
}

/// A template for a device without cooperative matrices: each lane has 8 values of those that it would
/// hold together with its subgroup.
fn lane_by_lane(template: &str) -> String {
    const TOGETHER: [(&str, &str); 6] = [
        ("coopLoad<coop_mat16x16<f16, B>>(&ws[", "("),
        ("coopLoadT<coop_mat16x16<f16, A>>(&xs[", "("),
        ("], ROW);", ");"),
        ("coopMultiplyAdd(", "multiply_add(lane, "),
        ("coop_mat16x16<f32, C>()", "array<f32, 8>()"),
        ("coopStoreT(", "store(lane, "),
    ];
    const ALONE: &str = "
fn multiply_add(lane: u32, x: u32, w: u32, sums: array<f32, 8>) -> array<f32, 8> {
    var all = sums;
    for (var j = 0u; j < 8u; j++) {
        let i = lane % 32u + j * 32u;
        for (var four = 0u; four < 4u; four++) {
            let a = xs[x + i / 16u * ROW + four];
            let b = ws[w + i % 16u * ROW + four];
            all[j] += dot(unpack2x16float(a.x), unpack2x16float(b.x))
                + dot(unpack2x16float(a.y), unpack2x16float(b.y));
        }
    }
    return all;
}

fn store(lane: u32, sums: array<f32, 8>, first: u32) {
    var all = sums;
    for (var j = 0u; j < 8u; j++) {
        held[first + lane % 32u + j * 32u] = all[j];
    }
}
";
    let template = template.replace("enable wgpu_cooperative_matrix;\n", "");
    let template = template.replace("&held[first], 16u", "first");
    let alone = |template: String, (from, to): (&str, &str)| template.replace(from, to);
    in_words(&TOGETHER.into_iter().fold(template, alone)) + ALONE
}

/// A template for a device without 16-bit floats: two lie in a word.
fn in_words(template: &str) -> String {
    let template = template.replace("enable f16;\n", "");
    let template = template.replace("vec4<f16>(", "packed(").replace("vec4<f16>", "vec2<u32>");
    template
        + "
fn packed(four: vec4<f32>) -> vec2<u32> {
    return vec2<u32>(pack2x16float(four.xy), pack2x16float(four.zw));
}
"
}

#[derive(Debug)]
struct Matrix {
    layout: Layout,
    splits: [usize; 2],
    each: usize,
    parts: usize,
    alone: bool,
}

impl KernelSource for Matrix {
    fn source(&self) -> SourceTemplate {
        let template = if self.alone { lane_by_lane(MATRIX) } else { MATRIX.to_owned() };
        source(&template, self.each, &self.layout, self.splits)
            .register("each", self.each.to_string())
            .register("parts", self.parts.to_string())
    }

    fn id(&self) -> KernelId {
        identity::<Self>((self.layout, self.splits, self.each, self.parts, self.alone))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// Rows of 16-bit floats.
#[derive(Debug)]
struct Halves {
    width: usize,
    largest: u32,
    alone: bool,
}

impl KernelSource for Halves {
    fn source(&self) -> SourceTemplate {
        let template = if self.alone { in_words(HALVES) } else { HALVES.to_owned() };
        SourceTemplate::new(template)
            .register("width", (self.width / 4).to_string())
            .register("largest", format!("{}.0", self.largest))
    }

    fn id(&self) -> KernelId {
        identity::<Self>((self.width, self.largest, self.alone))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}
