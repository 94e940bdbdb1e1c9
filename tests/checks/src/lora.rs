//! What adapters add, each row of a batch its own.

use burn::tensor::{DType, Int, Tensor, TensorData};
use easel_shaders::QuantWeight;
use easel_shaders::lora::{add_lora, add_lora_halves, reference, reference_halves};
use easel_shaders::quant::{Bits, Packed};

use super::{Case, Make};

/// Rows, tokens of each, rank, inputs, outputs.
pub(super) const NAMED: [[usize; 5]; 5] = [
    // One token, a prompt, nine attributes, the down projection of vision, and nothing.
    [1, 1, 1, 2048, 256],
    [1, 1500, 8, 96, 40],
    [9, 13, 64, 100, 130],
    [2, 3, 16, 3420, 33],
    [3, 0, 4, 10, 20],
];

pub(super) fn case(make: &mut Make) -> Case {
    let shape = NAMED.get(make.index).copied().unwrap_or_else(|| {
        let random = &mut make.random;
        [9, 120, 64, 500, 500].map(|most| random.size(most))
    });
    let [rows, length, rank, inputs, outputs] = shape;
    let what = format!("{rows} x {length} rows, {inputs} to {outputs}, rank {rank}");
    let [base, base0] = make.normal([rows * length, outputs]);
    let [x, x0] = make.normal([rows * length, inputs]);
    let [a, a0] = make.normal([rows, rank, inputs]);
    let [b, b0] = make.normal([rows, outputs, rank]);
    let expected = match length {
        0 => base0.clone(),
        _ => reference(base0.clone(), x0.clone(), a0, b0),
    };
    let [found, halves] = both_halves(make, &[[base.clone(), x.clone()], [base0, x0]], shape);
    Case::new(what, add_lora(base, x, a, b), expected).and(found, halves)
}

/// The same of bfloat16, on the device and by the reference: each row has a rank of its own, some none.
fn both_halves(
    make: &mut Make,
    tensors: &[[Tensor<2>; 2]; 2],
    shape: [usize; 5],
) -> [Tensor<2>; 2] {
    let [rows, _, rank, inputs, outputs] = shape;
    let random = &mut make.random;
    let own: Vec<_> =
        (0..rows).map(|row| if row % 4 == 2 { 0 } else { random.size(rank as u64) }).collect();
    let ranks: usize = own.iter().sum();
    let mut words = Vec::new();
    for (row, count) in own.iter().enumerate() {
        words.extend([own[..row].iter().sum::<usize>() as u32, *count as u32]);
    }
    let mut matrix =
        |width: usize| Packed::quantize(&random.values(ranks * width), [ranks, width], Bits::Brain);
    let [a, b] = [inputs, outputs].map(&mut matrix);
    let mut index = 0;
    [&make.devices[0], &make.devices[1]].map(|device| {
        let [a, b] = [&a, &b].map(|packed| QuantWeight::new(packed.clone(), device));
        let data = TensorData::new(words.clone(), [2 * rows]);
        let own = Tensor::<1, Int>::from_data(data, (device, DType::U32));
        let [base, x] = tensors[index].clone();
        index += 1;
        match index {
            1 => add_lora_halves(base, x, [&a, &b], &own, rank),
            _ if x.dims()[0] == 0 => base,
            _ => reference_halves(base, x, [&a, &b], &own, rank),
        }
    })
}
