//! Other brightness, contrast, saturation and hue, in a random order.
//!
//! Only sums, products and quotients of doubles, so that every machine gives the same bytes.

use ::image::{Rgb, RgbImage};
use rand::Rng;

use crate::train::data::random::{between, shuffle};

/// Brightness, contrast and saturation are multiplied by up to this much more or less.
const STRENGTH: f64 = 0.2;
/// The hue turns by up to this share of the circle to either side.
const HUE: f64 = 0.05;

#[derive(Clone, Copy)]
enum Change {
    Brightness,
    Contrast,
    Saturation,
    Hue,
}

/// Changes the picture's colours by chance.
pub(super) fn jitter(image: &mut RgbImage, rng: &mut impl Rng) {
    let mut order = [Change::Brightness, Change::Contrast, Change::Saturation, Change::Hue];
    shuffle(&mut order, rng);
    for change in order {
        match change {
            Change::Hue => turn_hue(image, between(rng, -HUE, HUE)),
            _ => blend(image, change, between(rng, 1.0 - STRENGTH, 1.0 + STRENGTH)),
        }
    }
}

/// Moves each pixel away from (factor above 1) or towards a reference: black for brightness, the
/// picture's mean grey for contrast, its own grey for saturation.
fn blend(image: &mut RgbImage, change: Change, factor: f64) {
    let mean = mean_grey(image);
    for pixel in image.pixels_mut() {
        let reference = match change {
            Change::Brightness => 0.0,
            Change::Contrast => mean,
            Change::Saturation | Change::Hue => f64::from(grey(pixel)),
        };
        pixel.0 = pixel.0.map(|v| byte(reference + factor * (f64::from(v) - reference)));
    }
}

fn mean_grey(image: &RgbImage) -> f64 {
    let sum: u64 = image.pixels().map(|pixel| u64::from(grey(pixel))).sum();
    let count = u64::from(image.width()) * u64::from(image.height());
    (sum as f64 / count.max(1) as f64).round()
}

/// Luma of ITU-R 601, in whole numbers as Pillow rounds it.
fn grey(Rgb([r, g, b]): &Rgb<u8>) -> u8 {
    let sum = 19_595 * u32::from(*r) + 38_470 * u32::from(*g) + 7_471 * u32::from(*b);
    ((sum + 0x8000) >> 16) as u8
}

/// Turns the hue by a share of the circle; value and saturation (HSV) stay.
fn turn_hue(image: &mut RgbImage, share: f64) {
    for pixel in image.pixels_mut() {
        let [r, g, b] = pixel.0.map(f64::from);
        let (high, low) = (r.max(g).max(b), r.min(g).min(b));
        let chroma = high - low;
        if chroma == 0.0 {
            continue;
        }
        // In sixths of the circle, red at 0.
        let hue = if high == r {
            (g - b) / chroma
        } else if high == g {
            (b - r) / chroma + 2.0
        } else {
            (r - g) / chroma + 4.0
        };
        let hue = hue + 6.0 * share;
        // Each channel is high for two sixths, falls over one, is low for two and rises over one.
        let channel = |peak: f64| {
            let away = (hue - peak).rem_euclid(6.0);
            let away = away.min(6.0 - away);
            byte(low + chroma * (2.0 - away).clamp(0.0, 1.0))
        };
        pixel.0 = [channel(0.0), channel(2.0), channel(4.0)];
    }
}

fn byte(value: f64) -> u8 {
    // The cast holds what is beyond 0 and 255.
    value.round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::data::random::stream;

    fn one(rgb: [u8; 3]) -> RgbImage {
        RgbImage::from_pixel(1, 1, Rgb(rgb))
    }

    fn after(rgb: [u8; 3], change: impl Fn(&mut RgbImage)) -> [u8; 3] {
        let mut image = one(rgb);
        change(&mut image);
        image.get_pixel(0, 0).0
    }

    #[test]
    fn brightness_contrast_and_saturation_blend_with_their_references() {
        let bright = |f| move |image: &mut RgbImage| blend(image, Change::Brightness, f);
        assert_eq!(after([100, 200, 250], bright(1.2)), [120, 240, 255]);
        assert_eq!(after([100, 200, 250], bright(0.8)), [80, 160, 200]);
        // Grey of (200, 100, 0) is 0.299 · 200 + 0.587 · 100 = 118.5.
        let saturate = |image: &mut RgbImage| blend(image, Change::Saturation, 0.0);
        assert_eq!(after([200, 100, 0], saturate), [118; 3]);
        let mut image = RgbImage::from_fn(2, 1, |x, _| Rgb([100 + 100 * x as u8; 3]));
        blend(&mut image, Change::Contrast, 0.8);
        assert_eq!(image.into_raw(), [110, 110, 110, 190, 190, 190]);
    }

    #[test]
    fn a_sixth_of_the_circle_leads_from_red_to_yellow() {
        let turn = |share| move |image: &mut RgbImage| turn_hue(image, share);
        assert_eq!(after([255, 0, 0], turn(1.0 / 6.0)), [255, 255, 0]);
        assert_eq!(after([255, 0, 0], turn(-1.0 / 6.0)), [255, 0, 255]);
        assert_eq!(after([200, 50, 50], turn(1.0 / 3.0)), [50, 200, 50]);
        assert_eq!(after([77, 77, 77], turn(0.05)), [77, 77, 77]);
        for rgb in [[3, 200, 90], [255, 254, 0], [1, 2, 250], [250, 1, 2]] {
            assert_eq!(after(rgb, turn(0.0)), rgb);
            assert_eq!(after(rgb, turn(1.0)), rgb);
        }
    }

    #[test]
    fn white_stays_white_and_changes_are_small() {
        for seed in 0..50 {
            let mut image = one([255; 3]);
            turn_hue(&mut image, 0.03);
            assert_eq!(image, one([255; 3]));
            let mut image = one([120, 130, 140]);
            jitter(&mut image, &mut stream(seed, &[]));
            let far = image.get_pixel(0, 0).0.iter().all(|&v| (70..=200).contains(&v));
            assert!(far, "{image:?}");
        }
    }
}
