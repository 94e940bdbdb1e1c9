//! Templates of motifs: parts made of points in a unit square, y down.

use std::f32::consts::TAU;

/// A place, in whatever unit its owner names.
pub(super) type Point = [f32; 2];

/// The largest step between two points of a template, so that bending it stays smooth.
const STEP: f32 = 0.05;

/// What a part is painted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tint {
    /// A colour of the palette; parts with the same slot share it.
    Slot(u8),
    /// The colour of outlines.
    Ink,
    /// The paper's colour.
    Paper,
    /// Nothing: a line.
    Line,
}

/// One part of a motif.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// `[points, 2]`: its outline, closed unless it is a line.
    pub(super) points: Vec<Point>,
    /// What fills it.
    pub(super) tint: Tint,
    /// The level of realism from which it is drawn; 1 is the bare shape.
    pub(super) from: u8,
}

/// The parts of a motif, back to front.
#[derive(Debug, Clone, Default)]
pub(super) struct Template {
    pub(super) parts: Vec<Part>,
}

impl Template {
    fn with(mut self, from: u8, tint: Tint, points: Vec<Point>) -> Self {
        self.parts.push(Part { points, tint, from });
        self
    }

    /// Adds a coloured surface.
    pub(super) fn fill(self, from: u8, slot: u8, points: Vec<Point>) -> Self {
        self.with(from, Tint::Slot(slot), points)
    }

    /// Adds a surface in the colour of outlines: an eye, a nose.
    pub(super) fn ink(self, from: u8, points: Vec<Point>) -> Self {
        self.with(from, Tint::Ink, points)
    }

    /// Adds a surface that shows the paper: a window, the white of an eye.
    pub(super) fn paper(self, from: u8, points: Vec<Point>) -> Self {
        self.with(from, Tint::Paper, points)
    }

    /// Adds a line.
    pub(super) fn line(self, from: u8, points: Vec<Point>) -> Self {
        self.with(from, Tint::Line, points)
    }

    /// The box around the parts that are always drawn: left, top, right, bottom.
    pub(super) fn bounds(&self) -> [f32; 4] {
        let start = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
        let all = self.parts.iter().filter(|part| part.from == 1).flat_map(|part| &part.points);
        all.fold(start, |b, p| [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])])
    }
}

/// Straight edges from point to point, closed.
pub(super) fn polygon(corners: &[Point]) -> Vec<Point> {
    let mut ring = corners.to_vec();
    ring.extend(corners.first());
    let mut points = path(&ring);
    points.pop();
    points
}

/// Straight edges from point to point.
pub(super) fn path(corners: &[Point]) -> Vec<Point> {
    let mut points: Vec<Point> = corners.first().copied().into_iter().collect();
    for edge in corners.windows(2) {
        let [a, b] = [edge[0], edge[1]];
        let steps = ((b[0] - a[0]).hypot(b[1] - a[1]) / STEP).ceil().max(1.0);
        for step in 1..=steps as usize {
            let t = step as f32 / steps;
            points.push([a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]);
        }
    }
    points
}

/// An upright rectangle.
pub(super) fn rect(left: f32, top: f32, right: f32, bottom: f32) -> Vec<Point> {
    polygon(&[[left, top], [right, top], [right, bottom], [left, bottom]])
}

/// An ellipse.
pub(super) fn oval(x: f32, y: f32, rx: f32, ry: f32) -> Vec<Point> {
    let mut points = arc(x, y, rx, ry, 0.0, 1.0);
    points.pop();
    points
}

/// A piece of an ellipse between two turns: 0 is right, 0.25 is down, 0.5 is left.
pub(super) fn arc(x: f32, y: f32, rx: f32, ry: f32, start: f32, end: f32) -> Vec<Point> {
    let length = (end - start).abs() * TAU * rx.max(ry);
    let steps = ((length / STEP) as usize).clamp(7, 60);
    let turn = |step| (start + (end - start) * step as f32 / steps as f32) * TAU;
    (0..=steps).map(|step| [x + rx * turn(step).cos(), y + ry * turn(step).sin()]).collect()
}

/// A smooth line through the points (a Catmull-Rom spline).
pub(super) fn curve(through: &[Point]) -> Vec<Point> {
    let at = |i: isize| through[i.clamp(0, through.len() as isize - 1) as usize];
    let mut points = Vec::new();
    for i in 0..through.len() as isize - 1 {
        spline([at(i - 1), at(i), at(i + 1), at(i + 2)], &mut points);
    }
    points.extend(through.last());
    points
}

/// A smooth closed outline through the points.
pub(super) fn blob(through: &[Point]) -> Vec<Point> {
    let count = through.len();
    let mut points = Vec::new();
    for i in 0..count {
        let at = |step| through[(i + count + step - 1) % count];
        spline([at(0), at(1), at(2), at(3)], &mut points);
    }
    points
}

/// The points from the second of four up to, but without, the third.
fn spline([a, b, c, d]: [Point; 4], points: &mut Vec<Point>) {
    let steps = ((c[0] - b[0]).hypot(c[1] - b[1]) / STEP).ceil().max(2.0);
    for step in 0..steps as usize {
        let t = step as f32 / steps;
        points.push([0, 1].map(|k| {
            let (p, q, r, s) = (a[k], b[k], c[k], d[k]);
            let cubic = 3.0 * (q - r) + s - p;
            let square = 2.0 * p - 5.0 * q + 4.0 * r - s;
            q + 0.5 * t * (r - p + t * (square + t * cubic))
        }));
    }
}

/// A rosette: `count` bumps or spikes between two radii, sharp or round.
pub(super) fn rosette(x: f32, y: f32, inner: f32, outer: f32, count: usize) -> Vec<Point> {
    let corners: Vec<Point> = (0..count * 2)
        .map(|i| {
            let radius = if i % 2 == 0 { outer } else { inner };
            let turn = (i as f32 / (count * 2) as f32 - 0.25) * TAU;
            [x + radius * turn.cos(), y + radius * turn.sin()]
        })
        .collect();
    polygon(&corners)
}

/// A spiral from the middle outwards.
pub(super) fn spiral(x: f32, y: f32, radius: f32, turns: f32) -> Vec<Point> {
    let steps = (turns * 14.0) as usize;
    let at = |step: usize| {
        let t = step as f32 / steps as f32;
        [x + radius * t * (turns * t * TAU).cos(), y + radius * t * (turns * t * TAU).sin()]
    };
    (0..=steps).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: Point, b: Point) -> bool {
        (a[0] - b[0]).abs() < 1e-5 && (a[1] - b[1]).abs() < 1e-5
    }

    #[test]
    fn straight_edges_are_cut_into_short_steps() {
        let square = rect(0.0, 0.0, 0.1, 0.1);
        assert_eq!(square.len(), 8);
        assert!(near(square[1], [0.05, 0.0]) && near(square[7], [0.0, 0.05]));
        assert_eq!(path(&[[0.0, 0.0], [0.2, 0.0]]).len(), 5);
    }

    #[test]
    fn curves_pass_through_their_points() {
        let through = [[0.0, 0.0], [0.3, 0.2], [0.6, 0.0]];
        for points in [curve(&through), blob(&through)] {
            for wanted in through {
                assert!(points.iter().any(|&point| near(point, wanted)));
            }
        }
    }

    #[test]
    fn ovals_have_their_radii() {
        let b = Template::default().fill(1, 0, oval(0.5, 0.5, 0.5, 0.25)).bounds();
        assert!((b[2] - b[0] - 1.0).abs() < 0.02 && (b[3] - b[1] - 0.5).abs() < 0.02, "{b:?}");
    }

    #[test]
    fn bounds_leave_details_out() {
        let template = Template::default()
            .fill(1, 0, rect(0.2, 0.2, 0.8, 0.8))
            .line(4, path(&[[0.0, 0.0], [1.0, 1.0]]));
        let [left, top, right, bottom] = template.bounds();
        assert!(near([left, top], [0.2, 0.2]) && near([right, bottom], [0.8, 0.8]));
    }
}
