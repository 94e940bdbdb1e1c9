//! Whether the probabilities of the five digits mean what they say.

use serde::Serialize;

use super::{mean, rounded};

/// The probabilities of the digits 1 to 5 beside the teacher's score.
pub type Judged = ([f64; 5], f64);

/// How sure the model may be taken to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Calibration {
    /// How many scores have probabilities and an original.
    pub n: usize,
    /// [`expected_calibration_error`], from 0 to 1.
    #[serde(rename = "ECE")]
    pub ece: f64,
    /// [`crps`], in points.
    #[serde(rename = "CRPS")]
    pub crps: f64,
    /// [`coverage`], from 0 to 1.
    #[serde(rename = "coverage80")]
    pub coverage: f64,
}

impl Calibration {
    /// All three; `None` where there is nothing to judge.
    #[must_use]
    pub fn of(judged: &[Judged]) -> Option<Self> {
        Some(Self {
            n: judged.len(),
            ece: expected_calibration_error(judged)?,
            crps: crps(judged)?,
            coverage: coverage(judged)?,
        })
    }
}

/// Scores of about the same confidence, which is the probability of the likeliest digit.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Bin {
    /// How many.
    pub n: usize,
    /// Their mean confidence; 0 where there are none.
    pub confidence: f64,
    /// The share of them whose likeliest digit is the rounded original; 0 where there are none.
    pub hits: f64,
}

/// Ten bins of equal width between 0 and 1; a confidence on an edge belongs to the bin above it,
/// 1 to the last. Of equally likely digits the least one counts.
#[must_use]
pub fn reliability(judged: &[Judged]) -> [Bin; 10] {
    let mut bins = [Bin::default(); 10];
    for (probabilities, original) in judged {
        let (mut digit, mut confidence) = (1, probabilities[0]);
        for (other, probability) in (2..).zip(&probabilities[1..]) {
            if *probability > confidence {
                (digit, confidence) = (other, *probability);
            }
        }
        let bin = &mut bins[((confidence * 10.0) as usize).min(9)];
        bin.n += 1;
        bin.confidence += confidence;
        bin.hits += f64::from(u8::from(digit == rounded(*original)));
    }
    for bin in bins.iter_mut().filter(|bin| bin.n > 0) {
        bin.confidence /= bin.n as f64;
        bin.hits /= bin.n as f64;
    }
    bins
}

/// The expected calibration error (Guo et al., 2017): the distance between confidence and hits of
/// each of the [`reliability`] bins, weighted by how many scores it has.
#[must_use]
pub fn expected_calibration_error(judged: &[Judged]) -> Option<f64> {
    if judged.is_empty() {
        return None;
    }
    let distance = |bin: Bin| (bin.hits - bin.confidence).abs() * bin.n as f64;
    Some(reliability(judged).into_iter().map(distance).sum::<f64>() / judged.len() as f64)
}

/// The mean continuous ranked probability score, in points: the integral from 1 to 5 of the
/// squared difference between the digits' distribution function and the step at the original
/// (Gneiting and Raftery, 2007). For whole originals it is the ranked probability score, and for a
/// model that is certain it is the absolute difference.
#[must_use]
pub fn crps(judged: &[Judged]) -> Option<f64> {
    mean(judged.iter().map(|(probabilities, original)| {
        let (mut below, mut sum) = (0.0, 0.0);
        for (digit, probability) in (1_u8..5).zip(probabilities) {
            below += probability;
            // The part of the step from this digit to the next that lies before the original.
            let before = (original - f64::from(digit)).clamp(0.0, 1.0);
            sum += before * below * below + (1.0 - before) * (1.0 - below) * (1.0 - below);
        }
        sum
    }))
}

/// The share of originals inside the central 80% interval: from the least digit at which the
/// distribution function reaches 0.1 to the least at which it reaches 0.9, both included. As digits
/// are coarse, a calibrated model's intervals cover 80% or more.
#[must_use]
pub fn coverage(judged: &[Judged]) -> Option<f64> {
    mean(judged.iter().map(|(probabilities, original)| {
        let inside = quantile(probabilities, 0.1)..=quantile(probabilities, 0.9);
        f64::from(u8::from(inside.contains(original)))
    }))
}

/// The least digit at which the distribution function reaches `level`.
fn quantile(probabilities: &[f64; 5], level: f64) -> f64 {
    // Ten hundredths may add up to a little less than a tenth.
    const SLACK: f64 = 1e-9;
    let mut below = 0.0;
    for (digit, probability) in (1_u8..5).zip(probabilities) {
        below += probability;
        if below >= level - SLACK {
            return f64::from(digit);
        }
    }
    5.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-12, "{found}, expected {expected}");
    }

    /// Likeliest digits 3 (0.8), 3 (0.8), 1 (0.4, the least of two), 5 (1.0).
    const JUDGED: [Judged; 4] = [
        ([0.0, 0.1, 0.8, 0.1, 0.0], 3.0),
        ([0.0, 0.0, 0.8, 0.2, 0.0], 4.0),
        ([0.4, 0.4, 0.2, 0.0, 0.0], 1.0),
        ([0.0, 0.0, 0.0, 0.0, 1.0], 5.0),
    ];

    #[test]
    fn bins_hold_confidence_and_hits() {
        let bins = reliability(&JUDGED);
        assert_eq!(bins[8], Bin { n: 2, confidence: 0.8, hits: 0.5 });
        assert_eq!(bins[4], Bin { n: 1, confidence: 0.4, hits: 1.0 });
        assert_eq!(bins[9], Bin { n: 1, confidence: 1.0, hits: 1.0 });
        assert_eq!(bins.iter().map(|bin| bin.n).sum::<usize>(), 4);
        // (2 x 0.3 + 0.6 + 0) / 4.
        close(expected_calibration_error(&JUDGED), 0.3);
    }

    #[test]
    fn a_ranked_probability_score_by_hand() {
        // F = (0, 0.1, 0.9, 1) against (0, 0, 1, 1): 0.01 + 0.01.
        close(crps(&JUDGED[..1]), 0.02);
        // F = (0, 0, 0.8, 1) against (0, 0, 0, 1).
        close(crps(&JUDGED[1..2]), 0.64);
    }

    #[test]
    fn of_a_certain_model_it_is_the_absolute_difference() {
        let certain = [0.0, 1.0, 0.0, 0.0, 0.0];
        close(crps(&[(certain, 5.0)]), 3.0);
        close(crps(&[(certain, 2.0)]), 0.0);
        close(crps(&[(certain, 3.25)]), 1.25);
        close(crps(&[(certain, 1.5)]), 0.5);
    }

    #[test]
    fn intervals_reach_from_a_tenth_to_nine_tenths() {
        // 2 to 4, 3 to 4, 1 to 3, 5 to 5, where 0.1 and 0.9 are reached exactly.
        for (digits, (probabilities, _)) in [(2, 3), (3, 4), (1, 3), (5, 5)].iter().zip(JUDGED) {
            let found = (quantile(&probabilities, 0.1), quantile(&probabilities, 0.9));
            assert_eq!(found, (f64::from(digits.0), f64::from(digits.1)));
        }
        close(coverage(&JUDGED), 1.0);
        close(coverage(&[JUDGED[0], (JUDGED[0].0, 4.0)]), 0.5);
    }

    #[test]
    fn nothing_to_judge_is_none() {
        assert_eq!(Calibration::of(&[]), None);
        assert_eq!(Calibration::of(&JUDGED).map(|calibration| calibration.n), Some(4));
    }
}
