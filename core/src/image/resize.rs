//! Bicubic resampling that agrees bit for bit with Pillow's `Image.resize(size, BICUBIC)`.
//!
//! The kernel is Keys' cubic with a = -0.5, stretched when shrinking so that every source pixel
//! counts. Weights are rounded to 22-bit fixed point and the result of each pass to 8 bits.

use super::{CHANNELS, Image, ImageError, check_size};

/// Fraction bits of a weight: 32 less the sample's 8 and 2 for sums beyond one.
const PRECISION_BITS: u32 = 32 - 8 - 2;

/// One half, which turns the final shift into rounding.
const HALF: i32 = 1 << (PRECISION_BITS - 1);

/// Reach of the kernel in source pixels when not shrinking.
const SUPPORT: f64 = 2.0;

impl Image {
    /// The picture at another size: bicubic, antialiased, bit-equal to Pillow's.
    ///
    /// # Errors
    ///
    /// When a side asked for is zero or the size is beyond [`MAX_PIXELS`](super::MAX_PIXELS) or
    /// [`MAX_SIDE`](super::MAX_SIDE).
    pub fn resize(&self, width: u32, height: u32) -> Result<Self, ImageError> {
        check_size(width, height)?;
        let across = |rgb: &[u8]| match width == self.width {
            true => rgb.to_vec(),
            false => horizontal(rgb, self.width as usize, &Weights::new(self.width, width)),
        };
        let down = |rgb: &[u8], width: u32| match height == self.height {
            true => rgb.to_vec(),
            false => vertical(rgb, width as usize * CHANNELS, &Weights::new(self.height, height)),
        };
        // Each pass rounds, so the order shows; since version 13, Pillow shrinks rows first where
        // that saves it work.
        let [less_high, less_wide] = [(self.height, height), (self.width, width)]
            .map(|(from, to)| i64::from(from) - i64::from(to));
        let rgb = match less_high > 0 && less_high > 2 * less_wide {
            true => across(&down(&self.rgb, self.width)),
            false => down(&across(&self.rgb), width),
        };
        Ok(Self { width, height, rgb })
    }
}

/// For each output position along one axis, the source positions it draws on and their weights.
struct Weights {
    /// Start in the source, and number of weights.
    spans: Vec<(usize, usize)>,
    /// Fixed-point weights of all positions, one after the other.
    values: Vec<i32>,
}

impl Weights {
    fn new(source: u32, target: u32) -> Self {
        let (size, scale) = (source as usize, f64::from(source) / f64::from(target));
        let stretch = scale.max(1.0);
        let support = SUPPORT * stretch;
        let mut spans = Vec::with_capacity(target as usize);
        let mut values = Vec::new();
        let mut row = Vec::new();
        for position in 0..target {
            let center = (f64::from(position) + 0.5) * scale;
            // `as usize` truncates and takes what is below zero to zero, as wanted.
            let start = (center - support + 0.5) as usize;
            let end = ((center + support + 0.5) as usize).min(size);
            // Multiplying by the inverse, as Pillow does, rounds differently from dividing.
            let squeeze = 1.0 / stretch;
            row.clear();
            row.extend((start..end).map(|x| cubic((x as f64 - center + 0.5) * squeeze)));
            let total: f64 = row.iter().sum();
            values.extend(row.iter().map(|weight| to_fixed(weight / total)));
            spans.push((start, end - start));
        }
        Self { spans, values }
    }

    fn iter(&self) -> impl Iterator<Item = (usize, &[i32])> {
        let mut rest = self.values.as_slice();
        self.spans.iter().map(move |&(start, count)| {
            let (head, tail) = rest.split_at(count);
            rest = tail;
            (start, head)
        })
    }
}

/// Keys' cubic convolution kernel with a = -0.5.
fn cubic(x: f64) -> f64 {
    const A: f64 = -0.5;
    let x = x.abs();
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        (((x - 5.0) * x + 8.0) * x - 4.0) * A
    } else {
        0.0
    }
}

/// Rounds a weight to fixed point, halves away from zero.
fn to_fixed(weight: f64) -> i32 {
    let scaled = weight * f64::from(1 << PRECISION_BITS);
    (scaled + if weight < 0.0 { -0.5 } else { 0.5 }) as i32
}

/// Takes a fixed-point sum, with [`HALF`] already in it, back to a sample.
fn to_sample(sum: i32) -> u8 {
    (sum >> PRECISION_BITS).clamp(0, 255) as u8
}

/// Resamples every row of `rgb`, which is `width` pixels wide.
fn horizontal(rgb: &[u8], width: usize, weights: &Weights) -> Vec<u8> {
    let stride = width * CHANNELS;
    let mut out = Vec::with_capacity(rgb.len() / stride * weights.spans.len() * CHANNELS);
    for row in rgb.chunks_exact(stride) {
        for (start, weights) in weights.iter() {
            let mut sums = [HALF; CHANNELS];
            let pixels = row[start * CHANNELS..].chunks_exact(CHANNELS);
            for (pixel, weight) in pixels.zip(weights) {
                for (sum, &sample) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(sample) * weight;
                }
            }
            out.extend(sums.map(to_sample));
        }
    }
    out
}

/// Resamples every column of `rgb`, whose rows are `stride` bytes long.
fn vertical(rgb: &[u8], stride: usize, weights: &Weights) -> Vec<u8> {
    let mut out = Vec::with_capacity(weights.spans.len() * stride);
    let mut sums = vec![HALF; stride];
    for (start, weights) in weights.iter() {
        sums.fill(HALF);
        for (row, weight) in rgb[start * stride..].chunks_exact(stride).zip(weights) {
            for (sum, &sample) in sums.iter_mut().zip(row) {
                *sum += i32::from(sample) * weight;
            }
        }
        out.extend(sums.iter().map(|&sum| to_sample(sum)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{checksum, pattern};
    use super::*;

    #[test]
    fn small_pictures_equal_pillow() {
        let smaller = pattern(4, 3).resize(2, 2).unwrap();
        assert_eq!(smaller.rgb(), [16, 105, 193, 61, 155, 160, 68, 164, 150, 140, 153, 55]);
        let larger = pattern(3, 2).resize(5, 3).unwrap();
        assert_eq!(larger.rgb()[..9], [0, 87, 177, 0, 90, 179, 4, 94, 184]);
        assert_eq!(larger.rgb()[39..], [74, 164, 76, 86, 176, 0]);
    }

    #[test]
    fn both_orders_of_the_passes_equal_pillow_13() {
        // The last two stand on either side of the rule: 6 and 7 rows less, 3 columns less.
        let cases = [
            ((40, 30), (17, 50), 0xdc46_d877_0818_a75f),
            ((20, 90), (50, 9), 0xe33c_8693_e2c9_8c30),
            ((97, 61), (7, 5), 0x1598_cd9b_f46a_237d),
            ((5, 4), (90, 70), 0xb47d_1194_4908_4699),
            ((300, 3), (2, 3), 0xe90b_a698_a823_8dda),
            ((33, 70), (30, 64), 0x2323_30cd_9bd9_3507),
            ((33, 70), (30, 63), 0x259a_c1f9_6f05_4bc2),
        ];
        for ((width, height), (to_width, to_height), expected) in cases {
            let resized = pattern(width, height).resize(to_width, to_height).unwrap();
            let name = format!("{width} x {height} to {to_width} x {to_height}");
            assert_eq!(checksum(&resized), expected, "{name}");
        }
    }

    #[test]
    fn a_side_that_stays_is_not_touched() {
        let picture = pattern(64, 48);
        assert_eq!(picture.resize(64, 48).unwrap(), picture);
        assert_eq!(checksum(&picture.resize(64, 31).unwrap()), 0xc503_a201_b5d6_2e81);
        assert_eq!(checksum(&picture.resize(31, 48).unwrap()), 0x38f5_f0d3_8e94_7acd);
    }

    #[test]
    fn one_colour_stays_that_colour_at_any_size() {
        let picture = Image::from_rgb(5, 7, [3, 128, 255].repeat(35)).unwrap();
        for (width, height) in [(1, 1), (2, 90), (90, 2), (500, 500)] {
            let resized = picture.resize(width, height).unwrap();
            assert!(resized.rgb().chunks_exact(3).all(|pixel| pixel == [3, 128, 255]));
        }
    }

    #[test]
    fn impossible_sizes_are_refused() {
        let picture = pattern(3, 3);
        assert!(matches!(picture.resize(0, 3), Err(ImageError::ZeroSide { .. })));
        assert!(matches!(picture.resize(3, 30_001), Err(ImageError::TooLarge { .. })));
        assert!(matches!(picture.resize(20_000, 20_000), Err(ImageError::TooLarge { .. })));
    }
}
