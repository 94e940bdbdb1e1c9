//! What is typed: a line, or several.

use egui::{Margin, Response, TextEdit, Ui, vec2};

use crate::ui::theme::{BODY, TOUCH, look};

/// Shows a line to be typed into, as wide as there is room up to `widest` points; returns the new
/// text where it changed, and whether Enter was pressed in it.
pub fn field(
    ui: &mut Ui,
    name: &str,
    text: &str,
    most: usize,
    widest: f32,
) -> (Option<String>, bool) {
    let mut typed = text.to_owned();
    let width = ui.available_width().min(widest);
    let edit = TextEdit::singleline(&mut typed).char_limit(most).desired_width(width - 28.0);
    let response = add(ui, edit, name);
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    (response.changed().then_some(typed), entered)
}

/// Shows several lines to be typed into; returns the new text where it changed.
pub fn lines(ui: &mut Ui, name: &str, text: &str, most: usize) -> Option<String> {
    let mut typed = text.to_owned();
    let width = ui.available_width() - 28.0;
    let edit =
        TextEdit::multiline(&mut typed).char_limit(most).desired_width(width).desired_rows(3);
    add(ui, edit, name).changed().then_some(typed)
}

fn add(ui: &mut Ui, edit: TextEdit<'_>, name: &str) -> Response {
    let look = look(ui);
    let font = egui::FontId::proportional(BODY * look.scale);
    let edit = edit
        .id_salt(name)
        .font(font)
        .text_color(look.palette.ink)
        .background_color(look.palette.card)
        .margin(Margin::symmetric(14, 12))
        .min_size(vec2(0.0, TOUCH));
    let response = ui.add(edit);
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    response
}
