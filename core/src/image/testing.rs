//! A made-up picture and a checksum, as the numbers from Pillow in the tests were made with.

use super::{CHANNELS, Image};

/// A picture without symmetry or repeats, whose channels differ.
pub(super) fn pattern(width: u32, height: u32) -> Image {
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let base = x * x * 7 + y * 31 + x * y % 17 * 11;
            rgb.extend((0..CHANNELS as u32).map(|channel| (base + channel * 90) as u8));
        }
    }
    Image::from_rgb(width, height, rgb).unwrap()
}

/// FNV-1a, 64 bits, over the samples.
pub(super) fn checksum(image: &Image) -> u64 {
    image.rgb().iter().fold(0xcbf2_9ce4_8422_2325, |hash, &sample| {
        (hash ^ u64::from(sample)).wrapping_mul(0x100_0000_01b3)
    })
}
