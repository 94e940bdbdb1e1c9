//! Pictures: decoded, shaped for the model and cut into patches, as the published code does it.

mod decode;
mod error;
mod jpeg;
mod patches;
mod preprocessor;
mod resize;
mod shape;
#[cfg(test)]
mod testing;

pub use error::{ACCEPTED_FORMATS, ImageError};
pub use patches::Patches;
pub use preprocessor::Preprocessor;
pub use shape::{FACTOR, LETTERBOX_MAX_PIXELS, MIN_PIXELS, smart_resize};

/// The largest file that is worth reading as a picture, in bytes.
pub const MAX_FILE_BYTES: u64 = 256 << 20;

use std::fmt;

/// The largest area of a picture, in pixels.
pub const MAX_PIXELS: u64 = 100_000_000;

/// The longest side of a picture, in pixels.
pub const MAX_SIDE: u32 = 30_000;

/// Samples to a pixel: red, green, blue.
const CHANNELS: usize = 3;

/// An upright, opaque picture of 8-bit RGB pixels, at least 1 x 1.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

impl Image {
    /// Wraps pixels that are already decoded.
    ///
    /// # Shapes
    ///
    /// - rgb: `[height, width, 3]`, row major, red first
    ///
    /// # Errors
    ///
    /// When a side is zero, the size is beyond [`MAX_PIXELS`] or [`MAX_SIDE`], or the number of
    /// bytes does not fit the size.
    pub fn from_rgb(width: u32, height: u32, rgb: Vec<u8>) -> Result<Self, ImageError> {
        check_size(width, height)?;
        let expected = u64::from(width) * u64::from(height) * CHANNELS as u64;
        if rgb.len() as u64 != expected {
            return Err(ImageError::Length { width, height, expected, found: rgb.len() });
        }
        Ok(Self { width, height, rgb })
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The samples, `[height, width, 3]`, row major, red first.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The samples, without copying them.
    pub fn into_rgb(self) -> Vec<u8> {
        self.rgb
    }
}

impl fmt::Debug for Image {
    /// The size only: the pixels would fill pages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({} x {})", self.width, self.height)
    }
}

/// Refuses a size that is empty or beyond the limits.
fn check_size(width: u32, height: u32) -> Result<(), ImageError> {
    if width == 0 || height == 0 {
        return Err(ImageError::ZeroSide { width, height });
    }
    let (w, h) = (u64::from(width), u64::from(height));
    if width > MAX_SIDE || height > MAX_SIDE || w * h > MAX_PIXELS {
        return Err(ImageError::TooLarge { width: w, height: h });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_kept_as_given() {
        let image = Image::from_rgb(2, 1, vec![1, 2, 3, 4, 5, 6]).unwrap();
        assert_eq!((image.width(), image.height()), (2, 1));
        assert_eq!(image.rgb(), [1, 2, 3, 4, 5, 6]);
        assert_eq!(format!("{image:?}"), "Image(2 x 1)");
        assert_eq!(image.into_rgb(), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_wrong_number_of_bytes_is_refused() {
        let error = Image::from_rgb(2, 2, vec![0; 11]).unwrap_err();
        assert_eq!(error.to_string(), "2 x 2 RGB pixels are 12 bytes, but 11 bytes were given");
    }

    #[test]
    fn empty_and_giant_sizes_are_refused() {
        assert!(matches!(Image::from_rgb(0, 5, vec![]), Err(ImageError::ZeroSide { .. })));
        assert!(matches!(Image::from_rgb(30_001, 1, vec![]), Err(ImageError::TooLarge { .. })));
        assert!(matches!(Image::from_rgb(20_000, 5_001, vec![]), Err(ImageError::TooLarge { .. })));
        assert!(matches!(Image::from_rgb(20_000, 5_000, vec![]), Err(ImageError::Length { .. })));
        assert!(matches!(
            Image::from_rgb(u32::MAX, u32::MAX, vec![]),
            Err(ImageError::TooLarge { .. })
        ));
    }
}
