//! Line combination: how many kinds of line fill the background.

use std::f32::consts::TAU;

use super::dice::Dice;
use super::shape::{Point, spiral};

/// A kind of line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// Straight lines side by side.
    Straight,
    /// Waves.
    Waves,
    /// Zigzags.
    Zigzag,
    /// Spirals.
    Spiral,
    /// Dots.
    Dots,
    /// Crossed lines.
    Crossed,
}

impl LineKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Straight, Self::Waves, Self::Zigzag, Self::Spiral, Self::Dots, Self::Crossed];

    /// Lines of this kind in a box (left, top, right, bottom): `[lines, points, 2]`, in pixels.
    ///
    /// `unit` is the size of a pixel of a 224-pixel page.
    pub(super) fn fill(self, area: [f32; 4], unit: f32, dice: &mut Dice) -> Vec<Vec<Point>> {
        let [left, top, right, bottom] = area;
        let (w, h) = (right - left, bottom - top);
        let mut wobble =
            |x: f32, y: f32| [x + dice.around(0.5 * unit), y + dice.around(0.5 * unit)];
        let step = 8.5 * unit;
        let rows = ((h / step) as usize).clamp(2, 9);
        let row_y = |row: usize| top + (row as f32 + 0.5) * h / rows as f32;
        let steps = ((w / (4.0 * unit)) as usize).clamp(6, 60);
        let mut wave = |row: usize, height: &dyn Fn(f32) -> f32| -> Vec<Point> {
            let at = |i: usize| w * i as f32 / steps as f32;
            (0..=steps).map(|i| wobble(left + at(i), row_y(row) + height(at(i)))).collect()
        };
        match self {
            Self::Straight => (0..rows).map(|row| wave(row, &|_| 0.0)).collect(),
            Self::Waves => {
                let bend = |x: f32| (x / (17.0 * unit) * TAU).sin() * 3.2 * unit;
                (0..rows).map(|row| wave(row, &bend)).collect()
            }
            Self::Zigzag => {
                let period = 12.0 * unit;
                let peaks = ((w / period * 2.0) as usize).max(3);
                let rows = ((h / (12.5 * unit)) as usize).clamp(2, 6);
                let corner = |row: usize, i: usize| {
                    let up = if i.is_multiple_of(2) { 4.6 } else { -4.6 };
                    let y = top + (row as f32 + 0.5) * h / rows as f32;
                    [left + w * i as f32 / peaks as f32, y + up * unit]
                };
                (0..rows).map(|row| (0..=peaks).map(|i| corner(row, i)).collect()).collect()
            }
            Self::Spiral => {
                grid(area, 21.0 * unit).map(|[x, y]| spiral(x, y, 9.0 * unit, 2.3)).collect()
            }
            Self::Dots => grid(area, 9.5 * unit)
                .map(|[x, y]| vec![wobble(x, y), [x + 0.2 * unit, y]])
                .collect(),
            Self::Crossed => {
                let reach = w.min(h);
                let count = ((reach / (9.0 * unit)) as usize).clamp(2, 8);
                let along = |i: usize| reach * (i as f32 + 0.5) / count as f32;
                let across = (0..count)
                    .map(|i| vec![[left, top + along(i)], [left + reach, top + along(i)]]);
                let down = (0..count)
                    .map(|i| vec![[left + along(i), top], [left + along(i), top + reach]]);
                across.chain(down).collect()
            }
        }
    }

    /// The width of its lines, as a multiple of the pen's.
    pub(super) fn weight(self) -> f32 {
        if self == Self::Dots { 3.0 } else { 1.5 }
    }
}

/// The middles of square cells that fill a box.
fn grid([left, top, right, bottom]: [f32; 4], cell: f32) -> impl Iterator<Item = Point> {
    let columns = (((right - left) / cell) as usize).clamp(1, 12);
    let rows = (((bottom - top) / cell) as usize).clamp(1, 12);
    let (w, h) = ((right - left) / columns as f32, (bottom - top) / rows as f32);
    (0..columns * rows).map(move |i| {
        let (column, row) = (i % columns, i / columns);
        [left + (column as f32 + 0.5) * w, top + (row as f32 + 0.5) * h]
    })
}

#[cfg(test)]
mod tests {
    use super::super::dice::Purpose;
    use super::*;

    #[test]
    fn every_kind_fills_its_box_and_little_more() {
        let area = [10.0, 20.0, 70.0, 60.0];
        for kind in LineKind::ALL {
            let lines = kind.fill(area, 1.0, &mut Dice::new(1, 1, Purpose::Lines));
            let points: Vec<Point> = lines.into_iter().flatten().collect();
            assert!(points.len() >= 8, "{kind:?}");
            for [x, y] in points {
                assert!((9.0..72.0).contains(&x) && (14.0..68.0).contains(&y), "{kind:?} {x} {y}");
            }
        }
    }
}
