//! The sizes the model sees: the published letterbox, or the picture's own shape.

use super::{CHANNELS, Image, ImageError, MAX_PIXELS, MAX_SIDE};

/// Both sides of a picture are multiples of this many pixels: patch 14 times merge 2.
pub const FACTOR: u32 = 28;

/// The smallest area of a picture given at its own shape, in pixels: four merged patches.
pub const MIN_PIXELS: u64 = 4 * 28 * 28;

/// The largest area before letterboxing, in pixels: `qwen_vl_utils`' 16384 merged patches.
pub const LETTERBOX_MAX_PIXELS: u64 = 16_384 * 28 * 28;

/// The longer side may be this many times the shorter.
const MAX_RATIO: f64 = 200.0;

/// The grey around a letterboxed picture.
const GREY: u8 = 128;

/// Sides near `height` x `width` that are multiples of `factor`, within an area.
///
/// Each side goes to its nearest multiple, halves to the even one. If that leaves
/// `min_pixels..=max_pixels`, both sides are scaled alike, and rounded down when shrinking, up
/// when growing. Follows `smart_resize` of transformers' `qwen2_vl`.
///
/// Returns height, then width, in pixels.
///
/// # Errors
///
/// When a side or a bound is zero, the longer side is more than 200 times the shorter, or a side
/// of the result is beyond [`MAX_SIDE`].
pub fn smart_resize(
    height: u32,
    width: u32,
    factor: u32,
    min_pixels: u64,
    max_pixels: u64,
) -> Result<(u32, u32), ImageError> {
    if height == 0 || width == 0 {
        return Err(ImageError::ZeroSide { width, height });
    }
    if factor == 0 || min_pixels == 0 || max_pixels == 0 {
        return Err(ImageError::Bounds { factor, min_pixels, max_pixels });
    }
    if f64::from(height.max(width)) / f64::from(height.min(width)) > MAX_RATIO {
        return Err(ImageError::AspectRatio { width, height });
    }
    let (h, w, unit) = (f64::from(height), f64::from(width), f64::from(factor));
    // Every side is a whole number far below 2^53, so the products are exact.
    let nearest = |side: f64| (side / unit).round_ties_even() * unit;
    let (mut new_h, mut new_w) = (nearest(h), nearest(w));
    if new_h * new_w > max_pixels as f64 {
        let beta = (h * w / max_pixels as f64).sqrt();
        let shrink = |side: f64| ((side / beta / unit).floor() * unit).max(unit);
        (new_h, new_w) = (shrink(h), shrink(w));
    } else if new_h * new_w < min_pixels as f64 {
        let beta = (min_pixels as f64 / (h * w)).sqrt();
        let grow = |side: f64| (side * beta / unit).ceil() * unit;
        (new_h, new_w) = (grow(h), grow(w));
    }
    if new_h.max(new_w) > f64::from(MAX_SIDE) {
        return Err(ImageError::TooLarge { width: new_w as u64, height: new_h as u64 });
    }
    Ok((new_h as u32, new_w as u32))
}

impl Image {
    /// The published preprocessing: the whole picture inside a square, centred on mid grey.
    ///
    /// The sides first go to multiples of 28 as [`smart_resize`] has them, then, with their new
    /// ratio kept, into the square; both times bicubic. `side` is in pixels.
    ///
    /// # Errors
    ///
    /// When `side` is zero or its square is beyond [`MAX_PIXELS`], or the picture's longer side is
    /// more than 200 times the shorter.
    pub fn letterbox(&self, side: u32) -> Result<Self, ImageError> {
        Ok(self.letterbox_with_area(side)?.0)
    }

    /// The same; also left, top, width and height of the picture in the square, in pixels.
    pub(crate) fn letterbox_with_area(&self, side: u32) -> Result<(Self, [u32; 4]), ImageError> {
        super::check_size(side, side)?;
        let image = self.to_multiples(LETTERBOX_MAX_PIXELS)?;
        let (w, h, s) = (f64::from(image.width), f64::from(image.height), f64::from(side));
        let ratio = (s / w).min(s / h);
        // Truncated, as published: w * (s / w) can fall just below s and lose a pixel.
        let fit = |length: f64| ((length * ratio) as u32).clamp(1, side);
        let image = image.resize(fit(w), fit(h))?;
        let (left, top) = ((side - image.width) / 2, (side - image.height) / 2);
        let area = [left, top, image.width, image.height];
        Ok((image.centred_on_grey(side), area))
    }

    /// The picture at its own shape: sides to multiples of 28, in an area of at least
    /// [`MIN_PIXELS`] and at most `max_pixels`.
    ///
    /// # Errors
    ///
    /// When `max_pixels` is zero, or the picture's longer side is more than 200 times the shorter.
    pub fn own_shape(&self, max_pixels: u64) -> Result<Self, ImageError> {
        self.to_multiples(max_pixels.min(MAX_PIXELS))
    }

    fn to_multiples(&self, max_pixels: u64) -> Result<Self, ImageError> {
        let (height, width) =
            smart_resize(self.height, self.width, FACTOR, MIN_PIXELS, max_pixels)?;
        self.resize(width, height)
    }

    /// The picture in the middle of a grey square that is at least as large.
    fn centred_on_grey(&self, side: u32) -> Self {
        let row_bytes = self.width as usize * CHANNELS;
        let stride = side as usize * CHANNELS;
        let left = (side - self.width) as usize / 2 * CHANNELS;
        let top = (side - self.height) as usize / 2;
        let mut rgb = vec![GREY; side as usize * stride];
        let target = rgb.chunks_exact_mut(stride).skip(top);
        for (to, from) in target.zip(self.rgb.chunks_exact(row_bytes)) {
            to[left..left + row_bytes].copy_from_slice(from);
        }
        Self { width: side, height: side, rgb }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{checksum, pattern};
    use super::*;

    #[test]
    fn sides_equal_those_of_transformers() {
        let cases = [
            ((480, 640), (MIN_PIXELS, LETTERBOX_MAX_PIXELS), (476, 644)),
            ((517, 301), (MIN_PIXELS, 235_200), (504, 308)),
            ((333, 1200), (MIN_PIXELS, 235_200), (252, 896)),
            ((9000, 9000), (MIN_PIXELS, 784), (28, 28)),
            ((1, 1), (MIN_PIXELS, 1_000_000), (56, 56)),
            // Halves go to the even multiple: 0.5 to 0, which then grows; 2.5 to 2, 3.5 to 4.
            ((14, 42), (1, 1_000_000), (28, 28)),
            ((70, 98), (1, 1_000_000), (56, 112)),
            // 200 times as long is still allowed.
            ((10, 2000), (MIN_PIXELS, 1_000_000), (28, 812)),
        ];
        for ((height, width), (least, most), expected) in cases {
            let sides = smart_resize(height, width, FACTOR, least, most).unwrap();
            assert_eq!(sides, expected, "{height} x {width}");
        }
    }

    #[test]
    fn strips_and_empty_bounds_are_refused() {
        let error = smart_resize(10, 2001, 28, 3136, 10_000).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the picture is 2001 x 10 pixels: its longer side may be at most 200 times the shorter"
        );
        assert!(matches!(smart_resize(0, 5, 28, 1, 9), Err(ImageError::ZeroSide { .. })));
        assert!(matches!(smart_resize(5, 5, 0, 1, 9), Err(ImageError::Bounds { .. })));
        assert!(matches!(smart_resize(5, 5, 28, 0, 9), Err(ImageError::Bounds { .. })));
        assert!(matches!(smart_resize(5, 5, 28, 1, 0), Err(ImageError::Bounds { .. })));
        let most = u64::MAX;
        assert!(matches!(smart_resize(5, 5, 28, most, most), Err(ImageError::TooLarge { .. })));
        let huge = smart_resize(u32::MAX, u32::MAX, u32::MAX, 1, most);
        assert!(matches!(huge, Err(ImageError::TooLarge { .. })));
    }

    #[test]
    fn letterboxes_equal_the_published_code() {
        let cases = [
            ((100, 37), 56, 0x734b_2d54_6cb4_0f2c),
            ((37, 100), 56, 0x8475_8e82_9ef1_5847),
            ((301, 517), 224, 0x1532_5a15_9ea5_ea96),
            ((224, 224), 224, 0x87a5_1e3d_7fce_2424),
            ((90, 1), 10, 0xf392_1b33_ecc4_52bf),
        ];
        for ((width, height), side, expected) in cases {
            let boxed = pattern(width, height).letterbox(side).unwrap();
            assert_eq!((boxed.width(), boxed.height()), (side, side));
            assert_eq!(checksum(&boxed), expected, "{width} x {height} into {side}");
        }
    }

    #[test]
    fn a_letterbox_is_grey_above_and_below_a_wide_picture() {
        // 112 x 28 after the first step, then 56 x 14: 21 rows of grey on either side.
        let boxed = Image::from_rgb(100, 25, vec![9; 7500]).unwrap().letterbox(56).unwrap();
        let rows: Vec<u8> = boxed.rgb().chunks_exact(56 * 3).map(|row| row[80]).collect();
        assert_eq!(rows, [[128; 21].as_slice(), &[9; 14], &[128; 21]].concat());
    }

    #[test]
    fn impossible_letterboxes_are_refused() {
        let picture = pattern(30, 30);
        assert!(matches!(picture.letterbox(0), Err(ImageError::ZeroSide { .. })));
        assert!(matches!(picture.letterbox(10_001), Err(ImageError::TooLarge { .. })));
        assert!(matches!(pattern(201, 1).letterbox(28), Err(ImageError::AspectRatio { .. })));
    }

    #[test]
    fn own_shapes_equal_the_published_code() {
        let cases = [
            ((100, 37), 1_000_000, (112, 28), 0x4f5b_3f20_170f_c256),
            ((301, 517), 31_360, (112, 224), 0xfb77_9ff8_c0b6_9d79),
            ((5, 3), u64::MAX, (84, 56), 0x310d_705d_31ac_7fe5),
        ];
        for ((width, height), most, size, expected) in cases {
            let shaped = pattern(width, height).own_shape(most).unwrap();
            assert_eq!((shaped.width(), shaped.height()), size);
            assert_eq!(checksum(&shaped), expected, "{width} x {height} within {most}");
        }
        assert!(matches!(pattern(5, 3).own_shape(0), Err(ImageError::Bounds { .. })));
    }
}
