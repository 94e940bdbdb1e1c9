//! Each kernel against its reference, on whatever device: the shapes that a model has, and any others.
//!
//! What a kernel computes on the device under test is held against what its reference makes of the
//! same numbers on the processor. `tests/kernels` runs this natively; compiled to WebAssembly it
//! runs in a browser, where results can only be awaited (`web/build checks`).

pub mod attention;
mod fused;
mod lora;
mod quant;
mod random;
mod rms_norm;
mod rotary;
mod swiglu;
#[cfg(target_family = "wasm")]
mod wasm;

use burn::tensor::{Device, Tensor, TensorData};
use easel_shaders::{Op, Replaced, Way};

pub use quant::weight;
pub use random::Random;

/// The largest difference, as a share of the largest value.
pub const RELATIVE: f32 = 1e-5;

/// The same where 16-bit floats are multiplied.
pub const HALVES: f32 = 2e-3;

fn case(op: Op, make: &mut Make) -> Case {
    match op {
        Op::Attention => attention::case(make),
        Op::Lora => lora::case(make),
        Op::Cooperative => quant::halves(make, Way::Cooperative),
        Op::Fused => fused::case(make, Way::Best),
        Op::Halves => quant::halves(make, Way::Halves),
        Op::QuantMatmul => {
            let _plain = Replaced::new(Op::Cooperative);
            quant::case(make)
        }
        Op::RmsNorm => rms_norm::case(make),
        Op::Rotary => rotary::case(make),
        Op::Subgroups => {
            let alone = quant::subgroups(make);
            alone.with(fused::case(make, Way::Subgroups))
        }
        Op::Swiglu => swiglu::case(make),
    }
}

/// The cases of known shapes.
const fn named(op: Op) -> usize {
    match op {
        Op::Attention => attention::NAMED,
        Op::Lora => lora::NAMED.len(),
        Op::Cooperative | Op::Halves | Op::QuantMatmul | Op::Subgroups => quant::NAMED.len(),
        Op::Fused => fused::NAMED.len(),
        Op::RmsNorm => rms_norm::NAMED.len(),
        Op::Rotary => rotary::NAMED.len(),
        Op::Swiglu => swiglu::NAMED.len(),
    }
}

/// What makes a case: numbers from a seed, on the device under test and on the processor.
struct Make {
    random: Random,
    devices: [Device; 2],
    /// The case's number: known shapes come first.
    index: usize,
}

impl Make {
    /// A tensor on the device, and the same on the processor.
    fn normal<const D: usize>(&mut self, shape: [usize; D]) -> [Tensor<D>; 2] {
        let values = TensorData::new(self.random.values(shape.iter().product()), shape);
        self.devices.each_ref().map(|device| Tensor::from_data(values.clone(), device))
    }
}

/// A result beside what it should be.
struct Case {
    what: String,
    found: Vec<Tensor<1>>,
    expected: Vec<Tensor<1>>,
    /// What a difference is a share of, where not of the largest value, and the largest share.
    rounded: Option<[f32; 2]>,
}

impl Case {
    fn new<const D: usize>(what: String, found: Tensor<D>, expected: Tensor<D>) -> Self {
        Self { what, found: vec![flat(found)], expected: vec![flat(expected)], rounded: None }
    }

    fn and<const D: usize>(mut self, found: Tensor<D>, expected: Tensor<D>) -> Self {
        self.found.push(flat(found));
        self.expected.push(flat(expected));
        self
    }

    /// The results of both.
    fn with(mut self, other: Self) -> Self {
        self.what = format!("{}; {}", self.what, other.what);
        self.found.extend(other.found);
        self.expected.extend(other.expected);
        self.rounded = match (self.rounded, other.rounded) {
            (Some([of, most]), Some([other, _])) => Some([of.max(other), most]),
            (rounded, None) | (None, rounded) => rounded,
        };
        self
    }

    /// The largest error.
    async fn error(self) -> Result<f32, String> {
        let what = self.what;
        let mut worst = 0.0_f32;
        for (found, expected) in self.found.into_iter().zip(self.expected) {
            let (found, expected) = (values(found).await?, values(expected).await?);
            if found.len() != expected.len() {
                return Err(format!("{what}: {} values, not {}", found.len(), expected.len()));
            }
            let largest = expected.iter().fold(0.0_f32, |max, value| max.max(value.abs()));
            let [of, most] = self.rounded.unwrap_or([largest, RELATIVE]);
            let error = difference(&found, &expected) / if of == 0.0 { 1.0 } else { of };
            if error.is_nan() || error > most {
                return Err(format!("{what}: an error of {error:.1e}, more than {most:.0e}"));
            }
            worst = worst.max(error);
        }
        Ok(worst)
    }
}

fn flat<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    let length = x.shape().num_elements();
    x.reshape([length])
}

async fn values(x: Tensor<1>) -> Result<Vec<f32>, String> {
    let data = x.into_data_async().await.map_err(|error| error.to_string())?;
    Ok(data.iter::<f32>().collect())
}

/// The largest difference; not a number where one of the values is none.
fn difference(found: &[f32], expected: &[f32]) -> f32 {
    let pairs = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    pairs.fold(0.0, |max, error| if error > max || error.is_nan() { error } else { max })
}

/// Checks the known shapes and as many others as wanted; gives the largest error.
///
/// # Errors
/// When one is larger than allowed: names the case.
pub async fn check(op: Op, device: &Device, others: usize) -> Result<f32, String> {
    let mut make = Make {
        random: Random::new(0x2545_F491_4F6C_DD1D),
        devices: [device.clone(), Device::flex()],
        index: 0,
    };
    let mut worst = 0.0_f32;
    for index in 0..named(op) + others {
        make.index = index;
        worst = worst.max(case(op, &mut make).error().await?);
    }
    Ok(worst)
}

/// Whether a change of one number in a thousand of one weight is noticed on `device`.
///
/// # Errors
/// When it is not.
pub async fn notices(device: &Device) -> Result<(), String> {
    let x = Tensor::<2>::ones([2, 64], device);
    let weight = Tensor::<1>::ones([64], device);
    let changed = weight.clone().slice_fill(7..8, 1.001);
    let found = easel_shaders::rms_norm(x.clone(), changed, 1e-6);
    let expected = easel_shaders::rms_norm(x, weight, 1e-6);
    match Case::new(String::new(), found, expected).error().await {
        Ok(error) => Err(format!("a changed weight went unnoticed: {error:.1e}")),
        Err(_) => Ok(()),
    }
}
