//! Settings as a TOML file.

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::{SettingsError, TrainSettings};
use crate::weights::nearest;

/// All settings in the order in which they are written, each with a line of explanation.
pub(super) const KEYS: [(&str, &str); 30] = [
    ("objective", "What is minimised: raft, cross_entropy, mse, classification, clm or coral."),
    ("probabilities", "RAFT's probabilities: of the whole vocabulary (vocab) or of the digits."),
    ("single_adapter", "One adapter for all attributes."),
    ("comments", "A reference comment in the training prompt where the data has one."),
    ("rank", "The adapter's rank."),
    ("lora_alpha", "The adapter's output is scaled by this over the rank."),
    ("lora_dropout", "Share of the adapter's inputs dropped while training."),
    ("target_modules", "Linears of each language layer that are adapted."),
    ("learning_rate", "AdamW's rate after the warm-up."),
    ("warmup_steps", "Optimiser steps over which the rate grows from 0."),
    ("weight_decay", "AdamW's decay of weights."),
    ("beta1", "AdamW's decay of the mean."),
    ("beta2", "AdamW's decay of the mean square."),
    ("epsilon", "AdamW's guard against division by zero."),
    ("max_grad_norm", "Longer gradients are shortened to this; 0 lets all pass."),
    ("batch_size", "Rows in a forward pass."),
    ("accumulation", "Passes in an optimiser step."),
    ("epochs", "Passes over the data."),
    ("max_steps", "Optimiser steps in all; where it is not given, the epochs decide."),
    ("eval_steps", "Optimiser steps between evaluations."),
    ("metric", "What tells the best checkpoint: pearson, spearman, mse or loss."),
    ("patience", "Evaluations without gain after which training stops; 0 never stops early."),
    ("save_steps", "Optimiser steps between checkpoints."),
    ("side", "Side of the letterboxed picture, in pixels."),
    ("augment", "Random changes of training pictures: rotate, blur, flip, jitter."),
    ("recompute", "Compute activations again in the backward pass, to save memory."),
    ("seed", "Where all chance begins."),
    ("train_fraction", "Share of rows to train on where the sheet has no split."),
    ("head_width", "Width of a head's hidden layer."),
    ("head_dropout", "Share of a head's hidden values dropped while training."),
];

impl TrainSettings {
    /// Reads a TOML file's text. What it leaves out is as published for its objective.
    ///
    /// # Errors
    /// With the first thing that is wrong, its line, and `file` for its name: no TOML, a name that
    /// is no setting, a value of another kind or out of its range.
    pub fn from_toml(text: &str, file: &str) -> Result<Self, SettingsError> {
        let place = |byte: usize| {
            let before = text.as_bytes().get(..byte).unwrap_or_default();
            let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
            format!("{file}: line {line}")
        };
        let unread = |error: toml::de::Error| SettingsError::Toml {
            place: place(error.span().map_or(0, |span| span.start)),
            message: one_line(error.message()),
        };
        let document = DeTable::parse(text).map_err(unread)?;
        let mut places = Vec::new();
        for (key, value) in document.get_ref() {
            let place = place(key.span().start);
            check_kind(&place, key.get_ref(), value.get_ref())?;
            places.push((key.get_ref().as_ref(), place));
        }
        // Kinds fit, so what is left are choices that are none; they read "…; expected …".
        let place_of = |key: &str| places.iter().find(|(found, _)| *found == key).map(|(_, p)| p);
        let given: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let inside = |(_, value): &(&_, &toml::Spanned<DeValue<'_>>)| {
                value.span().start <= at && at < value.span().end
            };
            let key = document.get_ref().iter().find(inside).map(|(key, _)| key);
            match (key, error.message().split_once("; expected ")) {
                (Some(key), Some((found, expected))) => SettingsError::Value {
                    place: format!("{}: ", place(key.span().start)),
                    key: key.get_ref().to_string(),
                    found: one_line(found),
                    expected: expected.to_owned(),
                },
                _ => unread(error),
            }
        })?;
        let mut settings = table(&Self::for_objective(given.objective));
        settings.extend(toml::from_str::<Table>(text).map_err(unread)?);
        let settings: Self = settings.try_into().map_err(unread)?;
        settings.validate().map_err(|error| match error {
            SettingsError::Value { key, found, expected, .. } => {
                let place = place_of(&key).map_or_else(|| file.to_owned(), Clone::clone);
                SettingsError::Value { place: format!("{place}: "), key, found, expected }
            }
            other => other,
        })?;
        Ok(settings)
    }

    /// All settings by name, in their order, as TOML writes each value; `None` where it is not set.
    #[must_use]
    pub fn entries(&self) -> Vec<(&'static str, Option<String>)> {
        let table = table(self);
        KEYS.map(|(key, _)| (key, table.get(key).map(ToString::to_string))).to_vec()
    }

    /// Writes all settings as TOML, each under a line that explains it.
    pub fn to_toml(&self) -> String {
        let table = table(self);
        let mut text = String::new();
        for (key, explanation) in KEYS {
            text.push_str(&format!("# {explanation}\n"));
            if let Some(value) = table.get(key) {
                text.push_str(&format!("{key} = {value}\n"));
            }
        }
        text
    }
}

/// The settings by name.
pub(super) fn table(settings: &TrainSettings) -> Table {
    // Only maps without names and numbers beyond 64 bits cannot be written.
    Table::try_from(settings).unwrap_or_default()
}

/// Refuses a name that is no setting, and a value of another kind than the setting's.
fn check_kind(place: &str, key: &str, value: &DeValue<'_>) -> Result<(), SettingsError> {
    let names = KEYS.iter().map(|&(name, _)| name);
    if !names.clone().any(|name| name == key) {
        let near = nearest(key, names);
        let hint = near.map(|near| format!("; did you mean '{near}'?")).unwrap_or_default();
        let (place, key) = (place.to_owned(), one_line(key));
        return Err(SettingsError::Unknown { place, key, hint });
    }
    let example = TrainSettings { max_steps: Some(1), ..TrainSettings::default() };
    let example = table(&example).get(key).cloned();
    let (fits, expected) = match (example, value) {
        (Some(Value::Integer(_)), DeValue::Integer(n)) => {
            // No other number needs more, and 32 bits hold it.
            let most = if key == "seed" { i64::MAX } else { 1_000_000_000 };
            let number = i64::from_str_radix(n.as_str(), n.radix());
            (number.is_ok_and(|n| (0..=most).contains(&n)), "a whole number from 0 to a billion")
        }
        (Some(Value::Integer(_)), _) => (false, "a whole number"),
        (Some(Value::Float(_)), found) => {
            (matches!(found, DeValue::Float(_) | DeValue::Integer(_)), "a number")
        }
        (Some(Value::Boolean(_)), found) => (matches!(found, DeValue::Boolean(_)), "true or false"),
        (Some(Value::String(_)), found) => {
            (matches!(found, DeValue::String(_)), "a name in quotes")
        }
        (_, DeValue::Array(names)) => {
            let fits = names.iter().all(|name| matches!(name.get_ref(), DeValue::String(_)));
            (fits, "a list of names in quotes")
        }
        _ => (false, "a list of names in quotes"),
    };
    if fits {
        return Ok(());
    }
    let found = match value {
        DeValue::String(text) => format!("'{}'", one_line(text)),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    };
    let (place, key, expected) = (format!("{place}: "), key.to_owned(), expected.to_owned());
    Err(SettingsError::Value { place, key, found, expected })
}

/// Text that may hold line breaks, for a message of one line.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lora::Target;
    use crate::train::settings::{Augmentation, Metric, Objective};

    fn message(text: &str) -> String {
        TrainSettings::from_toml(text, "config.toml").unwrap_err().to_string()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let settings = TrainSettings {
            objective: Objective::Mse,
            max_steps: Some(7),
            learning_rate: 3.3e-7,
            target_modules: vec![Target::Down, Target::Q],
            augment: vec![Augmentation::Rotate, Augmentation::Jitter],
            metric: Metric::Loss,
            seed: i64::MAX as u64,
            ..TrainSettings::default()
        };
        for settings in [settings, TrainSettings::default()] {
            let text = settings.to_toml();
            assert_eq!(TrainSettings::from_toml(&text, "config.toml"), Ok(settings));
        }
        let text = TrainSettings::default().to_toml();
        assert!(text.starts_with("# What is minimised: raft"), "{text}");
        assert!(text.contains("\nlearning_rate = 0.00001\n"), "{text}");
        assert!(
            text.contains("\ntarget_modules = [\"q_proj\", \"k_proj\", \"v_proj\", \"o_proj\"]\n")
        );
        assert!(!text.contains("\nmax_steps ="));
    }

    #[test]
    fn every_setting_is_explained() {
        let all = TrainSettings { max_steps: Some(1), ..TrainSettings::default() };
        let mut keys = KEYS.map(|(key, _)| key);
        keys.sort_unstable();
        assert_eq!(table(&all).keys().collect::<Vec<_>>(), keys);
    }

    #[test]
    fn what_is_left_out_is_as_published_for_the_objective() {
        let read = |text| TrainSettings::from_toml(text, "config.toml").unwrap();
        assert_eq!(read(""), TrainSettings::default());
        assert_eq!(read("objective = \"mse\""), TrainSettings::for_objective(Objective::Mse));
        let settings = read("batch_size = 2\nobjective = \"mse\"\nlora_alpha = 4");
        let own = (settings.batch_size, settings.accumulation, settings.lora_alpha);
        assert_eq!(own, (2, 8, 4.0));
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_right_one() {
        assert_eq!(
            message("rank = 4\n\nlerning_rate = 1e-4\n"),
            "config.toml: line 3: there is no setting 'lerning_rate'; did you mean 'learning_rate'?"
        );
        assert_eq!(message("colour = 1"), "config.toml: line 1: there is no setting 'colour'");
        assert_eq!(
            message("[train]\nrank = 4"),
            "config.toml: line 1: there is no setting 'train'"
        );
    }

    #[test]
    fn values_of_another_kind_are_named() {
        for (text, expected) in [
            ("rank = \"8\"", "rank is '8'; expected a whole number"),
            ("rank = 8.5", "rank is 8.5; expected a whole number"),
            ("rank = -8", "rank is -8; expected a whole number from 0 to a billion"),
            (
                "side = 99999999999",
                "side is 99999999999; expected a whole number from 0 to a billion",
            ),
            ("learning_rate = true", "learning_rate is true; expected a number"),
            ("comments = 1", "comments is 1; expected true or false"),
            ("objective = 3", "objective is 3; expected a name in quotes"),
            ("augment = \"flip\"", "augment is 'flip'; expected a list of names in quotes"),
            ("augment = [1]", "augment is a list; expected a list of names in quotes"),
            (
                "objective = \"rafts\"",
                "objective is 'rafts'; expected one of raft, cross_entropy, mse, classification, \
                 clm, coral",
            ),
            (
                "augment = [\"flip\", \"turn\"]",
                "augment is 'turn'; expected one of rotate, blur, flip, jitter",
            ),
            (
                "target_modules = [\"qkv\"]",
                "target_modules is 'qkv'; expected one of q_proj, k_proj, v_proj, o_proj, \
                 gate_proj, up_proj, down_proj",
            ),
            ("max_steps = 0", "max_steps is 0; expected a whole number from 1 to 1000000000"),
            ("beta1 = nan", "beta1 is NaN; expected a number from 0 to below 1"),
        ] {
            assert_eq!(message(&format!("\n{text}\n")), format!("config.toml: line 2: {expected}"));
        }
    }

    #[test]
    fn what_is_no_toml_is_one_line() {
        for text in ["rank = ", "rank 8", "rank = 1\nrank = 2", "= 3", "augment = [\"flip\""] {
            let message = message(text);
            assert!(message.starts_with("config.toml: line "), "{message}");
            assert!(message.contains("not the TOML that was expected: "), "{message}");
            assert!(!message.contains('\n'), "{message}");
        }
    }
}
