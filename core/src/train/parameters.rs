//! What training changes: named tensors with their optimiser's state.

use std::collections::BTreeMap;

use burn::optim::{AdamW, AdamWConfig, AdamWState, AdaptiveMomentumState, Optimizer};
use burn::tensor::{Device, Gradients, Tensor, TensorData};

use crate::train::TrainError;

/// Named tensors that one optimiser changes together, kept flat.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    entries: BTreeMap<String, Parameter>,
}

#[derive(Debug, Clone)]
struct Parameter {
    shape: Vec<usize>,
    value: Tensor<1>,
    state: Option<Moments>,
}

/// AdamW's state of one parameter.
#[derive(Debug, Clone)]
struct Moments {
    steps: usize,
    first: Tensor<1>,
    second: Tensor<1>,
}

/// A tensor on the host.
#[derive(Debug, Clone, PartialEq)]
pub struct HostTensor {
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its values, row-major.
    pub values: Vec<f32>,
}

/// AdamW's numbers (Loshchilov and Hutter, arXiv 1711.05101); the defaults are PyTorch's and
/// transformers', without weight decay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamWSettings {
    /// How slowly the first moment changes.
    pub beta1: f64,
    /// How slowly the second moment changes.
    pub beta2: f64,
    /// Keeps the step finite where the second moment is none.
    pub epsilon: f64,
    /// What a value loses each step, times the learning rate.
    pub weight_decay: f64,
    /// Gradients longer than this, all parameters together, are shortened to it; 0 lets all pass.
    pub max_grad_norm: f64,
}

impl Default for AdamWSettings {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0, max_grad_norm: 1.0 }
    }
}

impl AdamWSettings {
    fn build(&self) -> AdamW {
        AdamWConfig::new()
            .with_beta_1(self.beta1 as f32)
            .with_beta_2(self.beta2 as f32)
            .with_epsilon(self.epsilon as f32)
            .with_weight_decay(self.weight_decay as f32)
            .build()
    }
}

impl Parameters {
    /// Adds a parameter; one of the same name is replaced, with its state.
    pub fn insert(&mut self, name: String, tensor: HostTensor, device: &Device) {
        let HostTensor { shape, values } = tensor;
        let length = values.len();
        let value = Tensor::from_data(TensorData::new(values, [length]), device);
        self.entries.insert(name, Parameter { shape, value, state: None });
    }

    /// How many numbers are trained.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries.values().map(|entry| entry.shape.iter().product::<usize>()).sum()
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The tensors as they are, without gradients, of those names that are `wanted`.
    #[must_use]
    pub fn fixed(&self, wanted: impl Fn(&str) -> bool) -> Leaves {
        self.leaves_by(wanted, |value| value)
    }

    /// The tensors as leaves of a new graph.
    #[must_use]
    pub fn leaves(&self, wanted: impl Fn(&str) -> bool) -> Leaves {
        self.leaves_by(wanted, |value| value.autodiff().require_grad())
    }

    fn leaves_by(
        &self,
        wanted: impl Fn(&str) -> bool,
        as_leaf: fn(Tensor<1>) -> Tensor<1>,
    ) -> Leaves {
        let entries = self.entries.iter().filter(|(name, _)| wanted(name));
        let leaf = |(name, entry): (&String, &Parameter)| {
            (name.clone(), (entry.shape.clone(), as_leaf(entry.value.clone())))
        };
        Leaves { entries: entries.map(leaf).collect() }
    }

    /// One step of AdamW, with the gradients clipped together. Returns their norm before that.
    ///
    /// # Errors
    /// When the norm is no number, and then nothing was changed; or when the device fails.
    pub fn update(
        &mut self,
        grads: GradientSum,
        learning_rate: f64,
        settings: &AdamWSettings,
    ) -> Result<f64, TrainError> {
        let norm = grads.norm()?;
        if !norm.is_finite() {
            return Err(TrainError::Diverged { what: "the gradient" });
        }
        // As PyTorch's clip_grad_norm_.
        let factor = match settings.max_grad_norm {
            0.0 => 1.0,
            longest => (longest / (norm + 1e-6)).min(1.0),
        };
        let optimizer = settings.build();
        for (name, grad) in grads.sums {
            let Some(entry) = self.entries.get_mut(&name) else { continue };
            let grad = if factor < 1.0 { grad * factor } else { grad };
            let state = entry.state.take().map(|moments| {
                let Moments { steps, first, second } = moments;
                AdamWState::new(AdaptiveMomentumState {
                    time: steps,
                    moment_1: first,
                    moment_2: second,
                    max_moment_2: None,
                })
            });
            let value = entry.value.clone();
            let (value, state) = optimizer.step(learning_rate, value, grad, state);
            entry.value = value;
            entry.state = state.map(|state| Moments {
                steps: state.momentum.time,
                first: state.momentum.moment_1,
                second: state.momentum.moment_2,
            });
        }
        Ok(norm)
    }

    /// Changes the parameter `name`, if there is one, by a step of another optimiser; AdamW's
    /// state of it stays as it is.
    pub fn change<const D: usize>(
        &mut self,
        name: &str,
        step: impl FnOnce(Tensor<D>) -> Tensor<D>,
    ) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        let Ok(shape) = <[usize; D]>::try_from(entry.shape.as_slice()) else { return };
        let length = shape.iter().product::<usize>();
        entry.value = step(entry.value.clone().reshape(shape)).reshape([length]);
    }

    /// The values, read back.
    ///
    /// # Errors
    /// When the device fails.
    pub fn values(&self) -> Result<BTreeMap<String, HostTensor>, TrainError> {
        let read = |(name, entry): (&String, &Parameter)| {
            let values = read_back(entry.value.clone())?;
            Ok((name.clone(), HostTensor { shape: entry.shape.clone(), values }))
        };
        self.entries.iter().map(read).collect()
    }

    /// Values and optimiser state, read back: a parameter `name`, and beside it `name#first` and
    /// `name#second` where steps were taken. All parameters have taken as many.
    ///
    /// # Errors
    /// When the device fails.
    pub fn save(&self) -> Result<BTreeMap<String, HostTensor>, TrainError> {
        let mut saved = self.values()?;
        for (name, entry) in &self.entries {
            let Some(moments) = &entry.state else { continue };
            for (which, moment) in [(FIRST, &moments.first), (SECOND, &moments.second)] {
                let values = read_back(moment.clone())?;
                saved.insert(
                    format!("{name}{which}"),
                    HostTensor { shape: entry.shape.clone(), values },
                );
            }
        }
        Ok(saved)
    }

    /// Takes up what [`Parameters::save`] gave after `steps` steps.
    ///
    /// # Errors
    /// The name of a parameter that is missing or has another shape.
    pub fn restore(
        &mut self,
        saved: &BTreeMap<String, HostTensor>,
        steps: usize,
        device: &Device,
    ) -> Result<(), String> {
        for (name, entry) in &mut self.entries {
            let tensor = |which: &str| {
                let found = saved.get(&format!("{name}{which}"));
                let found = found.filter(|tensor| tensor.shape == entry.shape);
                found.map(|tensor| {
                    let data = TensorData::new(tensor.values.clone(), [tensor.values.len()]);
                    Tensor::<1>::from_data(data, device)
                })
            };
            let value = tensor("").ok_or_else(|| name.clone())?;
            let state = match steps {
                0 => None,
                steps => {
                    let first = tensor(FIRST).ok_or_else(|| format!("{name}{FIRST}"))?;
                    let second = tensor(SECOND).ok_or_else(|| format!("{name}{SECOND}"))?;
                    Some(Moments { steps, first, second })
                }
            };
            (entry.value, entry.state) = (value, state);
        }
        Ok(())
    }
}

const FIRST: &str = "#first";
const SECOND: &str = "#second";

fn read_back(tensor: Tensor<1>) -> Result<Vec<f32>, TrainError> {
    Ok(tensor.try_into_data()?.iter::<f32>().collect())
}

/// Parameters as tensors that a forward pass reads.
#[derive(Debug, Clone)]
pub struct Leaves {
    entries: BTreeMap<String, (Vec<usize>, Tensor<1>)>,
}

impl Leaves {
    /// The parameter `name` in its shape.
    #[must_use]
    pub fn get<const D: usize>(&self, name: &str) -> Option<Tensor<D>> {
        let (shape, value) = self.entries.get(name)?;
        let shape: [usize; D] = shape.as_slice().try_into().ok()?;
        Some(value.clone().reshape(shape))
    }

    /// These and others.
    #[must_use]
    pub fn with(mut self, others: Self) -> Self {
        self.entries.extend(others.entries);
        self
    }

    /// The parameter `name`, flat.
    #[must_use]
    pub fn flat(&self, name: &str) -> Option<Tensor<1>> {
        self.entries.get(name).map(|(_, value)| value.clone())
    }
}

/// Gradients by name, summed over the passes of a step.
#[derive(Debug, Default)]
pub struct GradientSum {
    sums: BTreeMap<String, Tensor<1>>,
}

impl GradientSum {
    /// Adds the gradients of `leaves` that a backward pass left.
    pub fn add(&mut self, leaves: &Leaves, gradients: &mut Gradients) {
        for (name, (_, leaf)) in &leaves.entries {
            let Some(grad) = leaf.grad_remove(gradients) else { continue };
            let sum = match self.sums.remove(name) {
                Some(sum) => sum + grad,
                None => grad,
            };
            self.sums.insert(name.clone(), sum);
        }
    }

    /// Takes out the gradients of the names that are `wanted`.
    pub fn split_off(&mut self, wanted: impl Fn(&str) -> bool) -> BTreeMap<String, Tensor<1>> {
        self.sums.extract_if(.., |name, _| wanted(name)).collect()
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: Self) {
        for (name, grad) in other.sums {
            let sum = match self.sums.remove(&name) {
                Some(sum) => sum + grad,
                None => grad,
            };
            self.sums.insert(name, sum);
        }
    }

    /// The Euclidean norm of all gradients together.
    ///
    /// # Errors
    /// When the device fails.
    pub fn norm(&self) -> Result<f64, TrainError> {
        let squares =
            self.sums.values().map(|grad| grad.clone().square().sum()).collect::<Vec<_>>();
        if squares.is_empty() {
            return Ok(0.0);
        }
        let total: f64 = read_back(Tensor::cat(squares, 0))?.into_iter().map(f64::from).sum();
        Ok(total.sqrt())
    }
}
