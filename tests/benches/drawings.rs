//! A portfolio of many drawings in a file.

use std::path::Path;

use easel::portfolio::{Entry, Id, Pupil, Record, Sqlite, Store, When, kept};
use easel_core::{Assessment, Attribute, Image, Score};
use pollster::block_on;

/// How many there are unless `EASEL_DRAWINGS` names another number.
const DRAWINGS: u64 = 100_000;

/// The pupil whose they are.
pub const PUPIL: Id = Id(1);

/// How many there are.
pub fn count() -> u64 {
    let count = std::env::var("EASEL_DRAWINGS").ok().and_then(|count| count.parse().ok());
    count.unwrap_or(DRAWINGS)
}

/// Keeps so many drawings in a file, one an hour: a few screens on, the date is another.
pub fn fill(path: &Path, count: u64) {
    let store = Sqlite::open(path).unwrap();
    // Small pictures, thumbnails as they are: the list reads no pictures.
    let sample =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/samples/1.png")).unwrap();
    let small = kept(&Image::decode(&sample).unwrap()).unwrap();
    let score = Score { probs: [0.1, 0.2, 0.4, 0.2, 0.1] };
    let assessment = Assessment::new(Attribute::ALL.map(|attribute| (attribute, score)).into());
    block_on(store.put_pupil(&Pupil { id: PUPIL, name: "Mia".to_owned() })).unwrap();
    for number in 0..count {
        let record = Record {
            id: Id(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            pupil: PUPIL,
            when: When { ms: number as i64 * 3_600_000, ahead: 60 },
            assessment: assessment.clone(),
            comment: "I see a house with a sun and two birds.".repeat(4),
            note: String::new(),
            model: String::new(),
            class: None,
        };
        let (thumbnail, picture) = (small.thumbnail.clone(), small.thumbnail.clone());
        block_on(store.put(&Entry { record, thumbnail, picture })).unwrap();
    }
}
