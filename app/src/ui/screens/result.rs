//! What was found, in the voice of whoever reads.

use easel_core::assess::Doubt;
use egui::Ui;
use egui::accesskit::Live;

use super::{student, teacher};
use crate::ui::app::EaselApp;
use crate::ui::command::{Change, Command};
use crate::ui::run::Writing;
use crate::ui::settings::View;
use crate::ui::theme::look;
use crate::ui::widgets::{
    Button, Icon, body, card, choice, icon_section, large, muted, page, wash,
};

pub(super) fn result_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let t = app.words();
    page(ui, "result", 1080.0, |ui| {
        let views = [(View::Student, t.view_student), (View::Teacher, t.view_teacher)];
        if let Some(view) = choice(ui, app.settings.view, &views) {
            commands.push(Command::Set(Change::View(view)));
        }
        remark_ui(ui, app);
        match app.settings.view {
            View::Student => student::student_ui(ui, app, commands),
            View::Teacher => teacher::teacher_ui(ui, app, commands),
        }
    });
}

/// What speaks against the picture being a drawing, where something does.
fn remark_ui(ui: &mut Ui, app: &EaselApp) {
    let Some(doubt) = app.doubt() else { return };
    let t = app.words();
    let text = match (app.settings.view, doubt) {
        (View::Student, Doubt::Blank) => t.blank_student,
        (View::Student, Doubt::NoDrawing) => t.no_drawing_student,
        (View::Teacher, Doubt::Blank) => t.blank_teacher,
        (View::Teacher, Doubt::NoDrawing) => t.no_drawing_teacher,
    };
    let palette = look(ui).palette;
    wash(ui, palette.sun_wash, |ui| {
        icon_section(ui, (Icon::Info, palette.sun), t.remark, palette.ink);
        let said = body(ui, text);
        ui.ctx().accesskit_node_builder(said.id, |node| node.set_live(Live::Polite));
    });
}

/// The comment as it comes, for both voices.
pub(super) fn comment_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let Some(run) = &app.run else { return };
    let t = app.words();
    let look = look(ui);
    card(ui, |ui| {
        let icon = (Icon::Speech, look.palette.accent);
        icon_section(ui, icon, t.comment_title, look.palette.ink);
        let words = run.words.trim();
        let said = match (run.writing, words.is_empty()) {
            (_, false) => large(ui, words),
            (Writing::Going, true) => muted(ui, t.comment_wait),
            (_, true) => muted(ui, t.comment_none),
        };
        ui.ctx().accesskit_node_builder(said.id, |node| {
            node.set_live(Live::Polite);
            node.set_author_id("comment");
        });
        if run.writing == Writing::Stopped && !words.is_empty() {
            muted(ui, t.comment_stopped);
        }
        if run.writing == Writing::Going
            && ui.add(Button::quiet(t.stop_writing).icon(Icon::Close)).clicked()
        {
            commands.push(Command::Cancel);
        }
    });
}
