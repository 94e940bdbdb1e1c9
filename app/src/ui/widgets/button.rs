//! Buttons: large enough for small fingers, their text wraps and is never cut off.

use egui::accesskit::Role;
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Rect, Response, Sense, Stroke, StrokeKind, Ui,
    Widget, WidgetInfo, vec2,
};

use super::icon::{Icon, paint};
use crate::ui::theme::{BODY, BUTTON_RADIUS, TOUCH, look, strong};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Primary,
    Plain,
    Quiet,
}

/// A button.
#[derive(Debug)]
pub struct Button<'a> {
    text: &'a str,
    name: &'a str,
    icon: Option<Icon>,
    weight: Weight,
    wide: bool,
}

impl<'a> Button<'a> {
    const fn new(text: &'a str, weight: Weight) -> Self {
        Self { text, name: text, icon: None, weight, wide: false }
    }

    /// The one that goes on.
    #[must_use]
    pub const fn primary(text: &'a str) -> Self {
        Self::new(text, Weight::Primary)
    }

    /// One of several.
    #[must_use]
    pub const fn plain(text: &'a str) -> Self {
        Self::new(text, Weight::Plain)
    }

    /// One that keeps in the background.
    #[must_use]
    pub const fn quiet(text: &'a str) -> Self {
        Self::new(text, Weight::Quiet)
    }

    /// An icon before the text, or alone where that is empty.
    #[must_use]
    pub const fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// The name for screen readers, where it is not the text.
    #[must_use]
    pub const fn name(mut self, name: &'a str) -> Self {
        self.name = name;
        self
    }

    /// As wide as there is room.
    #[must_use]
    pub const fn wide(mut self) -> Self {
        self.wide = true;
        self
    }
}

/// The ring around what has the keyboard.
pub fn ring(ui: &Ui, response: &Response, radius: u8) {
    if response.has_focus() {
        let stroke = Stroke::new(3.0, look(ui).palette.focus);
        let radius = CornerRadius::same(radius + 3);
        ui.painter().rect_stroke(response.rect.expand(3.0), radius, stroke, StrokeKind::Middle);
        if response.gained_focus() {
            response.scroll_to_me(None);
        }
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let look = look(ui);
        let palette = look.palette;
        let side = if self.weight == Weight::Quiet || self.text.is_empty() { 12.0 } else { 20.0 };
        let icon = if self.icon.is_some() { 22.0 * look.scale.min(1.2) } else { 0.0 };
        let between = if icon > 0.0 && !self.text.is_empty() { 10.0 } else { 0.0 };
        let around = 2.0 * side + icon + between;
        let most = (ui.available_size_before_wrap().x.max(120.0)).min(ui.max_rect().width());
        let font = strong(self.text, BODY * look.scale);
        let layout = |wrap: f32| {
            ui.painter().layout(self.text.to_owned(), font.clone(), Color32::PLACEHOLDER, wrap)
        };
        let mut galley = layout(f32::INFINITY);
        if galley.size().x + around > most {
            // Rather a line of its own than a word in pieces.
            galley = layout((ui.max_rect().width() - around).max(40.0));
        }
        let width = if self.wide { most } else { galley.size().x + around };
        let size = vec2(width.max(TOUCH), (galley.size().y + 20.0).max(TOUCH));
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        let enabled = ui.is_enabled();
        response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, self.name));
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let over = response.hovered() || response.is_pointer_button_down_on();
        let (fill, line, ink) = match self.weight {
            Weight::Primary => {
                let fill = if over { palette.accent.gamma_multiply(0.92) } else { palette.accent };
                (fill, Color32::TRANSPARENT, palette.on_accent)
            }
            Weight::Plain if over => (palette.accent_wash, palette.accent, palette.ink),
            Weight::Plain => (palette.card, palette.edge, palette.ink),
            Weight::Quiet if over => (palette.accent_wash, Color32::TRANSPARENT, palette.accent),
            Weight::Quiet => (Color32::TRANSPARENT, Color32::TRANSPARENT, palette.accent),
        };
        let painter = ui.painter();
        if self.weight == Weight::Primary {
            painter.rect_filled(rect, BUTTON_RADIUS, palette.paper);
        }
        painter.rect(rect, BUTTON_RADIUS, fill, Stroke::new(1.0, line), StrokeKind::Inside);
        let inner = icon + between + galley.size().x;
        let left = rect.center().x - inner / 2.0;
        if let Some(name) = self.icon {
            let square = Rect::from_min_size(
                egui::pos2(left, rect.center().y - icon / 2.0),
                vec2(icon, icon),
            );
            paint(painter, square, name, ink);
        }
        let text = Align2::LEFT_CENTER
            .anchor_size(egui::pos2(left + icon + between, rect.center().y), galley.size());
        painter.galley(text.min, galley, ink);
        ring(ui, &response, BUTTON_RADIUS);
        response
    }
}
