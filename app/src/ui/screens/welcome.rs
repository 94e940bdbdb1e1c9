//! The first screen: a place for a drawing, and samples to try.

use egui::accesskit::Role;
use egui::epaint::RoundedRect;
use egui::{
    Color32, CornerRadius, CursorIcon, Rect, Response, Sense, Shape, Stroke, StrokeKind,
    TextureHandle, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::ui::app::EaselApp;
use crate::ui::class::Lesson;
use crate::ui::command::Command;
use crate::ui::portfolio::Keeping;
use crate::ui::settings::View;
use crate::ui::text::fill;
use crate::ui::theme::{CARD_RADIUS, GAP, TWO_COLUMNS, look};
use crate::ui::widgets::{
    Button, Column, Icon, centered, heading, large, muted, page, paint_icon, ring, row, section,
    small, split,
};

pub(super) fn welcome_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let t = app.words();
    let wide = ui.available_width() >= TWO_COLUMNS + 240.0;
    page(ui, "welcome", if wide { 1080.0 } else { 680.0 }, |ui| {
        if wide {
            ui.add_space(GAP * 1.5);
        }
        centered(ui, |ui| {
            heading(ui, t.welcome);
            large(ui, t.welcome_more);
        });
        if wide {
            ui.add_space(GAP / 2.0);
            split(ui, 0.54, |ui, column| match column {
                Column::Left => drop_ui(ui, app, 380.0, commands),
                Column::Right => samples_ui(ui, app, commands),
            });
        } else {
            let height = if ui.available_width() < 420.0 { 240.0 } else { 320.0 };
            drop_ui(ui, app, height, commands);
            samples_ui(ui, app, commands);
        }
        portfolios_ui(ui, app, commands);
        notes_ui(ui, app, commands);
    });
}

/// The way to what is kept.
fn portfolios_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let t = app.words();
    row(ui, |ui| {
        if ui.add(Button::plain(t.portfolios).icon(Icon::Portfolio)).clicked() {
            commands.push(Command::Portfolio(Keeping::Show));
        }
        let teacher = app.settings.view == View::Teacher;
        if teacher && ui.add(Button::plain(t.class.classes).icon(Icon::Compare)).clicked() {
            commands.push(Command::Class(Lesson::Show));
        }
    });
}

/// The drop area with its buttons.
fn drop_ui(ui: &mut Ui, app: &EaselApp, height: f32, commands: &mut Vec<Command>) {
    let t = app.words();
    let palette = look(ui).palette;
    let hovering = ui.input(|input| !input.raw.hovered_files.is_empty());
    let ground = ui.painter().add(Shape::Noop);
    let lines = ui.painter().add(Shape::Noop);
    let start = ui.cursor().min;
    let width = ui.available_width();
    let inner = Rect::from_min_size(start, vec2(width, height)).shrink(GAP);
    let used = ui.scope_builder(UiBuilder::new().max_rect(inner), |ui| {
        centered(ui, |ui| {
            // In the middle of the height, as far as it is known from the last frame.
            let key = ui.scope_id().with("height");
            let last: f32 = ui.ctx().data(|data| data.get_temp(key)).unwrap_or(height - 2.0 * GAP);
            ui.add_space(((inner.height() - last) / 2.0).max(GAP / 2.0));
            let begin = ui.cursor().top();
            let (square, _) = ui.allocate_exact_size(vec2(80.0, 80.0), Sense::hover());
            ui.painter().circle_filled(square.center(), 40.0, palette.card);
            paint_icon(ui.painter(), square.shrink(20.0), Icon::Picture, palette.accent);
            ui.add_space(GAP / 2.0);
            section(ui, if hovering { t.drop_now } else { t.drop_here }, palette.ink);
            if app.opening.is_some() {
                muted(ui, t.opening);
                ui.add(egui::Spinner::new().color(palette.accent));
                if ui.add(Button::plain(t.cancel).icon(Icon::Close)).clicked() {
                    commands.push(Command::Cancel);
                }
            } else {
                if ui.add(Button::primary(t.choose).icon(Icon::Picture)).clicked() {
                    commands.push(Command::Choose);
                }
                let camera = Button::quiet(t.camera).icon(Icon::Camera);
                if app.platform.has_camera() && ui.add(camera).clicked() {
                    commands.push(Command::Photograph);
                }
                if app.platform.has_clipboard() {
                    if ui.add(Button::quiet(t.paste).icon(Icon::Paste)).clicked() {
                        commands.push(Command::Paste);
                    }
                    small(ui, t.paste_hint);
                }
            }
            let used = ui.min_rect().bottom() - begin;
            ui.ctx().data_mut(|data| data.insert_temp(key, used));
        });
    });
    let bottom = used.response.rect.bottom().max(inner.bottom()) + GAP;
    let area = Rect::from_min_max(start, pos2(start.x + width, bottom));
    let (fill, line) = match hovering {
        true => (palette.leaf_wash, palette.leaf),
        false => (palette.accent_wash, palette.edge),
    };
    ui.painter().set(ground, Shape::rect_filled(area, CARD_RADIUS, fill));
    ui.painter().set(lines, Shape::Vec(dashes(area.shrink(1.0), line)));
    ui.advance_cursor_after_rect(area);
}

/// A dashed line around a rounded rectangle.
fn dashes(area: Rect, color: Color32) -> Vec<Shape> {
    let mut path = Vec::new();
    let rounded = RoundedRect::new(area, CornerRadius::same(CARD_RADIUS));
    egui::epaint::tessellator::path::rounded_rectangle(&mut path, rounded);
    path.extend(path.first().copied());
    Shape::dashed_line(&path, Stroke::new(2.0, color), 8.0, 7.0)
}

fn samples_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let t = app.words();
    let palette = look(ui).palette;
    section(ui, t.samples, palette.ink);
    let gap = GAP * 0.75;
    let width = ((ui.available_width() - 2.0 * gap) / 3.0).floor();
    for (line, three) in app.samples.chunks(3).enumerate() {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            for (at, texture) in three.iter().enumerate() {
                let number = line * 3 + at;
                let name = fill(t.sample, &[&(number + 1).to_string()]);
                if sample_ui(ui, texture, width, &name).clicked() {
                    commands.push(Command::Sample(number));
                }
            }
        });
    }
    small(ui, t.samples_note);
    if !app.settings.recent.is_empty() && app.platform.has_folders() {
        section(ui, t.recent, palette.ink);
        row(ui, |ui| {
            for path in &app.settings.recent {
                let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
                if ui.add(Button::plain(name).icon(Icon::Picture)).clicked() {
                    commands.push(Command::Recent(path.clone()));
                }
            }
        });
    }
}

fn sample_ui(ui: &mut Ui, texture: &TextureHandle, width: f32, name: &str) -> Response {
    let palette = look(ui).palette;
    let (rect, response) = ui.allocate_exact_size(vec2(width, width), Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    let line = if response.hovered() { palette.accent } else { palette.line };
    let radius = CornerRadius::same(14);
    // The middle of the picture fills the square.
    let [w, h] = texture.size().map(|side| side as f32);
    let (x, y) = ((1.0 - h / w).max(0.0) / 2.0, (1.0 - w / h).max(0.0) / 2.0);
    let uv = Rect::from_min_max(pos2(x, y), pos2(1.0 - x, 1.0 - y));
    let shape = egui::epaint::RectShape::filled(rect, radius, Color32::WHITE);
    ui.painter().add(shape.with_texture(texture.id(), uv));
    let width = if response.hovered() { 3.0 } else { 1.0 };
    ui.painter().rect_stroke(rect, radius, Stroke::new(width, line), StrokeKind::Inside);
    ring(ui, &response, 14);
    response
}

/// Who speaks here, and where the drawing stays.
fn notes_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let t = app.words();
    let palette = look(ui).palette;
    let mut note = |icon, text: &str| {
        ui.horizontal_top(|ui| {
            let (square, _) = ui.allocate_exact_size(vec2(20.0, 20.0), Sense::hover());
            paint_icon(ui.painter(), square, icon, palette.muted);
            ui.vertical(|ui| small(ui, text));
        });
    };
    note(Icon::Lock, t.private);
    if app.model.info.as_ref().is_none_or(|info| info.demo) {
        note(Icon::Info, t.demo_note);
    }
    if app.model.info.as_ref().is_some_and(|info| info.no_webgpu) {
        note(Icon::Info, t.no_webgpu);
    }
    if ui.add(Button::quiet(t.models_open).icon(Icon::Easel)).clicked() {
        commands.push(Command::Models(true));
    }
}
