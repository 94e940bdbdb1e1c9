//! A GGUF pair against what PyTorch computes with the values that it holds.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests panic and print figures")]

use std::rc::Rc;

use easel_core::weights::{GgufFolder, GgufPair, Source};
use easel_core::{Assessor, Attribute, Image, LoadOptions};
use easel_tests::devices;
use easel_tests::golden::{own, root, source};
use pollster::block_on;
use serde::Deserialize;

/// `expected.json`, which `tests/python/make_gguf.py expect` writes.
#[derive(Deserialize)]
struct Expected {
    digits: [u32; 5],
    cases: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    image: String,
    adapter: Option<Attribute>,
    score: f64,
    probabilities: [f64; 5],
}

const SCORE: f64 = 1e-3;

/// The fixture: the third case's model, Q4_0 with a head of Q8_0 and a vision tower of Q8_0.
fn pair() -> Rc<dyn Source> {
    let folder = source(root().join("tests/fixtures/gguf/case3"));
    let half = |name: &str| (Rc::clone(&folder), name.to_owned());
    let pair = block_on(GgufPair::open(half("text.gguf"), half("mmproj.gguf"))).unwrap();
    Rc::new(GgufFolder::new(Rc::new(pair)))
}

#[test]
fn scores_of_a_pair_equal_the_reference() {
    let file = root().join("tests/fixtures/gguf/case3/expected.json");
    let expected: Expected = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let case = own();
    let mut compared = 0;
    for opened in devices() {
        for adapters in [true, false] {
            let folder = adapters.then(|| source(case.adapters()));
            let loading = Assessor::load(pair(), folder, LoadOptions::new(), &opened.device);
            let mut assessor = block_on(loading).unwrap();
            assert_eq!(assessor.tokenizer().digits(), expected.digits);
            let mut worst = 0.0_f64;
            for entry in expected.cases.iter().filter(|entry| entry.adapter.is_some() == adapters) {
                let image = Image::decode(&case.picture(&entry.image)).unwrap();
                let assessment = block_on(assessor.assess(&image)).unwrap();
                // The bare model was asked about realism.
                let score = assessment.get(entry.adapter.unwrap_or(Attribute::Realism)).unwrap();
                worst = worst.max((score.expected() - entry.score).abs());
                for (found, expected) in score.probs.iter().zip(entry.probabilities) {
                    worst = worst.max((found - expected).abs());
                }
                compared += 1;
            }
            println!("the pair on {}: scores within {worst:.2e}", opened.name);
            assert!(worst <= SCORE, "{}: {worst}", opened.name);
        }
    }
    assert!(compared >= 40, "{compared}");
}
