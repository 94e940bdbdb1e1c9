//! A token's keys and values behind those of the tokens before it, without a copy of these.

#[cfg(feature = "autodiff")]
use burn::backend::Autodiff;
#[cfg(feature = "autodiff")]
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::wgpu::{CubeBackend, KernelSource, SourceTemplate, into_contiguous};
use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{DType, Slice, Tensor};
use cubecl::prelude::{BufferIOAttr, KernelId};

use crate::attention::{Ranges, Spans};
use crate::kernel::{KernelInfo, grid, identity, launch_into};

const TEMPLATE: &str = include_str!("append.wgsl");

/// This kernel's row in the table.
pub(crate) const INFO: KernelInfo = KernelInfo {
    name: "append",
    template: TEMPLATE,
    example: &[("width", "256")],
    repeats: 1,
    bindings: &["k", "v", "spans", "held_k", "held_v"],
    workgroup_bytes: 0,
};

/// Invocations of a workgroup.
const LANES: usize = 128;

/// Puts one token's keys and values where its span ends, and returns all that are held. On a GPU that
/// is done within the buffers that were given: whoever has a clone of these sees it.
///
/// # Shapes
/// - `held`: keys and values, `[1, keys, kv_heads, head_dim]` each, contiguous
/// - `new`: `[1, 1, kv_heads, head_dim]` each
/// - `spans`: of one query and `keys` keys
///
/// # Panics
/// When the shapes do not fit together, or the token sees nothing.
#[must_use]
pub fn append(held: [Tensor<4>; 2], new: [Tensor<4>; 2], spans: &Spans) -> [Tensor<4>; 2] {
    let [batch, keys, heads, width] = held[0].dims();
    let ranges = spans.ranges();
    assert_eq!(held[1].dims(), held[0].dims(), "append: keys and values must have one shape");
    for new in &new {
        assert_eq!(
            [1, 1, heads, width],
            new.dims(),
            "append: one token of the heads that are held"
        );
    }
    assert_eq!([batch, ranges.batch()], [1; 2], "append: one sequence");
    assert_eq!([1, keys], ranges.lengths(), "append: the span must be of these keys");
    assert!(!ranges.blind(), "append: a token sees itself");
    let all = held.each_ref().into_iter().chain(&new);
    if all.into_iter().any(|x| x.dtype() != DType::F32) {
        return reference(held, new, spans);
    }
    let ([held_k, held_v], [k, v]) =
        (held.map(Tensor::into_dispatch), new.map(Tensor::into_dispatch));
    let words = spans.words().into_dispatch();
    let (k, v) = Dispatch::append_forward(held_k, held_v, k, v, words, ranges.clone());
    [k, v].map(Tensor::from_dispatch)
}

/// The same in plain burn operations.
///
/// # Shapes
/// As [`append`].
#[must_use]
pub fn reference(held: [Tensor<4>; 2], new: [Tensor<4>; 2], spans: &Spans) -> [Tensor<4>; 2] {
    let place = place(spans.ranges());
    let mut new = new.into_iter();
    held.map(|held| match new.next() {
        Some(new) => held.slice_assign([0..1, place..place + 1], new),
        None => held,
    })
}

/// Where the one query's own key lies.
fn place(ranges: &Ranges) -> usize {
    ranges.of(0, 0..1).first().map_or(0, |range| range.end.saturating_sub(1) as usize)
}

/// The backends that can run the op.
#[backend_extension(Cube, Flex, Autodiff: cfg(feature = "autodiff"))]
pub trait AppendBackend: Backend {
    /// See [`append`]; `spans` are the words of `ranges`.
    fn append_forward(
        held_k: FloatTensor<Self>,
        held_v: FloatTensor<Self>,
        k: FloatTensor<Self>,
        v: FloatTensor<Self>,
        spans: IntTensor<Self>,
        ranges: Ranges,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let _ = spans;
        let place = place(&ranges);
        let put = |held, new| {
            Self::float_slice_assign(held, &[Slice::from(0..1), Slice::from(place..place + 1)], new)
        };
        (put(held_k, k), put(held_v, v))
    }
}

impl AppendBackend for Flex {}

#[cfg(feature = "autodiff")]
impl<B: AppendBackend, C: CheckpointStrategy> AppendBackend for Autodiff<B, C> {}

impl AppendBackend for CubeBackend {
    fn append_forward(
        held_k: FloatTensor<Self>,
        held_v: FloatTensor<Self>,
        k: FloatTensor<Self>,
        v: FloatTensor<Self>,
        spans: IntTensor<Self>,
        _: Ranges,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let width = k.shape().num_elements();
        let [k, v, spans, held_k, held_v] = [k, v, spans, held_k, held_v].map(into_contiguous);
        let groups = grid(width.div_ceil(LANES));
        let inputs = vec![k, v, spans];
        let held = [&held_k, &held_v].map(|held| (held, BufferIOAttr::ReadWrite));
        launch_into(Kernel { width }, LANES as u32, groups, inputs, &held);
        (held_k, held_v)
    }
}

/// The compiled variant.
#[derive(Debug)]
struct Kernel {
    width: usize,
}

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(TEMPLATE).register("width", self.width.to_string())
    }

    fn id(&self) -> KernelId {
        identity::<Self>(self.width)
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}
