//! Portfolios as the interface shows them: what is known of them, and what was asked for.

mod carry_out;
mod grid;
mod tells;

use std::collections::BTreeMap;

use egui::TextureHandle;

use super::protocol::RequestId;
use crate::portfolio::{Group, Id, Record};

pub(super) use grid::{AT_ONCE, Grid, Small};
pub(super) use tells::pixels;

/// How many of a pupil's drawings a chart shows at most.
pub(super) const MOST_OF_CHART: u32 = 200;

/// What screens ask of the portfolios.
#[derive(Debug, Clone, PartialEq)]
pub enum Keeping {
    /// Show all pupils.
    Show,
    /// Show a pupil's drawings.
    Pupil(Id),
    /// Show a drawing.
    Drawing(Id),
    /// Show a pupil's change over time.
    Growth,
    /// Begin or end choosing two drawings.
    Pick(bool),
    /// Choose a drawing, or leave it out again.
    Picked(Id),
    /// Show two drawings side by side.
    Compare([Id; 2]),
    /// Bring a part of the drawings: those from this one on.
    Need(u64),
    /// Begin or end choosing whose the drawing of this assessment is.
    Choose(bool),
    /// Keep it for a pupil.
    Keep(Id),
    /// A name was typed.
    Name(String),
    /// Add a pupil of that name; while a drawing is to be kept, keep it, too.
    Add,
    /// Give the pupil the name that was typed.
    Rename,
    /// A note was typed.
    Note(String),
    /// Keep the note.
    SaveNote,
    /// Ask whether something is to be deleted.
    Ask(Question),
    /// The answer to that.
    Answer(bool),
    /// Write everything to a file.
    Export,
    /// Read everything from a file.
    Import,
}

/// What is asked before something is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// A drawing.
    Drawing(Id),
    /// A pupil with all drawings.
    Pupil(Id),
}

/// Where a person is in the portfolios.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Where {
    /// All pupils.
    #[default]
    Pupils,
    /// The drawings of one.
    Drawings,
    /// One drawing.
    Drawing,
    /// Two drawings.
    Compare,
    /// The change over time of one.
    Growth,
}

/// A drawing as large as it is shown.
pub struct Opened {
    /// What is known of it.
    pub record: Record,
    /// The picture.
    pub picture: TextureHandle,
    /// What is known of the one before it.
    pub before: Option<Record>,
}

/// That a drawing is kept.
pub struct Kept {
    /// The assessment's request.
    pub run: RequestId,
    /// What is known of it.
    pub record: Record,
    /// What is known of the one before it.
    pub before: Option<Record>,
}

/// How an export or an import ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// So many drawings were written.
    Exported(u64),
    /// So many are new, and so many were here before.
    Imported(u64, u64),
    /// The note is kept.
    Noted,
}

/// What a request was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    Pupils,
    Add,
    Renamed,
    PupilDeleted,
    Keep(RequestId),
    Page,
    Open { second: bool },
    Note,
    Deleted,
    Records,
    Exchange,
}

/// What is known of the portfolios.
#[derive(Default)]
pub struct Portfolio {
    pub(super) place: Where,
    /// All pupils, once they are told.
    pub(super) groups: Option<Vec<Group>>,
    pub(super) grid: Grid,
    pub(super) opened: Option<Opened>,
    /// The one beside it.
    pub(super) second: Option<Opened>,
    /// The drawings that are chosen, while two are.
    pub(super) picking: Option<Vec<Id>>,
    /// What a chart shows, the newest first.
    pub(super) records: Option<Vec<Record>>,
    pub(super) name: String,
    pub(super) note: String,
    pub(super) asking: Option<Question>,
    /// Whether it is being chosen whose a drawing is.
    pub(super) choosing: bool,
    pub(super) kept: Option<Kept>,
    pub(super) told: Option<Told>,
    /// Where a person came from.
    from: Option<super::app::Screen>,
    waiting: BTreeMap<RequestId, Wait>,
}

impl Portfolio {
    /// Where the person is.
    #[must_use]
    pub const fn place(&self) -> Where {
        self.place
    }

    /// The pupil whose drawings are shown.
    #[must_use]
    pub fn pupil(&self) -> Option<&Group> {
        self.groups.as_ref()?.iter().find(|group| Some(group.pupil.id) == self.grid.pupil)
    }

    /// A pupil's name.
    pub(super) fn name_of(&self, pupil: Id) -> &str {
        let groups = self.groups.as_deref().unwrap_or_default();
        let found = groups.iter().find(|group| group.pupil.id == pupil);
        found.map(|group| group.pupil.name.as_str()).unwrap_or_default()
    }

    /// Whether a request is one of the portfolios'.
    pub(in crate::ui) fn awaits(&self, id: RequestId) -> bool {
        self.waiting.contains_key(&id)
    }

    /// Whether a drawing is on its way into a portfolio.
    pub(super) fn is_keeping(&self) -> bool {
        self.waiting.values().any(|wait| matches!(wait, Wait::Keep(_)))
    }

    /// Whether everything is being written or read.
    pub(super) fn is_exchanging(&self) -> bool {
        self.waiting.values().any(|wait| *wait == Wait::Exchange)
    }

    /// Whether the note is not as it is kept.
    pub(super) fn is_note_new(&self) -> bool {
        self.opened.as_ref().is_some_and(|opened| opened.record.note != self.note)
    }

    /// Whether a note is on its way.
    pub(super) fn is_noting(&self) -> bool {
        self.is_waiting(Wait::Note)
    }

    fn is_waiting(&self, what: Wait) -> bool {
        self.waiting.values().any(|wait| *wait == what)
    }

    /// Another picture is looked at.
    pub(super) fn forget_kept(&mut self) {
        (self.kept, self.choosing) = (None, false);
    }
}
