//! The published augmentations: random changes of a training picture, each drawn from the seed,
//! the epoch and the row, so that a resumed run sees the pictures that an unbroken one does.
//!
//! They are torchvision's `rotate`, `gaussian_blur`, `hflip` and `ColorJitter`, with the published
//! strengths; a turn samples bilinearly and shows white paper at the corners.

mod colour;
mod rotate;

use ::image::RgbImage;
use ::image::imageops::{GaussianBlurParameters, blur_advanced, flip_horizontal_in_place};

use super::data::random::{between, stream, unit};
use super::settings::Augmentation;
use crate::image::{Image, ImageError};

/// The largest turn to either side, in degrees.
const MAX_TURN: f64 = 15.0;

/// How often a picture is blurred, and how often it is flipped.
const BLURRED: f64 = 0.2;
const FLIPPED: f64 = 0.5;

/// The picture after the changes asked for, in the order of [`Augmentation::ALL`].
///
/// Each change has its own chance: adding one leaves the others' as they were.
///
/// # Errors
/// Never for a picture that was made by this crate; its size stays as it is.
pub fn augment(
    image: Image,
    changes: &[Augmentation],
    seed: u64,
    epoch: u64,
    row: u64,
) -> Result<Image, ImageError> {
    if changes.is_empty() {
        return Ok(image);
    }
    let (width, height) = (image.width(), image.height());
    let found = image.rgb().len();
    let mut pixels = RgbImage::from_raw(width, height, image.into_rgb()).ok_or_else(|| {
        let expected = u64::from(width) * u64::from(height) * 3;
        ImageError::Length { width, height, expected, found }
    })?;
    for change in Augmentation::ALL.into_iter().filter(|change| changes.contains(change)) {
        let mut rng = stream(seed, &[epoch, row, change as u64]);
        match change {
            Augmentation::Rotate => {
                pixels = rotate::rotate(&pixels, between(&mut rng, -MAX_TURN, MAX_TURN));
            }
            Augmentation::Blur => {
                if unit(&mut rng) < BLURRED {
                    // 5 x 5 with sigma 1.1, which torchvision takes for this size.
                    pixels = blur_advanced(&pixels, GaussianBlurParameters::SMOOTHING_5);
                }
            }
            Augmentation::Flip => {
                if unit(&mut rng) < FLIPPED {
                    flip_horizontal_in_place(&mut pixels);
                }
            }
            Augmentation::Jitter => colour::jitter(&mut pixels, &mut rng),
        }
    }
    Image::from_rgb(width, height, pixels.into_raw())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Image {
        let rgb = (0..20 * 12 * 3_u32).map(|n| (n * n % 251) as u8).collect();
        Image::from_rgb(20, 12, rgb).unwrap()
    }

    fn change(changes: &[Augmentation], seed: u64, epoch: u64, row: u64) -> Image {
        augment(picture(), changes, seed, epoch, row).unwrap()
    }

    #[test]
    fn nothing_asked_for_changes_nothing() {
        assert_eq!(change(&[], 1, 2, 3), picture());
    }

    #[test]
    fn chance_is_that_of_seed_epoch_and_row() {
        let all = Augmentation::ALL;
        let first = change(&all, 1, 2, 3);
        assert_eq!((first.width(), first.height()), (20, 12));
        assert_eq!(change(&all, 1, 2, 3), first);
        for (seed, epoch, row) in [(2, 2, 3), (1, 3, 3), (1, 2, 4), (1, 3, 2)] {
            assert_ne!(change(&all, seed, epoch, row), first);
        }
        let mut reversed = all;
        reversed.reverse();
        assert_eq!(change(&reversed, 1, 2, 3), first);
    }

    #[test]
    fn a_fifth_is_blurred_and_half_are_flipped() {
        let changed = |change| {
            let rows = (0..400)
                .filter(|&row| augment(picture(), &[change], 5, 0, row).unwrap() != picture());
            rows.count()
        };
        // 80 and 200, give or take four standard deviations.
        assert!((48..=112).contains(&changed(Augmentation::Blur)));
        assert!((160..=240).contains(&changed(Augmentation::Flip)));
        assert_eq!(changed(Augmentation::Rotate), 400);
        assert_eq!(changed(Augmentation::Jitter), 400);
    }

    #[test]
    fn a_flip_exchanges_left_and_right() {
        let row = (0..100).find(|&row| change(&[Augmentation::Flip], 5, 0, row) != picture());
        let flipped = change(&[Augmentation::Flip], 5, 0, row.unwrap());
        let (before, after) = (picture(), flipped);
        for (before, after) in before.rgb().chunks(60).zip(after.rgb().chunks(60)) {
            let reversed: Vec<u8> = before.chunks(3).rev().flatten().copied().collect();
            assert_eq!(after, reversed);
        }
    }

    #[test]
    fn a_blur_spreads_a_dot_and_keeps_its_light() {
        let mut rgb = vec![0; 9 * 9 * 3];
        rgb[(4 * 9 + 4) * 3..][..3].fill(255);
        let dot = Image::from_rgb(9, 9, rgb).unwrap();
        let blurred = |row| augment(dot.clone(), &[Augmentation::Blur], 5, 0, row).unwrap();
        let blurred = (0..100).map(blurred).find(|image| *image != dot).unwrap();
        let at = |x: usize, y: usize| u32::from(blurred.rgb()[(y * 9 + x) * 3]);
        // The middle weight of a 5-tap Gaussian of sigma 1.1 is 0.369, squared 0.136.
        assert!(at(4, 4).abs_diff(35) <= 1, "{}", at(4, 4));
        assert_eq!((at(3, 4), at(1, 4)), (at(5, 4), 0));
        let total: u32 = blurred.rgb().iter().step_by(3).map(|&v| u32::from(v)).sum();
        assert!(total.abs_diff(255) <= 13, "{total}");
    }

    #[test]
    fn a_picture_of_one_pixel_survives() {
        for row in 0..20 {
            let dot = Image::from_rgb(1, 1, vec![1, 2, 3]).unwrap();
            augment(dot, &Augmentation::ALL, 0, 0, row).unwrap();
        }
    }
}
