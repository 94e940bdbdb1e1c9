//! Pages, cards and columns.

use egui::{Align, Color32, Frame, Layout, Margin, Rect, ScrollArea, Stroke, Ui, UiBuilder, vec2};

use crate::ui::theme::{CARD_RADIUS, GAP, PADDING, PAGE, look};

/// A scrolling page whose contents stand in the middle, at most `widest` points wide.
pub fn page(ui: &mut Ui, name: &str, widest: f32, contents: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().id_salt(name).auto_shrink([false, false]).show(ui, |ui| {
        let margin = if ui.available_width() < 500.0 { GAP } else { 1.5 * GAP };
        let width = (ui.available_width() - 2.0 * margin).min(widest).min(PAGE);
        let side = ((ui.available_width() - width) / 2.0).max(0.0);
        let top = ui.cursor().top() + GAP / 2.0;
        let area =
            Rect::from_min_size(egui::pos2(ui.cursor().left() + side, top), vec2(width, 0.0));
        let builder = UiBuilder::new().max_rect(area).layout(Layout::top_down(Align::Min));
        let used = ui.scope_builder(builder, |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = GAP;
            contents(ui);
        });
        ui.advance_cursor_after_rect(used.response.rect);
        ui.add_space(1.5 * GAP);
    });
}

/// A card over the whole width.
pub fn card<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let palette = look(ui).palette;
    block(ui, palette.card, palette.line, contents)
}

/// A card with a coloured ground.
pub fn wash<R>(ui: &mut Ui, ground: Color32, contents: impl FnOnce(&mut Ui) -> R) -> R {
    block(ui, ground, ground, contents)
}

fn block<R>(ui: &mut Ui, ground: Color32, line: Color32, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let padding = if ui.available_width() < 380.0 { PADDING * 0.8 } else { PADDING };
    Frame::new()
        .fill(ground)
        .stroke(Stroke::new(1.0, line))
        .corner_radius(CARD_RADIUS)
        .inner_margin(Margin::same(padding as i8))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = GAP / 2.0;
            contents(ui)
        })
        .inner
}

/// A column of [`split`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The first.
    Left,
    /// The second.
    Right,
}

/// Two columns, the left one taking `part` of the width.
pub fn split(ui: &mut Ui, part: f32, mut contents: impl FnMut(&mut Ui, Column)) {
    let area = ui.available_rect_before_wrap();
    let gap = 1.5 * GAP;
    let width = ((area.width() - gap) * part).round();
    let columns = [
        (Column::Left, area.left(), width),
        (Column::Right, area.left() + width + gap, area.width() - gap - width),
    ];
    let mut used = Rect::NOTHING;
    for (column, left, width) in columns {
        let area = Rect::from_min_size(egui::pos2(left, area.top()), vec2(width, area.height()));
        let builder = UiBuilder::new().max_rect(area).layout(Layout::top_down(Align::Min));
        let shown = ui.scope_builder(builder, |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = GAP;
            contents(ui, column);
        });
        used |= shown.response.rect;
    }
    ui.advance_cursor_after_rect(used);
}

/// A row that wraps where the width ends.
pub fn row(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(GAP * 0.75, GAP * 0.75);
        contents(ui);
    });
}

/// Contents in the middle of the width, one below the other.
pub fn centered(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.vertical_centered(|ui| {
        ui.spacing_mut().item_spacing.y = GAP * 0.75;
        contents(ui);
    });
}
