//! On or off, with its words beside it.

use egui::accesskit::Role;
use egui::{Color32, CursorIcon, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use super::button::ring;
use super::icon::{Icon, paint};
use crate::ui::theme::{BODY, TOUCH, look, strong};

const BOX: f32 = 26.0;

/// Shows the box and returns the new value where it was pressed.
pub fn check(ui: &mut Ui, on: bool, text: &str) -> Option<bool> {
    let look = look(ui);
    let palette = look.palette;
    let wrap = ui.available_width() - BOX - 12.0;
    let font = strong(text, BODY * look.scale);
    let galley = ui.painter().layout(text.to_owned(), font, Color32::PLACEHOLDER, wrap);
    let size = vec2(galley.size().x + BOX + 12.0, (galley.size().y + 8.0).max(TOUCH));
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, ui.is_enabled(), on, text));
    let square = Rect::from_center_size(rect.left_center() + vec2(BOX / 2.0, 0.0), vec2(BOX, BOX));
    let (fill, line) =
        if on { (palette.accent, palette.accent) } else { (palette.card, palette.edge) };
    ui.painter().rect(square, 8.0, fill, Stroke::new(2.0, line), StrokeKind::Inside);
    if on {
        paint(ui.painter(), square.shrink(4.0), Icon::Check, palette.on_accent);
    }
    let place = egui::pos2(rect.left() + BOX + 12.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(place, galley, palette.ink);
    ring(ui, &response, 8);
    response.clicked().then_some(!on)
}
