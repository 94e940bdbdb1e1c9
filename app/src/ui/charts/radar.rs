//! The nine attributes as a radar: model, layout and paint apart.

use egui::accesskit::Role;
use egui::{Align2, Color32, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, vec2};

use easel_core::Assessment;

use crate::ui::text::Table;
use crate::ui::theme::{SMALL, look};

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
    fn new(rect: Rect, axes: usize, label: f32) -> Self {
        let radius = (rect.width() / 2.0 - label).min(rect.height() / 2.0 - 24.0).max(20.0);
        Self { center: rect.center(), radius, axes }
    }

    /// The first axis points up; the others follow clockwise.
    fn point(&self, axis: usize, part: f32) -> Pos2 {
        let angle = std::f32::consts::TAU * (axis as f32 / self.axes as f32 - 0.25);
        self.center + vec2(angle.cos(), angle.sin()) * self.radius * part
    }

    fn polygon(&self, part: impl Fn(usize) -> f32) -> Vec<Pos2> {
        (0..self.axes).map(|axis| self.point(axis, part(axis))).collect()
    }
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
            ui.painter().layout_no_wrap((*name).to_owned(), font.clone(), look.palette.muted)
        })
        .collect();
    let widest = names.iter().map(|name| name.size().x).fold(0.0, f32::max);
    let width = ui.available_width();
    let size = vec2(width, (width * 0.78).clamp(220.0, 360.0));
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, t.radar));
    let layout = Layout::new(rect, model.axes.len().max(3), widest + 10.0);

    let painter = ui.painter();
    let fine = Stroke::new(1.0, look.palette.line);
    for ring in 1_u8..=5 {
        let points = layout.polygon(|_| f32::from(ring) / 5.0);
        painter.add(Shape::closed_line(points, fine));
    }
    for (axis, name) in names.into_iter().enumerate() {
        painter.line_segment([layout.center, layout.point(axis, 1.0)], fine);
        let towards = layout.point(axis, 1.0) - layout.center;
        let at = layout.center + towards * (1.0 + 10.0 / layout.radius);
        let side = |value: f32| match value {
            value if value < -0.2 => egui::Align::Max,
            value if value > 0.2 => egui::Align::Min,
            _ => egui::Align::Center,
        };
        let direction = towards / layout.radius;
        let align = Align2([side(direction.x), side(direction.y)]);
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
        let rect = Rect::from_min_size(Pos2::ZERO, vec2(200.0, 248.0));
        let layout = Layout::new(rect, 4, 0.0);
        assert_eq!(layout.radius, 100.0);
        let near = |a: Pos2, x: f32, y: f32| a.distance(egui::pos2(x, y)) < 1e-3;
        assert!(near(layout.point(0, 1.0), 100.0, 24.0));
        assert!(near(layout.point(1, 0.5), 150.0, 124.0));
        assert!(near(layout.point(2, 1.0), 100.0, 224.0));
    }
}
