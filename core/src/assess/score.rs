//! A score and what it is made of.

use std::collections::BTreeMap;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use crate::assess::drawing::{self, Doubt};
use crate::rubric::{Attribute, SCALE};

/// One attribute's score, read by regression-aware inference (RAIL; Lukasik et al., 2024, as
/// KidsArtBench uses it): the expected value over the digits 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Score {
    /// The probability of each digit, 1 first; they sum to 1.
    #[serde(rename = "probabilities")]
    pub probs: [f64; 5],
}

impl Score {
    /// From the logits of the five digits: their softmax.
    #[must_use]
    pub fn from_logits(logits: [f32; 5]) -> Self {
        let max = logits.into_iter().fold(f32::NEG_INFINITY, f32::max);
        let exp = logits.map(|logit| f64::from(logit - max).exp());
        let sum: f64 = exp.iter().sum();
        Self { probs: exp.map(|value| value / sum) }
    }

    /// `Σ k p(k)`, between 1 and 5.
    #[must_use]
    pub fn expected(&self) -> f64 {
        SCALE.zip(self.probs).map(|(k, p)| f64::from(k) * p).sum()
    }

    /// The standard deviation of the distribution, in points.
    #[must_use]
    pub fn std(&self) -> f64 {
        let mean = self.expected();
        let variance: f64 =
            SCALE.zip(self.probs).map(|(k, p)| (f64::from(k) - mean).powi(2) * p).sum();
        variance.max(0.0).sqrt()
    }
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Score", 3)?;
        fields.serialize_field("score", &self.expected())?;
        fields.serialize_field("std", &self.std())?;
        fields.serialize_field("probabilities", &self.probs)?;
        fields.end()
    }
}

/// The scores of one picture: all nine, or those whose adapters there are.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Assessment {
    scores: BTreeMap<Attribute, Score>,
    /// The probability that this is a drawing; none where that was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    drawing: Option<f64>,
    /// Whether the page is blank; false where nobody looked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    blank: bool,
}

impl Assessment {
    /// From scores by attribute.
    #[must_use]
    pub const fn new(scores: BTreeMap<Attribute, Score>) -> Self {
        Self { scores, drawing: None, blank: false }
    }

    /// The same of a picture that the model takes for a drawing with this probability, where it was
    /// asked, and whose page is blank or not.
    #[must_use]
    pub const fn seen_as(mut self, drawing: Option<f64>, blank: bool) -> Self {
        (self.drawing, self.blank) = (drawing, blank);
        self
    }

    /// The probability that the picture is a drawing, as the model answers; `None` where it was not
    /// asked ([`LoadOptions::drawing`](crate::LoadOptions::drawing)).
    #[must_use]
    pub const fn drawing(&self) -> Option<f64> {
        self.drawing
    }

    /// What speaks against the picture being a drawing, so that the scores may mean nothing.
    #[must_use]
    pub fn doubt(&self) -> Option<Doubt> {
        drawing::doubt(self.blank, self.drawing)
    }

    /// The scores in the rubric's order.
    pub fn iter(&self) -> impl Iterator<Item = (Attribute, &Score)> {
        self.scores.iter().map(|(attribute, score)| (*attribute, score))
    }

    /// One attribute's score.
    #[must_use]
    pub fn get(&self, attribute: Attribute) -> Option<&Score> {
        self.scores.get(&attribute)
    }

    /// The attributes with the highest and the lowest score; `None` where there is no score.
    #[must_use]
    pub fn extremes(&self) -> Option<(Attribute, Attribute)> {
        let by_score = |a: &(Attribute, &Score), b: &(Attribute, &Score)| {
            a.1.expected().total_cmp(&b.1.expected())
        };
        Some((self.iter().max_by(by_score)?.0, self.iter().min_by(by_score)?.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_logits_are_the_middle_of_the_scale() {
        let score = Score::from_logits([2.0; 5]);
        assert!((score.expected() - 3.0).abs() < 1e-12);
        assert!((score.std() - 2.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn large_logits_do_not_overflow() {
        let score = Score::from_logits([-1e30, 0.0, 1e4, 0.0, -1e30]);
        assert_eq!(score.probs, [0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(score.std(), 0.0);
    }

    #[test]
    fn json_has_score_deviation_and_probabilities() {
        let score = Score { probs: [0.0, 0.0, 0.5, 0.5, 0.0] };
        let assessment = Assessment::new(BTreeMap::from([(Attribute::Realism, score)]));
        let json = serde_json::to_string(&assessment).unwrap();
        let expected = r#"{"scores":{"realism":{"score":3.5,"std":0.5,"probabilities":[0.0,0.0,0.5,0.5,0.0]}}}"#;
        assert_eq!(json, expected);
        assert_eq!(serde_json::from_str::<Assessment>(&json).unwrap(), assessment);
    }

    #[test]
    fn extremes_are_the_best_and_the_weakest() {
        let score = |digit: usize| {
            let mut probs = [0.0; 5];
            probs[digit - 1] = 1.0;
            Score { probs }
        };
        let assessment = Assessment::new(BTreeMap::from([
            (Attribute::Realism, score(2)),
            (Attribute::Imagination, score(5)),
            (Attribute::LineTexture, score(1)),
        ]));
        assert_eq!(assessment.extremes(), Some((Attribute::Imagination, Attribute::LineTexture)));
    }
}
