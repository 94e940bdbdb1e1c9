//! Products with quantized weights, and with their transposes.

use burn::tensor::{Device, Tensor};
use easel_shaders::quant::{Bits, Packed, Scales, blocks};
use easel_shaders::quant_matmul::{QuantWeight, reference};
use easel_shaders::{
    Joined, Way, quant_matmul, quant_matmul_joined, quant_matmul_transposed, quant_matmul_way,
};

use super::{Case, Make};
use crate::{HALVES, Random};

/// Rows, outputs, inputs: a token and a prompt, nine attributes, vision, parts of a tile, and
/// nothing.
pub(super) const NAMED: [[usize; 3]; 9] = [
    [1, 2048, 512],
    [1500, 130, 96],
    [9, 1280, 3420],
    [8, 3, 3420],
    [1, 1, 1],
    [17, 70, 40],
    [33, 64, 64],
    [0, 40, 64],
    [40, 1, 5],
];

/// A weight of any integers whatever, with scales and minima of 0.5 to 1 each way.
#[must_use]
pub fn weight(
    random: &mut Random,
    shape: [usize; 2],
    bits: Bits,
    mins: bool,
    kept: Scales,
) -> Packed {
    let count = shape[0] * blocks(shape[1]);
    let quants = (0..count * bits.words()).map(|_| (random.word() >> 9) as u32).collect();
    let mut scale = |_| {
        let chance = (random.word() >> 9) as u32;
        match kept.full {
            // The exponents of 0.5 to 1.
            true => (chance & 0x807F_FFFF) | 0x3F00_0000,
            false => (chance & 0x83FF_83FF) | 0x3800_3800,
        }
    };
    let scales = (0..kept.words(count)).map(&mut scale).collect();
    let mins = mins.then(|| (0..kept.words(count)).map(&mut scale).collect());
    Packed { bits, kept, shape, quants, scales, mins }
}

/// The processor rounds each block of `x` of wide products to 16 bits: the largest difference, as a share of the
/// longest rows' product. A sum may be far smaller than its parts.
pub(super) const ROUNDED: f32 = 5e-5;

pub(super) fn case(make: &mut Make) -> Case {
    let (random, index) = (&mut make.random, make.index);
    let [rows, outputs, inputs] =
        NAMED.get(index).copied().unwrap_or_else(|| [200, 400, 700].map(|most| random.size(most)));
    let bits = [Bits::Four, Bits::Eight][index % 2];
    // Two scales a block come with 8 bits alone.
    let kept = Scales { full: index % 4 > 1, groups: 1 + usize::from(index % 6 == 1) };
    let shape = [outputs, inputs];
    let mut packed = weight(random, shape, bits, index % 3 == 0, kept);
    if index % 5 == 0 {
        packed = Packed::quantize(&packed.dequantize(), shape, Bits::Brain);
    }
    // Two more that are kept alike, to be joined with it.
    let others = [6, 10].map(|outputs| match packed.bits {
        Bits::Brain => {
            Packed::quantize(&random.values(outputs * inputs), [outputs, inputs], Bits::Brain)
        }
        bits => weight(random, [outputs, inputs], bits, packed.mins.is_some(), kept),
    });
    let what = format!("{rows} rows, {shape:?}, {:?}, {kept:?}", packed.bits);
    let [here, there] =
        make.devices.each_ref().map(|device| QuantWeight::new(packed.clone(), device));
    let on = |device: &Device| others.clone().map(|other| QuantWeight::new(other, device));
    let [[second, third], others0] = make.devices.each_ref().map(on);
    let [x, x0] = make.normal([rows, inputs]);
    let [y, y0] = make.normal([rows, outputs]);
    let floats = there.dequantize();
    let rounded = here.layout().bits != Bits::Brain && make.devices[0] == Device::flex();
    let of = (rounded && rows > 0).then(|| {
        let weights = others0.iter().map(|other| longest(other.dequantize()));
        longest(x0.clone()) * weights.fold(longest(floats.clone()), f32::max)
    });
    let joined = Joined::new(&[here.clone(), second, third]);
    let expected = reference(x0.clone(), &there);
    let mut case = Case::new(what, quant_matmul(x.clone(), &here), expected.clone())
        .and(quant_matmul_way(x.clone(), &here, Way::Tiles), expected)
        .and(quant_matmul_transposed(y, &here), y0.matmul(floats));
    // Weights that share a word of scales stay apart.
    if let Some(joined) = joined {
        let weights = std::iter::once(&there).chain(&others0);
        for (found, weight) in quant_matmul_joined(x, &joined).into_iter().zip(weights) {
            case = case.and(found, reference(x0.clone(), weight));
        }
    }
    case.rounded = of.map(|of| [of, ROUNDED]);

    case
}

/// How a case keeps its weights of integers, by its number: bits, whether there are minima, and scales.
pub(super) const fn keeping(index: usize) -> (Bits, bool, Scales) {
    let bits = [Bits::Four, Bits::Eight][index % 2];
    let groups = if index % 6 == 1 { 2 } else { 1 };
    (bits, index.is_multiple_of(3), Scales { full: index % 4 > 1, groups })
}

/// A weight of integers on the device under test and on the processor, kept in a way that the case's
/// number tells, and what the case is called.
fn integers(make: &mut Make, shape: [usize; 3]) -> (String, [QuantWeight; 2]) {
    let (index, [rows, outputs, inputs]) = (make.index, shape);
    let (bits, mins, kept) = keeping(index);
    let packed = weight(&mut make.random, [outputs, inputs], bits, mins, kept);
    let what = format!("{rows} rows, {:?}, {bits:?}, {kept:?}", [outputs, inputs]);
    let send = |device: &Device| QuantWeight::new(packed.clone(), device);
    (what, make.devices.each_ref().map(send))
}

/// By cooperative matrices or tiles of 16-bit floats: rows of any length, with all ways that a
/// weight is kept but bfloat16, which stays on the plain kernels.
pub(super) fn halves(make: &mut Make, way: Way) -> Case {
    let (random, index) = (&mut make.random, make.index);
    let [rows, outputs, inputs] =
        NAMED.get(index).copied().unwrap_or_else(|| [600, 400, 1500].map(|most| random.size(most)));
    let (what, [here, there]) = integers(make, [rows, outputs, inputs]);
    // Rows as short and as long as floats of 32 bits may be.
    let [x, x0] = make.normal([rows, inputs]);
    let by = [1e-20, 1.0, 1e20][index % 3];
    let floats = there.dequantize();
    let of = (rows > 0).then(|| longest(x0.clone() * by) * longest(floats.clone()));
    let expected = (x0 * by).matmul(floats.transpose());
    let mut case = Case::new(what, quant_matmul_way(x * by, &here, way), expected);
    case.rounded = of.map(|of| [of, HALVES]);
    case
}

/// Few rows by subgroups.
pub(super) fn subgroups(make: &mut Make) -> Case {
    let (random, index) = (&mut make.random, make.index);
    let [rows, outputs, inputs] = match NAMED.get(index) {
        Some(&[rows, outputs, inputs]) => [rows.min(17), outputs, inputs],
        None => [16, 400, 3000].map(|most| random.size(most)),
    };
    let (what, [here, there]) = integers(make, [rows, outputs, inputs]);
    let [x, x0] = make.normal([rows, inputs]);
    let rounded = rows > 0 && make.devices[0] == Device::flex();
    let of = rounded.then(|| longest(x0.clone()) * longest(there.dequantize()));
    let expected = reference(x0, &there);
    let mut case = Case::new(what, quant_matmul_way(x, &here, Way::Subgroups), expected);
    case.rounded = of.map(|of| [of, ROUNDED]);
    case
}

/// The length of the longest row, on the processor.
pub(super) fn longest(rows: Tensor<2>) -> f32 {
    (rows.clone() * rows).sum_dim(1).max().sqrt().into_scalar::<f32>()
}
