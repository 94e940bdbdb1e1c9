//! A small turn about the picture's centre.

use ::image::{Rgb, RgbImage};

/// What shows where the picture does not reach.
const PAPER: Rgb<u8> = Rgb([255; 3]);

/// The picture turned counter-clockwise by up to 15 degrees to either side, in its own frame;
/// samples are bilinear.
pub(super) fn rotate(image: &RgbImage, degrees: f64) -> RgbImage {
    let (sin, cos) = sin_cos(degrees.to_radians());
    let (width, height) = image.dimensions();
    let centre = |side: u32| f64::from(side - 1) / 2.0;
    let (cx, cy) = (centre(width), centre(height));
    RgbImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (f64::from(x) - cx, f64::from(y) - cy);
        sample(image, cx + dx * cos - dy * sin, cy + dx * sin + dy * cos)
    })
}

/// The colour between four pixels.
fn sample(image: &RgbImage, x: f64, y: f64) -> Rgb<u8> {
    let (left, top) = (x.floor(), y.floor());
    let (right_share, low_share) = (x - left, y - top);
    let pixel = |dx: f64, dy: f64| {
        let (x, y) = (left + dx, top + dy);
        let inside = x >= 0.0 && y >= 0.0;
        let found = inside.then(|| image.get_pixel_checked(x as u32, y as u32)).flatten();
        *found.unwrap_or(&PAPER)
    };
    let corners = [
        (pixel(0.0, 0.0), (1.0 - right_share) * (1.0 - low_share)),
        (pixel(1.0, 0.0), right_share * (1.0 - low_share)),
        (pixel(0.0, 1.0), (1.0 - right_share) * low_share),
        (pixel(1.0, 1.0), right_share * low_share),
    ];
    Rgb([0, 1, 2].map(|channel| {
        let sum: f64 = corners.iter().map(|(Rgb(c), share)| f64::from(c[channel]) * share).sum();
        sum.round() as u8
    }))
}

/// Sine and cosine of at most 15 degrees, by their series: sums and products are the same on
/// every machine, where the system's functions may differ in the last bit.
fn sin_cos(angle: f64) -> (f64, f64) {
    let (mut sin, mut cos, mut term) = (0.0, 0.0, 1.0);
    for n in 1..=12 {
        // `term` is angleⁿ⁻¹ / (n-1)!; its sign changes every second time.
        let sign = if (n - 1) % 4 < 2 { 1.0 } else { -1.0 };
        if n % 2 == 1 {
            cos += sign * term;
        } else {
            sin += sign * term;
        }
        term = term * angle / f64::from(n);
    }
    (sin, cos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_are_sine_and_cosine() {
        for degrees in [-15.0_f64, -3.2, 0.0, 0.1, 7.0, 15.0] {
            let (sin, cos) = sin_cos(degrees.to_radians());
            assert!((sin - degrees.to_radians().sin()).abs() < 1e-15);
            assert!((cos - degrees.to_radians().cos()).abs() < 2e-15);
        }
    }

    #[test]
    fn no_turn_changes_nothing() {
        let image = RgbImage::from_fn(7, 5, |x, y| Rgb([x as u8 * 30, y as u8 * 40, 9]));
        assert_eq!(rotate(&image, 0.0), image);
    }

    #[test]
    fn a_dot_moves_counter_clockwise_and_corners_are_paper() {
        // A black picture of 101 x 101 with a 3 x 3 dot 40 to the right of its centre.
        let mut image = RgbImage::new(101, 101);
        for (x, y) in (89..=91).flat_map(|x| (49..=51).map(move |y| (x, y))) {
            image.put_pixel(x, y, Rgb([200, 0, 0]));
        }
        let turned = rotate(&image, 15.0);
        // 40 cos 15° = 38.6 to the right, 40 sin 15° = 10.4 up.
        assert_eq!(turned.get_pixel(89, 40), &Rgb([200, 0, 0]));
        assert_eq!(turned.get_pixel(90, 50), &Rgb([0; 3]));
        assert_eq!(turned.get_pixel(50, 50), &Rgb([0; 3]));
        for (x, y) in [(0, 0), (100, 0), (0, 100), (100, 100)] {
            assert_eq!(turned.get_pixel(x, y), &PAPER);
        }
    }
}
