//! Which token comes next.

use std::collections::BTreeMap;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

/// How text is sampled. Field names are those of a checkpoint's `generation_config.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sampling {
    /// Logits are divided by this; towards 0 the likeliest token wins.
    pub temperature: f32,
    /// Only the likeliest tokens whose probabilities sum to this may come (Holtzman et al.,
    /// arXiv 1904.09751).
    pub top_p: f32,
    /// Only so many of the likeliest tokens may come; 0 means all.
    pub top_k: usize,
    /// Logits of tokens that came before are divided (or, where negative, multiplied) by this
    /// (Keskar et al., arXiv 1909.05858).
    pub repetition_penalty: f32,
    /// Where the chance begins.
    #[serde(skip)]
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { temperature: 1.0, top_p: 1.0, top_k: 50, repetition_penalty: 1.0, seed: 0 }
    }
}

impl Sampling {
    /// Reads a `generation_config.json`; what it leaves out is as in transformers.
    ///
    /// # Errors
    /// When it is no JSON object, or a value is out of its range.
    pub fn from_json(json: &str) -> Result<Self, String> {
        // An unset value may be written as null.
        let mut fields: BTreeMap<String, serde_json::Value> =
            serde_json::from_str(json).map_err(|e| e.to_string())?;
        fields.retain(|_, value| !value.is_null());
        let fields = fields.into_iter().collect();
        let sampling: Self =
            serde_json::from_value(serde_json::Value::Object(fields)).map_err(|e| e.to_string())?;
        sampling.check()?;
        Ok(sampling)
    }

    /// Checks that every value is in its range.
    ///
    /// # Errors
    /// With the first one that is not.
    pub fn check(&self) -> Result<(), String> {
        let not = |name: &str, expected: &str, found: f32| {
            Err(format!("{name} must be {expected}, and is {found}"))
        };
        if !(self.temperature >= 0.0 && self.temperature.is_finite()) {
            return not("temperature", "a number from 0", self.temperature);
        }
        if !(self.top_p > 0.0 && self.top_p <= 1.0) {
            return not("top_p", "above 0 and at most 1", self.top_p);
        }
        if !(self.repetition_penalty > 0.0 && self.repetition_penalty.is_finite()) {
            return not("repetition_penalty", "above 0", self.repetition_penalty);
        }
        Ok(())
    }
}

/// Picks tokens: the likeliest, or by chance.
#[derive(Debug)]
pub struct Picker {
    sampling: Option<(Sampling, SmallRng)>,
}

impl Picker {
    /// Greedy where `sampling` is `None`.
    #[must_use]
    pub fn new(sampling: Option<Sampling>) -> Self {
        let seeded = |sampling: Sampling| {
            let rng = SmallRng::seed_from_u64(sampling.seed);
            (sampling, rng)
        };
        Self { sampling: sampling.map(seeded) }
    }

    /// The next token after `before`, from the logits of the whole vocabulary.
    pub fn pick(&mut self, mut logits: Vec<f32>, before: &[u32]) -> u32 {
        let Some((sampling, rng)) = &mut self.sampling else {
            return likeliest(&logits);
        };
        penalize(&mut logits, before, sampling.repetition_penalty);
        if sampling.temperature < 1e-5 {
            return likeliest(&logits);
        }
        let candidates = nucleus(&logits, sampling);
        let total: f64 = candidates.iter().map(|(_, p)| p).sum();
        let mut left = rng.random::<f64>() * total;
        for &(token, p) in &candidates {
            left -= p;
            if left < 0.0 {
                return token;
            }
        }
        candidates.last().map_or(0, |(token, _)| *token)
    }
}

/// The first of the largest.
fn likeliest(logits: &[f32]) -> u32 {
    let mut best = 0;
    for (token, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = token;
        }
    }
    best as u32
}

/// Makes each token of `before` less likely, once.
fn penalize(logits: &mut [f32], before: &[u32], penalty: f32) {
    let mut seen = before.to_vec();
    seen.sort_unstable();
    seen.dedup();
    for token in seen {
        if let Some(logit) = logits.get_mut(token as usize) {
            *logit = if *logit > 0.0 { *logit / penalty } else { *logit * penalty };
        }
    }
}

/// The tokens that may come, likeliest first, with their unnormalised probabilities.
fn nucleus(logits: &[f32], sampling: &Sampling) -> Vec<(u32, f64)> {
    let mut order: Vec<u32> = (0..logits.len() as u32).collect();
    let descending =
        |a: &u32, b: &u32| logits[*b as usize].total_cmp(&logits[*a as usize]).then(a.cmp(b));
    if (1..order.len()).contains(&sampling.top_k) {
        order.select_nth_unstable_by(sampling.top_k - 1, descending);
        order.truncate(sampling.top_k);
    }
    order.sort_unstable_by(descending);

    let temperature = f64::from(sampling.temperature);
    let best = order.first().map_or(0.0, |&token| f64::from(logits[token as usize]));
    let weigh = |token: u32| ((f64::from(logits[token as usize]) - best) / temperature).exp();
    let mut candidates: Vec<_> = order.into_iter().map(|token| (token, weigh(token))).collect();

    let enough = f64::from(sampling.top_p) * candidates.iter().map(|(_, p)| p).sum::<f64>();
    let mut sum = 0.0;
    let within = candidates.iter().take_while(|(_, p)| {
        let before = sum;
        sum += p;
        before < enough
    });
    let count = within.count().max(1);
    candidates.truncate(count);
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greedy_takes_the_first_of_the_largest() {
        assert_eq!(Picker::new(None).pick(vec![0.5, 2.0, -1.0, 2.0], &[1]), 1);
    }

    #[test]
    fn a_penalty_lowers_what_came_before_once() {
        let mut logits = [2.0, -2.0, 3.0];
        penalize(&mut logits, &[0, 1, 0, 99], 2.0);
        assert_eq!(logits, [1.0, -4.0, 3.0]);
    }

    #[test]
    fn top_k_and_top_p_bound_the_choice() {
        let logits = [1.0_f32, 4.0, 2.0, 3.0].map(|p| p.ln());
        let tokens = |top_k, top_p| {
            let sampling = Sampling { top_k, top_p, ..Sampling::default() };
            nucleus(&logits, &sampling).into_iter().map(|(token, _)| token).collect::<Vec<_>>()
        };
        assert_eq!(tokens(0, 1.0), [1, 3, 2, 0]);
        assert_eq!(tokens(2, 1.0), [1, 3]);
        assert_eq!(tokens(0, 0.5), [1, 3]); // 0.4, then 0.7 of the whole
        assert_eq!(tokens(0, 0.01), [1]);
    }

    #[test]
    fn chance_follows_the_probabilities_and_the_seed() {
        let logits = vec![0.25_f32.ln(), 0.75_f32.ln()];
        let draw = |seed| {
            let mut picker = Picker::new(Some(Sampling { seed, ..Sampling::default() }));
            (0..4000).map(|_| picker.pick(logits.clone(), &[])).collect::<Vec<_>>()
        };
        let ones = draw(1).into_iter().filter(|&token| token == 1).count();
        assert!((2880..3120).contains(&ones), "{ones} of 4000, expected about 3000");
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn values_out_of_range_are_named() {
        let message = |json| Sampling::from_json(json).unwrap_err();
        assert!(message(r#"{"top_p": 1.5}"#).starts_with("top_p must be above 0"));
        assert!(message(r#"{"temperature": -1}"#).starts_with("temperature must be"));
        assert!(message(r#"{"repetition_penalty": 0}"#).starts_with("repetition_penalty"));
        let sampling = Sampling::from_json(r#"{"top_p": 0.5, "top_k": null, "x": 1}"#).unwrap();
        assert_eq!((sampling.top_p, sampling.top_k), (0.5, 50));
    }
}
