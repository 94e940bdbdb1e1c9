//! What stands between the projections of attention and attention where one token is read behind others,
//! by one launch.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::wgpu::{CubeBackend, CubeTensor, KernelSource, SourceTemplate, into_contiguous};
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::{DType, Shape, Tensor};
use cubecl::prelude::{BufferIOAttr, KernelId};

use super::{LANES, RotaryBackend, qkv, rotary_qkv};
use crate::append::append;
use crate::attention::{Ranges, Spans};
use crate::kernel::{KernelInfo, grid, identity, launch_into};
use crate::replaced::Op;

const TEMPLATE: &str = include_str!("rotary_append.wgsl");

/// This kernel's row in the table.
pub(crate) const APPEND: KernelInfo = KernelInfo {
    name: "rotary_append",
    template: TEMPLATE,
    example: &[("heads", "16"), ("kv_heads", "2"), ("half", "64")],
    repeats: 1,
    bindings: &["qkv", "bias", "cosines", "sines", "spans", "held_k", "held_v", "q"],
    workgroup_bytes: 0,
};

/// [`rotary_qkv`] of one token, and [`append`] of its keys and values: gives the queries, and all keys and
/// values that are held. On a GPU these are put into the buffers that were given, as by [`append`].
///
/// # Shapes
/// - `qkv`: queries, keys and values, one behind another: `[(heads + 2 * kv_heads) * 2 * half]`
/// - `bias`: as `qkv`
/// - `cosines`, `sines`: `[1, 1, half]`
/// - `held`: `[1, keys, kv_heads, 2 * half]` each, contiguous
/// - `spans`: of one query and `keys` keys
/// - queries: `[1, 1, heads, 2 * half]`
///
/// # Panics
/// When the shapes do not fit together, or the token sees nothing.
#[must_use]
pub fn rotary_append(
    qkv: Tensor<1>,
    bias: Tensor<1>,
    [cosines, sines]: [Tensor<3>; 2],
    held: [Tensor<4>; 2],
    spans: &Spans,
) -> (Tensor<4>, [Tensor<4>; 2]) {
    let [_, keys, kv_heads, width] = held[0].dims();
    let [all] = qkv.dims();
    let half = width / 2;
    let ranges = spans.ranges();
    assert_eq!(held[0].dims(), [1, keys, kv_heads, 2 * half], "rotary_append: one sequence");
    assert_eq!(held[1].dims(), held[0].dims(), "rotary_append: keys and values have one shape");
    assert_eq!(bias.dims(), [all], "rotary_append: one bias a value");
    let fits = width > 0 && all > 2 * kv_heads * width && all % width == 0;
    assert!(fits, "rotary_append: queries, keys and values of whole heads");
    for table in [&cosines, &sines] {
        assert_eq!(table.dims(), [1, 1, half], "rotary_append: tables of one token");
    }
    assert_eq!((ranges.batch(), ranges.lengths()), (1, [1, keys]), "rotary_append: spans must fit");
    assert!(!ranges.blind(), "rotary_append: a token sees itself");
    let floats = [&qkv, &bias].map(Tensor::dtype).into_iter();
    let floats = floats.chain([&cosines, &sines].map(Tensor::dtype));
    let mut floats = floats.chain(held.each_ref().map(Tensor::dtype));
    let other = floats.any(|dtype| dtype != DType::F32);
    if other || Op::Fused.is_replaced() || Op::Rotary.is_replaced() {
        return reference_append(&qkv, bias, [cosines, sines], held, spans);
    }
    let [held_k, held_v] = held.map(Tensor::into_dispatch);
    let (q, k, v) = Dispatch::rotary_append_forward(
        qkv.into_dispatch(),
        bias.into_dispatch(),
        cosines.into_dispatch(),
        sines.into_dispatch(),
        held_k,
        held_v,
        spans.words().into_dispatch(),
        ranges.clone(),
    );
    (Tensor::from_dispatch(q), [k, v].map(Tensor::from_dispatch))
}

/// The same by two ops.
///
/// # Shapes
/// As [`rotary_append`].
#[must_use]
pub fn reference_append(
    qkv: &Tensor<1>,
    bias: Tensor<1>,
    [cosines, sines]: [Tensor<3>; 2],
    held: [Tensor<4>; 2],
    spans: &Spans,
) -> (Tensor<4>, [Tensor<4>; 2]) {
    let [_, _, kv_heads, width] = held[0].dims();
    let heads = qkv.dims()[0] / width - 2 * kv_heads;
    let mut start = 0;
    let parts = [heads, kv_heads, kv_heads].map(|heads| {
        let part = qkv.clone().narrow(0, start, heads * width);
        start += heads * width;
        part.reshape([1, 1, heads, width])
    });
    let [q, k, v] = rotary_qkv(parts, bias, cosines, sines);
    (q, append(held, [k, v], spans))
}

/// What is turned and put, by names.
pub(super) struct Token<T> {
    pub(super) qkv: T,
    pub(super) bias: T,
    pub(super) cosines: T,
    pub(super) sines: T,
    pub(super) held: [T; 2],
}

/// The same in a backend's other operations.
pub(super) fn plain<B: RotaryBackend>(
    token: Token<FloatTensor<B>>,
    spans: IntTensor<B>,
    ranges: Ranges,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let shape = token.held[0].shape();
    let (kv_heads, width) = (shape[2], shape[3]);
    let heads = token.qkv.shape()[0] / width - 2 * kv_heads;
    let slice = |x: &FloatTensor<B>, start: usize, heads: usize| {
        let part = B::float_slice(x.clone(), &[(start * width..(start + heads) * width).into()]);
        B::float_reshape(part, [1, 1, heads, width].into())
    };
    let part = |x: &FloatTensor<B>| {
        [(0, heads), (heads, kv_heads), (heads + kv_heads, kv_heads)]
            .map(|(start, heads)| slice(x, start, heads))
    };
    let Token { cosines, sines, held: [held_k, held_v], .. } = token;
    let all = qkv::plain::<B>(part(&token.qkv), &token.bias, &cosines, &sines);
    let [q, k, v] = part(&all);
    let (k, v) = B::append_forward(held_k, held_v, k, v, spans, ranges);
    (q, k, v)
}

pub(super) fn on_gpu(
    token: Token<CubeTensor>,
    spans: IntTensor<CubeBackend>,
) -> (CubeTensor, CubeTensor, CubeTensor) {
    let Token { qkv, bias, cosines, sines, held } = token;
    let [held_k, held_v] = held.map(into_contiguous);
    let inputs = [qkv, bias, cosines, sines, spans].map(into_contiguous);
    let (client, device) = (held_k.client.clone(), held_k.device.clone());
    let (kv_heads, width) = (held_k.shape()[2], held_k.shape()[3]);
    let count = inputs[0].shape().num_elements();
    let heads = count / width - 2 * kv_heads;
    let shape = Shape::from([1, 1, heads, width]);
    let buffer = client.empty(shape.num_elements() * DType::F32.size());
    let q = CubeTensor::new_contiguous(client, device, shape, buffer, DType::F32);
    let written = [
        (&held_k, BufferIOAttr::ReadWrite),
        (&held_v, BufferIOAttr::ReadWrite),
        (&q, BufferIOAttr::WriteOnly),
    ];
    let kernel = Kernel { heads, kv_heads, half: width / 2 };
    let groups = grid((count / 2).div_ceil(LANES));
    launch_into(kernel, LANES as u32, groups, inputs.into(), &written);
    (q, held_k, held_v)
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
