//! Contrast of two colours, as WCAG 2 defines it.
#![cfg(test)]

use egui::Color32;

/// Relative luminance of an opaque colour, 0 to 1.
fn luminance(color: Color32) -> f64 {
    let linear = |value: u8| {
        let value = f64::from(value) / 255.0;
        match value <= 0.04045 {
            true => value / 12.92,
            false => ((value + 0.055) / 1.055).powf(2.4),
        }
    };
    0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
}

/// `(lighter + 0.05) / (darker + 0.05)`, from 1 to 21.
pub(super) fn ratio(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn known_pairs() {
    assert!((ratio(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-9);
    assert!((ratio(Color32::from_gray(0x77), Color32::WHITE) - 4.48).abs() < 0.01);
    assert_eq!(ratio(Color32::RED, Color32::RED), 1.0);
}
