//! Every format, turn and kind of colour, and what is refused.

use ::image::codecs::{jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder};
use ::image::{ImageBuffer, ImageEncoder, ImageResult, Luma, LumaA, Rgb, Rgba};

use super::super::testing::pattern;
use super::*;

/// One colour of ink, 8 x 8, JPEG with Adobe's marker and its inverted CMYK, made with Pillow.
const CMYK: [u8; 177] = *b"\xff\xd8\xff\xee\0\x0eAdobe\0d\0\0\0\0\0\xff\xdb\0C\0\x02\x01\x01\x01\
\x01\x01\x02\x01\x01\x01\x02\x02\x02\x02\x02\x04\x03\x02\x02\x02\x02\x05\x04\x04\x03\x04\x06\x05\
\x06\x06\x06\x05\x06\x06\x06\x07\x09\x08\x06\x07\x09\x07\x06\x06\x08\x0b\x08\x09\x0a\x0a\x0a\x0a\
\x0a\x06\x08\x0b\x0c\x0b\x0a\x0c\x09\x0a\x0a\x0a\xff\xc0\0\x14\x08\0\x08\0\x08\x04C\x11\0M\x11\0Y\
\x11\0K\x11\0\xff\xc4\0\x14\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x09\xff\xc4\0\x14\x10\x01\0\0\0\0\0\
\0\0\0\0\0\0\0\0\0\0\0\xff\xda\0\x0e\x04C\0M\0Y\0K\0\0?\x006\xcc!\x0c+\x8f\xff\xd9";

/// Where [`CMYK`] says how its colours are stored.
const TRANSFORM: usize = 17;

fn dynamic(image: &Image) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    ImageBuffer::<Rgb<u8>, _>::from_raw(width, height, image.rgb().to_vec()).unwrap().into()
}

fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn first_pixel(picture: impl Into<DynamicImage>) -> [u8; 3] {
    let image = Image::decode(&file(&picture.into(), ImageFormat::Png)).unwrap();
    image.rgb()[..3].try_into().unwrap()
}

fn message(bytes: &[u8]) -> String {
    Image::decode(bytes).unwrap_err().to_string()
}

#[test]
fn lossless_formats_give_back_every_pixel() {
    let image = pattern(13, 9);
    for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::WebP] {
        assert_eq!(Image::decode(&file(&dynamic(&image), format)).unwrap(), image, "{format:?}");
    }
}

#[test]
fn jpeg_and_gif_come_close() {
    let image = Image::from_rgb(16, 16, [200, 90, 40].repeat(256)).unwrap();
    for format in [ImageFormat::Jpeg, ImageFormat::Gif] {
        let decoded = Image::decode(&file(&dynamic(&image), format)).unwrap();
        assert_eq!((decoded.width(), decoded.height()), (16, 16));
        let apart = decoded.rgb().iter().zip(image.rgb()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(apart <= Some(3), "{format:?}: {apart:?}");
    }
}

/// EXIF data that holds an orientation and no more.
fn exif(orientation: u8) -> Vec<u8> {
    let mut data = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
    data.extend([0, orientation, 0, 0, 0, 0, 0, 0]);
    data
}

#[test]
fn the_turn_is_applied_in_jpeg_png_and_webp() {
    type Encode = fn(&mut Vec<u8>, &Image, Vec<u8>) -> ImageResult<()>;
    let encoders: [Encode; 3] = [
        |to, image, exif| {
            let mut encoder = JpegEncoder::new_with_quality(to, 100);
            encoder.set_exif_metadata(exif).unwrap();
            encoder.encode_image(&dynamic(image))
        },
        |to, image, exif| {
            let mut encoder = PngEncoder::new(to);
            encoder.set_exif_metadata(exif).unwrap();
            dynamic(image).write_with_encoder(encoder)
        },
        |to, image, exif| {
            let mut encoder = WebPEncoder::new_lossless(to);
            encoder.set_exif_metadata(exif).unwrap();
            dynamic(image).write_with_encoder(encoder)
        },
    ];
    // Four fields of 8 x 8 pixels, told apart by brightness; after the turn, by rows.
    let fields: [[u8; 2]; 2] = [[0, 80], [160, 240]];
    let grey = |x: usize, y: usize| [fields[y / 8][x / 8]; 3];
    let rgb = (0..256).flat_map(|at| grey(at % 16, at / 16)).collect();
    let image = Image::from_rgb(16, 16, rgb).unwrap();
    let turned = [
        (1, [0, 80, 160, 240]),
        (2, [80, 0, 240, 160]),
        (3, [240, 160, 80, 0]),
        (4, [160, 240, 0, 80]),
        (5, [0, 160, 80, 240]),
        (6, [160, 0, 240, 80]),
        (7, [240, 80, 160, 0]),
        (8, [80, 240, 0, 160]),
    ];
    for (orientation, expected) in turned {
        for (number, encode) in encoders.iter().enumerate() {
            let mut bytes = Vec::new();
            encode(&mut bytes, &image, exif(orientation)).unwrap();
            let decoded = Image::decode(&bytes).unwrap();
            let found = [(4, 4), (12, 4), (4, 12), (12, 12)]
                .map(|(x, y)| decoded.rgb()[(y * 16 + x) * 3].next_multiple_of(4));
            assert_eq!(found, expected, "orientation {orientation}, encoder {number}");
        }
    }
}

#[test]
fn the_turn_is_applied_in_tiff() {
    // Width, height, bits, photometric, strip offset, orientation, samples, strip bytes.
    let tags: [(u16, u16); 8] =
        [(256, 2), (257, 1), (258, 8), (262, 1), (273, 110), (274, 6), (277, 1), (279, 2)];
    let mut bytes = b"II\x2a\0\x08\0\0\0\x08\0".to_vec();
    for (tag, value) in tags {
        bytes.extend(
            [tag.to_le_bytes(), [3, 0], [1, 0], [0, 0], value.to_le_bytes(), [0, 0]].concat(),
        );
    }
    bytes.extend([0, 0, 0, 0, 7, 9]);
    let image = Image::decode(&bytes).unwrap();
    assert_eq!((image.width(), image.height()), (1, 2));
    assert_eq!(image.rgb(), [7, 7, 7, 9, 9, 9]);
}

#[test]
fn a_turn_behind_jpegs_prefix_is_found_in_png() {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    encoder.set_exif_metadata([b"Exif\0\0".to_vec(), exif(6)].concat()).unwrap();
    dynamic(&pattern(5, 3)).write_with_encoder(encoder).unwrap();
    assert_eq!(Image::decode(&bytes).unwrap().width(), 3);
}

#[test]
fn transparency_shows_white() {
    // 77 at every alpha as Pillow's paste rounds it, and grey with alpha.
    for (alpha, expected) in [(0, 255), (1, 254), (100, 185), (128, 166), (254, 78), (255, 77)] {
        let rgba = ImageBuffer::from_pixel(2, 2, Rgba([77u8, 77, 255, alpha]));
        assert_eq!(first_pixel(rgba), [expected, expected, 255]);
        let grey = ImageBuffer::from_pixel(2, 2, LumaA([77u8, alpha]));
        assert_eq!(first_pixel(grey), [expected; 3]);
    }
}

#[test]
fn every_pixel_keeps_its_place_when_alpha_goes() {
    let image = pattern(7, 5);
    let rgba = DynamicImage::from(dynamic(&image).into_rgba8());
    assert_eq!(Image::decode(&file(&rgba, ImageFormat::Png)).unwrap(), image);
}

#[test]
fn sixteen_bits_round_to_eight() {
    let rgb = ImageBuffer::from_pixel(1, 1, Rgb([0u16, 257 * 100 + 128, 257 * 100 + 129]));
    assert_eq!(first_pixel(rgb), [0, 100, 101]);
    assert_eq!(first_pixel(ImageBuffer::from_pixel(1, 1, Luma([65_535u16]))), [255; 3]);
}

#[test]
fn cmyk_jpegs_have_the_right_colours() {
    let near = |bytes: &[u8], expected: [u8; 3]| {
        let image = Image::decode(bytes).unwrap();
        let pairs = image.rgb().chunks_exact(3).flat_map(|pixel| pixel.iter().zip(&expected));
        assert!(pairs.clone().all(|(a, b)| a.abs_diff(*b) <= 2), "{:?}", &image.rgb()[..3]);
    };
    near(&CMYK, [46, 190, 164]);
    // The same numbers read as YCCK, which Pillow takes for this colour.
    let mut ycck = CMYK;
    ycck[TRANSFORM] = 2;
    near(&ycck, [89, 215, 24]);
}

#[test]
fn what_is_no_picture_is_named() {
    assert!(message(b"").starts_with("the file is empty"));
    let cases: [(&[u8], &str); 4] = [
        (b"hello, this is text", "this is not a picture;"),
        (b"%PDF-1.7", "this is a PDF document;"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "this is a HEIC picture;"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "this is an AVIF picture;"),
    ];
    for (bytes, expected) in cases {
        let message = message(bytes);
        assert!(message.starts_with(expected), "{message}");
        assert!(message.ends_with("PNG, JPEG, WebP, GIF, BMP and TIFF are accepted"));
    }
}

#[test]
fn files_cut_short_are_refused() {
    let picture = dynamic(&pattern(40, 30));
    let formats = [
        (ImageFormat::Png, "PNG"),
        (ImageFormat::Jpeg, "JPEG"),
        (ImageFormat::WebP, "WebP"),
        (ImageFormat::Gif, "GIF"),
        (ImageFormat::Bmp, "BMP"),
        (ImageFormat::Tiff, "TIFF"),
    ];
    for (format, name) in formats {
        let bytes = file(&picture, format);
        for kept in [bytes.len() / 2, bytes.len() * 9 / 10] {
            let message = message(&bytes[..kept]);
            let expected = format!("the {name} picture is damaged or cut short: ");
            assert!(message.starts_with(&expected), "{message}");
        }
    }
}

#[test]
fn giant_sizes_are_refused_before_decoding() {
    let mut bytes = file(&dynamic(&pattern(1, 1)), ImageFormat::Bmp);
    bytes[18..22].copy_from_slice(&20_000u32.to_le_bytes());
    bytes[22..26].copy_from_slice(&20_000u32.to_le_bytes());
    assert_eq!(
        message(&bytes),
        "20000 x 20000 pixels are too many: at most 100 million pixels and 30000 a side are \
         accepted"
    );
}

#[test]
fn floating_point_is_refused() {
    let rgb = ImageBuffer::from_pixel(1, 1, Rgb([0.5f32, 0.5, 0.5]));
    let message = message(&file(&rgb.into(), ImageFormat::Tiff));
    assert_eq!(
        message,
        "this kind of TIFF picture is not supported (its samples are floating-point numbers, \
         which have no fixed range); save it as PNG or JPEG"
    );
}
