//! What is asked of classes, and what is told.

use std::collections::BTreeMap;

use easel_core::prompt::Language;
use easel_core::{Assessment, Attribute};
use serde::{Deserialize, Serialize};

use super::types::Class;
use crate::portfolio::{Id, Record};
use crate::ui::{Preview, Source};

/// A picture's file, which is read once its turn comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Where the platform finds it.
    pub place: String,
    /// Its name; of a folder that was chosen, with the folder's.
    pub name: String,
}

/// How looking at a drawing ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// With scores and words.
    Found {
        /// The scores.
        assessment: Assessment,
        /// The words.
        comment: String,
        /// The model's name; empty for the demo.
        model: String,
    },
    /// It did not, for this reason.
    Failed(String),
}

/// The teacher's part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The teacher's words; none takes the model's.
    pub comment: Option<String>,
    /// The teacher's own levels.
    pub scores: BTreeMap<Attribute, u8>,
    /// Whether the model's other scores are taken.
    pub accepted: bool,
    /// Whether the pupil may see the drawing with its words.
    pub approved: bool,
}

/// What can be written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A table, a line a drawing.
    Csv,
    /// Everything but the pictures.
    Json,
    /// Cards to print.
    Cards {
        /// For teachers and parents, with scores; or for pupils, with what was approved.
        scores: bool,
    },
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// All classes.
    List,
    /// Begin a class of that name.
    Add(String),
    /// Give a class another name.
    Rename(Id, String),
    /// Delete a class with all drawings that were not approved.
    Delete(Id),
    /// What is known of all drawings of a class, in the order in which they came.
    Records(Id),
    /// Bring the small copies of drawings.
    Small(Vec<Id>),
    /// Take a picture in: it waits to be looked at.
    Enter {
        /// Into which class.
        class: Id,
        /// The picture.
        file: File,
        /// The name of the pupil where the file's names none.
        unnamed: String,
    },
    /// Take a drawing and bring its picture, to look at it.
    Take(Id),
    /// Let go of it, without having looked at it.
    Leave(Id),
    /// That it was looked at.
    Looked(Id, Outcome),
    /// Have a drawing that failed wait again.
    Again(Id),
    /// Change the teacher's part.
    Judge(Id, Judgement),
    /// Say whose it is, by name.
    Whose(Id, String),
    /// Write a file.
    Write {
        /// Of which class.
        class: Id,
        /// Of one pupil, or of all.
        pupil: Option<Id>,
        /// What.
        kind: Kind,
        /// In which language.
        language: Language,
        /// At which place of the platform's.
        place: String,
    },
}

/// What is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Tell {
    /// All classes, the newest first.
    List(Vec<Class>),
    /// A class was begun.
    Added(Class),
    /// A class is deleted.
    Deleted,
    /// What is known of a class's drawings.
    Records {
        /// Of which class.
        class: Id,
        /// Of each.
        records: Vec<Record>,
    },
    /// Small copies; `None` where there is none.
    Small(Vec<(Id, Option<Preview>)>),
    /// What is known of a drawing from now on.
    Record(Record),
    /// A drawing's picture, as it is kept.
    Taken {
        /// Of which drawing.
        id: Id,
        /// The picture.
        picture: Source,
    },
    /// Another window or program looks at this drawing.
    Busy(Id),
    /// A drawing was let go.
    Left,
    /// A file was written, about so many drawings.
    Written(u64),
}
