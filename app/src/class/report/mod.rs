//! Report cards as PDF: of a pupil or of a class, for teachers and parents or for pupils.

mod cards;
mod file;
mod fonts;
mod sheets;

use easel_core::prompt::Language;

use super::Class;
use crate::portfolio::Record;
use crate::ui::wants_more;

/// A drawing on a card.
pub struct Card<'a> {
    /// Whose it is.
    pub name: &'a str,
    /// What is known of it.
    pub record: &'a Record,
    /// The picture: a JPEG file, where there is one.
    pub picture: Option<Vec<u8>>,
}

/// What is printed.
pub struct Report<'a> {
    /// The class.
    pub class: &'a Class,
    /// The pupil's name, where it is about one.
    pub whose: Option<&'a str>,
    /// Whether it is for teachers and parents, with scores, or for pupils, without.
    pub scores: bool,
    /// The language of what surrounds names and comments.
    pub language: Language,
    /// The drawings.
    pub cards: &'a [Card<'a>],
    /// The font with more characters, where a text wants it.
    pub more: Option<&'a [u8]>,
}

impl Report<'_> {
    /// Whether a text wants the font with more characters.
    #[must_use]
    pub fn wants_more(&self) -> bool {
        let said = self.cards.iter().flat_map(|card| {
            let Record { note, model, .. } = card.record;
            [card.name, card.record.words(), note, model]
        });
        wants_more(said.chain([self.class.name.as_str()]))
    }
}

/// Makes the file: the class's means first where scores are shown and it is about all, then a sheet
/// for each drawing, or more where its words are long.
#[must_use]
pub fn pdf(report: &Report<'_>) -> Vec<u8> {
    cards::made(report)
}

#[cfg(test)]
mod tests;
