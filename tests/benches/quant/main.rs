//! Products with a 4-bit weight against making floats of it first, by a kernel that writes them
//! out, and multiplying those by burn's matmul. Each ratio is the median of those within one run.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench fails by panicking, and prints what it finds"
)]

mod own;

use std::time::Instant;

use burn::tensor::{DType, Device, Distribution, Int, Tensor, TensorData};
use easel_shaders::quant::{Bits, Packed};
use easel_shaders::{QuantWeight, quant_matmul};
use easel_tests::devices;
use easel_tests::golden::relative_error;

use own::{Kernel, run};

/// Outputs and inputs in the 3B model: of queries, and of the feed-forward layer's gate.
const SHAPES: [[usize; 2]; 2] = [[2048, 2048], [11_008, 2048]];

/// A token, some, and a prompt.
const ROWS: [usize; 5] = [1, 4, 9, 16, 128];

/// Turns, of which the first two compile and warm.
const TURNS: usize = 11;

fn main() {
    for opened in devices().into_iter().filter(|opened| opened.device != Device::flex()) {
        for shape in SHAPES {
            let weight = Weight::new(shape, &opened.device);
            for rows in ROWS {
                measure(rows, &weight, &opened.name);
            }
        }
    }
}

fn measure(rows: usize, weight: &Weight, name: &str) {
    let device = weight.words[0].device();
    let x = Tensor::random([rows, weight.shape[1]], Distribution::Normal(0.0, 1.0), &device);
    let values = |y: Tensor<2>| y.into_data().iter::<f32>().collect::<Vec<_>>();
    let same = [quant_matmul(x.clone(), &weight.fused), weight.apart(x.clone())].map(values);
    assert!(relative_error(&same[0], &same[1]) < 1e-5, "both must compute the same");

    let time = |product: &dyn Fn(Tensor<2>) -> Tensor<2>| {
        device.sync().unwrap();
        let start = Instant::now();
        let y = product(x.clone());
        device.sync().unwrap();
        drop(y);
        start.elapsed().as_secs_f64()
    };
    let turn = |_| {
        let fused = time(&|x| quant_matmul(x, &weight.fused));
        [fused, time(&|x| weight.apart(x))]
    };
    let turns: Vec<_> = (0..TURNS).map(turn).skip(2).collect();
    let ratio = median(turns.iter().map(|[fused, apart]| apart / fused));
    let [fused, apart] = [0, 1].map(|which| 1e3 * median(turns.iter().map(|turn| turn[which])));
    println!(
        "{:?} by {rows} rows on {name}: {ratio:.2}x, {fused:.1} ms against {apart:.1} ms",
        weight.shape
    );
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

struct Weight {
    shape: [usize; 2],
    fused: QuantWeight,
    words: [Tensor<1, Int>; 3],
}

impl Weight {
    fn new(shape: [usize; 2], device: &Device) -> Self {
        let count = shape[0] * shape[1];
        let values: Vec<_> = (0..count).map(|i| ((i * 7919) as f32).sin() * 0.05).collect();
        let packed = Packed::quantize(&values, shape, Bits::Four);
        let send = |words: Vec<u32>| {
            let length = words.len();
            Tensor::from_data(TensorData::new(words, [length]), (device, DType::U32))
        };
        let words = [send(packed.quants.clone()), send(packed.scales.clone()), send(vec![0])];
        Self { shape, fused: QuantWeight::new(packed, device), words }
    }

    fn apart(&self, x: Tensor<2>) -> Tensor<2> {
        let [outputs, inputs] = self.shape;
        let kernel = Kernel {
            source: include_str!("dequantize.wgsl").to_owned(),
            lanes: 64,
            groups: [(outputs * inputs).div_ceil(32 * 64) as u32, 1, 1],
            shape: self.shape,
        };
        let floats = run(x.clone(), self.words.each_ref(), kernel);
        x.matmul(floats.transpose())
    }
}
