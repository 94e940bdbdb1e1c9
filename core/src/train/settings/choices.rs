//! Settings that are one of a few names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An enum of named variants that is read and written by these names.
macro_rules! choices {
    ($(#[$doc:meta])* $kind:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum $kind { $($(#[$variant_doc])* $variant,)+ }

        impl $kind {
            /// All of them.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The name in settings.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $kind {
            /// What is there and what was expected.
            type Err = String;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let found = Self::ALL.into_iter().find(|choice| choice.name() == text);
                found.ok_or_else(|| none_of(text, &Self::ALL.map(Self::name)))
            }
        }

        impl TryFrom<String> for $kind {
            type Error = String;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$kind> for &'static str {
            fn from(choice: $kind) -> Self {
                choice.name()
            }
        }
    };
}

choices! {
    /// What training minimises.
    Objective {
        /// Squared error of the expected score over the digit tokens (regression-aware fine-tuning).
        Raft = "raft",
        /// Cross-entropy of the label's digit token.
        CrossEntropy = "cross_entropy",
        /// Squared error of one bounded output of a head.
        Mse = "mse",
        /// Cross-entropy of a head's five outputs.
        Classification = "classification",
        /// Cumulative link model: one score of a head and four thresholds.
        Clm = "clm",
        /// Four outputs of a head, each for one more level passed (Cao et al., arXiv 1901.07884).
        Coral = "coral",
    }
}

impl Objective {
    /// Whether it reads the last hidden state with a head of its own, not the digit tokens.
    #[must_use]
    pub const fn has_head(self) -> bool {
        matches!(self, Self::Mse | Self::Classification | Self::Clm | Self::Coral)
    }
}

choices! {
    /// What the probabilities of the digits are shares of while training.
    Probabilities {
        /// All tokens, as in the published training code.
        Vocab = "vocab",
        /// The five digits, as at inference.
        Digits = "digits",
    }
}

choices! {
    /// What tells the best checkpoint.
    Metric {
        /// Pearson's correlation with the labels; higher is better.
        Pearson = "pearson",
        /// Spearman's rank correlation; higher is better.
        Spearman = "spearman",
        /// Mean squared error of the scores; lower is better.
        Mse = "mse",
        /// The objective's own loss; lower is better.
        Loss = "loss",
    }
}

impl Metric {
    /// Whether a higher value is a better one.
    #[must_use]
    pub const fn higher_is_better(self) -> bool {
        matches!(self, Self::Pearson | Self::Spearman)
    }
}

choices! {
    /// A random change of the training pictures.
    Augmentation {
        /// A turn by up to 15 degrees.
        Rotate = "rotate",
        /// A slight blur of one picture in five.
        Blur = "blur",
        /// Left and right exchanged in every second picture.
        Flip = "flip",
        /// Other brightness, contrast, saturation and hue.
        Jitter = "jitter",
    }
}

fn none_of(text: &str, names: &[&str]) -> String {
    format!("'{text}'; expected one of {}", names.join(", "))
}

/// Targets by their names in a checkpoint.
pub(super) mod targets {
    use serde::de::{Deserializer, Error};
    use serde::{Deserialize, Serializer};

    use super::none_of;
    use crate::lora::Target;

    pub fn serialize<S: Serializer>(targets: &[Target], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(targets.iter().map(|target| target.name()))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(reader: D) -> Result<Vec<Target>, D::Error> {
        let names = Vec::<String>::deserialize(reader)?;
        let find = |name: &String| {
            let found = Target::ALL.into_iter().find(|target| target.name() == name);
            found.ok_or_else(|| D::Error::custom(none_of(name, &Target::ALL.map(Target::name))))
        };
        names.iter().map(find).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_choices() {
        for objective in Objective::ALL {
            assert_eq!(objective.name().parse(), Ok(objective));
        }
        assert_eq!(
            "huber".parse::<Metric>().unwrap_err(),
            "'huber'; expected one of pearson, spearman, mse, loss"
        );
    }

    #[test]
    fn four_objectives_have_heads_and_two_metrics_grow() {
        assert_eq!(Objective::ALL.into_iter().filter(|o| o.has_head()).count(), 4);
        assert_eq!(Metric::ALL.map(Metric::higher_is_better), [true, true, false, false]);
    }
}
