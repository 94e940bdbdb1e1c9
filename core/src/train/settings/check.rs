//! Numbers within sane ranges, and settings compared.

use std::fmt::Display;

use super::toml_file::{KEYS, table};
use super::{SettingsError, TrainSettings};
use crate::image::FACTOR;

/// Settings that say nothing about steps already taken: a run may go on with others.
const FREE: [&str; 2] = ["patience", "save_steps"];

/// The largest picture that is trained on, a side in pixels.
const MAX_SIDE: u32 = 72 * FACTOR;

impl TrainSettings {
    /// Checks that every value is in its range.
    ///
    /// # Errors
    /// With the first setting that is not.
    pub fn validate(&self) -> Result<(), SettingsError> {
        const MOST_STEPS: u64 = 1_000_000_000;
        let shares = [
            ("lora_dropout", self.lora_dropout),
            ("head_dropout", self.head_dropout),
            ("beta1", self.beta1),
            ("beta2", self.beta2),
        ];
        for (key, value) in shares {
            must(key, value, (0.0..1.0).contains(&value), "a number from 0 to below 1")?;
        }
        let small = |value: f64| value > 0.0 && value <= 1.0;
        for (key, value) in [("learning_rate", self.learning_rate), ("epsilon", self.epsilon)] {
            must(key, value, small(value), "a number above 0, at most 1")?;
        }
        let decay = self.weight_decay;
        must("weight_decay", decay, (0.0..=1.0).contains(&decay), "a number from 0 to 1")?;
        let alpha = self.lora_alpha;
        must("lora_alpha", alpha, alpha > 0.0 && alpha <= 1e4, "a number above 0, at most 10000")?;
        let norm = self.max_grad_norm;
        must("max_grad_norm", norm, (0.0..=1e6).contains(&norm), "a number from 0 to 1000000")?;
        let share = self.train_fraction;
        must("train_fraction", share, share > 0.0 && share < 1.0, "a number above 0, below 1")?;
        count("rank", self.rank as u64, 1, 1024)?;
        count("batch_size", self.batch_size as u64, 1, 4096)?;
        count("accumulation", self.accumulation as u64, 1, 65_536)?;
        count("head_width", self.head_width as u64, 1, 65_536)?;
        count("warmup_steps", self.warmup_steps, 0, MOST_STEPS)?;
        count("epochs", self.epochs, 1, 1_000_000)?;
        count("max_steps", self.max_steps.unwrap_or(1), 1, MOST_STEPS)?;
        count("eval_steps", self.eval_steps, 1, MOST_STEPS)?;
        count("patience", self.patience, 0, MOST_STEPS)?;
        count("save_steps", self.save_steps, 1, MOST_STEPS)?;
        // What a file of settings can hold.
        count("seed", self.seed, 0, i64::MAX as u64)?;
        let side_fits =
            self.side.is_multiple_of(FACTOR) && (FACTOR..=MAX_SIDE).contains(&self.side);
        let sides = format!("a multiple of {FACTOR} from {FACTOR} to {MAX_SIDE}");
        must("side", self.side, side_fits, &sides)?;
        let targets = &self.target_modules;
        let names: Vec<&str> = targets.iter().map(|target| target.name()).collect();
        let fits = !targets.is_empty() && !has_doubles(targets);
        must("target_modules", list(&names), fits, "at least one linear, each once")?;
        let names: Vec<&str> = self.augment.iter().map(|mode| mode.name()).collect();
        must("augment", list(&names), !has_doubles(&self.augment), "each change once")
    }

    /// Says how these settings differ from those that a run was begun with, where that would
    /// change what its steps mean; names the first such setting.
    ///
    /// `patience` and `save_steps` may differ.
    pub fn difference(&self, begun: &Self) -> Option<String> {
        let (now, then) = (table(self), table(begun));
        let shown =
            |value: Option<&toml::Value>| value.map_or("not set".into(), ToString::to_string);
        let fixed = KEYS.iter().map(|&(key, _)| key).filter(|key| !FREE.contains(key));
        fixed.into_iter().find(|&key| now.get(key) != then.get(key)).map(|key| {
            let (then, now) = (shown(then.get(key)), shown(now.get(key)));
            format!("{key} was {then} and is now {now}")
        })
    }
}

fn must(key: &str, found: impl Display, fits: bool, expected: &str) -> Result<(), SettingsError> {
    if fits {
        return Ok(());
    }
    let (place, key) = (String::new(), key.to_owned());
    Err(SettingsError::Value {
        place,
        key,
        found: found.to_string(),
        expected: expected.to_owned(),
    })
}

fn count(key: &str, found: u64, least: u64, most: u64) -> Result<(), SettingsError> {
    let expected = format!("a whole number from {least} to {most}");
    must(key, found, (least..=most).contains(&found), &expected)
}

fn has_doubles<T: PartialEq>(items: &[T]) -> bool {
    items.iter().enumerate().any(|(at, item)| items[..at].contains(item))
}

fn list(names: &[&str]) -> String {
    format!("[{}]", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lora::Target;
    use crate::train::settings::{Augmentation, Objective};

    fn message(change: impl FnOnce(&mut TrainSettings)) -> String {
        let mut settings = TrainSettings::default();
        change(&mut settings);
        settings.validate().unwrap_err().to_string()
    }

    #[test]
    fn values_out_of_range_are_named() {
        assert_eq!(
            message(|s| s.learning_rate = -1.0),
            "learning_rate is -1; expected a number above 0, at most 1"
        );
        assert_eq!(
            message(|s| s.lora_dropout = 1.0),
            "lora_dropout is 1; expected a number from 0 to below 1"
        );
        assert_eq!(message(|s| s.rank = 0), "rank is 0; expected a whole number from 1 to 1024");
        assert_eq!(
            message(|s| s.max_steps = Some(0)),
            "max_steps is 0; expected a whole number from 1 to 1000000000"
        );
        assert_eq!(
            message(|s| s.side = 225),
            "side is 225; expected a multiple of 28 from 28 to 2016"
        );
        assert_eq!(
            message(|s| s.target_modules = vec![Target::Q, Target::Q]),
            "target_modules is [q_proj, q_proj]; expected at least one linear, each once"
        );
        assert_eq!(
            message(|s| s.augment = vec![Augmentation::Flip, Augmentation::Flip]),
            "augment is [flip, flip]; expected each change once"
        );
    }

    #[test]
    fn what_is_no_number_is_refused() {
        type Change = fn(&mut TrainSettings);
        let changes: [Change; 9] = [
            |s| s.learning_rate = f64::NAN,
            |s| s.lora_alpha = f64::INFINITY,
            |s| s.weight_decay = f64::NAN,
            |s| s.beta1 = f64::NAN,
            |s| s.epsilon = 0.0,
            |s| s.max_grad_norm = f64::NAN,
            |s| s.train_fraction = f64::NAN,
            |s| s.head_dropout = f64::NAN,
            |s| s.seed = u64::MAX,
        ];
        for change in changes {
            message(change);
        }
    }

    #[test]
    fn differences_that_matter_are_named() {
        let begun = TrainSettings::default();
        let mut now = TrainSettings { patience: 9, save_steps: 1, ..begun.clone() };
        assert_eq!(now.difference(&begun), None);
        now.max_steps = Some(10);
        assert_eq!(now.difference(&begun).unwrap(), "max_steps was not set and is now 10");
        now.learning_rate = 1e-4;
        assert_eq!(now.difference(&begun).unwrap(), "learning_rate was 0.00001 and is now 0.0001");
        now.objective = Objective::Coral;
        assert_eq!(now.difference(&begun).unwrap(), "objective was \"raft\" and is now \"coral\"");
    }
}
