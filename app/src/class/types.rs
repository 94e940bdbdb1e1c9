//! What a class keeps.

use std::collections::BTreeMap;

use easel_core::{Assessment, Attribute, Score};
use serde::{Deserialize, Serialize};

use crate::portfolio::{Id, Record, When};

/// A class, or one of its lessons: drawings that are looked at together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// The number.
    pub id: Id,
    /// The name, as somebody typed it.
    pub name: String,
    /// When it was begun.
    pub when: When,
}

/// How far a drawing of a class is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was not looked at yet.
    Waiting,
    /// It was.
    Scored,
    /// It cannot be, and why.
    Failed(String),
}

/// A drawing's place in a class: how far it is, and the teacher's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Of which class.
    pub class: Id,
    /// Its file's name, with the folders below the chosen one.
    pub file: String,
    /// How far it is.
    pub state: State,
    /// The teacher's words instead of the model's, where there are some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The teacher's own levels, 1 to 5, beside the model's scores.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scores: BTreeMap<Attribute, u8>,
    /// Whether the teacher takes the model's other scores as they are.
    #[serde(default)]
    pub accepted: bool,
    /// Whether the pupil may see the drawing with its words.
    #[serde(default)]
    pub approved: bool,
}

impl Seat {
    /// One that waits.
    #[must_use]
    pub fn new(class: Id, file: String) -> Self {
        let (state, scores) = (State::Waiting, BTreeMap::new());
        Self { class, file, state, comment: None, scores, accepted: false, approved: false }
    }
}

impl Record {
    /// Whether its pupil does not see it: it is of a class, and no teacher approved it.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.class.as_ref().is_some_and(|seat| !seat.approved)
    }

    /// The words that people read: the teacher's, where there are some, else the model's.
    #[must_use]
    pub fn words(&self) -> &str {
        let own = self.class.as_ref().and_then(|seat| seat.comment.as_deref());
        own.unwrap_or(&self.comment)
    }

    /// Whether the words are the teacher's.
    #[must_use]
    pub fn is_edited(&self) -> bool {
        self.class.as_ref().is_some_and(|seat| seat.comment.is_some())
    }

    /// The teacher's own level of an attribute.
    #[must_use]
    pub fn own(&self, attribute: Attribute) -> Option<u8> {
        self.class.as_ref()?.scores.get(&attribute).copied()
    }

    /// The scores with the teacher's own in place of the model's: a level that is certain.
    #[must_use]
    pub fn judged(&self) -> Assessment {
        let certain = |attribute| {
            let level = self.own(attribute)?;
            let probs = std::array::from_fn(|at| f64::from(u8::from(at + 1 == usize::from(level))));
            Some(Score { probs })
        };
        let score = |attribute: Attribute| {
            let score = certain(attribute).or_else(|| self.assessment.get(attribute).copied());
            score.map(|score| (attribute, score))
        };
        Assessment::new(Attribute::ALL.into_iter().filter_map(score).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_teachers_part_stands_beside_the_models_and_replaces_nothing() {
        let even = Score { probs: [0.2; 5] };
        let scores = [(Attribute::Realism, even), (Attribute::Imagination, even)];
        let mut record = Record {
            id: Id(1),
            pupil: Id(2),
            when: When { ms: 0, ahead: 0 },
            assessment: Assessment::new(scores.into()),
            comment: "The model's.".to_owned(),
            note: String::new(),
            model: String::new(),
            class: Some(Box::new(Seat::new(Id(3), "mia.png".to_owned()))),
        };
        assert!(record.is_hidden() && !record.is_edited());
        assert_eq!(record.words(), "The model's.");
        assert_eq!(record.judged(), record.assessment);
        let seat = record.class.as_mut().unwrap();
        seat.comment = Some("The teacher's.".to_owned());
        seat.scores = [(Attribute::Realism, 4), (Attribute::LineTexture, 2)].into();
        seat.approved = true;
        assert_eq!(record.words(), "The teacher's.");
        assert!(!record.is_hidden());
        let judged = record.judged();
        let level = |attribute| judged.get(attribute).map(Score::expected);
        assert_eq!(level(Attribute::Realism), Some(4.0));
        assert_eq!(judged.get(Attribute::Realism).map(Score::std), Some(0.0));
        assert_eq!(level(Attribute::LineTexture), Some(2.0), "one that no adapter scores");
        assert_eq!(judged.get(Attribute::Imagination), Some(&even));
        assert_eq!(record.assessment.get(Attribute::Realism), Some(&even));
        // A drawing that was kept by itself is its pupil's at once, in files of both kinds.
        record.class = None;
        assert!(!record.is_hidden());
        let json = serde_json::to_string(&record).unwrap();
        assert!(!json.contains("class"), "{json}");
        assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record);
    }
}
