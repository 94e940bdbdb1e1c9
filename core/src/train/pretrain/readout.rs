//! What teaches the small model's vision tower to see: a head that reads a drawing's levels and
//! contents directly from the picture's tokens. It is left behind when the tower is trained.
//!
//! By way of sentences alone the tower learns nothing for thousands of steps: as long as its
//! tokens say nothing, the language model does not look at them.

use burn::tensor::{Device, Int, Tensor, TensorData, activation};
use rand::rngs::Xoshiro256PlusPlus;

use crate::drawings::Facts;
use crate::rubric::Attribute;
use crate::train::parameters::{HostTensor, Leaves, Parameters};
use crate::train::pretrain::model::normal;

const LEVELS: usize = 5;
const ATTRIBUTES: usize = Attribute::ALL.len();
/// One for each attribute, one for each thing that a drawing may hold.
const QUERIES: usize = ATTRIBUTES + Facts::KINDS;
const HEADS: usize = 4;

/// The head's parts and their shapes, for tokens of a width.
fn parts(width: usize) -> [(&'static str, Vec<usize>); 8] {
    [
        ("readout.queries", vec![QUERIES, width]),
        ("readout.key", vec![width, width]),
        ("readout.value", vec![width, width]),
        ("readout.up", vec![2 * width, width]),
        ("readout.down", vec![width, 2 * width]),
        ("readout.levels", vec![ATTRIBUTES, width, LEVELS]),
        ("readout.facts", vec![Facts::KINDS, width]),
        ("readout.facts_bias", vec![Facts::KINDS]),
    ]
}

/// Whether a part of the head is a matrix of a linear layer.
pub(super) fn is_matrix(name: &str) -> bool {
    ["readout.key", "readout.value", "readout.up", "readout.down"].contains(&name)
}

/// Adds the head's parts to the parameters of a model whose pictures have tokens of `width`.
pub(super) fn insert(
    parameters: &mut Parameters,
    width: usize,
    rng: &mut Xoshiro256PlusPlus,
    device: &Device,
) {
    for (name, shape) in parts(width) {
        let deviation = match name {
            "readout.queries" => 0.1,
            "readout.levels" | "readout.facts" => 0.05,
            _ => 1.0 / (*shape.last().unwrap_or(&1) as f64).sqrt(),
        };
        let count = shape.iter().product();
        let values = match name {
            // Most drawings have few of all things.
            "readout.facts_bias" => vec![-1.0; count],
            _ => (0..count).map(|_| (normal(rng) * deviation) as f32).collect(),
        };
        parameters.insert(name.to_owned(), HostTensor { shape, values }, device);
    }
}

/// The loss of some pictures, summed over them: the mean cross-entropy of the levels, and a ninth
/// of the summed binary cross-entropy of the facts.
///
/// # Shapes
/// - `tokens`: `[pictures, tokens, width]`
/// - `levels`: as many as pictures
/// - `facts`: `pictures` times [`Facts::KINDS`]
pub(super) fn loss(
    leaves: &Leaves,
    tokens: Tensor<3>,
    levels: &[[u8; ATTRIBUTES]],
    facts: Vec<f32>,
) -> Tensor<1> {
    let [pictures, length, width] = tokens.dims();
    let device = tokens.device();
    let part = |name: &str| -> Tensor<2> { held(leaves, name) };
    let linear = |x: Tensor<2>, name: &str| x.matmul(part(name).transpose());

    let size = width / HEADS;
    let flat = tokens.reshape([pictures * length, width]);
    let heads = |x: Tensor<2>| x.reshape([pictures, length, HEADS, size]).swap_dims(1, 2);
    let (keys, values) =
        (heads(linear(flat.clone(), "readout.key")), heads(linear(flat, "readout.value")));
    let queries: Tensor<4> =
        part("readout.queries").reshape([1, QUERIES, HEADS, size]).swap_dims(1, 2);
    let weights = queries.matmul(keys.transpose()) / (size as f64).sqrt();
    let seen = activation::softmax(weights, 3).matmul(values);
    let seen = seen.swap_dims(1, 2).reshape([pictures * QUERIES, width]);
    let inner = activation::silu(linear(seen.clone(), "readout.up"));
    let seen = (seen + linear(inner, "readout.down")).reshape([pictures, QUERIES, width]);

    let logits = seen
        .clone()
        .narrow(1, 0, ATTRIBUTES)
        .swap_dims(0, 1)
        .matmul(held::<3>(leaves, "readout.levels"));
    // By attribute, then by picture.
    let targets: Vec<i32> = (0..ATTRIBUTES)
        .flat_map(|attribute| levels.iter().map(move |levels| i32::from(levels[attribute]) - 1))
        .collect();
    let targets = TensorData::new(targets, [ATTRIBUTES, pictures, 1]);
    let targets = Tensor::<3, Int>::from_data(targets, &device);
    let levels = activation::log_softmax(logits, 2).gather(2, targets).sum().neg();

    let facts = Tensor::<2>::from_data(TensorData::new(facts, [pictures, Facts::KINDS]), &device);
    let read = seen.narrow(1, ATTRIBUTES, Facts::KINDS) * part("readout.facts").unsqueeze();
    let logits = read.sum_dim(2).reshape([pictures, Facts::KINDS])
        + held::<1>(leaves, "readout.facts_bias").unsqueeze();
    let facts = (activation::softplus(logits.clone(), 1.0) - logits * facts).sum();
    (levels + facts) / ATTRIBUTES as f64
}

fn held<const D: usize>(leaves: &Leaves, name: &str) -> Tensor<D> {
    match leaves.get(name) {
        Some(tensor) => tensor,
        None => unreachable!("every part of the head was inserted: {name}"),
    }
}
