//! The nine rubric attributes of KidsArtBench (arXiv 2512.12503) and their scale.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The lowest and the highest score a teacher gives.
pub const SCALE: std::ops::RangeInclusive<u8> = 1..=5;

/// One attribute of the rubric, in the published order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// Likeness to what is seen.
    Realism,
    /// Deliberate change of shapes.
    Deformation,
    /// Ideas beyond what is seen.
    Imagination,
    /// How many colours, and how varied.
    ColorRichness,
    /// How colours stand against each other.
    ColorContrast,
    /// How lines are put together.
    LineCombination,
    /// What lines tell about surfaces.
    LineTexture,
    /// The arrangement of the picture.
    PictureOrganization,
    /// How far a motif is developed into something new.
    Transformation,
}

/// A name that is none of the nine attributes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no attribute; the nine are: {names}", names = Attribute::names())]
pub struct UnknownAttribute(String);

impl Attribute {
    /// All nine, in the published order.
    pub const ALL: [Self; 9] = [
        Self::Realism,
        Self::Deformation,
        Self::Imagination,
        Self::ColorRichness,
        Self::ColorContrast,
        Self::LineCombination,
        Self::LineTexture,
        Self::PictureOrganization,
        Self::Transformation,
    ];

    /// The name in snake case, as prompts, folders and files spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Realism => "realism",
            Self::Deformation => "deformation",
            Self::Imagination => "imagination",
            Self::ColorRichness => "color_richness",
            Self::ColorContrast => "color_contrast",
            Self::LineCombination => "line_combination",
            Self::LineTexture => "line_texture",
            Self::PictureOrganization => "picture_organization",
            Self::Transformation => "transformation",
        }
    }

    fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Attribute {
    type Err = UnknownAttribute;

    /// Reads a name in any case, with spaces, hyphens or underscores between (or without them).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let key = letters(text);
        let found = Self::ALL.into_iter().find(|attribute| letters(attribute.name()) == key);
        found.ok_or_else(|| UnknownAttribute(text.to_owned()))
    }
}

/// The letters of a name, in lower case.
fn letters(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_spelling() {
        for attribute in Attribute::ALL {
            assert_eq!(attribute.name().parse(), Ok(attribute));
        }
        assert_eq!("Color Richness".parse(), Ok(Attribute::ColorRichness));
        assert_eq!("LineTexture".parse(), Ok(Attribute::LineTexture));
        assert_eq!("picture-organization".parse(), Ok(Attribute::PictureOrganization));
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_right_ones() {
        let message = "colour".parse::<Attribute>().unwrap_err().to_string();
        assert!(message.starts_with("'colour' is no attribute"), "{message}");
        assert!(message.ends_with("transformation"), "{message}");
    }

    #[test]
    fn serde_spells_them_as_prompts_do() {
        for attribute in Attribute::ALL {
            assert_eq!(serde_json::to_value(attribute).unwrap(), attribute.name());
        }
    }
}
