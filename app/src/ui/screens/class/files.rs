//! What is written of a class, and deleting it.

use egui::Ui;

use super::Asks;
use crate::class::Kind;
use crate::portfolio::{Id, Record};
use crate::ui::app::EaselApp;
use crate::ui::class::Lesson;
use crate::ui::text::fill;
use crate::ui::theme::look;
use crate::ui::widgets::{Button, Icon, body, muted, question, row, section, small};

/// Files about the whole class, or about one pupil.
pub(super) fn files_ui(ui: &mut Ui, app: &EaselApp, pupil: Option<Id>, ask: Asks<'_>) {
    let c = &app.words().class;
    section(ui, c.files, look(ui).palette.ink);
    small(ui, c.files_more);
    if app.class.is_writing() {
        muted(ui, c.writing);
        ui.add(egui::Spinner::new().color(look(ui).palette.accent));
        return;
    }
    row(ui, |ui| {
        let kinds = [
            (c.cards_pupil, Kind::Cards { scores: false }),
            (c.cards_teacher, Kind::Cards { scores: true }),
            (c.table, Kind::Csv),
            (c.data, Kind::Json),
        ];
        for (text, kind) in kinds {
            let cards = matches!(kind, Kind::Cards { .. });
            if (cards || pupil.is_none()) && ui.add(Button::plain(text).icon(Icon::Get)).clicked() {
                ask(Lesson::Write(kind, pupil));
            }
        }
    });
    if let Some(drawings) = app.class.written {
        let said = body(ui, &fill(c.written, &[&drawings.to_string()]));
        ui.ctx()
            .accesskit_node_builder(said.id, |node| node.set_live(egui::accesskit::Live::Polite));
    }
}

/// The button that deletes the class, or the one question before it does.
pub(super) fn delete_ui(ui: &mut Ui, app: &EaselApp, ask: Asks<'_>) {
    let t = app.words();
    if !app.class.asking {
        if ui.add(Button::quiet(t.class.delete).icon(Icon::Bin)).clicked() {
            ask(Lesson::Ask);
        }
        return;
    }
    let hidden = app.class.records().iter().filter(|record| Record::is_hidden(record)).count();
    let text = fill(t.class.delete_ask, &[&hidden.to_string()]);
    if let Some(yes) = question(ui, &text, [t.discard_no, t.discard_yes]) {
        ask(Lesson::Answer(yes));
    }
}
