//! The plots of an evaluation, which `easel evaluate` draws as SVG, from the same points.

use egui::accesskit::Role;
use egui::{Align2, FontId, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::evaluation::{Confusion, RANGE, Reliability, Scatter};
use crate::ui::theme::{SMALL, look};

/// A square panel with both axes over one range.
struct Panel {
    area: Rect,
    range: [f64; 2],
}

impl Panel {
    fn point(&self, (x, y): (f64, f64)) -> Pos2 {
        let part = |value: f64| ((value - self.range[0]) / (self.range[1] - self.range[0])) as f32;
        let size = self.area.size();
        pos2(self.area.left() + part(x) * size.x, self.area.bottom() - part(y) * size.y)
    }

    /// Takes the room, and draws frame, labels and the line where both agree.
    fn new(ui: &mut Ui, range: [f64; 2], labels: &[(f64, &str)], said: &str) -> Self {
        let look = look(ui);
        let side = ui.available_width().min(260.0);
        let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, said));
        let font = FontId::proportional(SMALL * look.scale);
        let edge = 2.0 * SMALL * look.scale;
        let area = Rect::from_min_max(rect.min + vec2(edge, 6.0), rect.max - vec2(6.0, edge));
        let panel = Self { area, range };
        let painter = ui.painter();
        let fine = Stroke::new(1.0, look.palette.line);
        painter.rect_stroke(area, 0.0, fine, egui::StrokeKind::Inside);
        for &(at, text) in labels {
            let (below, beside) = (panel.point((at, range[0])), panel.point((range[0], at)));
            let muted = look.palette.muted;
            painter.text(below + vec2(0.0, 5.0), Align2::CENTER_TOP, text, font.clone(), muted);
            painter.text(beside - vec2(6.0, 0.0), Align2::RIGHT_CENTER, text, font.clone(), muted);
        }
        let ends = [panel.point((range[0], range[0])), panel.point((range[1], range[1]))];
        painter.line_segment(ends, Stroke::new(1.0, look.palette.edge));
        panel
    }
}

const LEVELS: [(f64, &str); 5] = [(1.0, "1"), (2.0, "2"), (3.0, "3"), (4.0, "4"), (5.0, "5")];

/// Predictions over originals.
pub fn scatter(ui: &mut Ui, scatter: &Scatter, said: &str) {
    let panel = Panel::new(ui, [RANGE.start, RANGE.end], &LEVELS, said);
    let palette = look(ui).palette;
    let ink = palette.sky.gamma_multiply(scatter.ink() as f32);
    for &at in &scatter.points {
        ui.painter().circle_filled(panel.point(at), 3.0, ink);
    }
    for &at in &scatter.means {
        ui.painter().circle_stroke(panel.point(at), 5.0, Stroke::new(2.0, palette.accent));
    }
}

/// Counts of rounded scores: a column an original, a row a prediction.
pub fn confusion(ui: &mut Ui, confusion: &Confusion, said: &str) {
    let panel = Panel::new(ui, [0.5, 5.5], &LEVELS, said);
    let look = look(ui);
    for (row, counts) in confusion.counts.iter().enumerate() {
        for (column, count) in counts.iter().enumerate() {
            let centre = panel.point((column as f64 + 1.0, row as f64 + 1.0));
            let cell = Rect::from_center_size(centre, panel.area.size() / 5.0).shrink(1.0);
            let share = confusion.share(row, column) as f32;
            ui.painter().rect_filled(cell, 2.0, look.palette.card);
            ui.painter().rect_filled(
                cell,
                2.0,
                look.palette.accent.gamma_multiply(0.08 + 0.92 * share),
            );
            if *count > 0 {
                let ink = if share > 0.5 { look.palette.on_accent } else { look.palette.ink };
                let font = FontId::proportional(SMALL * look.scale);
                ui.painter().text(centre, Align2::CENTER_CENTER, count, font, ink);
            }
        }
    }
}

/// Hits over confidence.
pub fn reliability(ui: &mut Ui, reliability: &Reliability, said: &str) {
    let labels = [(0.0, "0"), (0.5, "0.5"), (1.0, "1")];
    let panel = Panel::new(ui, [0.0, 1.0], &labels, said);
    let palette = look(ui).palette;
    let points: Vec<_> =
        reliability.bins.iter().map(|bin| panel.point((bin.confidence, bin.hits))).collect();
    ui.painter().add(Shape::line(points.clone(), Stroke::new(2.0, palette.sky)));
    let most = reliability.bins.iter().map(|bin| bin.n).max().unwrap_or(1) as f32;
    for (bin, at) in reliability.bins.iter().zip(points) {
        let size = 2.5 + 6.0 * (bin.n as f32 / most).sqrt();
        ui.painter().circle_filled(at, size, palette.sky.gamma_multiply(0.75));
    }
}
