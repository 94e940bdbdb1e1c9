//! The heads of the paper's ablations, over the last hidden state.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, activation};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::lora::Dropout;
use crate::train::parameters::{HostTensor, Leaves, Parameters};
use crate::train::settings::Objective;

/// What all parameters of a head begin with.
pub(crate) const PREFIX: &str = "head.";

pub(crate) use crate::assess::HEAD as FILE;

/// The place of a head's dropout among those of a pass.
const DROPOUT: u64 = u64::MAX / 2;

/// The metadata key of [`FILE`] that names the objective.
const OBJECTIVE: &str = "easel.objective";

/// A head that turns a hidden state into a score's raw values.
#[derive(Debug, Clone, PartialEq)]
pub enum ScoreHead {
    /// Linear, LayerNorm, ReLU, dropout, Linear.
    Mlp {
        /// Width of the hidden state.
        inputs: usize,
        /// Width between the two linears.
        width: usize,
        /// Raw values that come out.
        outputs: usize,
    },
    /// The cumulative link model: one linear score, less each of four thresholds.
    Cumulative {
        /// Width of the hidden state.
        inputs: usize,
    },
}

impl ScoreHead {
    /// The head of an objective; `None` for those that read the language head.
    #[must_use]
    pub const fn of(objective: Objective, inputs: usize, width: usize) -> Option<Self> {
        let outputs = match objective {
            Objective::Raft | Objective::CrossEntropy => return None,
            Objective::Clm => return Some(Self::Cumulative { inputs }),
            Objective::Mse => 1,
            Objective::Classification => 5,
            Objective::Coral => 4,
        };
        Some(Self::Mlp { inputs, width, outputs })
    }

    /// Its parameters' names and shapes.
    fn shapes(&self) -> Vec<(&'static str, Vec<usize>)> {
        match *self {
            Self::Mlp { inputs, width, outputs } => vec![
                ("head.0.weight", vec![width, inputs]),
                ("head.0.bias", vec![width]),
                ("head.1.weight", vec![width]),
                ("head.1.bias", vec![width]),
                ("head.4.weight", vec![outputs, width]),
                ("head.4.bias", vec![outputs]),
            ],
            Self::Cumulative { inputs } => vec![
                ("head.score.weight", vec![1, inputs]),
                ("head.score.bias", vec![1]),
                ("head.thresholds", vec![4]),
            ],
        }
    }

    /// Adds a new head's parameters: linears as PyTorch begins them (uniform in ±1/√inputs), the
    /// norm one and zero, the thresholds evenly around zero.
    pub fn init(&self, seed: u64, into: &mut Parameters, device: &Device) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut inputs = 1;
        for (name, shape) in self.shapes() {
            // A bias has the bound of its weight, which comes before it.
            inputs = if shape.len() == 2 { shape[1] } else { inputs };
            let bound = 1.0 / (inputs as f64).sqrt();
            let count = shape.iter().product();
            let values = match name {
                "head.1.weight" => vec![1.0; count],
                "head.1.bias" => vec![0.0; count],
                "head.thresholds" => vec![-1.5, -0.5, 0.5, 1.5],
                _ => {
                    let draw = |_| ((rng.random::<f64>() * 2.0 - 1.0) * bound) as f32;
                    (0..count).map(draw).collect()
                }
            };
            into.insert(name.to_owned(), HostTensor { shape, values }, device);
        }
    }

    /// Raw values, with dropout before the second linear of the MLP. `leaves` must hold the
    /// head's parameters.
    ///
    /// # Shapes
    /// - `hidden`: `[rows, inputs]`
    /// - output: `[rows, outputs]`
    #[must_use]
    pub fn forward(
        &self,
        hidden: Tensor<2>,
        leaves: &Leaves,
        dropout: Option<Dropout>,
    ) -> Tensor<2> {
        let linear = |x: Tensor<2>, name: &str| {
            let weight = leaves.get::<2>(&format!("{PREFIX}{name}.weight"));
            let bias = leaves.get::<1>(&format!("{PREFIX}{name}.bias"));
            match (weight, bias) {
                (Some(weight), Some(bias)) => x.matmul(weight.transpose()) + bias.unsqueeze(),
                _ => unreachable!("init made the head's parameters"),
            }
        };
        match *self {
            Self::Mlp { .. } => {
                let x = linear(hidden, "0");
                let mean = x.clone().mean_dim(1);
                let centred = x - mean;
                let variance = centred.clone().square().mean_dim(1);
                let mut x = centred / (variance + 1e-5).sqrt();
                if let Some(weight) = leaves.get::<1>("head.1.weight") {
                    x = x * weight.unsqueeze();
                }
                if let Some(bias) = leaves.get::<1>("head.1.bias") {
                    x = x + bias.unsqueeze();
                }
                let mut x = activation::relu(x);
                if let Some(dropout) = dropout {
                    x = dropout.apply(x, DROPOUT);
                }
                linear(x, "4")
            }
            Self::Cumulative { .. } => {
                let score = linear(hidden, "score");
                match leaves.get::<1>("head.thresholds") {
                    Some(thresholds) => score - thresholds.unsqueeze(),
                    None => unreachable!("init made the head's parameters"),
                }
            }
        }
    }
}

/// The bytes of [`FILE`] for the head among `values`; `None` where there is none.
///
/// # Errors
/// What the format does not allow.
pub(crate) fn file(
    objective: Objective,
    values: &BTreeMap<String, HostTensor>,
) -> Result<Option<Vec<u8>>, String> {
    let held: Vec<_> = values
        .iter()
        .filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, tensor)| {
            let bytes: Vec<u8> = tensor.values.iter().flat_map(|v| v.to_le_bytes()).collect();
            (name.as_str(), &tensor.shape, bytes)
        })
        .collect();
    if held.is_empty() {
        return Ok(None);
    }
    let view = |(name, shape, bytes)| -> Result<_, safetensors::SafeTensorError> {
        let (shape, bytes): (&&Vec<usize>, &Vec<u8>) = (shape, bytes);
        Ok((name, TensorView::new(Dtype::F32, (*shape).clone(), bytes)?))
    };
    let views = held.iter().map(|(name, shape, bytes)| view((*name, shape, bytes)));
    let views = views.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    let metadata = [(OBJECTIVE.to_owned(), objective.name().to_owned())].into();
    safetensors::serialize(views, Some(metadata)).map(Some).map_err(|error| error.to_string())
}

/// Reads [`FILE`]: the objective, its head over a hidden state of `inputs` values, and the
/// parameters.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn read(
    bytes: &[u8],
    inputs: usize,
    device: &Device,
) -> Result<(Objective, ScoreHead, Parameters), String> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let objective = header.metadata().as_ref().and_then(|all| all.get(OBJECTIVE));
    let objective = objective.ok_or("it does not name its objective")?;
    let objective: Objective = objective.parse()?;
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let width = file.tensor("head.0.bias").map_or(0, |bias| bias.shape().iter().product());
    let head = ScoreHead::of(objective, inputs, width)
        .ok_or_else(|| format!("{objective} has no head of its own"))?;
    let mut parameters = Parameters::default();
    for (name, shape) in head.shapes() {
        let view = file.tensor(name).map_err(|error| error.to_string())?;
        if view.shape() != shape || view.dtype() != Dtype::F32 {
            let found = view.shape();
            return Err(format!("{name} is {found:?}; expected f32 of {shape:?}"));
        }
        let (values, _) = view.data().as_chunks::<4>();
        let values = values.iter().map(|value| f32::from_le_bytes(*value)).collect();
        parameters.insert(name.to_owned(), HostTensor { shape, values }, device);
    }
    Ok((objective, head, parameters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_head_has_as_many_outputs_as_its_objective_reads() {
        let device = Device::flex();
        for (objective, outputs) in [
            (Objective::Mse, 1),
            (Objective::Classification, 5),
            (Objective::Clm, 4),
            (Objective::Coral, 4),
        ] {
            let head = ScoreHead::of(objective, 3, 8).unwrap();
            let mut parameters = Parameters::default();
            head.init(1, &mut parameters, &device);
            let hidden = Tensor::<2>::from_floats([[1.0, -2.0, 0.5], [0.0, 1.0, 2.0]], &device);
            let found = head.forward(hidden.clone(), &parameters.fixed(|_| true), None);
            assert_eq!(found.dims(), [2, outputs]);

            let bytes = file(objective, &parameters.values().unwrap()).unwrap().unwrap();
            let (read_objective, read_head, read) = read(&bytes, 3, &device).unwrap();
            assert_eq!(read_objective, objective);
            let again = read_head.forward(hidden, &read.fixed(|_| true), None);
            again.into_data().assert_eq(&found.into_data(), true);
            assert!(super::read(&bytes, 4, &device).unwrap_err().contains("expected f32 of"));
        }
        assert_eq!(ScoreHead::of(Objective::Raft, 3, 8), None);
    }
}
