//! Classes as the interface shows them: the one that is open, its rows, and the queue that fills them.

mod carry_out;
mod queue;
mod rows;
mod tells;

use std::collections::BTreeMap;

use easel_core::Attribute;
use egui::TextureHandle;

use super::protocol::RequestId;
use crate::class::{Class, Kind};
use crate::portfolio::{Id, Record};

pub(super) use queue::Queue;
pub use rows::{Only, Sort};

/// What screens ask of classes.
#[derive(Debug, Clone, PartialEq)]
pub enum Lesson {
    /// Show all classes.
    Show,
    /// Show one.
    Open(Id),
    /// A class's name was typed.
    Name(String),
    /// Begin a class of that name.
    Add,
    /// Give the open class the name that was typed.
    Rename,
    /// Bring the small copies of some rows.
    Small(Vec<Id>),
    /// Let the person choose pictures, or a folder of them.
    Choose {
        /// A folder.
        folder: bool,
    },
    /// Look at those that wait, or pause.
    Run(bool),
    /// What rows are to hold was typed.
    Find(String),
    /// In which order rows stand.
    Sort(Sort),
    /// Which rows are shown.
    Only(Only),
    /// Show a drawing.
    Drawing(Id),
    /// Show the next one of the table, or the one before.
    Step {
        /// The next one.
        next: bool,
    },
    /// Words were typed.
    Words(String),
    /// Keep the words that were typed, or go back to the model's.
    SaveWords {
        /// The model's.
        reset: bool,
    },
    /// The teacher's own level.
    Level(Attribute, Option<u8>),
    /// Whether the model's other scores are taken.
    Accept(bool),
    /// Whether the pupil may see it.
    Approve(bool),
    /// A pupil's name was typed.
    Whose(String),
    /// Keep that name.
    SaveWhose,
    /// Have one that failed wait again.
    Again(Id),
    /// Write a file about the class, or about one pupil.
    Write(Kind, Option<Id>),
    /// Ask whether the class is to be deleted.
    Ask,
    /// The answer to that.
    Answer(bool),
}

/// Where a person is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Place {
    /// All classes.
    #[default]
    All,
    /// The table of one.
    Table,
    /// A drawing.
    Drawing,
}

/// A drawing as large as it is shown.
pub struct Shown {
    /// Which.
    pub id: Id,
    /// The picture, once it is there.
    pub picture: Option<TextureHandle>,
}

/// The most small copies that are held: some screens of rows.
const MOST_SMALL: usize = 200;

/// What a request was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    List,
    Renamed,
    Records,
    Small,
    Enter,
    Take,
    Leave,
    Assess(Id),
    Looked,
    Picture,
    Change,
    Delete,
    Write,
}

/// What is known of classes.
#[derive(Default)]
pub struct Classes {
    pub(super) place: Place,
    /// All classes, once they are told.
    pub(super) all: Option<Vec<Class>>,
    pub(super) name: String,
    /// The one that is open.
    pub(super) open: Option<Class>,
    /// Its drawings, once they are told, as they came.
    pub(super) records: Option<Vec<Record>>,
    /// Small copies for rows; `None` until one is there, and where there is none.
    pub(super) small: BTreeMap<Id, Option<TextureHandle>>,
    pub(super) find: String,
    pub(super) sort: Sort,
    pub(super) only: Only,
    pub(super) shown: Option<Shown>,
    /// What is typed.
    pub(super) words: String,
    pub(super) whose: String,
    pub(super) asking: bool,
    pub(super) queue: Queue,
    /// How many pictures were here before.
    pub(super) known: usize,
    /// What is to be written once it is known where.
    writing: Option<(Id, Kind, Option<Id>)>,
    /// How many drawings a file holds.
    pub(super) written: Option<u64>,
    waiting: BTreeMap<RequestId, Wait>,
}

impl Classes {
    /// The drawings of the open class, as they came.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        self.records.as_deref().unwrap_or_default()
    }

    /// The drawing that is shown.
    pub(super) fn drawing(&self) -> Option<&Record> {
        let id = self.shown.as_ref()?.id;
        self.records().iter().find(|record| record.id == id)
    }

    /// Whether the queue looks at drawings.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.queue.running
    }

    /// Whether a file is being written.
    pub(super) fn is_writing(&self) -> bool {
        self.is_waiting(Wait::Write)
    }

    /// Whether a change of a drawing is on its way.
    pub(super) fn is_changing(&self) -> bool {
        self.is_waiting(Wait::Change)
    }

    /// Whether a request is one of the classes'.
    pub(in crate::ui) fn awaits(&self, id: RequestId) -> bool {
        self.waiting.contains_key(&id)
    }

    /// Whether a file that somebody chose a place for is a class's.
    pub(in crate::ui) const fn wants_place(&self) -> bool {
        self.writing.is_some()
    }

    /// Nothing is to be written any more.
    pub(in crate::ui) fn forget_place(&mut self) {
        self.writing = None;
    }

    fn is_waiting(&self, what: Wait) -> bool {
        self.waiting.values().any(|wait| *wait == what)
    }
}
