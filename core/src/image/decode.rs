//! Picture files to upright, opaque RGB.

use super::{CHANNELS, Image, ImageError, check_size, jpeg};
use ::image::error::UnsupportedErrorKind;
use ::image::metadata::Orientation;
use ::image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, guess_format};
use std::error::Error;
use std::io::{Cursor, ErrorKind};

/// The most memory a decoder may take for one picture, in MiB.
const MAX_MIB: u64 = 1024;

/// What is wrong with a file that was cut short.
const TOO_EARLY: &str = "the file ends too early";

/// The paper that transparent pixels show.
const WHITE: u32 = 255;

impl Image {
    /// Decodes a PNG, JPEG, WebP, GIF, BMP or TIFF file, told apart by content.
    ///
    /// Of an animation the first frame is taken. Its EXIF turn is applied and transparency shows
    /// white paper. 16-bit samples are rounded to 8 bits (`sample * 255 / 65535`), CMYK becomes
    /// RGB, colour profiles are ignored.
    ///
    /// # Errors
    ///
    /// When the bytes are none of these formats, are damaged or cut short, use a variant that is
    /// not supported (floating-point and palette TIFF, for instance), or announce a picture
    /// beyond [`MAX_PIXELS`](super::MAX_PIXELS) or [`MAX_SIDE`](super::MAX_SIDE). Sizes are
    /// checked before memory is taken.
    pub fn decode(bytes: &[u8]) -> Result<Self, ImageError> {
        let (format, name) = recognise(bytes)?;
        if format == ImageFormat::Jpeg && !jpeg::is_complete(bytes) {
            // The decoder would fill what is missing with grey and say nothing.
            let reason = TOO_EARLY.into();
            return Err(ImageError::Damaged { format: name, reason });
        }
        let failed = |error| explain(name, &error);
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(MAX_MIB << 20);
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(failed)?;
        let (width, height) = decoder.dimensions();
        check_size(width, height)?;
        if matches!(decoder.color_type(), ::image::ColorType::Rgb32F | ::image::ColorType::Rgba32F)
        {
            let reason = "its samples are floating-point numbers, which have no fixed range".into();
            return Err(ImageError::Unsupported { format: name, reason });
        }
        let turn = orientation(&mut decoder);
        let mut picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
        picture.apply_orientation(turn);
        let (width, height) = (picture.width(), picture.height());
        Self::from_rgb(width, height, to_opaque(picture))
    }
}

/// The format the first bytes announce, and its name in messages.
fn recognise(bytes: &[u8]) -> Result<(ImageFormat, &'static str), ImageError> {
    if bytes.is_empty() {
        return Err(ImageError::Empty);
    }
    let format = guess_format(bytes).ok();
    let name = match format {
        Some(ImageFormat::Png) => "PNG",
        Some(ImageFormat::Jpeg) => "JPEG",
        Some(ImageFormat::WebP) => "WebP",
        Some(ImageFormat::Gif) => "GIF",
        Some(ImageFormat::Bmp) => "BMP",
        Some(ImageFormat::Tiff) => "TIFF",
        _ => return Err(ImageError::UnknownFormat { found: describe(format, bytes) }),
    };
    // `name` is set for exactly those formats, so there is one.
    format.map(|format| (format, name)).ok_or(ImageError::Empty)
}

/// Words for what is not accepted; phones and scanners offer some of it.
fn describe(format: Option<ImageFormat>, bytes: &[u8]) -> &'static str {
    let brand = bytes.get(4..12).unwrap_or_default();
    if format == Some(ImageFormat::Avif) {
        "an AVIF picture"
    } else if matches!(brand, b"ftypheic" | b"ftypheix" | b"ftypmif1" | b"ftypmsf1") {
        "a HEIC picture"
    } else if format.is_some() {
        "a picture in another format"
    } else if bytes.starts_with(b"%PDF") {
        "a PDF document"
    } else {
        "not a picture"
    }
}

/// The turn that sets the picture upright; none where it is not stated or not readable.
fn orientation(decoder: &mut impl ImageDecoder) -> Orientation {
    let stated = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    if stated != Orientation::NoTransforms {
        return stated;
    }
    // Some programs keep JPEG's prefix in the EXIF data of PNG and WebP, which hides it above.
    let exif = decoder.exif_metadata().ok().flatten().unwrap_or_default();
    exif.strip_prefix(b"Exif\0\0")
        .and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms)
}

/// 8-bit RGB samples, with what is transparent shown over white.
fn to_opaque(picture: DynamicImage) -> Vec<u8> {
    if !picture.color().has_alpha() {
        return picture.into_rgb8().into_raw();
    }
    let mut samples = picture.into_rgba8().into_raw();
    let pixels = samples.len() / 4;
    for pixel in 0..pixels {
        let (from, to) = (pixel * 4, pixel * CHANNELS);
        let alpha = u32::from(samples[from + CHANNELS]);
        for channel in 0..CHANNELS {
            let ink = u32::from(samples[from + channel]);
            samples[to + channel] = over_white(ink, alpha);
        }
    }
    samples.truncate(pixels * CHANNELS);
    samples
}

/// One sample over white paper, rounded to the nearest, as Pillow's `paste` with a mask does it.
fn over_white(ink: u32, alpha: u32) -> u8 {
    ((ink * alpha + WHITE * (255 - alpha) + 127) / 255) as u8
}

/// A decoder's error in this project's words.
fn explain(format: &'static str, error: &::image::ImageError) -> ImageError {
    match error {
        ::image::ImageError::Limits(_) => {
            ImageError::Memory { limit: MAX_MIB, step: "decoding it" }
        }
        ::image::ImageError::Unsupported(what) => {
            let reason = match what.kind() {
                UnsupportedErrorKind::GenericFeature(feature) => one_line(feature.as_str()),
                _ => "its colour layout is not among those that can be read".into(),
            };
            ImageError::Unsupported { format, reason }
        }
        ::image::ImageError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            ImageError::Damaged { format, reason: TOO_EARLY.into() }
        }
        other => {
            // The source lacks the decoder's preamble, which would repeat the format.
            let reason = match other.source() {
                Some(source) => one_line(&source.to_string()),
                None => one_line(&other.to_string()),
            };
            ImageError::Damaged { format, reason }
        }
    }
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").trim_matches(['"', '.', ' ']).to_owned()
}

#[cfg(test)]
mod tests;
