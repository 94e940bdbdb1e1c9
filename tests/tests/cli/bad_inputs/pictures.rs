//! Pictures that are none, are broken, or are too large.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};

use super::*;

const PICTURE: &str = "picture.png";

const ROWS: &[Row] = &[
    ("no file", |bench| bench.remove(PICTURE), &["picture.png: cannot be read: No such file"]),
    ("an empty file", |bench| bench.write(PICTURE, b""), &["picture.png: ", "the file is empty"]),
    (
        "text",
        |bench| bench.write(PICTURE, "Dear diary"),
        &["picture.png: this is not a picture", "PNG, JPEG, WebP, GIF, BMP and TIFF"],
    ),
    (
        "a PDF under a picture's name",
        |bench| bench.write(PICTURE, "%PDF-1.7\n"),
        &["picture.png: this is a PDF document"],
    ),
    (
        "a telephone's HEIC",
        |bench| bench.write(PICTURE, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        &["picture.png: this is a HEIC picture", "are accepted"],
    ),
    ("half a PNG", |bench| half(bench, ImageFormat::Png), &["picture.png: ", "PNG", "cut short"]),
    (
        "half a JPEG",
        |bench| half(bench, ImageFormat::Jpeg),
        &["picture.png: ", "JPEG", "too early"],
    ),
    (
        "half a WebP",
        |bench| half(bench, ImageFormat::WebP),
        &["picture.png: ", "WebP", "cut short"],
    ),
    ("half a GIF", |bench| half(bench, ImageFormat::Gif), &["picture.png: ", "GIF", "cut short"]),
    ("half a BMP", |bench| half(bench, ImageFormat::Bmp), &["picture.png: ", "BMP", "cut short"]),
    (
        "half a TIFF",
        |bench| half(bench, ImageFormat::Tiff),
        &["picture.png: ", "TIFF", "cut short"],
    ),
    ("the first 8 bytes", |bench| bench.cut(PICTURE, 8), &["picture.png: ", "PNG", "too early"]),
    (
        "a PNG that claims to be giant",
        |bench| bench.write(PICTURE, png(2_000_000_000, 2_000_000_000, &[0; 64])),
        &["picture.png: the picture needs too much memory: at most 1024 MiB"],
    ),
    (
        "a PNG of 30,001 pixels a side",
        |bench| bench.write(PICTURE, png(30_001, 200, &[0; 64])),
        &["picture.png: 30001 x 200 pixels are too many", "30000 a side"],
    ),
    (
        "a PNG without width",
        |bench| bench.write(PICTURE, png(0, 8, &[0; 64])),
        &["picture.png: ", "PNG", "damaged"],
    ),
    (
        "pixels that do not unpack",
        |bench| bench.write(PICTURE, png(64, 64, &[0xAA; 64])),
        &["picture.png: the PNG picture is damaged or cut short"],
    ),
    (
        "a wrong checksum",
        |bench| {
            let mut bytes = png(64, 64, &[0xAA; 64]);
            bytes[20] ^= 1;
            bench.write(PICTURE, bytes);
        },
        &["picture.png: the PNG picture is damaged", "CRC"],
    ),
    (
        "a GIF without a frame",
        |bench| bench.write(PICTURE, b"GIF89a\x08\0\x08\0\0\0\0;"),
        &["picture.png: the GIF picture is damaged"],
    ),
    (
        "a narrow strip",
        |bench| picture(bench, &DynamicImage::new_rgb8(2010, 10), ImageFormat::Png),
        &["picture.png: ", "2010 x 10 pixels", "at most 200 times"],
    ),
    (
        "samples without a range",
        |bench| picture(bench, &DynamicImage::new_rgb32f(8, 8), ImageFormat::Tiff),
        &["picture.png: ", "TIFF", "floating-point", "save it as PNG or JPEG"],
    ),
];

#[test]
fn a_bad_picture_is_asked_about() {
    every(ASK, 1, ROWS);
}

#[test]
fn bad_pictures_are_scored_among_good_ones() {
    let bench = Bench::new();
    let good = bench.read(PICTURE);
    for (number, (_, spoil, _)) in ROWS.iter().enumerate().skip(1) {
        spoil(&bench);
        bench.write(&format!("all/{number:02}_picture.png"), bench.read(PICTURE));
        bench.write(PICTURE, &good);
    }
    bench.write("all/99_good.png", good);
    let line = "score all --model model --device cpu --format json --adapters adapters/realism";
    let ran = Ran::of(&mut bench.command(line));
    assert_eq!(ran.status, 1, "{}", ran.err);
    let (lines, told) = (ran.json(), ran.err.lines().collect::<Vec<_>>());
    assert_eq!((lines.len(), told.len()), (ROWS.len(), ROWS.len()), "{}", ran.err);
    for (index, (name, _, says)) in ROWS[1..].iter().enumerate() {
        let error = lines[index]["error"].as_str().unwrap();
        for word in *says {
            assert!(told[index].contains(word), "{name}: {word}: {}", told[index]);
        }
        assert!(told[index].ends_with(error), "{name}: {error}");
    }
    assert!(lines[ROWS.len() - 1].get("scores").is_some());
    assert_eq!(told[ROWS.len() - 1], "easel: 19 of 20 pictures could not be scored");
}

#[test]
fn what_is_no_file_is_no_picture() {
    let folder: Row = (
        "a folder",
        |bench| {
            bench.remove(PICTURE);
            fs::create_dir(bench.path(PICTURE)).unwrap();
        },
        &["picture.png: expected a picture file, and this is none"],
    );
    every(ASK, 1, &[folder]);
    #[cfg(unix)]
    every(
        ASK,
        1,
        &[
            (
                "a pipe that nobody writes to",
                |bench| {
                    bench.remove(PICTURE);
                    let made = Command::new("mkfifo").arg(bench.path(PICTURE)).status().unwrap();
                    assert!(made.success());
                },
                &["picture.png: expected a picture file"],
            ),
            ("a device", |bench| link(bench, "/dev/zero"), &["picture.png: expected a picture"]),
            ("a link to nothing", |bench| link(bench, "gone"), &["picture.png: ", "No such file"]),
        ],
    );
}

#[cfg(unix)]
#[test]
fn a_locked_picture_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let lock = |bench: &Bench| {
        fs::set_permissions(bench.path(PICTURE), fs::Permissions::from_mode(0o0)).unwrap();
    };
    let bench = Bench::new();
    lock(&bench);
    // Whoever administers the machine may read everything.
    if fs::read(bench.path(PICTURE)).is_err() {
        every(ASK, 1, &[("a locked picture", lock, &["picture.png: ", "Permission denied"])]);
    }
}

#[cfg(unix)]
fn link(bench: &Bench, target: &str) {
    bench.remove(PICTURE);
    std::os::unix::fs::symlink(target, bench.path(PICTURE)).unwrap();
}

fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn picture(bench: &Bench, picture: &DynamicImage, format: ImageFormat) {
    bench.write(PICTURE, encode(picture, format));
}

/// The first half of a whole picture.
fn half(bench: &Bench, format: ImageFormat) {
    let whole = image::load_from_memory(&bench.read(PICTURE)).unwrap().into_rgb8();
    let bytes = encode(&DynamicImage::from(whole), format);
    bench.write(PICTURE, &bytes[..bytes.len() / 2]);
}

/// A PNG of 8-bit RGB whose header claims these sizes, with `packed` as its pixels.
fn png(width: u32, height: u32, packed: &[u8]) -> Vec<u8> {
    let sizes = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let header = [&sizes[..], &[8, 2, 0, 0, 0]].concat();
    let chunks = [chunk(b"IHDR", &header), chunk(b"IDAT", packed), chunk(b"IEND", &[])];
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let body = [kind, data].concat();
    let length = (data.len() as u32).to_be_bytes();
    [&length[..], &body, &checksum(&body).to_be_bytes()].concat()
}

/// The CRC-32 that PNG has.
fn checksum(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}
