//! One motif on the page: its parts bent, placed, filled, shaded and outlined by a child's hand.

use super::canvas::{Canvas, extent};
use super::dice::Dice;
use super::palette::{Palette, Rgb, mix};
use super::shape::{Part, Point, Tint};
use super::texture::Texture;
use super::warp::Warp;

/// How all motifs of one drawing are drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hand {
    /// 1 (crude, parts missing) to 5 (right proportions, details, light and shade).
    pub(super) realism: u8,
    /// 1 to 5: how many colours share a surface.
    pub(super) richness: u8,
    /// The strokes on surfaces.
    pub(super) texture: Texture,
    /// Width of the pen, in pixels.
    pub(super) pen: f32,
    /// How much of the paper a fill hides, 0 to 1.
    pub(super) cover: f32,
}

/// Where a motif goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The middle, in pixels.
    pub(super) centre: Point,
    /// The side of its unit square, in pixels.
    pub(super) size: f32,
    /// Turned to the other side.
    pub(super) mirrored: bool,
    /// The slot of the palette with which its own slots begin.
    pub(super) slot: usize,
}

impl Place {
    /// A point of the template, mirrored where the thing is.
    fn turned(&self, [x, y]: Point) -> Point {
        [if self.mirrored { 1.0 - x } else { x }, y]
    }

    /// Where a point of the unit square stands on the page.
    fn apply(&self, point: Point) -> Point {
        [0, 1].map(|k| self.centre[k] + (point[k] - 0.5) * self.size)
    }
}

impl Hand {
    /// Draws parts back to front.
    pub(super) fn draw(
        &self,
        canvas: &mut Canvas,
        parts: &[Part],
        warp: &Warp,
        place: Place,
        palette: &Palette,
        dice: &mut Dice,
    ) {
        let surfaces =
            parts.iter().filter(|part| part.from == 1 && part.tint != Tint::Line).count();
        let missing = (self.realism == 1 && surfaces > 1).then(|| dice.below(surfaces));
        let mut surface = 0;
        for part in parts {
            let mut own = dice.fork();
            if part.from > self.realism {
                continue;
            }
            if part.from == 1 && part.tint != Tint::Line {
                surface += 1;
                if missing == Some(surface - 1) && surface > 1 {
                    continue;
                }
            }
            let points = self.placed(&part.points, warp, place, &mut own);
            match part.tint {
                Tint::Line => self.outline(canvas, &points, false, palette, &mut own),
                Tint::Ink => canvas.fill(&points, palette.ink, 1.0),
                Tint::Paper => {
                    canvas.fill(&points, palette.paper, 1.0);
                    self.outline(canvas, &points, true, palette, &mut own);
                }
                Tint::Slot(slot) => {
                    self.surface(
                        canvas,
                        &points,
                        place.slot + usize::from(slot),
                        palette,
                        &mut own,
                    );
                    self.outline(canvas, &points, true, palette, &mut own);
                }
            }
        }
    }

    /// Points of a template on the page, with the errors of a hand.
    fn placed(&self, points: &[Point], warp: &Warp, place: Place, dice: &mut Dice) -> Vec<Point> {
        let crude = f32::from(5 - self.realism.min(5));
        let error = [0.0, 0.008, 0.020, 0.045, 0.075][crude as usize];
        let [left, top, right, bottom] = extent(points).unwrap_or_default();
        let middle = [(left + right) * 0.5, (top + bottom) * 0.5];
        let grow = [1.0 + dice.around(error * 2.6), 1.0 + dice.around(error * 2.6)];
        let shift = [dice.around(error), dice.around(error)];
        let jitter =
            [0.15, 0.35, 0.8, 1.7, 2.9][crude as usize] * (place.size / 110.0).clamp(0.55, 1.3);
        let misplace =
            |p: &Point| [0, 1].map(|k| middle[k] + (p[k] - middle[k]) * grow[k] + shift[k]);
        points
            .iter()
            .map(|point| {
                let [x, y] = place.apply(warp.apply(place.turned(misplace(point))));
                [x + dice.around(jitter), y + dice.around(jitter)]
            })
            .collect()
    }

    /// Fills a surface: colours side by side, strokes, light and shade.
    fn surface(
        &self,
        canvas: &mut Canvas,
        outline: &[Point],
        slot: usize,
        palette: &Palette,
        dice: &mut Dice,
    ) {
        let Some([left, top, right, bottom]) = extent(outline) else { return };
        let slip = [0.0, 0.0, 0.0, 0.035, 0.07, 0.11][6 - usize::from(self.realism.clamp(1, 5))];
        let slip = [dice.around(slip) * (right - left), dice.around(slip) * (bottom - top)];
        let filled: Vec<Point> = outline.iter().map(|p| [p[0] + slip[0], p[1] + slip[1]]).collect();
        let side = (right - left).min(bottom - top);
        let wanted = [1, 1, 2, 3, 5][usize::from(self.richness.clamp(1, 5)) - 1];
        let bands = wanted.min((side / (self.pen * 3.4)) as usize).max(1);
        for band in 0..bands {
            let (low, high) = (band as f32 / bands as f32, (band + 1) as f32 / bands as f32);
            let colour = palette.fill(slot + band * 2);
            let height = bottom - top;
            let piece = if bands == 1 {
                filled.clone()
            } else {
                slice(&filled, top + slip[1] + low * height, top + slip[1] + high * height)
            };
            canvas.fill(&piece, colour, self.cover);
            let strokes = self.texture.strokes(&piece, dice);
            let grain = palette.line_on(mix(palette.paper, colour, self.cover));
            canvas.stroke_all(&strokes, false, grain, self.texture.width);
        }
        let shade = self.light();
        if shade > 0.0 {
            canvas.shade(&filled, shade);
        }
    }

    /// Draws an outline: once and clean, or in several searching strokes with gaps.
    pub(super) fn outline(
        &self,
        canvas: &mut Canvas,
        points: &[Point],
        closed: bool,
        palette: &Palette,
        dice: &mut Dice,
    ) {
        if self.realism > 2 || points.len() < 6 {
            canvas.stroke(points, closed, palette.ink, self.pen);
            return;
        }
        let crude = f32::from(3 - self.realism);
        for pass in 0..(self.realism == 1) as usize + 1 {
            let shift = [dice.around(self.pen * crude), dice.around(self.pen * crude)];
            let start = dice.below(points.len());
            let gap = points.len() * (2 + self.realism as usize % 2 * 2 + pass) / 24;
            let count = if closed { points.len() - gap } else { points.len() };
            let first = if closed { start } else { 0 };
            let line = (first..first + count).map(|i| points[i % points.len()]);
            let line: Vec<Point> = line.map(|p| [p[0] + shift[0], p[1] + shift[1]]).collect();
            canvas.stroke(&line, false, palette.ink, self.pen * 0.85);
        }
    }

    /// How strong light and shade are, 0 to 1.
    pub(super) fn light(&self) -> f32 {
        [0.0, 0.0, 0.0, 0.28, 0.6][usize::from(self.realism.clamp(1, 5)) - 1]
    }

    /// The shadow that a carefully drawn motif throws on the ground.
    pub(super) fn shadow(&self, canvas: &mut Canvas, outline: &[Point], ink: Rgb) {
        let opacity = [0.0, 0.0, 0.0, 0.25, 0.5][usize::from(self.realism.clamp(1, 5)) - 1];
        if opacity > 0.0 {
            canvas.fill(outline, ink, opacity);
        }
    }
}

/// The piece of a closed outline between two heights.
fn slice(outline: &[Point], top: f32, bottom: f32) -> Vec<Point> {
    cut(&cut(outline, |p| p[1] - top), |p| bottom - p[1])
}

/// The piece of a closed outline where `side` is not negative (Sutherland and Hodgman).
fn cut(outline: &[Point], side: impl Fn(Point) -> f32) -> Vec<Point> {
    let mut kept = Vec::with_capacity(outline.len() + 4);
    let Some(mut before) = outline.last().copied() else { return kept };
    for &point in outline {
        let (a, b) = (side(before), side(point));
        if (a < 0.0) != (b < 0.0) {
            let t = a / (a - b);
            kept.push([0, 1].map(|k| before[k] + (point[k] - before[k]) * t));
        }
        if b >= 0.0 {
            kept.push(point);
        }
        before = point;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_keeps_what_lies_between() {
        let square = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]];
        let piece = slice(&square, 1.0, 3.0);
        assert_eq!(extent(&piece), Some([0.0, 1.0, 4.0, 3.0]));
        assert!(slice(&square, 5.0, 6.0).is_empty());
    }

    #[test]
    fn places_scale_and_mirror() {
        let mut place = Place { centre: [10.0, 20.0], size: 8.0, mirrored: false, slot: 0 };
        assert_eq!(place.apply([1.0, 0.0]), [14.0, 16.0]);
        place.mirrored = true;
        assert_eq!(place.turned([1.0, 0.25]), [0.0, 0.25]);
    }
}
