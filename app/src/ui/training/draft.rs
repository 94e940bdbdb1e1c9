//! Settings while they are typed: each as TOML writes it, so that the reader of `config.toml` checks
//! them.

use std::collections::BTreeMap;

use easel_core::lora::Target;
use easel_core::train::settings::{
    Augmentation, Metric, Objective, Probabilities, SettingsError, TrainSettings,
};

/// The settings that are shown at first.
pub const MAIN: [&str; 10] = [
    "objective",
    "rank",
    "lora_alpha",
    "learning_rate",
    "warmup_steps",
    "batch_size",
    "accumulation",
    "epochs",
    "max_steps",
    "eval_steps",
];

/// Where a default comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// KidsArtBench's published training code.
    Paper,
    /// What the published code leaves to transformers: its defaults of AdamW.
    Transformers,
    /// Easel: nothing is published.
    Easel,
}

/// Where a setting's default comes from.
#[must_use]
pub fn origin(key: &str) -> Origin {
    match key {
        "weight_decay" | "beta1" | "beta2" | "epsilon" => Origin::Transformers,
        "max_steps" | "recompute" | "save_steps" | "seed" => Origin::Easel,
        _ => Origin::Paper,
    }
}

/// How a setting is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// One of some names.
    One(Vec<&'static str>),
    /// Some of these names.
    Some(Vec<&'static str>),
    /// On or off.
    Flag,
    /// A number.
    Number,
}

/// How a setting is entered.
#[must_use]
pub fn kind(key: &str) -> Kind {
    match key {
        "objective" => Kind::One(Objective::ALL.map(Objective::name).to_vec()),
        "probabilities" => Kind::One(Probabilities::ALL.map(Probabilities::name).to_vec()),
        "metric" => Kind::One(Metric::ALL.map(Metric::name).to_vec()),
        "target_modules" => Kind::Some(Target::ALL.map(Target::name).to_vec()),
        "augment" => Kind::Some(Augmentation::ALL.map(Augmentation::name).to_vec()),
        "single_adapter" | "comments" | "recompute" => Kind::Flag,
        _ => Kind::Number,
    }
}

/// What was typed so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    texts: BTreeMap<&'static str, String>,
}

impl Default for Draft {
    fn default() -> Self {
        Self { texts: texts(&TrainSettings::default()) }
    }
}

fn texts(settings: &TrainSettings) -> BTreeMap<&'static str, String> {
    let entries = settings.entries().into_iter();
    entries.map(|(key, value)| (key, value.unwrap_or_default())).collect()
}

/// All settings' names, in the order of `config.toml`.
pub fn keys() -> Vec<&'static str> {
    TrainSettings::default().entries().into_iter().map(|(key, _)| key).collect()
}

impl Draft {
    /// What was typed, as TOML writes it.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.texts.get(key).map_or("", String::as_str)
    }

    /// The published value for the objective that is chosen; of the objective itself, that of the main
    /// experiment.
    #[must_use]
    pub fn published(&self, key: &str) -> String {
        if key == "objective" {
            return Self::default().text(key).to_owned();
        }
        texts(&TrainSettings::for_objective(self.objective())).remove(key).unwrap_or_default()
    }

    fn objective(&self) -> Objective {
        self.text("objective").trim_matches('"').parse().unwrap_or(Objective::Raft)
    }

    /// Takes what was typed. Another objective brings its published values, where the others stood at
    /// theirs.
    pub fn set(&mut self, key: &'static str, text: String) {
        let before = texts(&TrainSettings::for_objective(self.objective()));
        self.texts.insert(key, text);
        if key == "objective" {
            let after = texts(&TrainSettings::for_objective(self.objective()));
            for (key, value) in after {
                if self.texts.get(key) == before.get(key) {
                    self.texts.insert(key, value);
                }
            }
        }
    }

    /// The names of a list, or of one choice.
    #[must_use]
    pub fn names(&self, key: &str) -> Vec<String> {
        let text = self.text(key).trim_matches(['[', ']']);
        let names = text.split(',').map(|name| name.trim().trim_matches('"').to_owned());
        names.filter(|name| !name.is_empty()).collect()
    }

    /// What is wrong with one setting by itself; `Some(None)` where nothing is there.
    #[must_use]
    pub fn wrong(&self, key: &str) -> Option<Option<String>> {
        let text = self.text(key);
        if text.trim().is_empty() {
            return (key != "max_steps").then_some(None);
        }
        match TrainSettings::from_toml(&format!("{key} = {text}"), "") {
            Ok(_) => None,
            Err(SettingsError::Value { found, expected, .. }) => {
                Some(Some(format!("{found}; expected {expected}")))
            }
            // Numbers are typed bare: whatever else was typed is no value at all.
            Err(_) => Some(Some(format!("{text}; expected a number"))),
        }
    }

    /// All settings.
    ///
    /// # Errors
    /// With the names of those that will not do.
    pub fn settings(&self) -> Result<TrainSettings, Vec<&'static str>> {
        let wrong: Vec<_> = keys().into_iter().filter(|key| self.wrong(key).is_some()).collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let given = self.texts.iter().filter(|(_, text)| !text.trim().is_empty());
        let lines: Vec<_> = given.map(|(key, text)| format!("{key} = {text}")).collect();
        TrainSettings::from_toml(&lines.join("\n"), "").map_err(|_| Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_draft_begins_as_published_and_is_read_back() {
        let mut draft = Draft::default();
        assert_eq!(draft.settings(), Ok(TrainSettings::default()));
        draft.set("max_steps", "12".to_owned());
        draft.set("target_modules", r#"["q_proj"]"#.to_owned());
        let settings = draft.settings().unwrap();
        assert_eq!((settings.max_steps, settings.target_modules.len()), (Some(12), 1));
        assert_eq!(draft.names("target_modules"), ["q_proj"]);
        assert!(draft.names("augment").is_empty());
    }

    #[test]
    fn what_will_not_do_is_said_at_its_field() {
        let mut draft = Draft::default();
        for (key, text, said) in [
            ("rank", "0", "0; expected a whole number from 1 to 1024"),
            ("learning_rate", "much", "much; expected a number"),
            ("side", "225", "225; expected a multiple of 28 from 28 to 2016"),
        ] {
            draft.set(key, text.to_owned());
            assert_eq!(draft.wrong(key), Some(Some(said.to_owned())), "{key}");
        }
        draft.set("epochs", " ".to_owned());
        assert_eq!((draft.wrong("epochs"), draft.wrong("max_steps")), (Some(None), None));
        assert_eq!(draft.settings(), Err(vec!["rank", "learning_rate", "epochs", "side"]));
    }

    #[test]
    fn another_objective_brings_its_published_values() {
        let mut draft = Draft::default();
        draft.set("batch_size", "2".to_owned());
        draft.set("objective", "\"mse\"".to_owned());
        let settings = draft.settings().unwrap();
        assert_eq!((settings.batch_size, settings.accumulation), (2, 8));
        assert_eq!(draft.published("accumulation"), "8");
        assert_eq!(draft.published("objective"), "\"raft\"");
    }

    #[test]
    fn defaults_are_the_published_ones_and_say_where_they_come_from() {
        // KidsArtBench's main experiment (arXiv 2512.12503 and its code); the head is the ablations'.
        let paper = [
            ("objective", "\"raft\""),
            ("probabilities", "\"vocab\""),
            ("single_adapter", "false"),
            ("comments", "true"),
            ("rank", "8"),
            ("lora_alpha", "16.0"),
            ("lora_dropout", "0.05"),
            ("target_modules", r#"["q_proj", "k_proj", "v_proj", "o_proj"]"#),
            ("learning_rate", "1e-5"),
            ("warmup_steps", "100"),
            ("max_grad_norm", "1.0"),
            ("batch_size", "4"),
            ("accumulation", "4"),
            ("epochs", "100"),
            ("eval_steps", "50"),
            ("metric", "\"pearson\""),
            ("patience", "3"),
            ("side", "224"),
            ("augment", "[]"),
            ("train_fraction", "0.9"),
            ("head_width", "512"),
            ("head_dropout", "0.5"),
        ];
        let transformers =
            [("weight_decay", "0.0"), ("beta1", "0.9"), ("beta2", "0.999"), ("epsilon", "1e-8")];
        let draft = Draft::default();
        let number = |text: &str| text.parse::<f64>().ok();
        for (list, from) in [(&paper[..], Origin::Paper), (&transformers, Origin::Transformers)] {
            for (key, value) in list {
                let text = draft.text(key);
                let same = text == *value || number(text).is_some_and(|n| Some(n) == number(value));
                assert!(same && origin(key) == from, "{key}: {text}, {:?}", origin(key));
            }
        }
        let own = keys().into_iter().filter(|key| origin(key) == Origin::Easel);
        assert_eq!(own.collect::<Vec<_>>(), ["max_steps", "save_steps", "recompute", "seed"]);
    }

    #[test]
    fn every_setting_can_be_entered() {
        for key in keys() {
            let text = Draft::default().text(key).to_owned();
            match kind(key) {
                Kind::One(names) => assert!(names.contains(&text.trim_matches('"')), "{key}"),
                Kind::Some(_) => assert!(text.starts_with('['), "{key}"),
                Kind::Flag => assert!(text == "true" || text == "false", "{key}"),
                Kind::Number => assert!(text.is_empty() || text.parse::<f64>().is_ok(), "{key}"),
            }
        }
        assert!(MAIN.iter().all(|key| keys().contains(key)));
    }
}
