//! Powers of two that compilers turn into wide instructions.

use std::f32::consts::LN_2;

/// 2^x for x of at most 0, within two units of the last place, without branches: a whole number
/// goes to the exponent, and the rest, of at most a half, through its Taylor series. Zero where
/// floats lose digits, below -126.
#[inline(always)]
pub(crate) fn power(x: f32) -> f32 {
    // Adding 1.5 · 2^23 leaves no bits for fractions.
    const WHOLE: f32 = 12_582_912.0;
    const C: [f32; 6] =
        [LN_2, 0.240_226_5, 0.055_504_11, 0.009_618_129, 0.001_333_355_8, 0.000_154_035_3];
    let inside = if x < -126.0 { -126.0 } else { x };
    let shifted = inside + WHOLE;
    let rest = inside - (shifted - WHOLE);
    let series = C.iter().rev().fold(0.000_015_252_73, |sum, c| sum * rest + c) * rest + 1.0;
    let exponent = shifted.to_bits().wrapping_sub(WHOLE.to_bits()).wrapping_add(127);
    if x < -126.0 { 0.0 } else { series * f32::from_bits(exponent << 23) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_right_to_the_last_places() {
        for step in 0..=126_000 {
            let x = -(step as f32) / 1000.0;
            let (found, expected) = (power(x), f64::from(x).exp2());
            let error = (f64::from(found) - expected).abs() / expected;
            assert!(error < 2e-7, "{x}: {found} {expected}");
        }
        assert_eq!([power(-126.1), power(f32::MIN), power(f32::NEG_INFINITY)], [0.0; 3]);
    }
}
