//! Parts of other things that a transformed motif grows: wheels, wings, legs.

use std::f32::consts::TAU;

use super::shape::{Point, Template, arc, blob, curve, oval, path, polygon, rosette};

/// A part that turns a motif into something else, each at a place of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlienPart {
    /// Long legs in striped socks and shoes, below.
    Legs,
    /// Wheels with spokes, below.
    Wheels,
    /// Feathered wings, at both sides.
    Wings,
    /// Arms with large hands, at both sides.
    Arms,
    /// A pair of springs with balls, on top.
    Antennae,
    /// A crown, on top.
    Crown,
    /// A rolled-up tail, at one side.
    Tail,
    /// Two great eyes with lashes and a mouth, in front.
    Face,
}

impl AlienPart {
    /// The places: one of each group may be chosen.
    pub(super) const GROUPS: [&'static [Self]; 5] = [
        &[Self::Legs, Self::Wheels],
        &[Self::Wings, Self::Arms],
        &[Self::Antennae, Self::Crown],
        &[Self::Tail],
        &[Self::Face],
    ];

    /// Whether the motif stands in front of it.
    pub(super) fn is_behind(self) -> bool {
        matches!(self, Self::Wings | Self::Arms | Self::Legs | Self::Tail)
    }

    /// The room it takes around the motif's box: left and right, top, bottom.
    pub(super) fn room(self) -> [f32; 3] {
        match self {
            Self::Legs => [0.0, 0.0, 0.36],
            Self::Wheels => [0.0, 0.0, 0.22],
            Self::Wings => [0.34, 0.0, 0.0],
            Self::Arms => [0.34, 0.0, 0.0],
            Self::Antennae => [0.0, 0.32, 0.0],
            Self::Crown => [0.0, 0.24, 0.0],
            Self::Tail => [0.14, 0.0, 0.0],
            Self::Face => [0.0, 0.0, 0.0],
        }
    }

    /// Its parts, striped in outline colour and paper so that they stand out from any motif,
    /// around a motif with this box (left, top, right, bottom), in the motif's unit.
    pub(super) fn template(self, bounds: [f32; 4]) -> Template {
        let [left, top, right, bottom] = bounds;
        let (x, y) = ((left + right) * 0.5, (top + bottom) * 0.5);
        let (w, h) = (right - left, bottom - top);
        let sides = [(left, -1.0), (right, 1.0)];
        let mut t = Template::default();
        match self {
            Self::Legs => {
                for side in [-1.0, 1.0] {
                    let hip = x + side * 0.16 * w;
                    t = leg(t, hip, bottom - 0.04, side);
                }
            }
            Self::Wheels => {
                for side in [-1.0, 1.0] {
                    t = wheel(t, x + side * 0.30 * w, bottom + 0.05);
                }
            }
            Self::Wings => {
                for (edge, side) in sides {
                    t = wing(t, edge - side * 0.12 * w, y, side);
                }
            }
            Self::Arms => {
                for (edge, side) in sides {
                    t = arm(t, edge - side * 0.10 * w, y + 0.08, side);
                }
            }
            Self::Antennae => {
                for side in [-1.0, 1.0] {
                    t = antenna(t, x + side * 0.08, top + 0.06, side);
                }
            }
            Self::Crown => t = crown(t, x, top + 0.05),
            Self::Tail => {
                let (ax, ay) = (right - 0.06 * w, bottom - 0.18 * h);
                let stem = [[ax, ay], [ax + 0.10, ay - 0.01], [ax + 0.17, ay - 0.07]];
                t = t.line(1, curve(&stem));
                for ring in 0..5 {
                    let radius = 0.15 - ring as f32 * 0.03;
                    t = striped(t, ring, oval(ax + 0.19, ay - 0.17, radius, radius));
                }
            }
            Self::Face => {
                t = eye(eye(t, x - 0.15, y - 0.05), x + 0.15, y - 0.05);
                let (l, r) = (x - 0.17, x + 0.17);
                t = t.ink(1, blob(&[[l, y + 0.13], [x, y + 0.17], [r, y + 0.13], [x, y + 0.30]]));
                for tooth in [-0.09, 0.0, 0.09] {
                    let (l, r) = (x + tooth - 0.03, x + tooth + 0.03);
                    let (top, bottom) = (y + 0.165, y + 0.215);
                    t = t.paper(1, polygon(&[[l, top], [r, top], [r, bottom], [l, bottom]]));
                }
            }
        }
        t
    }
}

/// Black or white, in turn.
fn striped(t: Template, turn: usize, points: Vec<Point>) -> Template {
    if turn.is_multiple_of(2) { t.ink(1, points) } else { t.paper(1, points) }
}

/// A leg in a striped sock, with a shoe that points outwards.
fn leg(mut t: Template, x: f32, y: f32, side: f32) -> Template {
    let (l, r) = (x - 0.055, x + 0.055);
    for ring in 0..5 {
        let (top, bottom) = (y + ring as f32 * 0.062, y + (ring + 1) as f32 * 0.062);
        t = striped(t, ring, polygon(&[[l, top], [r, top], [r, bottom], [l, bottom]]));
    }
    let foot = y + 0.33;
    let heel = [[x - side * 0.07, foot + 0.04], [x - side * 0.06, foot - 0.05]];
    let toe =
        [[x + side * 0.07, foot - 0.04], [x + side * 0.2, foot], [x + side * 0.19, foot + 0.05]];
    t.fill(1, 5, blob(&[heel[0], heel[1], toe[0], toe[1], toe[2]]))
}

/// A wheel with thick spokes.
fn wheel(mut t: Template, x: f32, y: f32) -> Template {
    let r = 0.18;
    t = t.ink(1, oval(x, y, r, r)).paper(1, oval(x, y, r * 0.74, r * 0.74));
    for spoke in 0..4 {
        let turn = (spoke as f32 + 0.25) / 4.0;
        let mut wedge = arc(x, y, r * 0.74, r * 0.74, turn, turn + 0.11);
        wedge.push([x, y]);
        t = t.ink(1, wedge);
    }
    t.fill(1, 5, oval(x, y, r * 0.25, r * 0.25))
}

/// A wing of four feathers.
fn wing(mut t: Template, x: f32, y: f32, side: f32) -> Template {
    for feather in 0..4 {
        let drop = feather as f32 * 0.10;
        let reach = 0.48 - feather as f32 * 0.06;
        let outline = [
            [x, y - 0.10 + drop * 0.5],
            [x + side * reach * 0.5, y - 0.34 + drop * 1.4],
            [x + side * reach, y - 0.36 + drop * 1.8],
            [x + side * reach * 0.8, y - 0.18 + drop * 1.5],
            [x, y + 0.08 + drop * 0.5],
        ];
        t = striped(t, feather, blob(&outline));
    }
    t
}

/// A raised arm in a striped sleeve, with a large hand.
fn arm(mut t: Template, x: f32, y: f32, side: f32) -> Template {
    let spine = curve(&[[x, y], [x + side * 0.18, y + 0.08], [x + side * 0.34, y - 0.16]]);
    let last = spine.len() - 1;
    let edge = |i: usize, out: f32| {
        let (a, b) = (spine[i.saturating_sub(1)], spine[(i + 1).min(last)]);
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = dx.hypot(dy).max(1e-6);
        [spine[i][0] - dy / length * out, spine[i][1] + dx / length * out]
    };
    for i in 0..last {
        let ring = [edge(i, -0.055), edge(i + 1, -0.055), edge(i + 1, 0.055), edge(i, 0.055)];
        t = striped(t, i, polygon(&ring));
    }
    t.fill(1, 5, rosette(x + side * 0.36, y - 0.24, 0.06, 0.13, 6))
}

/// A crown of five striped spikes.
fn crown(mut t: Template, x: f32, base: f32) -> Template {
    for spike in 0..5 {
        let lean = (spike as f32 - 2.0) * 0.1;
        let height = if spike % 2 == 0 { 0.28 } else { 0.17 };
        let (l, r) = (x + lean - 0.055, x + lean + 0.055);
        t = striped(t, spike, polygon(&[[l, base], [x + lean * 1.25, base - height], [r, base]]));
    }
    for tip in [-2.0, 0.0, 2.0] {
        t = t.fill(1, 5, oval(x + tip * 0.125, base - 0.28, 0.035, 0.035));
    }
    t
}

/// A spring with a striped ball.
fn antenna(t: Template, x: f32, y: f32, side: f32) -> Template {
    let mut bends: Vec<Point> = vec![[x, y]];
    for bend in 1..=6 {
        let up = bend as f32 / 6.0;
        let swing = if bend % 2 == 0 { 0.05 } else { -0.05 };
        bends.push([x + side * 0.16 * up + swing, y - 0.26 * up]);
    }
    let [bx, by] = [x + side * 0.17, y - 0.31];
    t.line(1, curve(&bends))
        .ink(1, oval(bx, by, 0.085, 0.085))
        .paper(1, oval(bx, by, 0.055, 0.055))
        .ink(1, oval(bx, by, 0.025, 0.025))
}

/// A great eye with lashes.
fn eye(mut t: Template, x: f32, y: f32) -> Template {
    for lash in 0..4 {
        let turn = (0.58 + 0.1133 * lash as f32) * TAU;
        let (dx, dy) = (turn.cos(), turn.sin());
        t = t.line(1, path(&[[x + dx * 0.12, y + dy * 0.12], [x + dx * 0.19, y + dy * 0.19]]));
    }
    t.paper(1, oval(x, y, 0.125, 0.135))
        .ink(1, oval(x, y + 0.03, 0.07, 0.075))
        .paper(1, oval(x - 0.02, y + 0.01, 0.025, 0.025))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_touch_the_motif_and_stay_in_their_room() {
        let bounds = [0.1, 0.2, 0.9, 0.8];
        for part in AlienPart::GROUPS.into_iter().flatten() {
            let [left, top, right, bottom] = part.template(bounds).bounds();
            assert!(left < 0.9 && right > 0.1 && top < 0.8 && bottom > 0.2, "{part:?}");
            let [side, above, below] = part.room();
            let slack = 0.08;
            assert!(left > 0.1 - side - slack && right < 0.9 + side + slack + 0.12, "{part:?}");
            assert!(top > 0.2 - above - slack && bottom < 0.8 + below + slack, "{part:?}");
        }
    }
}
