//! A drawing on its way: where it comes from, and how it is turned and cut.

use easel_core::Image;
use easel_core::image::ImageError;
use serde::{Deserialize, Serialize};

use super::protocol::{Fault, Preview, Tell};
use super::straight::Straight;

/// The longest side of the copy that is shown, in pixels.
pub const PREVIEW_SIDE: u32 = 1280;

/// The least that a cut leaves of a side, as a part of it.
pub const LEAST: f32 = 0.1;

/// Where a picture comes from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The bytes of a file.
    File {
        /// Its name.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Pixels, as the clipboard has them: `[height, width, 3]`.
    Pixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The samples.
        rgb: Vec<u8>,
    },
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { name, bytes } => write!(f, "File({name}, {} bytes)", bytes.len()),
            Self::Pixels { width, height, .. } => write!(f, "Pixels({width} x {height})"),
        }
    }
}

impl Source {
    /// Decodes it, upright.
    ///
    /// # Errors
    /// As [`Image::decode`] and [`Image::from_rgb`].
    pub fn decode(&self) -> Result<Image, ImageError> {
        match self {
            Self::File { bytes, .. } => Image::decode(bytes),
            Self::Pixels { width, height, rgb } => Image::from_rgb(*width, *height, rgb.clone()),
        }
    }

    /// What [`Ask::Open`](super::protocol::Ask::Open) is answered: a small copy, or what is wrong.
    #[must_use]
    pub fn open(&self) -> Tell {
        match self.decode().and_then(|image| preview(&image)) {
            Ok(preview) => Tell::Opened(preview),
            Err(error) => Tell::Failed(Fault::of_picture(&error)),
        }
    }
}

/// How a picture is turned, straightened, then cut.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// Quarter turns clockwise, 0 to 3.
    pub turns: u8,
    /// Degrees clockwise by which it is straightened; of the turned sheet stays the largest upright
    /// part.
    #[serde(default)]
    pub tilt: f32,
    /// What is kept of the straightened picture: left, top, right, bottom, as parts of its sides.
    pub keep: [f32; 4],
}

impl Default for Edit {
    fn default() -> Self {
        Self { turns: 0, tilt: 0.0, keep: Self::WHOLE }
    }
}

impl Edit {
    /// Nothing is cut off.
    pub const WHOLE: [f32; 4] = [0.0, 0.0, 1.0, 1.0];

    /// Turns by a quarter; the frame turns with the picture.
    pub fn turn(&mut self, clockwise: bool) {
        let [left, top, right, bottom] = self.keep;
        (self.turns, self.keep) = match clockwise {
            true => ((self.turns + 1) % 4, [1.0 - bottom, left, 1.0 - top, right]),
            false => ((self.turns + 3) % 4, [top, 1.0 - right, bottom, 1.0 - left]),
        };
    }

    /// Moves a corner of the frame (0 left top, 1 right top, 2 right bottom, 3 left bottom), and
    /// keeps the frame in the picture and at least [`LEAST`] wide and high.
    pub fn pull(&mut self, corner: usize, x: f32, y: f32) {
        let [left, top, right, bottom] = &mut self.keep;
        match corner {
            0 | 3 => *left = x.clamp(0.0, *right - LEAST),
            _ => *right = x.clamp(*left + LEAST, 1.0),
        }
        match corner {
            0 | 1 => *top = y.clamp(0.0, *bottom - LEAST),
            _ => *bottom = y.clamp(*top + LEAST, 1.0),
        }
    }

    /// Moves the frame by a part of the picture's sides, as far as it stays within.
    pub fn shift(&mut self, x: f32, y: f32) {
        let [left, top, right, bottom] = self.keep;
        let (x, y) = (x.clamp(-left, 1.0 - right), y.clamp(-top, 1.0 - bottom));
        self.keep = [left + x, top + y, right + x, bottom + y];
    }

    /// The picture as it was meant.
    ///
    /// # Errors
    /// When nothing would be left.
    pub fn apply(&self, image: &Image) -> Result<Image, ImageError> {
        if self.tilt != 0.0 {
            let turned = Self { tilt: 0.0, keep: Self::WHOLE, ..*self }.apply(image)?;
            let straight = Straight::new(&turned, self.tilt);
            let ([left, right], [top, bottom]) = self.cut(straight.size);
            let places = (top..bottom).flat_map(|y| (left..right).map(move |x| [x, y]));
            let rgb = places.flat_map(|at| straight.pixel(at)).collect();
            return Image::from_rgb((right - left) as u32, (bottom - top) as u32, rgb);
        }
        if self.turns.is_multiple_of(4) && self.keep == Self::WHOLE {
            return Ok(image.clone());
        }
        let (width, height) = (image.width() as usize, image.height() as usize);
        let turned = if self.turns.is_multiple_of(2) { [width, height] } else { [height, width] };
        let ([left, right], [top, bottom]) = self.cut(turned);
        let mut rgb = Vec::with_capacity((right - left) * (bottom - top) * 3);
        for y in top..bottom {
            for x in left..right {
                // Where this pixel stood before the turn.
                let (from_x, from_y) = match self.turns % 4 {
                    0 => (x, y),
                    1 => (y, height - 1 - x),
                    2 => (width - 1 - x, height - 1 - y),
                    _ => (width - 1 - y, x),
                };
                let at = (from_y * width + from_x) * 3;
                rgb.extend_from_slice(&image.rgb()[at..at + 3]);
            }
        }
        Image::from_rgb((right - left) as u32, (bottom - top) as u32, rgb)
    }

    /// First and last column, then row, that are kept of a picture that is so wide and high; at least
    /// one of each.
    fn cut(&self, [width, height]: [usize; 2]) -> ([usize; 2], [usize; 2]) {
        let cut = |from: f32, to: f32, side: usize| {
            let from = ((from * side as f32).round() as usize).min(side - 1);
            [from, ((to * side as f32).round() as usize).clamp(from + 1, side)]
        };
        let [left, top, right, bottom] = self.keep;
        (cut(left, right, width), cut(top, bottom, height))
    }
}

/// A copy of a picture that is at most [`PREVIEW_SIDE`] long.
///
/// # Errors
/// When it cannot be resized.
pub fn preview(image: &Image) -> Result<Preview, ImageError> {
    let longest = image.width().max(image.height());
    let small = match longest > PREVIEW_SIDE {
        true => {
            let side = |side: u32| {
                (u64::from(side) * u64::from(PREVIEW_SIDE) / u64::from(longest)).max(1) as u32
            };
            image.resize(side(image.width()), side(image.height()))?
        }
        false => image.clone(),
    };
    let (width, height) = (small.width(), small.height());
    Ok(Preview { width, height, rgb: small.into_rgb() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two rows of three pixels, numbered.
    fn image() -> Image {
        Image::from_rgb(3, 2, (0..6).flat_map(|n| [n, n, n]).collect()).unwrap()
    }

    fn numbers(edit: Edit) -> (u32, Vec<u8>) {
        let image = edit.apply(&image()).unwrap();
        (image.width(), image.rgb().iter().step_by(3).copied().collect())
    }

    #[test]
    fn quarter_turns_are_clockwise_and_four_make_none() {
        let mut edit = Edit::default();
        edit.turn(true);
        assert_eq!(numbers(edit), (2, vec![3, 0, 4, 1, 5, 2]));
        edit.turn(true);
        assert_eq!(numbers(edit), (3, vec![5, 4, 3, 2, 1, 0]));
        edit.turn(true);
        assert_eq!(numbers(edit), (2, vec![2, 5, 1, 4, 0, 3]));
        edit.turn(true);
        assert_eq!(edit, Edit::default());
    }

    #[test]
    fn the_cut_is_of_the_turned_picture_and_turns_with_it() {
        let mut edit = Edit { keep: [0.0, 0.0, 1.0 / 3.0, 1.0], ..Edit::default() };
        assert_eq!(numbers(edit), (1, vec![0, 3]));
        edit.turn(true);
        assert_eq!(numbers(edit), (2, vec![3, 0]));
        edit.turn(false);
        assert_eq!(numbers(edit), (1, vec![0, 3]));
    }

    #[test]
    fn a_frame_stays_within_the_picture() {
        let mut edit = Edit::default();
        edit.pull(0, 0.5, 2.0);
        assert_eq!(edit.keep, [0.5, 1.0 - LEAST, 1.0, 1.0]);
        edit.shift(-9.0, -0.4);
        assert_eq!(edit.keep[0], 0.0);
        assert!((edit.keep[1] - 0.5).abs() < 1e-6);
    }

    #[test]
    fn previews_are_small_and_keep_their_shape() {
        let image = Image::from_rgb(2560, 20, vec![9; 2560 * 20 * 3]).unwrap();
        let preview = preview(&image).unwrap();
        assert_eq!((preview.width, preview.height), (1280, 10));
    }
}
