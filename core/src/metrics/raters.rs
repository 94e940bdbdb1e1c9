//! How well teachers agree with each other, and the model with each of them.

use serde::Serialize;

use super::{mean, quadratic_weighted_kappa, spearman};
use crate::rubric::{Attribute, UnknownAttribute};

/// A column of scores by row; `None` for a blank.
pub type Scores = [Option<f64>];

/// Two columns compared where both have a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// A rater.
    pub first: String,
    /// Another one; `None` for the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<String>,
    /// How many rows both have scored.
    pub n: usize,
    /// Spearman's correlation.
    #[serde(rename = "SC")]
    pub sc: Option<f64>,
    /// Quadratic weighted kappa.
    #[serde(rename = "QWK")]
    pub qwk: Option<f64>,
}

/// The means of several pairs, each over those where it is defined.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Mean {
    /// Of Spearman's correlation.
    #[serde(rename = "SC")]
    pub sc: Option<f64>,
    /// Of quadratic weighted kappa.
    #[serde(rename = "QWK")]
    pub qwk: Option<f64>,
}

impl Mean {
    /// Of any number of pairs of SC and QWK.
    pub(super) fn of(values: impl Iterator<Item = Self> + Clone) -> Self {
        Self {
            sc: mean(values.clone().filter_map(|value| value.sc)),
            qwk: mean(values.filter_map(|value| value.qwk)),
        }
    }
}

/// The agreement on one attribute.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Every rater with every other.
    pub pairs: Vec<Pair>,
    /// The mean of those: what a model can hope for.
    pub between: Mean,
    /// The model with every rater.
    pub model: Vec<Pair>,
    /// The mean of those.
    pub with_model: Mean,
}

/// Compares each rater's column with each other's and with the model's, row by row.
///
/// Rows that one of the two has left blank do not count; nor do rows past the end of a column.
#[must_use]
pub fn compare(raters: &[(String, Vec<Option<f64>>)], model: &Scores) -> Comparison {
    let mut pairs = Vec::new();
    for (index, (first, a)) in raters.iter().enumerate() {
        for (second, b) in &raters[index + 1..] {
            pairs.push(pair(first, Some(second), a, b));
        }
    }
    let model: Vec<_> = raters.iter().map(|(rater, a)| pair(rater, None, a, model)).collect();
    let means = |pairs: &[Pair]| Mean::of(pairs.iter().map(|p| Mean { sc: p.sc, qwk: p.qwk }));
    Comparison { between: means(&pairs), with_model: means(&model), pairs, model }
}

fn pair(first: &str, second: Option<&str>, a: &Scores, b: &Scores) -> Pair {
    let both = a.iter().zip(b).filter_map(|(a, b)| a.zip(*b));
    let (a, b): (Vec<_>, Vec<_>) = both.unzip();
    Pair {
        first: first.to_owned(),
        second: second.map(str::to_owned),
        n: a.len(),
        sc: spearman(&a, &b),
        qwk: quadratic_weighted_kappa(&a, &b),
    }
}

/// What a sheet's column named `ATTRIBUTE@RATER` holds, as `realism@anna`; `None` where the name
/// has no `@`.
///
/// # Errors
/// What stands before the `@` is no attribute.
pub fn column(name: &str) -> Option<Result<(Attribute, &str), UnknownAttribute>> {
    let (attribute, rater) = name.split_once('@')?;
    Some(attribute.trim().parse().map(|attribute| (attribute, rater.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(text: &str) -> Vec<Option<f64>> {
        text.chars().map(|c| c.to_digit(10).map(f64::from)).collect()
    }

    #[test]
    fn every_rater_meets_every_other_and_the_model() {
        let raters = [
            ("anna".to_owned(), scores("12345")),
            ("ben".to_owned(), scores("1234-")),
            ("cleo".to_owned(), scores("54321")),
        ];
        let found = compare(&raters, &scores("22345"));
        let names: Vec<_> = found.pairs.iter().map(|p| (&*p.first, p.second.as_deref())).collect();
        let expected = [("anna", Some("ben")), ("anna", Some("cleo")), ("ben", Some("cleo"))];
        assert_eq!(names, expected);
        let (n, sc): (Vec<_>, Vec<_>) = found.pairs.iter().map(|p| (p.n, p.sc)).unzip();
        assert_eq!(n, [4, 5, 4]);
        assert_eq!(sc, [Some(1.0), Some(-1.0), Some(-1.0)]);
        assert!((found.between.sc.unwrap() + 1.0 / 3.0).abs() < 1e-12);
        // The last: differences 4, 2, 0, 2; each with each, 30 + 14 + 6 + 6, over 4.
        let qwk: Vec<_> = found.pairs.iter().map(|p| p.qwk.unwrap()).collect();
        assert_eq!(qwk[..2], [1.0, -1.0]);
        assert!((qwk[2] - (1.0 - 24.0 / 14.0)).abs() < 1e-12, "{}", qwk[2]);
        assert_eq!(found.model.len(), 3);
        assert_eq!(found.model[0].second, None);
        assert!(found.model[0].sc.unwrap() > 0.97 && found.model[2].sc.unwrap() < -0.97);
    }

    #[test]
    fn what_is_not_defined_does_not_count_in_the_mean() {
        let raters = [
            ("a".to_owned(), scores("123")),
            ("b".to_owned(), scores("123")),
            ("c".to_owned(), scores("333")),
        ];
        let found = compare(&raters, &scores("---"));
        assert_eq!(found.between.sc, Some(1.0));
        assert_eq!(found.with_model, Mean::default());
        assert_eq!(compare(&raters[..1], &[]).between, Mean::default());
    }

    #[test]
    fn columns_are_named_by_attribute_and_rater() {
        assert_eq!(column("realism@anna"), Some(Ok((Attribute::Realism, "anna"))));
        assert_eq!(column("Line Texture @ B. C."), Some(Ok((Attribute::LineTexture, "B. C."))));
        assert_eq!(column("realism"), None);
        assert!(column("mood@anna").is_some_and(|found| found.is_err()));
    }
}
