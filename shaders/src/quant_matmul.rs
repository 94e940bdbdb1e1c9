//! Products with a quantized weight, whose integers become floats only where they are multiplied.

mod cooperative;
mod cpu;
mod fused;
mod gpu;
#[cfg(feature = "autodiff")]
mod gradient;
mod joined;
mod parts;
mod vector;

use std::ops::Range;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Backend, Dispatch, Flex, backend_extension};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};

use crate::quant::{Bits, Packed, Scales, blocks};
use crate::replaced::Op;

pub(crate) use cooperative::{HALF_ROWS, MATMUL_COOPERATIVE};
pub use fused::{LateNorm, Normed, quant_matmul_sum, quant_matmul_swiglu};
pub(crate) use gpu::{MATMUL, MATMUL_HALVES, MATMUL_PLAIN};
pub use joined::{Joined, quant_matmul_joined, quant_matmul_joined_way, quant_matmul_row};
pub(crate) use parts::SUM_PARTS;
pub(crate) use vector::{MATVEC, MATVEC_SUBGROUPS};

/// A quantized matrix `[outputs, inputs]` on a device.
#[derive(Debug, Clone)]
pub struct QuantWeight {
    layout: Layout,
    quants: Tensor<1, Int>,
    scales: Tensor<1, Int>,
    mins: Tensor<1, Int>,
}

/// What kernels know of a weight beside its streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Layout {
    /// The integers' bits.
    pub bits: Bits,
    /// Rows of the weight.
    pub outputs: usize,
    /// Values of a row.
    pub inputs: usize,
    /// Whether blocks have minima.
    pub mins: bool,
    /// How scales and minima are kept.
    pub kept: Scales,
}

/// How a product is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct How {
    /// Which outputs of a joined weight begin its second and its third part: as many as there are
    /// outputs where it has no such part.
    pub splits: [usize; 2],
    /// By which kernel.
    pub way: Way,
}

/// Which way a product is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// What is best for its rows on this device.
    Best,
    /// What real GPUs have for many rows, and processors for wide weights; at any size. A GPU in
    /// software has a kernel of its own, and checks this one too.
    Tiles,
    /// What GPUs with cooperative matrices have; for integers alone. One without them does lane by lane
    /// what they do, and checks all else.
    Cooperative,
    /// The same as [`Way::Tiles`] in 16-bit floats, on a GPU that has them; for integers alone.
    Halves,
    /// For few rows, on a GPU that has subgroups.
    Subgroups,
}

impl How {
    /// Of one weight of so many outputs.
    #[must_use]
    pub const fn whole(outputs: usize) -> Self {
        Self { splits: [outputs; 2], way: Way::Best }
    }
}

impl Layout {
    /// Bytes of all streams.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        let blocks = self.outputs * blocks(self.inputs);
        let scales = match self.bits {
            Bits::Brain => 1,
            _ => self.kept.words(blocks),
        };
        let mins = if self.mins { self.kept.words(blocks) } else { 0 };
        4 * (blocks * self.bits.words() + scales + mins) as u64
    }

    /// Bytes of the largest stream.
    #[must_use]
    pub const fn largest(&self) -> u64 {
        // A block's scales are never more than its integers.
        4 * (self.outputs * blocks(self.inputs) * self.bits.words()) as u64
    }
}

impl QuantWeight {
    /// Sends a matrix to a device, where it takes as much memory as its streams are long.
    #[must_use]
    pub fn new(packed: Packed, device: &Device) -> Self {
        let Packed { bits, kept, shape: [outputs, inputs], quants, scales, mins } = packed;
        let layout = Layout { bits, outputs, inputs, mins: mins.is_some(), kept };
        let words = |words: Vec<u32>| {
            let length = words.len();
            let data = TensorData::new(words, [length]);
            let send = |data| Tensor::from_data(data, (device, DType::U32));
            // What stays must not lie on pages that were cut for what comes and goes.
            device.memory_persistent_allocations(data, send)
        };
        Self {
            layout,
            quants: words(quants),
            scales: words(scales),
            // A binding must have something in it.
            mins: words(mins.unwrap_or_else(|| vec![0])),
        }
    }

    /// Its layout.
    #[must_use]
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// Some rows of a matrix of bfloat16.
    ///
    /// # Panics
    /// When it is kept in another way, whose scales rows share, or has fewer rows.
    #[must_use]
    pub fn rows(&self, rows: Range<usize>) -> Self {
        let Layout { bits, outputs, inputs, .. } = self.layout;
        assert!(bits == Bits::Brain && rows.end <= outputs, "rows: bfloat16, and so many rows");
        let words = (blocks(inputs) * bits.words()) as i64;
        let range = rows.start as i64 * words..rows.end as i64 * words;
        // A copy: kernels read a buffer from its beginning.
        let places = Tensor::<1, Int>::arange(range, &self.quants.device());
        Self {
            layout: Layout { outputs: rows.len(), ..self.layout },
            quants: self.quants.clone().select(0, places),
            scales: self.scales.clone(),
            mins: self.mins.clone(),
        }
    }

    /// The words of its values.
    pub(crate) fn words(&self) -> IntTensor<Dispatch> {
        self.quants.clone().into_dispatch()
    }

    /// What kernels bind.
    fn streams(&self) -> [IntTensor<Dispatch>; 3] {
        [&self.quants, &self.scales, &self.mins].map(|words| words.clone().into_dispatch())
    }

    /// The matrix as floats `[outputs, inputs]`: what references multiply with.
    #[must_use]
    pub fn dequantize(&self) -> Tensor<2> {
        let words = |tensor: &Tensor<1, Int>| -> Vec<u32> {
            let data = tensor.clone().into_data();
            data.iter::<u32>().collect()
        };
        let Layout { bits, outputs, inputs, mins, kept } = self.layout;
        let packed = Packed {
            bits,
            kept,
            shape: [outputs, inputs],
            quants: words(&self.quants),
            scales: words(&self.scales),
            mins: mins.then(|| words(&self.mins)),
        };
        let data = TensorData::new(packed.dequantize(), [outputs, inputs]);
        Tensor::from_data(data, &self.quants.device())
    }
}

/// `y = x Wᵀ`.
///
/// # Shapes
/// - `x`: `[rows, inputs]`
/// - output: `[rows, outputs]`
///
/// Gradients reach `x` alone: the weight is frozen.
///
/// # Panics
/// When `x` is not as wide as the weight, or not of f32.
#[must_use]
pub fn quant_matmul(x: Tensor<2>, weight: &QuantWeight) -> Tensor<2> {
    quant_matmul_by(x, weight, How::whole(weight.layout.outputs))
}

/// The same in one way or another, whatever the device would take.
///
/// # Shapes
/// As [`quant_matmul`].
///
/// # Panics
/// As [`quant_matmul`]; and when the way is for integers alone, and the weight is not of these.
#[must_use]
pub fn quant_matmul_way(x: Tensor<2>, weight: &QuantWeight, way: Way) -> Tensor<2> {
    let alone = matches!(way, Way::Cooperative | Way::Halves);
    assert!(!alone || weight.layout.bits != Bits::Brain, "quant_matmul_way: integers alone");
    quant_matmul_by(x, weight, How { way, ..How::whole(weight.layout.outputs) })
}

fn quant_matmul_by(x: Tensor<2>, weight: &QuantWeight, how: How) -> Tensor<2> {
    assert_eq!(x.dims()[1], weight.layout.inputs, "quant_matmul: x must be as wide as the weight");
    assert_eq!(x.dtype(), DType::F32, "quant_matmul: x must be f32");
    if Op::QuantMatmul.is_replaced() {
        return reference(x, weight);
    }
    let [quants, scales, mins] = weight.streams();
    let x = x.into_dispatch();
    let y = Dispatch::quant_matmul_forward(x, quants, scales, mins, weight.layout, how);
    Tensor::from_dispatch(y)
}

/// `x = y W`: a product with the transposed weight.
///
/// # Shapes
/// - `y`: `[rows, outputs]`
/// - output: `[rows, inputs]`
///
/// No gradients pass through it.
///
/// # Panics
/// When `y` is not as wide as the weight has outputs, or not of f32.
#[must_use]
pub fn quant_matmul_transposed(y: Tensor<2>, weight: &QuantWeight) -> Tensor<2> {
    assert_eq!(y.dims()[1], weight.layout.outputs, "transposed: y must be as wide as outputs");
    assert_eq!(y.dtype(), DType::F32, "transposed: y must be f32");
    let [quants, scales, mins] = weight.streams();
    let x =
        Dispatch::quant_matmul_transposed(y.into_dispatch(), quants, scales, mins, weight.layout);
    Tensor::from_dispatch(x)
}

/// [`quant_matmul`] in plain burn operations, over the dequantized weight.
///
/// # Shapes
/// As [`quant_matmul`].
#[must_use]
pub fn reference(x: Tensor<2>, weight: &QuantWeight) -> Tensor<2> {
    x.matmul(weight.dequantize().transpose())
}

/// The backends that can run the op.
#[backend_extension(Cube, Flex, Autodiff: cfg(feature = "autodiff"))]
pub trait QuantMatmulBackend: Backend {
    /// See [`quant_matmul`]. The values of joined weights come one weight after another, each row by
    /// row: on a GPU, without gradients; elsewhere weights are not joined.
    fn quant_matmul_forward(
        x: FloatTensor<Self>,
        quants: IntTensor<Self>,
        scales: IntTensor<Self>,
        mins: IntTensor<Self>,
        layout: Layout,
        how: How,
    ) -> FloatTensor<Self>;

    /// `x = y W`: what the gradient of [`quant_matmul`] is made of. `y` is `[rows, outputs]`.
    fn quant_matmul_transposed(
        y: FloatTensor<Self>,
        quants: IntTensor<Self>,
        scales: IntTensor<Self>,
        mins: IntTensor<Self>,
        layout: Layout,
    ) -> FloatTensor<Self>;
}

impl QuantMatmulBackend for Flex {
    fn quant_matmul_forward(
        x: FloatTensor<Self>,
        quants: IntTensor<Self>,
        scales: IntTensor<Self>,
        mins: IntTensor<Self>,
        layout: Layout,
        how: How,
    ) -> FloatTensor<Self> {
        cpu::forward(&x, &quants, &scales, &mins, layout, how.way)
    }

    fn quant_matmul_transposed(
        y: FloatTensor<Self>,
        quants: IntTensor<Self>,
        scales: IntTensor<Self>,
        mins: IntTensor<Self>,
        layout: Layout,
    ) -> FloatTensor<Self> {
        cpu::transposed(&y, &quants, &scales, &mins, layout)
    }
}

impl QuantMatmulBackend for CubeBackend {
    fn quant_matmul_forward(
        x: FloatTensor<Self>,
        quants: IntTensor<Self>,
        scales: IntTensor<Self>,
        mins: IntTensor<Self>,
        layout: Layout,
        how: How,
    ) -> FloatTensor<Self> {
        gpu::forward(x, [quants, scales, mins], layout, how)
    }

    fn quant_matmul_transposed(
        y: FloatTensor<Self>,
        quants: IntTensor<Self>,
        scales: IntTensor<Self>,
        mins: IntTensor<Self>,
        layout: Layout,
    ) -> FloatTensor<Self> {
        gpu::transposed(y, [quants, scales, mins], layout)
    }
}
