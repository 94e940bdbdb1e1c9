//! Few launches for few rows: what stands around products, by the launches that multiply.

use easel_shaders::quant_matmul::{QuantWeight, reference};
use easel_shaders::rotary::{reference_append, rotary_append};
use easel_shaders::{
    Joined, Normed, Spans, Way, quant_matmul_joined_way, quant_matmul_row, quant_matmul_sum,
    quant_matmul_swiglu, rms_norm, swiglu,
};

use burn::tensor::{Device, Tensor};

use super::quant::{keeping, longest, weight};
use super::{Case, Make, flat};
use crate::quant::ROUNDED;

/// Rows, inputs, width of the norm, gates: a step of decoding, as many rows as are few, nine attributes,
/// parts of blocks, and little or nothing.
pub(super) const NAMED: [[usize; 4]; 6] = [
    [1, 512, 2048, 1100],
    [16, 70, 40, 33],
    [9, 96, 130, 64],
    [8, 33, 2100, 6],
    [1, 1, 1, 2],
    [0, 8, 8, 4],
];

/// A sum, its norm, and two products of that, of which one has gates; the last also of rows as they are.
pub(super) fn case(make: &mut Make, way: Way) -> Case {
    let index = make.index;
    let [rows, inputs, width, gates] = NAMED.get(index).copied().unwrap_or_else(|| {
        let random = &mut make.random;
        [random.size(16), random.size(400), random.size(500), random.size(200)]
    });
    let (bits, mins, kept) = keeping(index);
    let what = format!("{rows} rows, {inputs} to {width} to {gates} gates, {bits:?}, {kept:?}");
    let epsilon = [1e-6, 1e-2][index % 2];
    let mut matrix = |outputs: usize, inputs: usize| {
        let packed = weight(&mut make.random, [outputs, inputs], bits, mins, kept);
        make.devices.each_ref().map(|device| QuantWeight::new(packed.clone(), device))
    };
    let [down, down0] = matrix(width, inputs);
    let [[gate, gate0], [up, up0], [third, third0]] = [gates, gates, 6].map(|n| matrix(n, width));
    let [x, x0] = make.normal([rows, inputs]);
    let [added, added0] = make.normal([rows, width]);
    let [gamma, gamma0] = make.normal([width]);

    // Gates of products with any integers are far from where they bend.
    let small = 0.02 / (width as f32).sqrt();
    let late = quant_matmul_sum(x, &down, added, (gamma * small, epsilon), way);
    let sum0 = match rows {
        0 => added0,
        _ => added0 + reference(x0.clone(), &down0),
    };
    let norm0 = rms_norm::reference(sum0.clone(), gamma0 * small, epsilon);
    let mut case = Case::new(what, late.x().clone(), sum0);
    if make.devices[0] == Device::flex() {
        case.rounded = (rows > 0).then(|| [longest(x0) * longest(down0.dequantize()), ROUNDED]);
        return case;
    }
    let late = Normed::from(late);
    case = case.and(late.clone().whole(), norm0.clone());
    // Weights that share a word of scales stay apart.
    if let Some(joined) = Joined::new(&[gate.clone(), up.clone(), third]) {
        let found = quant_matmul_joined_way(late.clone(), &joined, way);
        for (found, weight) in found.into_iter().zip([&gate0, &up0, &third0]) {
            case = case.and(found, product(&norm0, weight));
        }
        if rows == 1 {
            let parts = [&gate0, &up0, &third0].map(|weight| flat(product(&norm0, weight)));
            case = case.and(quant_matmul_row(late.clone(), &joined), Tensor::cat(parts.into(), 0));
        }
    }
    if let Some(joined) = Joined::new(&[gate, up]) {
        let expected = swiglu::reference(product(&norm0, &gate0), product(&norm0, &up0));
        let alone = late.clone().whole();
        case = case.and(quant_matmul_swiglu(late, &joined, way), expected.clone());
        case = case.and(quant_matmul_swiglu(alone, &joined, way), expected);
    }
    turned(make, case)
}

fn product(x: &Tensor<2>, weight: &QuantWeight) -> Tensor<2> {
    match x.dims()[0] {
        0 => Tensor::zeros([0, weight.layout().outputs], &x.device()),
        _ => reference(x.clone(), weight),
    }
}

/// A token's queries, keys and values, turned and put among others.
fn turned(make: &mut Make, case: Case) -> Case {
    let random = &mut make.random;
    let (keys, kv_heads, half) = (random.size(300), random.size(4), random.size(64));
    let heads = kv_heads * random.size(8);
    let before = random.below(keys);
    let all = (heads + 2 * kv_heads) * 2 * half;
    let shape = [1, keys, kv_heads, 2 * half];
    let [qkv, qkv0] = make.normal([all]);
    let [bias, bias0] = make.normal([all]);
    let [cosines, cosines0] = make.normal([1, 1, half]);
    let [sines, sines0] = make.normal([1, 1, half]);
    let [k, k0] = make.normal(shape);
    let [v, v0] = make.normal(shape);
    let [spans, spans0] =
        make.devices.each_ref().map(|device| Spans::causal_within(before, 1, keys, device));
    let (q, [k, v]) = rotary_append(qkv, bias, [cosines, sines], [k, v], &spans);
    let (q0, [k0, v0]) = reference_append(&qkv0, bias0, [cosines0, sines0], [k0, v0], &spans0);
    case.and(q, q0).and(k, k0).and(v, v0)
}
