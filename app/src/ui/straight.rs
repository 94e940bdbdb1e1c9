//! Straightening: a picture is turned by a few degrees, and what that leaves empty is cut off.

use easel_core::Image;

/// The most degrees that a picture is straightened by, either way.
pub const MOST_TILT: f32 = 15.0;

/// Width and height of the largest upright rectangle in one of `[width, height]` that is turned by
/// `degrees`; both have the same middle.
///
/// Two of its corners lie on the long sides where the picture is long enough, else all four lie on
/// the four sides: width = (w cos a − h sin a) / cos 2a, and the height alike.
#[must_use]
pub fn inner([width, height]: [f32; 2], degrees: f32) -> [f32; 2] {
    let (sin, cos) = degrees.abs().to_radians().sin_cos();
    let (long, short) = (width.max(height), width.min(height));
    if short <= 2.0 * sin * cos * long {
        let half = short / 2.0;
        return match width >= height {
            true => [half / sin, half / cos],
            false => [half / cos, half / sin],
        };
    }
    let double = cos * cos - sin * sin;
    [(width * cos - height * sin) / double, (height * cos - width * sin) / double]
}

/// Where a place in the straightened picture was before: both in pixels from the common middle, y
/// downwards, `degrees` clockwise.
#[must_use]
pub fn before(place: [f32; 2], degrees: f32) -> [f32; 2] {
    back(place, degrees.to_radians().sin_cos())
}

/// A picture that is being straightened.
pub(super) struct Straight<'a> {
    image: &'a Image,
    /// Sine and cosine of the angle.
    turn: (f32, f32),
    /// Width and height in whole pixels, at least one.
    pub size: [usize; 2],
}

impl<'a> Straight<'a> {
    /// A picture that is turned clockwise by `degrees`, at most [`MOST_TILT`] either way.
    pub(super) fn new(image: &'a Image, degrees: f32) -> Self {
        let degrees = degrees.clamp(-MOST_TILT, MOST_TILT);
        let sides = [image.width(), image.height()].map(|side| side as f32);
        let size = inner(sides, degrees).map(|side| (side as usize).max(1));
        Self { image, turn: degrees.to_radians().sin_cos(), size }
    }

    /// One of its pixels, between four neighbours of the picture before.
    pub(super) fn pixel(&self, at: [usize; 2]) -> [u8; 3] {
        let sides = [self.image.width() as usize, self.image.height() as usize];
        let middle = |axis: usize| at[axis] as f32 + 0.5 - self.size[axis] as f32 / 2.0;
        let from = back([middle(0), middle(1)], self.turn);
        // The pixel before, the one after, and how far it is on the way.
        let near = |axis: usize| {
            let last = sides[axis] - 1;
            let place = (from[axis] + sides[axis] as f32 / 2.0 - 0.5).clamp(0.0, last as f32);
            (place as usize, (place as usize + 1).min(last), place.fract())
        };
        let ((left, right, x), (top, bottom, y)) = (near(0), near(1));
        let sample = |column: usize, row: usize, channel: usize| {
            f32::from(self.image.rgb()[(row * sides[0] + column) * 3 + channel])
        };
        let mix = |a: f32, b: f32, part: f32| a + (b - a) * part;
        std::array::from_fn(|channel| {
            let row = |row| mix(sample(left, row, channel), sample(right, row, channel), x);
            mix(row(top), row(bottom), y).round() as u8
        })
    }
}

/// As [`before`], by the angle's sine and cosine.
fn back([x, y]: [f32; 2], (sin, cos): (f32, f32)) -> [f32; 2] {
    [x * cos + y * sin, y * cos - x * sin]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Edit;

    /// The corners of the largest upright rectangle lie in the turned picture, and on its edge.
    #[test]
    fn the_inner_rectangle_fills_the_turned_picture() {
        for sides in [[4000.0, 3000.0], [300.0, 400.0], [1000.0, 1000.0], [2000.0, 100.0]] {
            for degrees in [-15.0, -7.5, -0.5, 0.0, 0.5, 3.0, 15.0] {
                let [width, height] = inner(sides, degrees);
                let (mut inside, mut touches) = (true, 0);
                for corner in [[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]] {
                    let at = [corner[0] * width / 2.0, corner[1] * height / 2.0];
                    let from = before(at, degrees);
                    let rest = [0, 1].map(|axis| sides[axis] / 2.0 - from[axis].abs());
                    let slack = sides[0].max(sides[1]) * 1e-5;
                    inside &= rest.iter().all(|rest| *rest > -slack);
                    touches += usize::from(rest.iter().any(|rest| *rest < slack));
                }
                assert!(inside, "{sides:?} by {degrees}");
                assert!(touches >= 2, "{sides:?} by {degrees} could be larger");
            }
        }
        assert_eq!(inner([400.0, 300.0], 0.0), [400.0, 300.0]);
        // By hand: both sides shrink to cos a − sin a over cos 2a, which is 1 / (cos a + sin a).
        let [width, _] = inner([1.0, 1.0], 15.0);
        assert!(
            (width - 1.0 / (15_f32.to_radians().cos() + 15_f32.to_radians().sin())).abs() < 1e-6
        );
    }

    /// A dark line that falls by `degrees` to the right, on white.
    fn slanted(degrees: f32) -> Image {
        let (width, height) = (200, 160);
        let slope = degrees.to_radians().tan();
        let rgb = (0..width * height).flat_map(|at| {
            let (x, y) = ((at % width) as f32 - 99.5, (at / width) as f32 - 79.5);
            let dark = (y - x * slope).abs() < 3.0;
            [if dark { 0 } else { 255 }; 3]
        });
        Image::from_rgb(width, height, rgb.collect()).unwrap()
    }

    #[test]
    fn a_slanted_line_becomes_level_and_no_corner_is_empty() {
        let edit = Edit { tilt: -10.0, ..Edit::default() };
        let image = edit.apply(&slanted(10.0)).unwrap();
        let [width, height] = [image.width() as usize, image.height() as usize];
        let dark = |x: usize, y: usize| image.rgb()[(y * width + x) * 3] < 128;
        let row = |x: usize| {
            let rows: Vec<usize> = (0..height).filter(|y| dark(x, *y)).collect();
            rows.iter().sum::<usize>() as f32 / rows.len() as f32
        };
        let rows: Vec<f32> = (0..width).map(row).collect();
        let middle = (height - 1) as f32 / 2.0;
        assert!(rows.iter().all(|row| (row - middle).abs() < 1.5), "{rows:?}");
        // The other way it slants twice as much.
        let wrong = Edit { tilt: 10.0, ..Edit::default() }.apply(&slanted(10.0)).unwrap();
        assert!(wrong.rgb()[0] > 128 && wrong.width() == image.width());
        let first = (0..height).position(|y| wrong.rgb()[y * width * 3] < 128).unwrap();
        assert!((first as f32) < middle - 20.0, "{first}");
    }

    #[test]
    fn a_quarter_turn_of_a_straightened_picture_is_the_same_picture_turned() {
        let mut edit = Edit { tilt: 7.0, keep: [0.1, 0.2, 0.7, 0.9], ..Edit::default() };
        let image = slanted(3.0);
        let before = edit.apply(&image).unwrap();
        edit.turn(true);
        let after =
            Edit { turns: 3, ..Edit::default() }.apply(&edit.apply(&image).unwrap()).unwrap();
        assert_eq!((before.width(), before.height()), (after.width(), after.height()));
        let apart = before.rgb().iter().zip(after.rgb()).filter(|(a, b)| a.abs_diff(**b) > 2);
        assert_eq!(apart.count(), 0);
    }
}
