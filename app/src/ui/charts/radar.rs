//! The nine attributes as a radar: model, layout and paint apart.

use egui::accesskit::Role;
use egui::{Align2, Color32, Pos2, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, vec2};

use easel_core::Assessment;

use crate::ui::text::Table;
use crate::ui::theme::{SMALL, look};

/// Between the radar and its labels, in points.
const BESIDE: f32 = 10.0;
/// The largest radius.
const MOST: f32 = 150.0;
/// The smallest.
const LEAST: f32 = 40.0;

/// What is drawn: a name and a part of the radius for each axis.
struct Model {
    axes: Vec<(&'static str, f32)>,
}

impl Model {
    fn new(t: &Table, assessment: &Assessment) -> Self {
        let axis = |(attribute, score): (_, &easel_core::Score)| {
            (t.of(attribute).short, (score.expected() / 5.0) as f32)
        };
        Self { axes: assessment.iter().map(axis).collect() }
    }
}

/// Where it is drawn.
struct Layout {
    center: Pos2,
    radius: f32,
    axes: usize,
}

impl Layout {
    /// In a width, with labels of these sizes: the largest radius beside which all of them fit.
    fn radius(width: f32, labels: &[Vec2]) -> f32 {
        let fits = |(axis, label): (usize, &Vec2)| {
            let side = direction(axis, labels.len()).x.abs();
            (width / 2.0 - label.x - BESIDE) / side.max(0.05)
        };
        labels.iter().enumerate().map(fits).fold(MOST, f32::min).max(LEAST)
    }

    fn point(&self, axis: usize, part: f32) -> Pos2 {
        self.center + direction(axis, self.axes) * self.radius * part
    }

    fn polygon(&self, part: impl Fn(usize) -> f32) -> Vec<Pos2> {
        (0..self.axes).map(|axis| self.point(axis, part(axis))).collect()
    }
}

/// Where an axis points: the first one up, the others follow clockwise.
fn direction(axis: usize, axes: usize) -> Vec2 {
    let angle = std::f32::consts::TAU * (axis as f32 / axes.max(1) as f32 - 0.25);
    vec2(angle.cos(), angle.sin())
}

/// Shows the radar, as wide as there is room.
pub fn radar(ui: &mut Ui, t: &Table, assessment: &Assessment) {
    let look = look(ui);
    let model = Model::new(t, assessment);
    let font = egui::FontId::proportional(SMALL * look.scale);
    let names: Vec<_> = model
        .axes
        .iter()
        .map(|(name, _)| {
            // In words below each other where that makes the radar larger.
            let wrap = if ui.available_width() < 420.0 { 88.0 * look.scale } else { 200.0 };
            ui.painter().layout((*name).to_owned(), font.clone(), look.palette.muted, wrap)
        })
        .collect();
    let labels: Vec<_> = names.iter().map(|name| name.size()).collect();
    let width = ui.available_width();
    let radius = Layout::radius(width, &labels);
    let highest = labels.iter().map(|label| label.y).fold(0.0, f32::max);
    let size = vec2(width, 2.0 * (radius + highest + BESIDE));
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, t.radar));
    let layout = Layout { center: rect.center(), radius, axes: model.axes.len() };

    let painter = ui.painter();
    let fine = Stroke::new(1.0, look.palette.line);
    for ring in 1_u8..=5 {
        let points = layout.polygon(|_| f32::from(ring) / 5.0);
        painter.add(Shape::closed_line(points, fine));
    }
    for (axis, name) in names.into_iter().enumerate() {
        painter.line_segment([layout.center, layout.point(axis, 1.0)], fine);
        let towards = layout.point(axis, 1.0) - layout.center;
        let at = layout.center + towards * (1.0 + BESIDE / layout.radius);
        let side = |value: f32| match value {
            value if value < -0.2 => egui::Align::Max,
            value if value > 0.2 => egui::Align::Min,
            _ => egui::Align::Center,
        };
        let align = Align2([side(towards.x / radius), side(towards.y / radius)]);
        let place = align.anchor_size(at, name.size());
        painter.galley(place.min, name, Color32::PLACEHOLDER);
    }
    let part = |axis: usize| model.axes.get(axis).map_or(0.0, |(_, part)| *part);
    let points = layout.polygon(part);
    // The shape is seldom convex: triangles from the middle fill it.
    let wash = look.palette.accent.gamma_multiply(0.25);
    for axis in 0..points.len() {
        let next = points[(axis + 1) % points.len()];
        let triangle = vec![layout.center, points[axis], next];
        painter.add(Shape::convex_polygon(triangle, wash, Stroke::NONE));
    }
    painter.add(Shape::closed_line(points.clone(), Stroke::new(2.5, look.palette.accent)));
    for point in points {
        painter.circle_filled(point, 4.0, look.palette.accent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_start_at_the_top_and_go_clockwise() {
        let layout = Layout { center: egui::pos2(100.0, 124.0), radius: 100.0, axes: 4 };
        let near = |a: Pos2, x: f32, y: f32| a.distance(egui::pos2(x, y)) < 1e-3;
        assert!(near(layout.point(0, 1.0), 100.0, 24.0));
        assert!(near(layout.point(1, 0.5), 150.0, 124.0));
        assert!(near(layout.point(2, 1.0), 100.0, 224.0));
    }

    #[test]
    fn labels_beside_leave_less_room_than_labels_above() {
        let labels =
            |side: f32| [vec2(90.0, 10.0), vec2(side, 10.0), vec2(90.0, 10.0), vec2(side, 10.0)];
        assert_eq!(Layout::radius(300.0, &labels(60.0)), 150.0 - 60.0 - BESIDE);
        assert_eq!(Layout::radius(9999.0, &labels(60.0)), MOST);
        assert_eq!(Layout::radius(10.0, &labels(60.0)), LEAST);
    }
}
