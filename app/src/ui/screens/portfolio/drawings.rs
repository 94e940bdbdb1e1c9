//! A pupil's drawings: of however many, only those on the screen are drawn.

use egui::accesskit::Role;
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use super::delete_ui;
use super::pupils::how_many;
use crate::portfolio::{Group, LONGEST_NAME};
use crate::ui::app::EaselApp;
use crate::ui::portfolio::{Keeping, Question, Small};
use crate::ui::settings::View;
use crate::ui::text::fill;
use crate::ui::theme::{GAP, PAGE, SMALL, look};
use crate::ui::widgets::{Button, Icon, card, field, heading, muted, paint_icon, ring, row, small};

/// The least width of a drawing, in points.
const NARROWEST: f32 = 140.0;
/// How round a small drawing is.
const ROUND: u8 = 12;

pub(super) fn drawings_ui(ui: &mut Ui, app: &EaselApp, ask: &mut dyn FnMut(Keeping)) {
    let Some(group) = app.portfolio.pupil() else { return };
    let grid = &app.portfolio.grid;
    ScrollArea::vertical()
        .id_salt(("drawings", group.pupil.id.0))
        .auto_shrink([false, false])
        .show_viewport(ui, |ui, view| {
            let margin = if ui.available_width() < 500.0 { GAP } else { 1.5 * GAP };
            let width = (ui.available_width() - 2.0 * margin).min(PAGE);
            let left = ui.max_rect().left() + (ui.available_width() - width) / 2.0;
            let top = ui.max_rect().top();
            let head = Rect::from_min_size(pos2(left, top + GAP / 2.0), vec2(width, 0.0));
            let used = ui.scope_builder(UiBuilder::new().max_rect(head), |ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = GAP * 0.75;
                head_ui(ui, app, group, ask);
            });
            let begin = used.response.rect.bottom() + GAP;
            let cells = Cells::new(ui, pos2(left, begin), width, grid.total.unwrap_or(0));
            // In the page's own measure the view begins at its top.
            let seen = view.translate(vec2(0.0, top));
            let (first, last) = cells.seen(seen.top(), seen.bottom());
            for number in first..last {
                cell_ui(ui, app, cells.place(number), grid.get(number), ask);
            }
            if let Some(from) = grid.missing(first, last) {
                ask(Keeping::Need(from));
            }
            ui.advance_cursor_after_rect(Rect::from_min_size(
                pos2(left, begin),
                vec2(width, cells.height()),
            ));
            foot_ui(
                ui,
                app,
                group,
                Rect::from_min_size(ui.cursor().min.max(pos2(left, top)), vec2(width, 0.0)),
                ask,
            );
        });
}

fn head_ui(ui: &mut Ui, app: &EaselApp, group: &Group, ask: &mut dyn FnMut(Keeping)) {
    let t = app.words();
    heading(ui, &group.pupil.name);
    muted(ui, &how_many(t, group));
    row(ui, |ui| match &app.portfolio.picking {
        Some(_) => {
            muted(ui, t.compare_pick);
            if ui.add(Button::quiet(t.cancel).icon(Icon::Close)).clicked() {
                ask(Keeping::Pick(false));
            }
        }
        None if group.drawings >= 2 => {
            if ui.add(Button::plain(t.compare_two).icon(Icon::Compare)).clicked() {
                ask(Keeping::Pick(true));
            }
            let teacher = app.settings.view == View::Teacher;
            if teacher && ui.add(Button::plain(t.growth).icon(Icon::Growth)).clicked() {
                ask(Keeping::Growth);
            }
        }
        None => {}
    });
}

/// What only grown-ups do: another name, and deleting all.
fn foot_ui(ui: &mut Ui, app: &EaselApp, group: &Group, area: Rect, ask: &mut dyn FnMut(Keeping)) {
    if app.settings.view != View::Teacher {
        ui.add_space(GAP);
        return;
    }
    let t = app.words();
    let used = ui.scope_builder(UiBuilder::new().max_rect(area), |ui| {
        ui.set_width(area.width());
        card(ui, |ui| {
            small(ui, t.pupil_name);
            let name = &app.portfolio.name;
            let (typed, entered) = field(ui, t.pupil_name, name, LONGEST_NAME, 420.0);
            if let Some(name) = typed {
                ask(Keeping::Name(name));
            }
            let other = !name.trim().is_empty() && name.trim() != group.pupil.name;
            let pressed = ui
                .add_enabled_ui(other, |ui| ui.add(Button::plain(t.pupil_rename).icon(Icon::Check)))
                .inner
                .clicked();
            if other && (pressed || entered) {
                ask(Keeping::Rename);
            }
            let question = Question::Pupil(group.pupil.id);
            if group.unseen > 0 {
                small(ui, &fill(t.class.unseen, &[&group.unseen.to_string()]));
            }
            let name = &group.pupil.name;
            let text =
                fill(t.delete_pupil_ask, &[name, &(group.drawings + group.unseen).to_string()]);
            delete_ui(ui, app, question, [&fill(t.delete_pupil, &[name]), &text], ask);
        });
    });
    ui.advance_cursor_after_rect(used.response.rect);
    ui.add_space(1.5 * GAP);
}

/// Where the drawings stand.
struct Cells {
    begin: egui::Pos2,
    columns: u64,
    side: f32,
    /// From one line to the next.
    line: f32,
    total: u64,
}

impl Cells {
    fn new(ui: &Ui, begin: egui::Pos2, width: f32, total: u64) -> Self {
        let columns = ((width + GAP) / (NARROWEST + GAP)).floor().clamp(2.0, 6.0);
        let side = (width - GAP * (columns - 1.0)) / columns;
        let line = side + GAP + 1.6 * SMALL * look(ui).scale;
        Self { begin, columns: columns as u64, side, line, total }
    }

    fn lines(&self) -> u64 {
        self.total.div_ceil(self.columns)
    }

    fn height(&self) -> f32 {
        self.lines() as f32 * self.line
    }

    /// The drawings between two heights, and a line more at each end, which the keyboard reaches.
    fn seen(&self, top: f32, bottom: f32) -> (u64, u64) {
        let line = |y: f32| ((y - self.begin.y) / self.line).floor().max(0.0) as u64;
        let first = line(top).saturating_sub(1).min(self.lines());
        let last = (line(bottom.max(top)) + 2).min(self.lines());
        (first * self.columns, (last * self.columns).min(self.total))
    }

    fn place(&self, number: u64) -> Rect {
        let (line, column) = (number / self.columns, number % self.columns);
        let at = vec2(column as f32 * (self.side + GAP), line as f32 * self.line);
        Rect::from_min_size(self.begin + at, vec2(self.side, self.side))
    }
}

fn cell_ui(
    ui: &mut Ui,
    app: &EaselApp,
    place: Rect,
    drawing: Option<&Small>,
    ask: &mut dyn FnMut(Keeping),
) {
    let palette = look(ui).palette;
    let radius = CornerRadius::same(ROUND);
    let Some(drawing) = drawing else {
        // It is on its way.
        ui.painter().rect(
            place,
            radius,
            palette.card,
            Stroke::new(1.0, palette.line),
            StrokeKind::Inside,
        );
        return;
    };
    let (t, id) = (app.words(), drawing.record.id);
    let date = drawing.record.when.date();
    let name = fill(t.drawing_of, &[&date]);
    let picked = app.portfolio.picking.as_ref().map(|picked| picked.contains(&id));
    let response = ui.interact(place, ui.scope_id().with(("drawing", id.0)), Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| match picked {
        Some(on) => WidgetInfo::selected(Role::CheckBox, true, on, &name),
        None => WidgetInfo::labeled(Role::Button, true, &name),
    });
    if ui.is_rect_visible(place) {
        small_ui(ui, place, drawing);
        let chosen = picked == Some(true);
        let line = if chosen || response.hovered() { palette.accent } else { palette.line };
        let width = if chosen { 4.0 } else { 1.0 };
        ui.painter().rect_stroke(place, radius, Stroke::new(width, line), StrokeKind::Inside);
        if chosen {
            let mark = Rect::from_min_size(place.right_top() + vec2(-34.0, 6.0), vec2(28.0, 28.0));
            ui.painter().circle_filled(mark.center(), 14.0, palette.accent);
            paint_icon(ui.painter(), mark.shrink(6.0), Icon::Check, palette.on_accent);
        }
        let font = egui::FontId::proportional(SMALL * look(ui).scale);
        let below = place.center_bottom() + vec2(0.0, 3.0);
        ui.painter().text(below, Align2::CENTER_TOP, date, font, palette.muted);
    }
    ring(ui, &response, ROUND);
    if response.clicked() {
        ask(if picked.is_some() { Keeping::Picked(id) } else { Keeping::Drawing(id) });
    }
}

/// The middle of the drawing fills the square.
fn small_ui(ui: &Ui, place: Rect, drawing: &Small) {
    let [w, h] = drawing.picture.size().map(|side| side as f32);
    let (x, y) = ((1.0 - h / w).max(0.0) / 2.0, (1.0 - w / h).max(0.0) / 2.0);
    let uv = Rect::from_min_max(pos2(x, y), pos2(1.0 - x, 1.0 - y));
    let radius = CornerRadius::same(ROUND);
    let shape = egui::epaint::RectShape::filled(place, radius, Color32::WHITE);
    ui.painter().add(shape.with_texture(drawing.picture.id(), uv));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_seen_is_drawn() {
        let cells =
            Cells { begin: pos2(0.0, 100.0), columns: 3, side: 90.0, line: 100.0, total: 100_000 };
        assert_eq!(cells.lines(), 33_334);
        assert_eq!(cells.seen(0.0, 350.0), (0, 12));
        let (first, last) = cells.seen(1_000_100.0, 1_000_800.0);
        assert_eq!((first, last), (29_997, 30_027));
        assert_eq!(cells.seen(9e9, 9e9), (100_002.min(cells.lines() * 3), 100_000));
        assert_eq!(cells.place(4).min, pos2(90.0 + GAP, 200.0));
    }
}
