//! What is learned from a label: RAFT, and the paper's ablations of it.
//!
//! All read the last position's final hidden state. RAFT (KidsArtBench, arXiv 2512.12503, after
//! Lukasik et al., 2024) and cross-entropy go on through the language head; the others have a
//! head of their own ([`ScoreHead`](crate::train::heads::ScoreHead)).

use burn::tensor::{Int, Tensor, TensorData, activation};

use crate::Score;
use crate::lora::Dropout;
use crate::model::Head;
use crate::rubric::SCALE;
use crate::train::TrainError;
use crate::train::heads::ScoreHead;
use crate::train::parameters::Leaves;
use crate::train::settings::{Objective, Probabilities};

/// The heads a loss may need.
#[derive(Debug, Clone, Copy)]
pub struct Outputs<'a> {
    /// The five digits' rows of the language head.
    pub digits: &'a Head,
    /// All rows, where probabilities are over the vocabulary.
    pub vocabulary: Option<&'a Head>,
    /// The tokens of the digits 1 to 5.
    pub tokens: [u32; 5],
    /// A head of its own, for the objectives that have one.
    pub score: Option<&'a ScoreHead>,
}

/// One picture's predicted score for one attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// The expected value over the scale where there is a distribution, else the head's value.
    pub expected: f64,
    /// One of the five digits: the likeliest, a head's rounded score, or its thresholds passed.
    pub digit: f64,
    /// The probability of each digit, where the objective has one.
    pub probs: Option<[f64; 5]>,
}

/// The loss of some rows, summed, with `dropout` for a head that has one. `[1]`
///
/// # Shapes
/// - `hidden`: `[rows, hidden]`, normed
/// - `labels`: as many, from 1 to 5
pub fn loss(
    objective: Objective,
    probabilities: Probabilities,
    hidden: Tensor<2>,
    labels: &[f32],
    outputs: Outputs<'_>,
    leaves: &Leaves,
    dropout: Option<Dropout>,
) -> Tensor<1> {
    let device = hidden.device();
    let rows = labels.len();
    let column = |values: Vec<f32>, width: usize| {
        Tensor::<2>::from_data(TensorData::new(values, [rows, width]), &device)
    };
    let digit = |label: f32| label.round_ties_even().clamp(1.0, 5.0) as usize - 1;
    let one_hot = || {
        let values = labels
            .iter()
            .flat_map(|&label| (0..5).map(move |k| if k == digit(label) { 1.0 } else { 0.0 }));
        column(values.collect(), 5)
    };
    match objective {
        Objective::Raft => {
            let probs = log_probabilities(probabilities, &hidden, outputs).exp();
            let scale = column(labels.iter().flat_map(|_| SCALE.map(f32::from)).collect(), 5);
            let score = (probs * scale).sum_dim(1);
            (score - column(labels.to_vec(), 1)).square().sum()
        }
        Objective::CrossEntropy => {
            (log_probabilities(probabilities, &hidden, outputs) * one_hot()).sum().neg()
        }
        Objective::Mse => {
            let score = scores(outputs, hidden, leaves, dropout);
            let score = activation::sigmoid(score) * 4.0 + 1.0;
            (score - column(labels.to_vec(), 1)).square().sum()
        }
        Objective::Classification => {
            let logits = scores(outputs, hidden, leaves, dropout);
            (activation::log_softmax(logits, 1) * one_hot()).sum().neg()
        }
        Objective::Clm | Objective::Coral => {
            let logits = scores(outputs, hidden, leaves, dropout);
            let above = |label: &f32| {
                let label = *label;
                (1..5).map(move |k| if label > k as f32 { 1.0 } else { 0.0 })
            };
            let above = column(labels.iter().flat_map(above).collect(), 4);
            // Binary cross-entropy on logits, its mean over the four thresholds.
            let softplus = activation::softplus(logits.clone(), 1.0);
            (softplus - logits * above).sum() / 4.0
        }
    }
}

fn scores(
    outputs: Outputs<'_>,
    hidden: Tensor<2>,
    leaves: &Leaves,
    dropout: Option<Dropout>,
) -> Tensor<2> {
    match outputs.score {
        Some(head) => head.forward(hidden, leaves, dropout),
        None => unreachable!("the trainer gives these objectives their head"),
    }
}

/// `[rows, 5]`: the logarithms of the digits' probabilities.
fn log_probabilities(over: Probabilities, hidden: &Tensor<2>, outputs: Outputs<'_>) -> Tensor<2> {
    match (over, outputs.vocabulary) {
        (Probabilities::Vocab, Some(head)) => {
            let tokens = outputs.tokens.map(|token| token as i32);
            let device = hidden.device();
            let tokens = Tensor::<1, Int>::from_data(TensorData::from(tokens), &device);
            activation::log_softmax(head.forward(hidden), 1).select(1, tokens)
        }
        _ => activation::log_softmax(outputs.digits.forward(hidden), 1),
    }
}

/// Reads the scores of some rows.
///
/// # Shapes
/// - `hidden`: `[rows, hidden]`, normed
///
/// # Errors
/// When the device fails or computes what is no number.
pub fn predict(
    objective: Objective,
    hidden: Tensor<2>,
    outputs: Outputs<'_>,
    leaves: &Leaves,
) -> Result<Vec<Prediction>, TrainError> {
    let raw = match objective {
        Objective::Raft | Objective::CrossEntropy => outputs.digits.forward(&hidden),
        _ => match outputs.score {
            Some(head) => head.forward(hidden, leaves, None),
            None => unreachable!("the trainer gives these objectives their head"),
        },
    };
    let width = raw.dims()[1];
    let values: Vec<f32> = raw.try_into_data()?.iter::<f32>().collect();
    if values.iter().any(|value| !value.is_finite()) {
        return Err(TrainError::Diverged { what: "a prediction" });
    }
    Ok(values.chunks_exact(width).map(|row| prediction(objective, row)).collect())
}

fn prediction(objective: Objective, row: &[f32]) -> Prediction {
    let sigmoid = |z: f32| 1.0 / (1.0 + (-f64::from(z)).exp());
    match objective {
        Objective::Raft | Objective::CrossEntropy | Objective::Classification => {
            let mut logits = [0.0; 5];
            logits.copy_from_slice(&row[..5]);
            let score = Score::from_logits(logits);
            let likeliest = (0..5).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap_or(0);
            let (expected, digit) = (score.expected(), likeliest as f64 + 1.0);
            Prediction { expected, digit, probs: Some(score.probs) }
        }
        Objective::Mse => {
            let expected = 1.0 + 4.0 * sigmoid(row[0]);
            Prediction { expected, digit: expected.round_ties_even(), probs: None }
        }
        Objective::Clm | Objective::Coral => {
            // P(y > k), made to fall with k where the head does not see to it.
            let mut above = [1.0; 6];
            for (k, &z) in row[..4].iter().enumerate() {
                above[k + 1] = sigmoid(z).min(above[k]);
            }
            above[5] = 0.0;
            let probs = std::array::from_fn(|k| above[k] - above[k + 1]);
            let passed = row[..4].iter().filter(|&&z| z > 0.0).count();
            let expected = 1.0 + above[1..5].iter().sum::<f64>();
            Prediction { expected, digit: 1.0 + passed as f64, probs: Some(probs) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_counted_and_their_probabilities_fall() {
        let found = prediction(Objective::Coral, &[2.0, 1.0, 1.5, -3.0]);
        assert_eq!(found.digit, 4.0);
        let probs = found.probs.unwrap();
        assert!(probs.iter().all(|p| *p >= 0.0), "{probs:?}");
        assert!((probs.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let mean: f64 = probs.iter().zip(1..).map(|(p, k)| p * f64::from(k)).sum();
        assert!((mean - found.expected).abs() < 1e-12);
    }

    #[test]
    fn a_distribution_has_an_expectation_and_a_likeliest_digit() {
        // Probabilities 1/9 four times and 5/9.
        let found = prediction(Objective::Raft, &[0.0, 0.0, 0.0, 0.0, 5.0_f32.ln()]);
        assert!((found.expected - (10.0 + 25.0) / 9.0).abs() < 1e-6);
        assert_eq!(found.digit, 5.0);
    }

    #[test]
    fn an_mse_head_is_rounded() {
        let found = prediction(Objective::Mse, &[0.0]);
        assert_eq!((found.expected, found.digit), (3.0, 3.0));
        assert!(found.probs.is_none());
    }
}
