//! What the interface asks of portfolios, and what it is told.

use easel_core::Assessment;
use serde::{Deserialize, Serialize};

use super::{Group, Id, Record};
use crate::class;
use crate::ui::{Edit, Preview, Source};

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// All pupils.
    Pupils,
    /// Add a pupil of that name.
    Add(String),
    /// Give a pupil another name.
    Rename(Id, String),
    /// Delete a pupil with all drawings.
    DeletePupil(Id),
    /// Keep a drawing with what was found.
    Keep {
        /// Whose it is.
        pupil: Id,
        /// The picture.
        source: Source,
        /// How it is turned and cut.
        edit: Edit,
        /// The scores.
        assessment: Assessment,
        /// The comment.
        comment: String,
        /// The model's name; empty for the demo.
        model: String,
    },
    /// Some of a pupil's drawings, the newest first.
    Page {
        /// Whose.
        pupil: Id,
        /// How many newer ones are left out.
        from: u64,
        /// How many are wanted.
        count: u32,
    },
    /// A drawing as large as it is shown.
    Open(Id),
    /// A teacher's note on a drawing.
    Note(Id, String),
    /// Delete a drawing.
    Delete(Id),
    /// What is known of a pupil's newest drawings, without the drawings.
    Records {
        /// Whose.
        pupil: Id,
        /// How many are wanted.
        count: u32,
    },
    /// Write everything to a zip at a place of the platform's.
    Export(String),
    /// Read everything from a zip at a place of the platform's.
    Import(String),
    /// Something of a class.
    Class(class::Ask),
}

/// A drawing among others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// What is known of it.
    pub record: Record,
    /// A small copy.
    pub small: Preview,
}

/// What is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Tell {
    /// All pupils, by name.
    Pupils(Vec<Group>),
    /// A pupil was added.
    Added(Id),
    /// What was asked is done: a name, a note, a deletion.
    Done,
    /// A drawing is kept.
    Kept {
        /// What is known of it.
        record: Record,
        /// What is known of the one before it.
        before: Option<Record>,
    },
    /// Some of a pupil's drawings.
    Page {
        /// Whose.
        pupil: Id,
        /// How many newer ones are left out.
        from: u64,
        /// How many there are in all.
        total: u64,
        /// These.
        cards: Vec<Card>,
    },
    /// A drawing.
    Opened {
        /// What is known of it.
        record: Box<Record>,
        /// The picture.
        picture: Preview,
        /// What is known of the one before it.
        before: Option<Record>,
    },
    /// What is known of a pupil's newest drawings, the newest first.
    Records {
        /// Whose.
        pupil: Id,
        /// These.
        records: Vec<Record>,
    },
    /// Everything is written.
    Exported {
        /// How many drawings.
        drawings: u64,
    },
    /// Everything is read.
    Imported {
        /// How many drawings are new here.
        drawings: u64,
        /// How many were here before, and stay as they are.
        known: u64,
    },
    /// Something of a class.
    Class(class::Tell),
}
