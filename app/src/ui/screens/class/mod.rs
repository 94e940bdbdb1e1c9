//! Classes, for teachers: all of them, the table of one, one of its drawings.

mod all;
mod drawing;
mod files;
mod table;

use egui::Ui;

use crate::class::{Class, State};
use crate::portfolio::Record;
use crate::ui::app::EaselApp;
use crate::ui::class::{Lesson, Only, Place};
use crate::ui::command::Command;
use crate::ui::text::{Table, fill};

pub(super) fn class_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let mut ask = |lesson| commands.push(Command::Class(lesson));
    match app.class.place {
        Place::All => all::all_ui(ui, app, &mut ask),
        Place::Table => table::table_ui(ui, app, &mut ask),
        Place::Drawing => drawing::drawing_ui(ui, app, &mut ask),
    }
}

/// A class's name and day.
fn title(t: &Table, class: &Class) -> String {
    fill(t.class.of, &[&class.name, &class.when.date()])
}

/// How far a drawing is, in a few words, with its marks.
fn standing(t: &Table, record: &Record) -> String {
    let c = &t.class;
    let mut words = vec![match Only::of(record) {
        Only::Waiting => c.state_waiting,
        Only::Failed => c.state_failed,
        Only::Scored => c.state_scored,
        Only::Approved | Only::All => c.state_approved,
    }];
    let seat = record.class.as_ref();
    if seat.is_some_and(|seat| seat.comment.is_some() || !seat.scores.is_empty()) {
        words.push(c.state_changed);
    }
    let scored = seat.is_some_and(|seat| seat.state == State::Scored);
    if scored && record.assessment.doubt().is_some() {
        words.push(c.state_doubt);
    }
    words.join(" · ")
}

/// What screens ask for.
type Asks<'a> = &'a mut dyn FnMut(Lesson);
