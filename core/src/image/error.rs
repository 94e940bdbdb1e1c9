//! What can be wrong with a picture or with the settings it is prepared by.

use super::{MAX_PIXELS, MAX_SIDE};

/// The formats [`Image::decode`](super::Image::decode) reads, as messages name them.
pub const ACCEPTED_FORMATS: &str = "PNG, JPEG, WebP, GIF, BMP and TIFF";

/// Why a picture could not be read, shaped or cut into patches.
///
/// The messages do not name the file, which the caller puts in front.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// There are no bytes at all.
    #[error("the file is empty; expected a picture ({ACCEPTED_FORMATS} are accepted)")]
    Empty,
    /// The bytes are not a picture in one of the accepted formats.
    #[error("this is {found}; {ACCEPTED_FORMATS} are accepted")]
    UnknownFormat {
        /// What the bytes look like.
        found: &'static str,
    },
    /// The picture's header or data is broken, or the file ends too early.
    #[error("the {format} picture is damaged or cut short: {reason}")]
    Damaged {
        /// The format its first bytes announce.
        format: &'static str,
        /// What the decoder stumbled over.
        reason: String,
    },
    /// The format is accepted, but not this variant of it.
    #[error("this kind of {format} picture is not supported ({reason}); save it as PNG or JPEG")]
    Unsupported {
        /// The format its first bytes announce.
        format: &'static str,
        /// The variant.
        reason: String,
    },
    /// The picture, or the size asked for, is beyond what is handled.
    #[error(
        "{width} x {height} pixels are too many: at most {} million pixels and {MAX_SIDE} a side \
         are accepted",
        MAX_PIXELS / 1_000_000
    )]
    TooLarge {
        /// Width in pixels.
        width: u64,
        /// Height in pixels.
        height: u64,
    },
    /// Decoding, or the patches, would take more memory than is allowed.
    #[error("the picture needs too much memory: at most {limit} MiB are allowed for {step}")]
    Memory {
        /// The limit in MiB.
        limit: u64,
        /// What the memory was for.
        step: &'static str,
    },
    /// A side is zero.
    #[error("a size of {width} x {height} pixels has nothing in it: both sides must be at least 1")]
    ZeroSide {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The samples handed over do not fit the size.
    #[error("{width} x {height} RGB pixels are {expected} bytes, but {found} bytes were given")]
    Length {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// `width * height * 3`.
        expected: u64,
        /// The number of bytes given.
        found: usize,
    },
    /// The picture is a narrow strip, which the model was not made for.
    #[error(
        "the picture is {width} x {height} pixels: its longer side may be at most 200 times the \
         shorter"
    )]
    AspectRatio {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// A bound of the area, or the number its sides are multiples of, is zero.
    #[error(
        "sides cannot be chosen with factor {factor} and {min_pixels} to {max_pixels} pixels: \
         each must be at least 1"
    )]
    Bounds {
        /// What both sides must be a multiple of.
        factor: u32,
        /// Smallest area in pixels.
        min_pixels: u64,
        /// Largest area in pixels.
        max_pixels: u64,
    },
    /// The picture cannot be cut into whole blocks of patches.
    #[error("the picture is {width} x {height} pixels: both sides must be multiples of {multiple}")]
    NotMultiple {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Patch size times merge size.
        multiple: usize,
    },
    /// A setting of the preprocessor cannot be used.
    #[error("preprocessor setting {field}: expected {expected}, found {found}")]
    Setting {
        /// The field, as `preprocessor_config.json` spells it.
        field: &'static str,
        /// What is allowed.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The preprocessor's file is not JSON of the expected shape.
    #[error("the preprocessor settings cannot be read: {0}")]
    Json(#[from] serde_json::Error),
}
