//! The pupil's result: words first, one strength, one thing to try. No numbers unless a teacher
//! released them.

use egui::{Color32, Ui};

use super::keep::keep_ui;
use super::picture::card_ui;
use super::result::comment_ui;
use crate::ui::app::EaselApp;
use crate::ui::charts::bars;
use crate::ui::command::Command;
use crate::ui::theme::{TWO_COLUMNS, look};
use crate::ui::widgets::{
    Button, Column, Icon, body, card, heading, icon_section, large, section, small, split, wash,
};

pub(super) fn student_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let Some(drawing) = &app.drawing else { return };
    let t = app.words();
    heading(ui, t.student_title);
    let picture = |ui: &mut Ui, height: f32| card_ui(ui, drawing, height, t.your_picture);
    if ui.available_width() >= TWO_COLUMNS - 60.0 {
        split(ui, 0.46, |ui, column| match column {
            Column::Left => {
                picture(ui, 460.0);
                notes_ui(ui, app);
            }
            Column::Right => words_ui(ui, app, commands),
        });
    } else {
        picture(ui, 240.0);
        words_ui(ui, app, commands);
        notes_ui(ui, app);
    }
}

fn words_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let t = app.words();
    let palette = look(ui).palette;
    comment_ui(ui, app, commands);
    let scored = app.run.as_ref().and_then(|run| run.scored.as_ref());
    // What is no drawing has no strength.
    if let Some((assessment, _)) = scored.filter(|_| app.doubt().is_none())
        && let Some((strength, next)) = assessment.extremes()
    {
        let (leaf, sky) = ((palette.leaf, palette.leaf_wash), (palette.sky, palette.sky_wash));
        idea_ui(ui, leaf, Icon::Leaf, t.strength_title, t.of(strength).strength);
        idea_ui(ui, sky, Icon::Bulb, t.next_title, t.of(next).next);
        if app.settings.numbers_released {
            card(ui, |ui| {
                section(ui, t.released_title, palette.ink);
                bars(ui, t, assessment);
            });
        }
    }
    keep_ui(ui, app, commands);
    if ui.add(Button::primary(t.another).icon(Icon::Picture)).clicked() {
        commands.push(Command::Home);
    }
}

fn idea_ui(ui: &mut Ui, (ink, ground): (Color32, Color32), icon: Icon, title: &str, text: &str) {
    wash(ui, ground, |ui| {
        icon_section(ui, (icon, ink), title, ink);
        large(ui, text);
    });
}

fn notes_ui(ui: &mut Ui, app: &EaselApp) {
    let t = app.words();
    body(ui, t.by_program);
    if app.model.info.as_ref().is_some_and(|info| info.demo) {
        small(ui, t.demo_note);
    }
}
