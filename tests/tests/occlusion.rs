//! Where a score comes from: the demo model is shown pictures of which that is known.
//!
//! `EASEL_OCCLUSION_CASES` says how many; 20 take a moment, 100 were measured.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests panic and print figures")]

use burn::tensor::Device;
use easel_core::{Assessor, Attribute, Image, LoadOptions, demo};
use pollster::block_on;

/// A grey sheet with one corner full of colours, and which cell of the grid that corner is.
fn one_coloured_corner(case: u64) -> (Image, [usize; 2]) {
    // Weyl's sequence, scrambled: chance that is the same everywhere.
    let mut state = case.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5ca1_ab1e;
    let mut below = |most: u64| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    };
    let (width, height) = (160 + 8 * below(20), 160 + 8 * below(20));
    let grey = 110 + below(100) as u8;
    let [row, column] = [3 * below(2), 3 * below(2)];
    let colours: Vec<[u8; 3]> = (0..3 + below(4)).map(|_| hue(below(360))).collect();
    let (band, upright) = (4 + below(8), below(2) == 0);
    let mut rgb = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            let inside = y * 4 / height == row && x * 4 / width == column;
            let at = (if upright { x } else { y } / band) as usize;
            rgb.extend(if inside { colours[at % colours.len()] } else { [grey; 3] });
        }
    }
    let image = Image::from_rgb(width as u32, height as u32, rgb).unwrap();
    (image, [row as usize, column as usize])
}

/// A full colour by its angle in degrees.
fn hue(angle: u64) -> [u8; 3] {
    [0, 240, 120].map(|shift| {
        let at = (angle + shift) % 360;
        let part = match at {
            0..60 | 300..360 => 60,
            60..120 => 120 - at,
            120..240 => 0,
            _ => at - 240,
        };
        (part * 255 / 60) as u8
    })
}

#[test]
fn the_coloured_corner_is_where_richness_of_colour_comes_from() {
    let cases = std::env::var("EASEL_OCCLUSION_CASES").ok().and_then(|text| text.parse().ok());
    let cases: u64 = cases.unwrap_or(20);
    let device = Device::flex();
    let loading =
        Assessor::load(demo::model(), Some(demo::adapters()), LoadOptions::new(), &device);
    let mut assessor = block_on(loading).unwrap();
    let mut found = 0;
    for case in 0..cases {
        let (image, corner) = one_coloured_corner(case);
        let occlusion = block_on(assessor.occlusion(&image, Attribute::ColorRichness)).unwrap();
        let right = occlusion.most() == corner;
        if !right {
            println!("{case}: {corner:?} {occlusion:?}");
        }
        found += u64::from(right);
    }
    println!("{found} of {cases} corners were found");
    assert!(found * 10 >= cases * 9, "{found} of {cases}");
}

#[test]
fn the_whole_picture_scores_as_ever_and_one_pass_is_enough() {
    let device = Device::flex();
    let loading =
        Assessor::load(demo::model(), Some(demo::adapters()), LoadOptions::new(), &device);
    let mut assessor = block_on(loading).unwrap();
    let (image, _) = one_coloured_corner(1);
    let assessment = block_on(assessor.assess(&image)).unwrap();
    let before = assessor.counters();
    for attribute in [Attribute::Realism, Attribute::Transformation] {
        let occlusion = block_on(assessor.occlusion(&image, attribute)).unwrap();
        let expected = assessment.get(attribute).unwrap().expected();
        assert!((occlusion.score - expected).abs() < 1e-4, "{attribute}: {occlusion:?}");
        assert!(occlusion.falls.as_flattened().iter().any(|fall| *fall != 0.0));
    }
    let after = assessor.counters();
    assert_eq!(after.vision_passes - before.vision_passes, 2);
    assert_eq!(after.language_passes - before.language_passes, 2);
    assert_eq!(after.language_rows - before.language_rows, 34);
}

#[test]
fn each_covered_picture_is_read_as_if_it_were_alone() {
    let device = Device::flex();
    let loading =
        Assessor::load(demo::model(), Some(demo::adapters()), LoadOptions::new(), &device);
    let mut assessor = block_on(loading).unwrap();
    // A square of 224: its cells are those of the square, and nothing is resized.
    let rgb: Vec<u8> = (0..224 * 224 * 3).map(|at: u32| (at * 7 % 251) as u8).collect();
    let mut rgb = rgb;
    // A border of one colour, which is what covers.
    for y in 0..224 {
        for x in 0..224 {
            if x % 223 == 0 || y % 223 == 0 {
                rgb[3 * (y * 224 + x)..][..3].copy_from_slice(&[10, 60, 200]);
            }
        }
    }
    let image = Image::from_rgb(224, 224, rgb.clone()).unwrap();
    let attribute = Attribute::LineTexture;
    let occlusion = block_on(assessor.occlusion(&image, attribute)).unwrap();
    for [row, column] in [[0, 0], [1, 2], [3, 3]] {
        let mut covered = rgb.clone();
        for y in 56 * row..56 * (row + 1) {
            for x in 56 * column..56 * (column + 1) {
                covered[3 * (y * 224 + x)..][..3].copy_from_slice(&[10, 60, 200]);
            }
        }
        let alone = Image::from_rgb(224, 224, covered).unwrap();
        let score = block_on(assessor.assess(&alone)).unwrap().get(attribute).unwrap().expected();
        let fall = occlusion.falls[row][column];
        assert!((occlusion.score - score - fall).abs() < 1e-4, "{row} {column}: {fall}");
    }
}
