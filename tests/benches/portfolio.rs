//! A portfolio of 100 000 drawings: how long until its first screen is there, and until one that
//! somebody scrolls to.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench fails by panicking")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use easel::native::{FILE, desk};
use easel::portfolio::{Ask, Entry, Id, Pupil, Record, Sqlite, Store, When, kept};
use easel_core::{Assessment, Attribute, Image, Score};
use pollster::block_on;

/// How many drawings there are; `EASEL_DRAWINGS` names another number.
const DRAWINGS: u64 = 100_000;
/// How many a screen asks for at a time.
const SCREEN: u32 = 24;

fn portfolio(c: &mut Criterion) {
    let count = std::env::var("EASEL_DRAWINGS").ok().and_then(|count| count.parse().ok());
    let count: u64 = count.unwrap_or(DRAWINGS);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let store = Sqlite::open(&path).unwrap();
    // Small pictures, thumbnails as they are: the list reads no pictures.
    let sample =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/samples/1.png")).unwrap();
    let small = kept(&Image::decode(&sample).unwrap()).unwrap();
    let score = Score { probs: [0.1, 0.2, 0.4, 0.2, 0.1] };
    let assessment = Assessment::new(Attribute::ALL.map(|attribute| (attribute, score)).into());
    block_on(store.put_pupil(&Pupil { id: Id(1), name: "Mia".to_owned() })).unwrap();
    for number in 0..count {
        let record = Record {
            id: Id(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            pupil: Id(1),
            when: When { ms: number as i64 * 60_000, ahead: 60 },
            assessment: assessment.clone(),
            comment: "I see a house with a sun and two birds.".repeat(4),
            note: String::new(),
            model: String::new(),
            class: None,
        };
        let (thumbnail, picture) = (small.thumbnail.clone(), small.thumbnail.clone());
        block_on(store.put(&Entry { record, thumbnail, picture })).unwrap();
    }
    drop(store);

    let mut group = c.benchmark_group(format!("portfolio/{count}"));
    group.sample_size(20);
    let page = |from| Ask::Page { pupil: Id(1), from, count: SCREEN };
    group.bench_function("opened: pupils and the first screen", |bench| {
        bench.iter(|| {
            let desk = desk(folder.path()).unwrap();
            black_box(block_on(desk.answer(Ask::Pupils)).unwrap());
            black_box(block_on(desk.answer(page(0))).unwrap());
        });
    });
    let desk = desk(folder.path()).unwrap();
    for (name, from) in
        [("the next screen", 24), ("the middle", count / 2), ("the end", count - 24)]
    {
        group.bench_function(name, |bench| {
            bench.iter(|| black_box(block_on(desk.answer(page(from))).unwrap()));
        });
    }
    group.finish();
}

criterion_group!(benches, portfolio);
criterion_main!(benches);
