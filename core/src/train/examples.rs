//! From rows of a sheet to what one job trains on.

use std::path::PathBuf;

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use sha2::{Digest, Sha256};

use crate::prompt::{scoring_prompt, training_prompt};
use crate::rubric::Attribute;
use crate::train::data::Dataset;
use crate::train::pass::mix;

/// One label of one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The picture's name in the sheet.
    pub name: String,
    /// Its file.
    pub picture: PathBuf,
    /// What was judged.
    pub attribute: Attribute,
    /// The teachers' score, from 1 to 5.
    pub label: f64,
    /// Comments that may stand in the training prompt.
    pub comments: Vec<String>,
}

/// The labels of some rows for some attributes, blanks left out.
#[must_use]
pub fn examples(dataset: &Dataset, rows: &[usize], attributes: &[Attribute]) -> Vec<Example> {
    let mut examples = Vec::new();
    for &index in rows {
        let row = &dataset.rows()[index];
        for &attribute in attributes {
            if let Some(label) = dataset.label(index, attribute) {
                examples.push(Example {
                    name: row.name.clone(),
                    picture: row.picture.clone(),
                    attribute,
                    label,
                    comments: row.comments.clone(),
                });
            }
        }
    }
    examples
}

impl Example {
    /// The prompt that this example is trained on. Where the data has comments at all, it is the
    /// published training prompt, with one of this picture's comments by chance; else it is the
    /// scoring prompt.
    #[must_use]
    pub fn prompt(&self, with_comments: bool, chance: u64) -> String {
        if !with_comments {
            return scoring_prompt(self.attribute);
        }
        let count = self.comments.len();
        let comment = (count > 0).then(|| {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(chance);
            self.comments[rng.random_range(0..count)].as_str()
        });
        training_prompt(self.attribute, comment)
    }
}

/// The order of `count` examples in an epoch.
#[must_use]
pub fn order(count: usize, seed: u64, epoch: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(mix(seed, epoch)));
    order
}

/// What tells these examples from others.
#[must_use]
pub fn fingerprint(parts: [&[Example]; 2]) -> String {
    let mut sum = Sha256::new();
    for examples in parts {
        for example in examples {
            let Example { name, attribute, label, comments, .. } = example;
            sum.update(format!("{name}\n{attribute}\n{label}\n{comments:?}\n"));
        }
        sum.update("\n");
    }
    sum.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(comments: &[&str]) -> Example {
        Example {
            name: "a.png".into(),
            picture: "a.png".into(),
            attribute: Attribute::Realism,
            label: 3.0,
            comments: comments.iter().map(|&comment| comment.to_owned()).collect(),
        }
    }

    #[test]
    fn epochs_have_orders_of_their_own_and_the_seed_repeats_them() {
        assert_eq!(order(20, 1, 0), order(20, 1, 0));
        assert_ne!(order(20, 1, 0), order(20, 1, 1));
        let mut sorted = order(20, 1, 3);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..20).collect::<Vec<_>>());
    }

    #[test]
    fn every_comment_comes_in_turn() {
        let example = example(&["one", "two"]);
        let prompts: Vec<_> = (0..20).map(|chance| example.prompt(true, chance)).collect();
        assert!(prompts.iter().any(|p| p.contains("Reference Comment: one")));
        assert!(prompts.iter().any(|p| p.contains("Reference Comment: two")));
        assert_eq!(example.prompt(false, 0), scoring_prompt(Attribute::Realism));
    }
}
