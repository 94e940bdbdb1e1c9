//! One bar an attribute: the expected level, with the spread as a fine line.

use egui::accesskit::Role;
use egui::{Align2, Color32, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use easel_core::Assessment;

use crate::ui::text::{Table, fill};
use crate::ui::theme::{BODY, bold, look};

/// Shows all scores, one below the other.
pub fn bars(ui: &mut Ui, t: &Table, assessment: &Assessment) {
    let look = look(ui);
    let font = egui::FontId::proportional(BODY * look.scale);
    let layout = |ui: &Ui, text: &str| {
        ui.painter().layout_no_wrap(text.to_owned(), font.clone(), Color32::PLACEHOLDER)
    };
    let names: Vec<_> =
        assessment.iter().map(|(attribute, _)| layout(ui, t.of(attribute).short)).collect();
    let widest = names.iter().map(|name| name.size().x).fold(0.0, f32::max);
    let number = bold(BODY * look.scale);
    for ((attribute, score), name) in assessment.iter().zip(names) {
        let level = score.expected();
        let text = format!("{level:.1}");
        let height = name.size().y.max(22.0) + 8.0;
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        let said = fill(t.score_of, &[t.of(attribute).name, &text]);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, said.clone()));
        let painter = ui.painter();
        let middle = rect.center().y;
        let place = pos2(rect.left(), middle - name.size().y / 2.0);
        painter.galley(place, name, look.palette.ink);
        let room = 44.0 * look.scale;
        let track = Rect::from_min_max(
            pos2(rect.left() + widest + 14.0, middle - 7.0),
            pos2(rect.right() - room, middle + 7.0),
        );
        painter.rect_filled(track, 7.0, look.palette.accent_wash);
        let at = |level: f64| {
            track.left() + track.width() * ((level - 1.0) / 4.0).clamp(0.0, 1.0) as f32
        };
        let filled = track.with_max_x(at(level).max(track.left() + 14.0));
        painter.rect_filled(filled, 7.0, look.palette.accent);
        let (low, high) = (at(level - score.std()), at(level + score.std()));
        // A rim of the card's colour, as the ink alone does not stand out on every bar.
        for (width, color) in [(5.0, look.palette.card), (2.0, look.palette.ink)] {
            let stroke = Stroke::new(width, color);
            painter.hline(low..=high, middle, stroke);
            for end in [low, high] {
                painter.vline(end, middle - 4.0..=middle + 4.0, stroke);
            }
        }
        let place = pos2(rect.right(), middle);
        painter.text(place, Align2::RIGHT_CENTER, &text, number.clone(), look.palette.ink);
    }
}
