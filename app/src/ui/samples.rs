//! The sample drawings: made by a computer (`easel drawings`, seed 7), for a first try.

macro_rules! samples {
    ($($name:literal),+) => {
        [$(include_bytes!(
            concat!(env!("CARGO_MANIFEST_DIR"), "/assets/samples/", $name, ".png")
        ).as_slice()),+]
    };
}

/// Their PNG files.
pub(super) const SAMPLES: [&[u8]; 6] = samples!("1", "2", "3", "4", "5", "6");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_pictures_of_a_few_kilobytes() {
        for bytes in SAMPLES {
            assert!(bytes.len() < 80 << 10);
            let image = easel_core::Image::decode(bytes).unwrap();
            assert!(image.width().min(image.height()) >= 200);
        }
    }
}
