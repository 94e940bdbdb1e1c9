//! Where the program looked: squares over the picture, with what they mean and what they do not.

use easel_core::Attribute;
use egui::{Color32, CornerRadius, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::picture::kept_ui;
use crate::ui::app::EaselApp;
use crate::ui::command::Command;
use crate::ui::looked::strengths;
use crate::ui::text::fill;
use crate::ui::theme::look;
use crate::ui::widgets::{Button, Icon, body, muted, small};

/// How much of the picture the strongest square hides.
const COVER: f32 = 0.62;

/// The squares of one attribute, or the button that asks for them.
pub(super) fn looked_ui(
    ui: &mut Ui,
    app: &EaselApp,
    attribute: Attribute,
    commands: &mut Vec<Command>,
) {
    let t = app.words();
    let name = t.of(attribute).name;
    let Some(found) = app.looked.found.get(&attribute) else {
        if app.looked.asked.is_some_and(|(_, asked)| asked == attribute) {
            muted(ui, t.where_wait);
        } else {
            let full = format!("{}: {name}", t.where_look);
            let button = Button::quiet(t.where_look).name(&full).icon(Icon::Eye);
            if ui.add(button).clicked() {
                commands.push(Command::WhereLooked(attribute));
            }
        }
        return;
    };
    let Some(drawing) = &app.drawing else { return };
    let strengths = strengths(found);
    let place = kept_ui(ui, drawing, vec2(ui.available_width(), 280.0), t.where_picture);
    if let (Some(place), Some(strengths)) = (place, strengths) {
        squares(ui, place, strengths, found.most());
    }
    if strengths.is_some() {
        let [row, column] = found.most();
        let fall = found.falls[row][column];
        let text = if fall > 0.0 { t.where_lower } else { t.where_higher };
        let [row, column] = [row + 1, column + 1].map(|at| at.to_string());
        body(ui, &fill(text, &[&row, &column, &format!("{:.1}", fall.abs())]));
        small(ui, t.where_legend);
    } else {
        body(ui, t.where_nothing);
    }
    small(ui, t.where_caution);
}

fn squares(ui: &Ui, place: Rect, strengths: [[f32; 4]; 4], [most_row, most_column]: [usize; 2]) {
    let (painter, palette) = (ui.painter(), look(ui).palette);
    let size = place.size() / 4.0;
    let at = |row: usize, column: usize| {
        let corner = place.min + vec2(size.x * column as f32, size.y * row as f32);
        Rect::from_min_size(corner, size)
    };
    for (row, cells) in strengths.into_iter().enumerate() {
        for (column, strength) in cells.into_iter().enumerate() {
            let colour = if strength > 0.0 { palette.focus } else { palette.accent };
            let colour = colour.gamma_multiply(strength.abs() * COVER);
            painter.rect_filled(at(row, column), CornerRadius::ZERO, colour);
        }
    }
    // Seen on any picture: a light line on a dark one.
    for step in 1..4 {
        let (across, down) = (size.x * step as f32, size.y * step as f32);
        let upright =
            [pos2(place.min.x + across, place.min.y), pos2(place.min.x + across, place.max.y)];
        let level = [pos2(place.min.x, place.min.y + down), pos2(place.max.x, place.min.y + down)];
        for line in [upright, level] {
            painter.line_segment(line, Stroke::new(2.0, Color32::from_black_alpha(90)));
            painter.line_segment(line, Stroke::new(1.0, Color32::from_white_alpha(170)));
        }
    }
    let most = at(most_row, most_column).shrink(1.5);
    painter.rect_stroke(most, 2.0, Stroke::new(5.0, Color32::WHITE), StrokeKind::Inside);
    let line = Stroke::new(3.0, Color32::from_gray(30));
    painter.rect_stroke(most.shrink(1.0), 2.0, line, StrokeKind::Inside);
}
