//! What stands between the projections of attention and attention, by one launch.

use burn::backend::Dispatch;
use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeTensor, KernelSource, SourceTemplate};
use burn::tensor::{DType, Shape, Tensor};
use cubecl::prelude::KernelId;

use super::{LANES, RotaryBackend, reference};
use crate::kernel::{KernelInfo, grid, identity, launch};
use crate::replaced::Op;

const TEMPLATE: &str = include_str!("rotary_qkv.wgsl");

/// This kernel's row in the table.
pub(crate) const QKV: KernelInfo = KernelInfo {
    name: "rotary_qkv",
    template: TEMPLATE,
    example: &[("heads", "16"), ("kv_heads", "2"), ("half", "64")],
    repeats: 1,
    bindings: &["q", "k", "v", "bias", "cosines", "sines", "y"],
    workgroup_bytes: 0,
};

/// Queries, keys and values with their biases; queries and keys turned as by
/// [`rotary`](super::rotary).
///
/// # Shapes
/// - `q`: `[batch, length, heads, 2 * half]`; `k`, `v`: the same with key heads
/// - `bias`: of all three, one behind another: `[(heads + 2 * kv_heads) * 2 * half]`
/// - `cosines`, `sines`: `[batch or 1, length, half]`; they get no gradient
/// - outputs: as `q`, `k` and `v`
///
/// # Panics
/// When the shapes do not fit together.
#[must_use]
pub fn rotary_qkv(
    [q, k, v]: [Tensor<4>; 3],
    bias: Tensor<1>,
    cosines: Tensor<3>,
    sines: Tensor<3>,
) -> [Tensor<4>; 3] {
    let dims = [q.dims(), k.dims(), v.dims()];
    let [batch, length, heads, width] = dims[0];
    let [tables, positions, half] = cosines.dims();
    assert_eq!([batch, length, dims[1][2], width], dims[1], "rotary_qkv: k must fit q");
    assert_eq!(dims[1], dims[2], "rotary_qkv: v must be as k");
    assert_eq!(bias.dims(), [(heads + 2 * dims[1][2]) * width], "rotary_qkv: one bias a value");
    assert_eq!(cosines.dims(), sines.dims(), "rotary_qkv: tables must have one shape");
    assert_eq!([length, width], [positions, 2 * half], "rotary_qkv: tables must fit q");
    assert!([1, batch].contains(&tables), "rotary_qkv: one table, or one a sequence");
    let sizes = dims.map(|dims| dims.iter().product::<usize>());
    if sizes.contains(&0) {
        return [q, k, v];
    }
    let other = [q.dtype(), bias.dtype(), cosines.dtype(), sines.dtype()] != [DType::F32; 4];
    if other || Op::Rotary.is_replaced() {
        return reference_qkv([q, k, v], &bias, &cosines, &sines);
    }
    let [q, k, v] = [q, k, v].map(Tensor::into_dispatch);
    let (cosines, sines) = (cosines.into_dispatch(), sines.into_dispatch());
    let y = Dispatch::rotary_qkv_forward(q, k, v, bias.into_dispatch(), cosines, sines);
    let y = Tensor::<1>::from_dispatch(y);
    let mut start = 0;
    let mut part = |index: usize| {
        let end = start + sizes[index];
        let part = y.clone().slice(start..end).reshape(dims[index]);
        start = end;
        part
    };
    [part(0), part(1), part(2)]
}

/// The same in plain burn operations.
///
/// # Shapes
/// As [`rotary_qkv`].
#[must_use]
pub fn reference_qkv(
    [q, k, v]: [Tensor<4>; 3],
    bias: &Tensor<1>,
    cosines: &Tensor<3>,
    sines: &Tensor<3>,
) -> [Tensor<4>; 3] {
    let mut start = 0;
    let mut add = |x: Tensor<4>| {
        let [_, _, heads, width] = x.dims();
        let own = bias.clone().narrow(0, start, heads * width);
        start += heads * width;
        x + own.reshape([1, 1, heads, width])
    };
    let [q, k, v] = [add(q), add(k), add(v)];
    let [q, k] = [q, k].map(|x| reference(x, cosines.clone(), sines.clone()));
    [q, k, v]
}

/// The same in a backend's other operations, whose gradients are known.
pub(super) fn plain<B: RotaryBackend>(
    parts: [FloatTensor<B>; 3],
    bias: &FloatTensor<B>,
    cosines: &FloatTensor<B>,
    sines: &FloatTensor<B>,
) -> FloatTensor<B> {
    let mut start = 0;
    let mut flat = Vec::with_capacity(parts.len());
    for (index, part) in parts.into_iter().enumerate() {
        let shape = part.shape();
        let (heads, width) = (shape[2], shape[3]);
        let own = B::float_slice(bias.clone(), &[(start..start + heads * width).into()]);
        start += heads * width;
        let part = B::float_add(part, B::float_reshape(own, [1, 1, heads, width].into()));
        let part = match index < 2 {
            true => B::rotary_forward(part, cosines.clone(), sines.clone(), false),
            false => part,
        };
        flat.push(B::float_reshape(part, Shape::from([shape.num_elements()])));
    }
    B::float_cat(flat, 0)
}

pub(super) fn on_gpu(inputs: [CubeTensor; 6]) -> FloatTensor<CubeBackend> {
    let (q, k) = (inputs[0].shape(), inputs[1].shape());
    let count = q.num_elements() + 2 * k.num_elements();
    let kernel = Kernel { heads: q[2], kv_heads: k[2], half: q[3] / 2 };
    let groups = grid((count / 2).div_ceil(LANES));
    launch(kernel, LANES as u32, groups, inputs.into(), Shape::from([count]))
}

/// The compiled variant.
#[derive(Debug)]
struct Kernel {
    heads: usize,
    kv_heads: usize,
    half: usize,
}

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(TEMPLATE)
            .register("heads", self.heads.to_string())
            .register("kv_heads", self.kv_heads.to_string())
            .register("half", self.half.to_string())
    }

    fn id(&self) -> KernelId {
        identity::<Self>((self.heads, self.kv_heads, self.half))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}
