//! One of several, side by side: a group of radio buttons.

use egui::accesskit::Role;
use egui::{Color32, CursorIcon, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use super::button::ring;
use crate::ui::theme::{BODY, BUTTON_RADIUS, TOUCH, look, strong};

/// Shows the options and returns the one that was pressed, unless it was chosen before.
pub fn choice<T: Copy + PartialEq>(ui: &mut Ui, chosen: T, options: &[(T, &str)]) -> Option<T> {
    let look = look(ui);
    let palette = look.palette;
    let mut pressed = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        for &(option, text) in options {
            let selected = option == chosen;
            let font = strong(text, BODY * look.scale);
            let wrap = ui.max_rect().width() - 32.0;
            let galley = ui.painter().layout(text.to_owned(), font, Color32::PLACEHOLDER, wrap);
            let size = vec2(galley.size().x + 32.0, (galley.size().y + 20.0).max(TOUCH));
            let (rect, response) = ui.allocate_exact_size(size, Sense::click());
            let response = response.on_hover_cursor(CursorIcon::PointingHand);
            response.widget_info(|| {
                WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), selected, text)
            });
            let (fill, line, ink) = match selected {
                true => (palette.accent_wash, Stroke::new(2.0, palette.accent), palette.accent),
                false if response.hovered() => {
                    (palette.accent_wash, Stroke::new(1.0, palette.edge), palette.ink)
                }
                false => (palette.card, Stroke::new(1.0, palette.edge), palette.ink),
            };
            ui.painter().rect(rect, BUTTON_RADIUS, fill, line, StrokeKind::Inside);
            let place = egui::Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size());
            ui.painter().galley(place.min, galley, ink);
            ring(ui, &response, BUTTON_RADIUS);
            if response.clicked() && !selected {
                pressed = Some(option);
            }
        }
    });
    pressed
}
