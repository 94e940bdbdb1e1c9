//! Every stage against what PyTorch computes, on every device.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests panic and print figures")]

use std::collections::BTreeMap;
use std::rc::Rc;

use easel_core::assess::Doubt;
use easel_core::assess::{CommentOptions, Framing, Picture, TextOptions};
use easel_core::device::Opened;
use easel_core::image::Preprocessor;
use easel_core::prompt::{drawing_prompt, scoring_prompt};
use easel_core::weights::Memory;
use easel_core::{Assessor, Attribute, Image, LoadOptions, demo};
use easel_tests::devices;
use easel_tests::golden::{
    Case, DESCRIBE, all, answering_tokenizer, max_difference, own, relative_error, source,
};
use pollster::block_on;

const PIXELS: f32 = 0.015;
const RELATIVE: f32 = 1e-3;
const SCORE: f64 = 1e-3;

#[test]
fn pictures_become_the_same_patches() {
    for case in all() {
        let expected = case.tensors("expected.safetensors");
        for index in 0..4 {
            let Some(pixels) = expected.get(&format!("{index}.pixel_values")) else { continue };
            let image = Image::decode(&case.picture(&format!("drawing_{index}.png"))).unwrap();
            let patches = Preprocessor::default().patches(&image.letterbox(224).unwrap()).unwrap();
            assert_eq!(patches.image_grid_thw, [1, 16, 16]);
            let error = max_difference(&patches.values, pixels);
            println!("{} drawing {index}: pixels within {error:.2e}", case.name());
            assert!(error <= PIXELS);
        }
    }
}

#[test]
fn vision_and_logits_equal_the_reference() {
    for (case, opened) in pairs() {
        let mut assessor = case.load(true, &opened.device);
        let expected = case.tensors("expected.safetensors");
        for index in 0..4 {
            let Some(pixels) = expected.get(&format!("{index}.pixel_values")) else { continue };
            let picture = assessor.encode_pixel_values(pixels.clone(), [1, 16, 16]).unwrap();
            let what = format!("{} on {}, drawing {index}", case.name(), opened.name);
            near(
                &values(&picture),
                &expected[&format!("{index}.vision")],
                &format!("{what}: vision"),
            );
            if index == 0 {
                for attribute in Attribute::ALL {
                    let found = logits(&mut assessor, &picture, attribute, Some(attribute));
                    let name = format!("0.{attribute}.last_logits");
                    near(&found, &expected[&name], &format!("{what}: {attribute}"));
                }
                let found = logits(&mut assessor, &picture, Attribute::Realism, None);
                near(&found, &expected["0.base.last_logits"], &format!("{what}: base"));
            }
        }
    }
}

#[test]
fn prompts_scores_and_probabilities_equal_the_reference() {
    for (case, opened) in pairs() {
        for adapters in [true, false] {
            let mut assessor = case.load(adapters, &opened.device);
            assert_eq!(assessor.tokenizer().digits(), case.expected.digits);
            let mut worst = 0.0_f64;
            for index in 0..4 {
                let name = format!("drawing_{index}.png");
                let image = Image::decode(&case.picture(&name)).unwrap();
                let assessment = block_on(assessor.assess(&image)).unwrap();
                for entry in case.expected.cases.iter().filter(|entry| entry.image == name) {
                    let (Some(score), Some(probs)) = (entry.score, entry.probabilities) else {
                        continue;
                    };
                    if entry.adapter.is_some() != adapters {
                        continue;
                    }
                    // The bare model was asked about realism.
                    let attribute = entry.adapter.unwrap_or(Attribute::Realism);
                    let prompt = scoring_prompt(attribute);
                    let ids = assessor.tokenizer().chat(&prompt, 64).unwrap();
                    assert_eq!(ids, entry.input_ids, "{name} {attribute}");
                    let found = assessment.get(attribute).unwrap();
                    worst = worst.max((found.expected() - score).abs());
                    for (found, expected) in found.probs.iter().zip(probs) {
                        worst = worst.max((found - expected).abs());
                    }
                }
            }
            println!("{} on {}: scores within {worst:.2e}", case.name(), opened.name);
            assert!(worst <= SCORE, "{} on {}: {worst}", case.name(), opened.name);
        }
    }
}

#[test]
fn greedy_texts_equal_the_reference() {
    for (case, opened) in pairs() {
        let mut assessor = case.load(false, &opened.device);
        for entry in &case.expected.cases {
            let Some(greedy) = &entry.greedy else { continue };
            let image = Image::decode(&case.picture(&entry.image)).unwrap();
            let picture = assessor.encode(&image, Framing::default()).unwrap();
            continues(&mut assessor, &picture, &entry.input_ids, greedy);
        }
    }
}

/// More tokens than a GPU makes room for at once.
#[test]
fn a_long_text_is_read_alike_on_every_device() {
    const TOKENS: u32 = 290;
    let case = own();
    let image = Image::decode(&case.picture("drawing_1.png")).unwrap();
    let found: Vec<Vec<Vec<f32>>> = devices()
        .iter()
        .map(|opened| {
            let mut assessor = case.load(true, &opened.device);
            let picture = assessor.encode(&image, Framing::default()).unwrap();
            let adapter = Some(Attribute::Realism);
            let stream = assessor.ask(&picture, "?", adapter, TextOptions::default());
            let mut stream = block_on(stream).unwrap();
            let mut read = |token| {
                block_on(stream.force(token)).unwrap();
                block_on(stream.logits()).unwrap()
            };
            (0..TOKENS).map(|place| read(place * 7 % 250)).collect()
        })
        .collect();
    for (place, expected) in found[0].iter().enumerate() {
        for found in &found[1..] {
            near(&found[place], expected, &format!("token {place}"));
        }
    }
}

#[test]
fn comments_that_were_broken_off_become_what_they_would_have_been() {
    for (case, opened) in pairs() {
        let mut assessor = case.load(true, &opened.device);
        let image = Image::decode(&case.picture("drawing_1.png")).unwrap();
        let picture = assessor.encode(&image, Framing::default()).unwrap();
        let scores = block_on(assessor.score(&picture)).unwrap();
        let text = TextOptions { max_tokens: 24, sampling: None };
        let mut write = |written: &[u32]| {
            let written = written.to_vec();
            let options =
                CommentOptions { text: text.clone(), written, ..CommentOptions::default() };
            let mut stream = block_on(assessor.comment(&picture, &scores, options)).unwrap();
            let mut pieces = Vec::new();
            while let Some(piece) = block_on(stream.next()).unwrap() {
                pieces.push(piece);
            }
            (pieces, stream.tokens().to_vec(), stream.stop())
        };
        let (pieces, tokens, stop) = write(&[]);
        for at in 0..=tokens.len() {
            let what = format!("{} on {}, after {at}", case.name(), opened.name);
            let found = write(&tokens[..at]);
            assert_eq!(found, (pieces[at..].to_vec(), tokens.clone(), stop), "{what}");
        }
    }
}

#[test]
fn pictures_in_their_own_shape_equal_the_reference() {
    let mut seen = 0;
    for (case, opened) in pairs() {
        let Some(native) = &case.native else { continue };
        let tensors = case.tensors("native.safetensors");
        let mut assessor = case.load(false, &opened.device);
        for (index, entry) in native.cases.iter().enumerate() {
            let what = format!("{} on {}, drawing {index}", case.name(), opened.name);
            let image = Image::decode(&case.picture(&entry.image)).unwrap();
            let own_shape = Framing::OwnShape { max_pixels: native.max_pixels };
            if let Some(pixels) = tensors.get(&format!("{index}.pixel_values")) {
                let framed = image.own_shape(native.max_pixels).unwrap();
                let patches = Preprocessor::default().patches(&framed).unwrap();
                assert!(max_difference(&patches.values, pixels) <= PIXELS, "{what}");
            }
            let picture = assessor.encode(&image, own_shape).unwrap();
            assert_eq!(picture.grid(), entry.image_grid_thw, "{what}");
            near(
                &values(&picture),
                &tensors[&format!("{index}.vision")],
                &format!("{what}: vision"),
            );
            let stream = assessor.ask(&picture, DESCRIBE, None, TextOptions::default());
            let found = block_on(block_on(stream).unwrap().logits()).unwrap();
            near(&found, &tensors[&format!("{index}.last_logits")], &format!("{what}: logits"));
            continues(&mut assessor, &picture, &entry.input_ids, &entry.greedy);
            seen += 1;
        }
    }
    assert!(seen > 0, "no case has pictures in their own shape");
}

#[test]
fn a_picture_is_seen_once_and_read_in_one_batch() {
    for opened in devices() {
        let case = own();
        let mut assessor = case.load(true, &opened.device);
        for passes in 1..=2 {
            let image = Image::decode(&case.picture("drawing_1.png")).unwrap();
            block_on(assessor.assess(&image)).unwrap();
            let counters = assessor.counters();
            assert_eq!(counters.vision_passes, passes);
            assert_eq!(counters.language_passes, passes);
            assert_eq!(counters.language_rows, 9 * passes);
            assert_eq!(counters.head_passes, passes);
        }
    }
}

/// The own case with words for yes and no, and a chat template where it `claims` to answer.
fn answering(claims: bool) -> Rc<Memory> {
    let folder = own().model();
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        files.insert(name, std::fs::read(entry.path()).unwrap());
    }
    files.insert("tokenizer.json".to_owned(), answering_tokenizer());
    if claims {
        let settings = br#"{"chat_template": "{{ messages }}"}"#.to_vec();
        files.insert("tokenizer_config.json".to_owned(), settings);
    }
    Rc::new(Memory::new("answering", files))
}

#[test]
fn a_tenth_row_asks_whether_it_is_a_drawing_and_changes_no_score() {
    for opened in devices() {
        for adapters in [true, false] {
            let load = |claims: bool| {
                let adapters = adapters.then(|| source(own().adapters()));
                let options = LoadOptions::new().with_drawing(true);
                let loading = Assessor::load(answering(claims), adapters, options, &opened.device);
                block_on(loading).unwrap()
            };
            let mut plain = own().load(adapters, &opened.device);
            let (mut asked, mut silent) = (load(true), load(false));
            for index in 0..4 {
                let image = own().picture(&format!("drawing_{index}.png"));
                let image = Image::decode(&image).unwrap();
                let nine = block_on(plain.assess(&image)).unwrap();
                let before = asked.counters();
                let ten = block_on(asked.assess(&image)).unwrap();
                let counters = asked.counters();
                assert_eq!(counters.vision_passes, before.vision_passes + 1);
                assert_eq!(counters.language_passes, before.language_passes + 1);
                assert_eq!(counters.language_rows, before.language_rows + 10);
                assert_eq!(counters.head_passes, before.head_passes + 1);
                let what = format!("{}, drawing {index}", opened.name);
                for ((attribute, nine), (_, ten)) in nine.iter().zip(ten.iter()) {
                    assert_eq!(nine.probs, ten.probs, "{what}: {attribute}");
                }
                assert_eq!(nine.drawing(), None);
                // What it says is what the bare model's head says.
                let picture = asked.encode(&image, Framing::default()).unwrap();
                let stream =
                    block_on(asked.ask(&picture, drawing_prompt(), None, TextOptions::default()));
                let logits = block_on(stream.unwrap().logits()).unwrap();
                let sum =
                    |ids: &[usize]| ids.iter().map(|&id| f64::from(logits[id]).exp()).sum::<f64>();
                let (yes, no) = (sum(&[1522, 1523]), sum(&[902, 1524]));
                let drawing = ten.drawing().unwrap();
                println!("{what}: a drawing with {drawing:.3}");
                assert!((drawing - yes / (yes + no)).abs() < 1e-4, "{what}: {drawing}");
                assert_eq!(ten.doubt(), (drawing < 0.5).then_some(Doubt::NoDrawing), "{what}");
                // Who does not claim to answer is not asked.
                assert_eq!(block_on(silent.assess(&image)).unwrap().drawing(), None, "{what}");
            }
        }
    }
}

#[test]
fn the_demo_tells_a_blank_page_by_its_pixels_and_is_asked_nothing() {
    let device = easel_core::device::Device::flex();
    let options = LoadOptions::new().with_drawing(true);
    let loading = Assessor::load(demo::model(), Some(demo::adapters()), options, &device);
    let mut assessor = block_on(loading).unwrap();
    let white = Image::from_rgb(300, 200, vec![250; 300 * 200 * 3]).unwrap();
    let blank = block_on(assessor.assess(&white)).unwrap();
    assert_eq!((blank.drawing(), blank.doubt()), (None, Some(Doubt::Blank)));
    assert_eq!(assessor.counters().language_rows, 9);
    let image = Image::decode(&own().picture("drawing_0.png")).unwrap();
    let drawing = block_on(assessor.assess(&image)).unwrap();
    assert_eq!((drawing.drawing(), drawing.doubt()), (None, None));
}

#[test]
fn one_changed_weight_is_noticed() {
    // The comparison above must be able to fail.
    let expected = [1.0, -2.0, 4.0];
    assert!(relative_error(&[1.0, -2.0, 4.001], &expected) < RELATIVE);
    assert!(relative_error(&[1.0, -2.0, 4.01], &expected) > RELATIVE);
}

fn pairs() -> Vec<(Case, Opened)> {
    let devices = devices();
    let of = |opened: &Opened| all().into_iter().map(|case| (case, opened.clone())).collect();
    devices.iter().flat_map(|opened| -> Vec<_> { of(opened) }).collect()
}

fn values(picture: &Picture) -> Vec<f32> {
    block_on(picture.values()).unwrap()
}

fn logits(
    assessor: &mut Assessor,
    picture: &Picture,
    attribute: Attribute,
    adapter: Option<Attribute>,
) -> Vec<f32> {
    let prompt = scoring_prompt(attribute);
    let stream = block_on(assessor.ask(picture, &prompt, adapter, TextOptions::default()));
    block_on(stream.unwrap().logits()).unwrap()
}

fn near(found: &[f32], expected: &[f32], what: &str) {
    let error = relative_error(found, expected);
    println!("{what}: relative error {error:.2e}");
    assert!(error <= RELATIVE, "{what}: {error}");
}

/// Checks the prompt and its greedy continuation, which ends early where the model ends its text.
fn continues(assessor: &mut Assessor, picture: &Picture, ids: &[u32], greedy: &[u32]) {
    assert_eq!(assessor.tokenizer().chat(DESCRIBE, picture.tokens()).unwrap(), ids);
    let end = greedy.iter().position(|&id| assessor.tokenizer().is_end(id));
    let options = TextOptions { max_tokens: greedy.len(), sampling: None };
    let mut stream = block_on(assessor.ask(picture, DESCRIBE, None, options)).unwrap();
    let mut text = String::new();
    while let Some(piece) = block_on(stream.next()).unwrap() {
        text += &piece;
    }
    assert_eq!(stream.tokens(), &greedy[..end.unwrap_or(greedy.len())]);
    assert!(stream.text().unwrap().starts_with(text.trim_end_matches('\u{FFFD}')));
}
