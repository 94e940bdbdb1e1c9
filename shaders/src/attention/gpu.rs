//! The GPU's way: one kernel for tiles of queries, one for few queries.

use burn::backend::TensorMetadata;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeTensor, KernelSource, SourceTemplate, into_contiguous};
use burn::tensor::Slice;
use cubecl::CubeCount;
use cubecl::prelude::KernelId;

use crate::kernel::{KernelInfo, identity, launch};

const TILED: &str = include_str!("attention.wgsl");
const SMALL: &str = include_str!("attention_few.wgsl");

/// The rows of this op's kernels in the table.
pub(crate) const TILES: KernelInfo = KernelInfo {
    name: "attention",
    template: TILED,
    example: &[("heads", "16"), ("kv_heads", "2"), ("fours", "32"), ("scale", "8.8388e-2")],
    repeats: 1,
    bindings: &["q", "k", "v", "spans", "y"],
    workgroup_bytes: 576 * 16 + (1056 + 128 + 32 + 32 + 32 + 2) * 4,
};

/// See [`TILES`].
pub(crate) const FEW: KernelInfo = KernelInfo {
    name: "attention_few",
    template: SMALL,
    example: &[
        ("heads", "16"),
        ("kv_heads", "2"),
        ("fours", "20"),
        ("scale", "1.118e-1"),
        ("across", "32"),
    ],
    repeats: 1,
    bindings: &["q", "k", "v", "spans", "y"],
    workgroup_bytes: 128 * 16 + 32 * 16 + (4 * 136 + 2 * 128 + 2) * 4,
};

/// Rows of a workgroup's tile: queries, times the heads that share a key head.
const TILE: usize = 32;

/// `scale` is what scores are multiplied by.
pub(super) fn forward(
    q: CubeTensor,
    k: CubeTensor,
    v: CubeTensor,
    spans: CubeTensor,
    scale: f64,
) -> FloatTensor<CubeBackend> {
    let shape = q.shape();
    let [batch, queries, heads, dim] = [shape[0], shape[1], shape[2], shape[3]];
    let kv_heads = k.shape()[2];
    let missing = dim.next_multiple_of(4) - dim;
    if missing > 0 {
        let [q, k, v] = [q, k, v].map(|x| filled(x, missing));
        let y = forward(q, k, v, spans, scale);
        let slices = [0..batch, 0..queries, 0..heads, 0..dim].map(Slice::from);
        return CubeBackend::float_slice(y, &slices);
    }
    let rows = queries * (heads / kv_heads);
    // A tile that would be less than half full is not worth its idle rows.
    let few = rows < TILE / 2;
    let kernel = Kernel { heads, kv_heads, fours: dim / 4, scale, few };
    let count = |x: usize, y: usize| {
        let [x, y, z] = [x, y, batch].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        CubeCount::Static(x, y, z)
    };
    let count = if few { count(heads, queries) } else { count(rows.div_ceil(TILE), kv_heads) };
    let inputs = [q, k, v, spans].into_iter().map(into_contiguous).collect();
    launch(kernel, 128, count, inputs, shape)
}

/// `x` with zeros up to whole fours a head: what kernels read at a time.
fn filled(x: CubeTensor, missing: usize) -> CubeTensor {
    let mut shape = x.shape();
    shape[3] = missing;
    let zeros = CubeBackend::float_zeros(shape, &x.device, x.dtype.into());
    CubeBackend::float_cat(vec![x, zeros], 3)
}

/// The compiled variant: neither queries nor keys are part of it, which change with every token.
#[derive(Debug)]
struct Kernel {
    heads: usize,
    kv_heads: usize,
    fours: usize,
    scale: f64,
    few: bool,
}

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        let template = SourceTemplate::new(if self.few { SMALL } else { TILED })
            .register("heads", self.heads.to_string())
            .register("kv_heads", self.kv_heads.to_string())
            .register("fours", self.fours.to_string())
            .register("scale", format!("{:e}", self.scale));
        if self.few {
            template.register("across", self.fours.next_power_of_two().to_string())
        } else {
            template
        }
    }

    fn id(&self) -> KernelId {
        identity::<Self>((self.heads, self.kv_heads, self.fours, self.scale.to_bits(), self.few))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}
