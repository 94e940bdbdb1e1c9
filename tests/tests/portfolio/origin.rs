//! Where and when a photograph was taken is not kept.

use easel::native::{FILE, desk};
use easel::portfolio::{Ask, Tell};
use easel::ui::{Edit, Source};
use easel_core::{Assessment, Image};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use pollster::block_on;

use crate::files;

/// What a camera wrote: nothing of it may be found again.
const SECRETS: [&[u8]; 5] = [
    b"2026:05:17 14:03:22",
    b"GPSVERY-SECRET-PLACE",
    b"Photographer Jane Roe",
    b"Exif",
    b"hidden behind",
];

/// A photograph with EXIF: turned by a quarter, with place, time and name.
fn photograph() -> Vec<u8> {
    // Left red, right blue: upright, red is above.
    let rgb = (0..64 * 48).flat_map(|n| if n % 64 < 32 { [220, 20, 20] } else { [20, 20, 220] });
    let rgb: Vec<u8> = rgb.collect();
    let mut plain = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut plain, 95);
    encoder.write_image(&rgb, 64, 48, ExtendedColorType::Rgb8).unwrap();
    let mut tiff: Vec<u8> = b"II*\0\x08\0\0\0".to_vec();
    let texts = [(0x0132_u16, SECRETS[0]), (0x013b, SECRETS[2]), (0x010e, SECRETS[1])];
    tiff.extend_from_slice(&4_u16.to_le_bytes());
    // Orientation 6: what is left in the file is above.
    tiff.extend_from_slice(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
    let mut at = 8 + 2 + 12 * 4 + 4_u32;
    for (tag, text) in texts {
        tiff.extend_from_slice(&tag.to_le_bytes());
        tiff.extend_from_slice(&2_u16.to_le_bytes());
        tiff.extend_from_slice(&(text.len() as u32 + 1).to_le_bytes());
        tiff.extend_from_slice(&at.to_le_bytes());
        at += text.len() as u32 + 1;
    }
    tiff.extend_from_slice(&0_u32.to_le_bytes());
    for (_, text) in texts {
        tiff.extend_from_slice(text);
        tiff.push(0);
    }
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe1];
    bytes.extend_from_slice(&(tiff.len() as u16 + 8).to_be_bytes());
    bytes.extend_from_slice(b"Exif\0\0");
    bytes.extend(tiff);
    bytes.extend_from_slice(&plain[2..]);
    bytes.extend_from_slice(SECRETS[4]);
    bytes
}

#[test]
fn place_time_and_name_of_a_photograph_are_left_out() {
    let photograph = photograph();
    for secret in SECRETS {
        assert!(photograph.windows(secret.len()).any(|window| window == secret));
    }
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path()).unwrap();
    let Tell::Added(pupil) = block_on(desk.answer(Ask::Add("Mia".to_owned()))).unwrap() else {
        panic!()
    };
    let keep = |bytes: &[u8]| Ask::Keep {
        pupil,
        source: Source::File { name: "IMG_20260517_at_home.jpg".to_owned(), bytes: bytes.to_vec() },
        edit: Edit::default(),
        assessment: Assessment::default(),
        comment: String::new(),
        model: String::new(),
    };
    let Tell::Kept { record, .. } = block_on(desk.answer(keep(&photograph))).unwrap() else {
        panic!()
    };
    let Tell::Opened { picture, .. } = block_on(desk.answer(Ask::Open(record.id))).unwrap() else {
        panic!()
    };
    let upright = Image::decode(&photograph).unwrap();
    assert_eq!((picture.width, picture.height), (upright.width(), upright.height()));
    assert_eq!((picture.width, picture.height), (48, 64));
    assert!(picture.rgb[0] > 150 && picture.rgb[picture.rgb.len() - 1] > 150, "red is above");
    let zip = folder.path().join("all.zip");
    block_on(desk.answer(Ask::Export(zip.display().to_string()))).unwrap();
    let kept = files(folder.path());
    assert!(kept.iter().any(|(path, _)| path.ends_with(FILE)) && kept.len() == 2, "{}", kept.len());
    for (path, bytes) in kept {
        for secret in SECRETS.into_iter().chain([b"at_home".as_slice()]) {
            let found = bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!found, "{}: {}", path.display(), String::from_utf8_lossy(secret));
        }
    }
}
