//! Line texture: small strokes that fill surfaces, none at level 1 and dense at level 5.

use super::canvas::extent;
use super::dice::Dice;
use super::shape::Point;

/// What the strokes look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// Parallel strokes.
    Hatching,
    /// Ruffled hair.
    Fur,
    /// Rows of small arcs.
    Scales,
}

impl Grain {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Hatching, Self::Fur, Self::Scales];
}

/// How surfaces of one drawing are filled with strokes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Texture {
    pub(super) grain: Grain,
    /// Between strokes, in pixels; `None` for smooth surfaces.
    spacing: Option<f32>,
    /// Width of a stroke, in pixels.
    pub(super) width: f32,
    length: f32,
    angle: f32,
}

impl Texture {
    /// The texture of a level, 1 to 5; `unit` is the size of a pixel of a 224-pixel page.
    pub(super) fn new(level: u8, unit: f32, dice: &mut Dice) -> Self {
        let spacing = match level {
            0 | 1 => None,
            2 => Some(14.5),
            3 => Some(10.0),
            4 => Some(7.0),
            _ => Some(4.8),
        };
        Self {
            grain: Grain::ALL[dice.below(Grain::ALL.len())],
            spacing: spacing.map(|s| s * unit * dice.between(0.94, 1.06)),
            width: (0.9 + 0.15 * f32::from(level)) * unit,
            length: 7.0 * unit,
            angle: dice.between(0.5, 1.1) * if dice.chance(0.5) { 1.0 } else { -1.0 },
        }
    }

    /// The strokes on a closed outline, both in pixels: `[strokes, points, 2]`.
    pub(super) fn strokes(&self, outline: &[Point], dice: &mut Dice) -> Vec<[Point; 5]> {
        let (Some(step), Some([left, top, right, bottom])) = (self.spacing, extent(outline)) else {
            return Vec::new();
        };
        let mut strokes = Vec::new();
        let rows = ((bottom - top) / step).ceil().min(400.0) as usize;
        let columns = ((right - left) / step).ceil().min(400.0) as usize;
        for row in 0..rows {
            let shift = if row % 2 == 0 { 0.25 } else { 0.75 };
            for column in 0..columns {
                let x = left + (column as f32 + shift + dice.around(0.14)) * step;
                let y = top + (row as f32 + 0.5 + dice.around(0.14)) * step;
                let stroke = self.stroke(x, y, dice);
                if inside(outline, stroke[0]) && inside(outline, stroke[4]) {
                    strokes.push(stroke);
                }
            }
        }
        strokes
    }

    fn stroke(&self, x: f32, y: f32, dice: &mut Dice) -> [Point; 5] {
        let half = self.length * 0.5;
        match self.grain {
            Grain::Scales => {
                let wide = half * 0.8;
                let at = |turn: f32, drop: f32| [x + wide * turn, y + wide * drop];
                [at(-1.0, -0.6), at(-0.75, 0.25), at(0.0, 0.65), at(0.75, 0.25), at(1.0, -0.6)]
            }
            Grain::Hatching | Grain::Fur => {
                let ruffle = if self.grain == Grain::Fur { 0.55 } else { 0.06 };
                let (sin, cos) = (self.angle + dice.around(ruffle)).sin_cos();
                let bend = if self.grain == Grain::Fur { dice.around(0.35) * half } else { 0.0 };
                let (dx, dy) = (cos * half, sin * half);
                let at = |along: f32| {
                    let out = bend * (1.0 - along * along);
                    [x + dx * along - sin * out, y + dy * along + cos * out]
                };
                [at(-1.0), at(-0.5), at(0.0), at(0.5), at(1.0)]
            }
        }
    }
}

/// Whether a point lies in a closed outline (even-odd).
pub(super) fn inside(outline: &[Point], [x, y]: Point) -> bool {
    let mut within = false;
    let Some(mut before) = outline.last().copied() else { return false };
    for &point in outline {
        if (point[1] > y) != (before[1] > y) {
            let cross = (before[0] - point[0]) * (y - point[1]) / (before[1] - point[1]) + point[0];
            within ^= x < cross;
        }
        before = point;
    }
    within
}

#[cfg(test)]
mod tests {
    use super::super::dice::Purpose;
    use super::super::shape::{oval, rect};
    use super::*;

    #[test]
    fn each_level_has_more_strokes_and_the_first_none() {
        let page = rect(0.0, 0.0, 100.0, 100.0);
        let count = |level| {
            let mut dice = Dice::new(5, 5, Purpose::Hand);
            Texture::new(level, 1.0, &mut dice).strokes(&page, &mut dice).len()
        };
        let counts: Vec<usize> = (1..=5).map(count).collect();
        assert_eq!(counts[0], 0);
        assert!(counts.windows(2).all(|pair| pair[0] as f32 * 1.4 < pair[1] as f32), "{counts:?}");
    }

    #[test]
    fn strokes_end_within_the_outline() {
        let disc = oval(50.0, 50.0, 40.0, 40.0);
        let mut dice = Dice::new(5, 6, Purpose::Hand);
        let strokes = Texture::new(5, 1.0, &mut dice).strokes(&disc, &mut dice);
        assert!(!strokes.is_empty());
        assert!(strokes.iter().all(|s| (s[0][0] - 50.0).hypot(s[0][1] - 50.0) < 40.5));
        assert!(!inside(&disc, [5.0, 5.0]) && inside(&disc, [50.0, 50.0]));
    }
}
