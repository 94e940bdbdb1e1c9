//! What is kept of a picture: its pixels.
//!
//! A picture is written anew rather than copied without its metadata. Six formats hide places,
//! times, names and small copies of the whole in dozens of segments, and a list of them is never
//! complete; pixels hold none. And what somebody cut off (the name in the corner, another child's
//! drawing) is gone for good.

use easel_core::Image;
use easel_core::image::ImageError;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

/// The longest side of what is kept, in pixels: four times what a model looks at.
pub const LONGEST: u32 = 2048;
/// The longest side of the small copy, in pixels.
pub const THUMBNAIL: u32 = 256;

/// The largest file without loss, in bytes: drawings made on a screen are below it, photographs of
/// paper above.
const LOSSLESS: usize = 768 << 10;
/// JPEG's quality for pictures, and for small copies.
const QUALITY: [u8; 2] = [92, 80];

/// A picture as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// PNG where that is small, else JPEG.
    pub picture: Vec<u8>,
    /// A JPEG of at most [`THUMBNAIL`] pixels a side.
    pub thumbnail: Vec<u8>,
}

/// Makes what is kept of an upright, cut picture.
///
/// # Errors
/// When it cannot be resized or written: for want of memory.
pub fn kept(image: &Image) -> Result<Kept, ImageError> {
    let image = within(image, LONGEST)?;
    let mut picture = Vec::new();
    let png =
        PngEncoder::new_with_quality(&mut picture, CompressionType::Fast, FilterType::Adaptive);
    write(png, &image)?;
    if picture.len() > LOSSLESS {
        picture = jpeg(&image, QUALITY[0])?;
    }
    Ok(Kept { picture, thumbnail: jpeg(&within(&image, THUMBNAIL)?, QUALITY[1])? })
}

/// A JPEG file whose longest side is at most `most`, as paper shows it.
pub(crate) fn printed(image: &Image, most: u32) -> Result<Vec<u8>, ImageError> {
    jpeg(&within(image, most)?, QUALITY[0])
}

/// A copy whose longest side is at most `most`.
fn within(image: &Image, most: u32) -> Result<Image, ImageError> {
    let longest = image.width().max(image.height());
    if longest <= most {
        return Ok(image.clone());
    }
    let side = |side: u32| (u64::from(side) * u64::from(most) / u64::from(longest)).max(1) as u32;
    image.resize(side(image.width()), side(image.height()))
}

fn jpeg(image: &Image, quality: u8) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    write(JpegEncoder::new_with_quality(&mut bytes, quality), image)?;
    Ok(bytes)
}

fn write(encoder: impl ImageEncoder, image: &Image) -> Result<(), ImageError> {
    let (width, height) = (image.width(), image.height());
    let written = encoder.write_image(image.rgb(), width, height, ExtendedColorType::Rgb8);
    // The size and the number of bytes fit, and memory takes what is written.
    written.map_err(|error| ImageError::Damaged { format: "picture", reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise, which no format makes small.
    fn noise(width: u32, height: u32) -> Image {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let rgb = (0..width * height * 3).map(|_| next()).collect();
        Image::from_rgb(width, height, rgb).unwrap()
    }

    #[test]
    fn a_drawing_is_kept_pixel_for_pixel() {
        let image = noise(300, 200);
        let kept = kept(&image).unwrap();
        assert!(kept.picture.starts_with(b"\x89PNG"));
        assert_eq!(Image::decode(&kept.picture).unwrap(), image);
        let small = Image::decode(&kept.thumbnail).unwrap();
        assert_eq!((small.width(), small.height()), (THUMBNAIL, 170));
    }

    #[test]
    fn a_photograph_is_kept_smaller() {
        let kept = kept(&noise(3000, 100)).unwrap();
        let image = Image::decode(&kept.picture).unwrap();
        assert_eq!((image.width(), image.height()), (LONGEST, 68));
        let kept = super::kept(&noise(1000, 900)).unwrap();
        assert!(kept.picture.starts_with(b"\xff\xd8"), "not worth keeping without loss");
        // A header and tables, no segment of an application's but JFIF's own.
        let segments = kept.picture.windows(2).take(600).filter(|pair| pair[0] == 0xff);
        assert!(segments.into_iter().all(|pair| !(0xe1..=0xef).contains(&pair[1])));
    }
}
