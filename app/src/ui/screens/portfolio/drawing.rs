//! A drawing that was kept, with its result, in the voice of whoever reads.

use easel_core::Attribute;
use egui::accesskit::Role;
use egui::{Color32, CornerRadius, Rect, Sense, TextureHandle, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::{delete_ui, new_ui};
use crate::portfolio::{LONGEST_NOTE, Record};
use crate::ui::app::EaselApp;
use crate::ui::charts::{bars, radar};
use crate::ui::portfolio::{Keeping, Opened, Question, Told};
use crate::ui::settings::View;
use crate::ui::text::{Table, fill};
use crate::ui::theme::{TWO_COLUMNS, look};
use crate::ui::widgets::{
    Button, Column, Icon, body, card, heading, icon_section, large, lines, muted, page, section,
    small, split,
};

pub(super) fn drawing_ui(ui: &mut Ui, app: &EaselApp, ask: &mut dyn FnMut(Keeping)) {
    let t = app.words();
    let height = ui.available_height();
    page(ui, "kept", 1000.0, |ui| {
        let Some(opened) = &app.portfolio.opened else {
            muted(ui, t.portfolio_wait);
            return;
        };
        let record = &opened.record;
        heading(
            ui,
            &fill(t.drawing_by, &[app.portfolio.name_of(record.pupil), &record.when.date()]),
        );
        if ui.available_width() >= TWO_COLUMNS - 60.0 {
            split(ui, 0.5, |ui, column| match column {
                Column::Left => {
                    let most = vec2(ui.available_width(), (height - 160.0).max(240.0));
                    card(ui, |ui| picture_ui(ui, &opened.picture, most, t.your_picture));
                }
                Column::Right => words_ui(ui, app, opened, ask),
            });
        } else {
            let most = vec2(ui.available_width(), (height * 0.42).max(200.0));
            card(ui, |ui| picture_ui(ui, &opened.picture, most, t.your_picture));
            words_ui(ui, app, opened, ask);
        }
    });
}

fn words_ui(ui: &mut Ui, app: &EaselApp, opened: &Opened, ask: &mut dyn FnMut(Keeping)) {
    let t = app.words();
    let record = &opened.record;
    comment_ui(ui, t, record);
    match app.settings.view {
        View::Student => new_ui(ui, t, record, opened.before.as_ref()),
        View::Teacher => {
            scores_ui(ui, t, record);
            note_ui(ui, app, ask);
        }
    }
    if let Some(before) = &opened.before
        && ui.add(Button::plain(t.compare_before).icon(Icon::Compare)).clicked()
    {
        ask(Keeping::Compare([before.id, record.id]));
    }
    if app.settings.view == View::Teacher {
        let question = Question::Drawing(record.id);
        delete_ui(ui, app, question, [t.delete_drawing, t.delete_drawing_ask], ask);
    }
}

fn comment_ui(ui: &mut Ui, t: &Table, record: &Record) {
    let palette = look(ui).palette;
    card(ui, |ui| {
        icon_section(ui, (Icon::Speech, palette.accent), t.comment_title, palette.ink);
        match record.words().is_empty() {
            true => muted(ui, t.comment_none),
            false => large(ui, record.words()),
        };
        if record.is_edited() {
            small(ui, t.class.edited);
        }
        small(ui, t.by_program);
    });
}

fn scores_ui(ui: &mut Ui, t: &Table, record: &Record) {
    card(ui, |ui| {
        section(ui, t.overview, look(ui).palette.ink);
        if record.assessment.iter().count() >= 3 {
            radar(ui, t, &record.assessment);
        }
        bars(ui, t, &record.assessment);
        for attribute in Attribute::ALL {
            // The teacher's own, beside the model's.
            if let Some(level) = record.own(attribute) {
                body(ui, &fill(t.class.own_level, &[t.of(attribute).name, &level.to_string()]));
            }
        }
        let model = if record.model.is_empty() { t.model_demo } else { &record.model };
        small(ui, &fill(t.model_name, &[model]));
    });
}

fn note_ui(ui: &mut Ui, app: &EaselApp, ask: &mut dyn FnMut(Keeping)) {
    let t = app.words();
    let portfolio = &app.portfolio;
    card(ui, |ui| {
        section(ui, t.note, look(ui).palette.ink);
        small(ui, t.note_more);
        if let Some(note) = lines(ui, t.note, &portfolio.note, LONGEST_NOTE) {
            ask(Keeping::Note(note));
        }
        let new = portfolio.is_note_new();
        let save = |ui: &mut Ui| ui.add(Button::plain(t.note_save).icon(Icon::Check));
        if ui.add_enabled_ui(new, save).inner.clicked() {
            ask(Keeping::SaveNote);
        }
        if portfolio.told == Some(Told::Noted) && !new {
            let said = body(ui, t.note_saved);
            ui.ctx().accesskit_node_builder(said.id, |node| {
                node.set_live(egui::accesskit::Live::Polite);
            });
        }
    });
}

/// A kept picture, as large as fits.
pub(in crate::ui::screens) fn picture_ui(
    ui: &mut Ui,
    picture: &TextureHandle,
    most: Vec2,
    name: &str,
) {
    let most = vec2(most.x.min(ui.available_width()), most.y);
    let pixels = picture.size_vec2();
    let size = pixels * (most.x / pixels.x).min(most.y / pixels.y).min(3.0);
    let room = vec2(ui.available_width(), size.y);
    let (area, response) = ui.allocate_exact_size(room, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let place = Rect::from_center_size(area.center(), size);
    let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    let shape = egui::epaint::RectShape::filled(place, CornerRadius::same(14), Color32::WHITE);
    ui.painter().add(shape.with_texture(picture.id(), uv));
}
