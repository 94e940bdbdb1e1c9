//! One attribute over time: a dot for each drawing, with its spread, and a line through them.

use egui::accesskit::Role;
use egui::{Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::ui::theme::{SMALL, look};

/// One drawing's score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Milliseconds since 1970 began.
    pub ms: i64,
    /// The expected value, from 1 to 5.
    pub level: f64,
    /// The standard deviation, in points.
    pub spread: f64,
}

/// Where moments are drawn: time from left to right, levels 1 to 5 upwards.
struct Layout {
    area: Rect,
    first: i64,
    last: i64,
}

impl Layout {
    fn new(area: Rect, moments: &[Moment]) -> Self {
        let times = || moments.iter().map(|moment| moment.ms);
        Self { area, first: times().min().unwrap_or(0), last: times().max().unwrap_or(0) }
    }

    fn x(&self, ms: i64) -> f32 {
        let span = self.last.saturating_sub(self.first);
        match span {
            0 => self.area.center().x,
            _ => {
                let part = ms.saturating_sub(self.first) as f64 / span as f64;
                self.area.left() + self.area.width() * part as f32
            }
        }
    }

    fn y(&self, level: f64) -> f32 {
        let part = ((level - 1.0) / 4.0).clamp(0.0, 1.0) as f32;
        self.area.bottom() - self.area.height() * part
    }

    fn point(&self, moment: &Moment) -> Pos2 {
        pos2(self.x(moment.ms), self.y(moment.level))
    }
}

/// Shows the moments, the earliest first; `name` is what screen readers say.
pub fn growth(ui: &mut Ui, moments: &[Moment], name: &str) {
    let look = look(ui);
    let palette = look.palette;
    let size = vec2(ui.available_width(), 132.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let font = egui::FontId::proportional(SMALL * look.scale);
    let area = Rect::from_min_max(
        rect.min + vec2(16.0 + SMALL * look.scale, 10.0),
        rect.max - vec2(10.0, 10.0),
    );
    let layout = Layout::new(area, moments);
    let painter = ui.painter();
    for level in 1_u8..=5 {
        let y = layout.y(f64::from(level));
        painter.hline(area.x_range(), y, Stroke::new(1.0, palette.line));
        let place = pos2(area.left() - 10.0, y);
        painter.text(place, egui::Align2::RIGHT_CENTER, level, font.clone(), palette.muted);
    }
    for moment in moments {
        let ends = [moment.level - moment.spread, moment.level + moment.spread];
        let [low, high] = ends.map(|level| layout.y(level));
        let x = layout.x(moment.ms);
        painter.vline(x, high..=low, Stroke::new(2.0, palette.edge.gamma_multiply(0.6)));
    }
    let points: Vec<_> = moments.iter().map(|moment| layout.point(moment)).collect();
    painter.add(Shape::line(points.clone(), Stroke::new(2.0, palette.accent)));
    for point in points {
        painter.circle_filled(point, 4.5, palette.card);
        painter.circle_filled(point, 3.5, palette.accent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_right_and_levels_go_up() {
        let area = Rect::from_min_max(pos2(0.0, 0.0), pos2(100.0, 40.0));
        let moment = |ms, level| Moment { ms, level, spread: 0.5 };
        let moments = [moment(1000, 1.0), moment(1250, 3.0), moment(2000, 5.0)];
        let layout = Layout::new(area, &moments);
        let points = moments.map(|moment| layout.point(&moment));
        assert_eq!(points, [pos2(0.0, 40.0), pos2(25.0, 20.0), pos2(100.0, 0.0)]);
        let one = Layout::new(area, &moments[..1]);
        assert_eq!(one.point(&moments[0]), pos2(50.0, 40.0));
    }
}
