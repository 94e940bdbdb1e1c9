//! The words of the prompts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::rubric::Attribute;

/// The language of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "en" => Ok(Self::En),
            "zh" => Ok(Self::Zh),
            _ => Err(format!("'{text}' is no language of Easel; expected en or zh")),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::En => "en",
            Self::Zh => "zh",
        })
    }
}

/// The prompt that scores one attribute, byte for byte as the published code has it: the adapters
/// were trained on it. `<image>` is plain text here; the picture's tokens stand before it.
#[must_use]
pub fn scoring_prompt(attribute: Attribute) -> String {
    format!(
        "<image>Assess the student's artwork based on the '{attribute}' criterion and provide a \
         score (1-5). Only output a score(1-5)."
    )
}

/// The prompt that the published code trains on in its main experiment, byte for byte: as
/// [`scoring_prompt`], with a teacher's comment where there is one. (Its definition is empty.)
#[must_use]
pub fn training_prompt(attribute: Attribute, comment: Option<&str>) -> String {
    let comment = comment.map(|comment| format!("Reference Comment: {comment}"));
    format!(
        "Task: <image>Assess the student's artwork based on the '{attribute}' criterion and \
         provide a score (1-5).Definition: {}Only output a score(1-5).",
        comment.unwrap_or_default(),
    )
}

/// The prompt that asks whether a picture is a drawing at all, to be answered by a yes or a no. It is
/// shorter than the scoring prompts, so that their batch becomes no longer.
#[must_use]
pub const fn drawing_prompt() -> &'static str {
    "Is this a drawing or painting, or a photo of one? Answer yes or no."
}

/// The prompt for a comment to the pupil: what is seen, one strength, one thing to try next.
///
/// `strength` and `next` are the attributes that it should lean on.
#[must_use]
pub fn comment_prompt(strength: Attribute, next: Attribute, language: Language) -> String {
    match language {
        Language::En => format!(
            "You teach art to children and are talking to the child who made this drawing. In one \
             short paragraph of plain, friendly words, say what you see in it, then one thing \
             about its {} that works well and why, then one small idea about its {} to try in the \
             next drawing. Speak of this drawing only. Write no headings, no lists, no numbers \
             and no marks.",
            english(strength),
            english(next),
        ),
        Language::Zh => format!(
            "你是一位儿童美术老师，正在和画这幅画的孩子说话。请用一小段浅显、亲切的中文，\
             先说说你在画里看到了什么，再说出画中{}方面做得好的一点和原因，\
             最后给出一个关于{}的小建议，让孩子下次画画时试一试。只谈这幅画，\
             不要写标题、列表、数字或分数。",
            chinese(strength),
            chinese(next),
        ),
    }
}

/// An attribute in a child's English.
const fn english(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::Realism => "likeness to real things",
        Attribute::Deformation => "playful changes of shape",
        Attribute::Imagination => "imagination",
        Attribute::ColorRichness => "range of colours",
        Attribute::ColorContrast => "contrast of colours",
        Attribute::LineCombination => "way of putting lines together",
        Attribute::LineTexture => "lines that show how things feel",
        Attribute::PictureOrganization => "arrangement on the page",
        Attribute::Transformation => "way of turning a thing into something new",
    }
}

/// An attribute in a child's Chinese.
const fn chinese(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::Realism => "画得像",
        Attribute::Deformation => "有趣的变形",
        Attribute::Imagination => "想象力",
        Attribute::ColorRichness => "丰富的颜色",
        Attribute::ColorContrast => "颜色的对比",
        Attribute::LineCombination => "线条的组合",
        Attribute::LineTexture => "线条的质感",
        Attribute::PictureOrganization => "画面的安排",
        Attribute::Transformation => "把事物变成新样子",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scoring_prompt_is_the_published_one() {
        assert_eq!(
            scoring_prompt(Attribute::LineTexture),
            "<image>Assess the student's artwork based on the 'line_texture' criterion and \
             provide a score (1-5). Only output a score(1-5)."
        );
    }

    #[test]
    fn the_training_prompt_has_no_separators() {
        let prompt = training_prompt(Attribute::Realism, Some("A cat."));
        assert!(
            prompt
                .ends_with("(1-5).Definition: Reference Comment: A cat.Only output a score(1-5).")
        );
        assert!(
            training_prompt(Attribute::Realism, None)
                .ends_with("Definition: Only output a score(1-5).")
        );
    }

    #[test]
    fn comments_are_asked_for_in_both_languages() {
        let (a, b) = (Attribute::Imagination, Attribute::ColorContrast);
        assert!(comment_prompt(a, b, Language::En).contains("contrast of colours"));
        assert!(comment_prompt(a, b, Language::Zh).contains("想象力"));
    }
}
