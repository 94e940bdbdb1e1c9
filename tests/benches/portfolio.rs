//! A portfolio of 100 000 drawings: how long until its first screen is there, and until one that
//! somebody scrolls to.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench fails by panicking")]

mod drawings;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use easel::native::{FILE, desk};
use easel::portfolio::Ask;
use pollster::block_on;

use drawings::PUPIL;

/// How many a screen asks for at a time.
const SCREEN: u32 = 24;

fn portfolio(c: &mut Criterion) {
    let count = drawings::count();
    let folder = tempfile::tempdir().unwrap();
    drawings::fill(&folder.path().join(FILE), count);

    let mut group = c.benchmark_group(format!("portfolio/{count}"));
    group.sample_size(20);
    let page = |from| Ask::Page { pupil: PUPIL, from, count: SCREEN };
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
