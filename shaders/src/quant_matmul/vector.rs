//! The kernel for few rows, and what it does beside the product: a step of decoding is short, and each
//! launch that it saves counts.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::{CubeTensor, KernelSource, SourceTemplate};
use burn::tensor::{DType, Shape};
use cubecl::CubeCount;
use cubecl::prelude::KernelId;

use super::gpu::{FEW, inputs, is_software, source};
use super::{How, Layout, Way};
use crate::kernel::{KernelInfo, identity, launch_for, spread};
use crate::quant::blocks;
use crate::replaced::Op;

/// The source whose lanes gather sums as `$gather` tells, divide them as `$norm` tells, and put them
/// where `$put` tells.
macro_rules! vector {
    ($gather:literal, $norm:literal, $put:literal) => {
        concat!(
            include_str!($gather),
            include_str!($norm),
            include_str!($put),
            include_str!("quant_matvec.wgsl"),
            include_str!("quant_weight.wgsl")
        )
    };
}

/// The same by workgroup memory and by subgroups.
macro_rules! vectors {
    ($norm:literal, $put:literal) => {
        [vector!("gather.wgsl", $norm, $put), vector!("gather_subgroups.wgsl", $norm, $put)]
    };
}

const PLAIN: [&str; 2] = vectors!("norm_none.wgsl", "put.wgsl");
const NORMED: [&str; 2] = vectors!("norm_late.wgsl", "put.wgsl");
const SWIGLU: [&str; 2] = vectors!("norm_none.wgsl", "put_swiglu.wgsl");
const NORMED_SWIGLU: [&str; 2] = vectors!("norm_late.wgsl", "put_swiglu.wgsl");
const SUM: [&str; 2] = vectors!("norm_none.wgsl", "put_sum.wgsl");

/// Placeholders of all sources, of which each wants some; `y` is bound at `$y`.
macro_rules! example {
    ($y:literal) => {
        &[
            ("rows", "8"),
            ("outputs", "64"),
            ("blocks", "2"),
            ("bits", "4"),
            ("mins", "true"),
            ("groups", "1"),
            ("full", "false"),
            ("share", "16"),
            ("second", "30"),
            ("third", "64"),
            ("squares", "8"),
            ("width", "50"),
            ("epsilon", "1e-6"),
            ("y", $y),
        ]
    };
}

/// The rows of this kernel in the table.
pub(crate) const MATVEC: [KernelInfo; 5] = {
    let plain = row("quant_matvec", PLAIN[0], &["x", "quants", "scales", "mins", "y"]);
    let normed =
        row("quant_matvec_normed", NORMED[0], &["x", "quants", "scales", "mins", "whole", "y"]);
    let normed = KernelInfo { example: example!("5"), ..normed };
    let sum = &["x", "quants", "scales", "mins", "added", "weight", "y", "scaled"];
    [
        plain,
        normed,
        KernelInfo { name: "quant_matvec_swiglu", template: SWIGLU[0], ..plain },
        KernelInfo { name: "quant_matvec_normed_swiglu", template: NORMED_SWIGLU[0], ..normed },
        row("quant_matvec_sum", SUM[0], sum),
    ]
};

/// The same by subgroups.
pub(crate) const MATVEC_SUBGROUPS: [KernelInfo; 5] = [
    KernelInfo { name: "quant_matvec_subgroups", template: PLAIN[1], ..MATVEC[0] },
    KernelInfo { name: "quant_matvec_normed_subgroups", template: NORMED[1], ..MATVEC[1] },
    KernelInfo { name: "quant_matvec_swiglu_subgroups", template: SWIGLU[1], ..MATVEC[2] },
    KernelInfo {
        name: "quant_matvec_normed_swiglu_subgroups",
        template: NORMED_SWIGLU[1],
        ..MATVEC[3]
    },
    KernelInfo { name: "quant_matvec_sum_subgroups", template: SUM[1], ..MATVEC[4] },
];

const fn row(
    name: &'static str,
    template: &'static str,
    bindings: &'static [&'static str],
) -> KernelInfo {
    KernelInfo {
        name,
        template,
        example: example!("4"),
        repeats: FEW,
        bindings,
        workgroup_bytes: LANES * FEW * (16 + 4),
    }
}

/// Lanes of a workgroup.
pub(super) const LANES: usize = 64;

/// Outputs of a lane.
const OUTPUTS: usize = 4;

/// What is done with a product's sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum End {
    /// They are what is wanted, part behind part.
    Parts,
    /// The second half of them goes through the gates that the first half is: as many outputs as there
    /// are gates.
    Swiglu,
    /// Others are added to them, and they are wanted twice: also times the weight of a norm.
    Sum,
}

/// What is done beside a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Beside {
    /// That rows are divided by the root mean square of others, with this in place of nothing: the bits
    /// of a number.
    pub(super) epsilon: Option<u64>,
    pub(super) end: End,
}

impl Beside {
    /// Nothing.
    pub(super) const NOTHING: Self = Self { epsilon: None, end: End::Parts };

    /// By workgroup memory, and by subgroups.
    const fn templates(self) -> [&'static str; 2] {
        match (self.epsilon, self.end) {
            (None, End::Parts) => PLAIN,
            (Some(_), End::Parts) => NORMED,
            (None, End::Swiglu) => SWIGLU,
            (Some(_), End::Swiglu) => NORMED_SWIGLU,
            (_, End::Sum) => SUM,
        }
    }
}

/// The product of a few rows with a weight, and what is done beside it. Of the inputs, the first are `x`
/// and the weight's streams; what else is read follows: the rows that are divided by, or what is added and
/// the weight of the norm. `x` and rows that are divided by are filled up to whole blocks.
pub(super) fn forward<const N: usize>(
    x: CubeTensor,
    weight: [CubeTensor; 3],
    others: Vec<CubeTensor>,
    (layout, how): (Layout, How),
    beside: Beside,
) -> [CubeTensor; N] {
    let rows = x.shape()[0];
    let software = is_software(&x);
    let subgroups = how.way == Way::Subgroups || Op::Subgroups.is_taken(software);
    let share = if subgroups { LANES } else { share(layout, software) };
    let [across, along] = spread(layout.outputs.div_ceil(LANES / share * OUTPUTS));
    let parts = rows.div_ceil(FEW);
    let count = CubeCount::Static(across, along, u32::try_from(parts).unwrap_or(u32::MAX));
    let kernel =
        Vector { rows: rows.div_ceil(parts), subgroups, share, layout, splits: how.splits, beside };
    let wide = if beside.end == End::Swiglu { layout.outputs / 2 } else { layout.outputs };
    let inputs = inputs(x, weight, others);
    let shapes = [(); N].map(|()| (Shape::from([rows, wide]), DType::F32));
    launch_for(kernel, LANES as u32, count, inputs, shapes)
}

/// Lanes that share a row of the weight: all of them, so that few rows fill a GPU too; but one in
/// software has no room to fill, and gains by fewer.
const fn share(layout: Layout, software: bool) -> usize {
    let wanted = match layout.outputs {
        2048.. if software => 16,
        1024.. if software => 32,
        _ => LANES,
    };
    let most = blocks(layout.inputs).next_power_of_two();
    if wanted < most { wanted } else { most }
}

/// The compiled variant.
#[derive(Debug)]
struct Vector {
    /// Of a workgroup.
    rows: usize,
    /// Whether lanes gather sums by subgroups.
    subgroups: bool,
    share: usize,
    layout: Layout,
    splits: [usize; 2],
    beside: Beside,
}

impl KernelSource for Vector {
    fn source(&self) -> SourceTemplate {
        let Self { rows, subgroups, share, layout, splits, beside } = self;
        let [memory, by_subgroups] = beside.templates();
        let template = if *subgroups { by_subgroups } else { memory };
        let source = source(template, *rows, layout, *splits)
            .register("rows", rows.to_string())
            .register("share", share.to_string());
        let source = match (beside.epsilon, beside.end) {
            (Some(epsilon), _) => source
                .register("y", "5")
                .register("width", layout.inputs.to_string())
                .register("epsilon", format!("{:e}", f64::from_bits(epsilon))),
            (None, End::Sum) => source,
            (None, _) => source.register("y", "4"),
        };
        // Nothing is no length of an array.
        let squares = if beside.epsilon.is_some() { *rows } else { 1 };
        source.register("squares", squares.to_string())
    }

    fn id(&self) -> KernelId {
        let ways = (self.subgroups, self.share, self.beside);
        identity::<Self>((self.rows, ways, self.layout, self.splits))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}
