//! Text in its sizes.

use egui::accesskit::Role;
use egui::{Color32, Label, Response, RichText, Sense, Ui, vec2};

use super::icon::{Icon, paint};
use crate::ui::theme::{self, BODY, LARGE, SMALL, TITLE, look};

fn add(ui: &mut Ui, text: &str, size: f32, strong: bool, color: Color32) -> Response {
    let size = size * look(ui).scale;
    let font = theme::strong(text, size);
    let text = RichText::new(text).size(size).color(color).line_height(Some(size * 1.4));
    let text = if strong { text.font(font) } else { text };
    ui.add(Label::new(text).wrap())
}

/// A screen's title.
pub fn heading(ui: &mut Ui, text: &str) -> Response {
    let color = look(ui).palette.ink;
    // Long words must fit on the narrowest screens.
    let size = if ui.available_width() < 420.0 { TITLE * 0.85 } else { TITLE };
    let response = add(ui, text, size, true, color);
    as_heading(ui, &response, text);
    response
}

/// The title of a part of a screen.
pub fn section(ui: &mut Ui, text: &str, color: Color32) -> Response {
    let response = add(ui, text, LARGE, true, color);
    as_heading(ui, &response, text);
    response
}

/// The same with an icon of its own colour before it.
pub fn icon_section(ui: &mut Ui, (icon, own): (Icon, Color32), text: &str, color: Color32) {
    ui.horizontal(|ui| {
        let (square, _) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::hover());
        paint(ui.painter(), square, icon, own);
        section(ui, text, color);
    });
}

/// Words to a child.
pub fn large(ui: &mut Ui, text: &str) -> Response {
    let color = look(ui).palette.ink;
    add(ui, text, LARGE, false, color)
}

/// Running text.
pub fn body(ui: &mut Ui, text: &str) -> Response {
    let color = look(ui).palette.ink;
    add(ui, text, BODY, false, color)
}

/// Running text of less weight.
pub fn muted(ui: &mut Ui, text: &str) -> Response {
    let color = look(ui).palette.muted;
    add(ui, text, BODY, false, color)
}

/// Small print.
pub fn small(ui: &mut Ui, text: &str) -> Response {
    let color = look(ui).palette.muted;
    add(ui, text, SMALL, false, color)
}

fn as_heading(ui: &Ui, response: &Response, text: &str) {
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::Heading);
        node.set_label(text);
    });
}
