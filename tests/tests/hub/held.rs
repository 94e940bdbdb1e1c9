//! What the cache holds: told, stopped, checked and deleted.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use easel_core::hub::{Checking, Held, HubError, Progress, wanted_for_model};
use easel_tests::hub_model::sha256;

use crate::{Bench, COMMIT, CONFIG, REPO, TOKENIZER, WEIGHTS, assert_content, id, model, weights};

fn bench() -> Bench {
    Bench::new(move |request| model().answer(request))
}

fn held(bench: &Bench) -> Held {
    bench.hub.held(&id(REPO), wanted_for_model)
}

/// Bytes of the whole model.
fn whole() -> u64 {
    (CONFIG.len() + TOKENIZER.len() + weights().len()) as u64
}

#[test]
fn a_download_that_is_stopped_keeps_what_came_and_goes_on_from_there() {
    let bench = bench();
    let came = Arc::new(AtomicU64::new(0));
    let hub = {
        let came = Arc::clone(&came);
        bench.hub.clone().with_go_on(Arc::new(move || came.load(Ordering::Relaxed) < 100_000))
    };
    assert_eq!(held(&bench), Held::default());
    let mut count = |step: Progress<'_>| {
        if let Progress::Advanced { bytes } = step {
            came.fetch_add(bytes, Ordering::Relaxed);
        }
    };
    let stopped = hub.fetch(&id(REPO), wanted_for_model, &mut count).unwrap_err();
    assert!(matches!(stopped, HubError::Stopped { .. }), "{stopped}");
    assert_eq!(stopped.to_string(), "owner/name: stopped before it was complete");
    let part = held(&bench);
    assert!(!part.whole && (100_000..whole()).contains(&part.bytes), "{part:?}");

    let folder = bench.fetch().unwrap();
    assert_content(&folder, &weights());
    let first = bench.first_bytes().into_iter().flatten().next();
    assert!(first.is_some_and(|first| first >= 90_000), "{first:?}");
    assert_eq!(held(&bench), Held { bytes: whole(), whole: true });
}

#[test]
fn a_byte_that_flipped_is_found_and_its_file_fetched_again() {
    let bench = bench();
    let folder = bench.fetch().unwrap();
    let mut last = Checking { done: 0, total: 0 };
    let sound = bench.hub.verify(&id(REPO), &mut |at| last = at).unwrap();
    assert_eq!((sound, last), (0, Checking { done: whole(), total: whole() }));

    let blob = bench.blob(&sha256(&weights()));
    let mut bytes = fs::read(&blob).unwrap();
    bytes[5] ^= 1;
    fs::write(&blob, bytes).unwrap();
    assert_eq!(bench.hub.verify(&id(REPO), &mut |_| {}).unwrap(), 1);
    assert!(!held(&bench).whole);
    let before = bench.file_requests().len();
    bench.fetch().unwrap();
    assert_content(&folder, &weights());
    assert_eq!(bench.file_requests().len(), before + 1);
    assert_eq!(bench.hub.verify(&id(REPO), &mut |_| {}).unwrap(), 0);
}

#[test]
fn copies_that_stand_in_for_links_go_with_what_is_damaged() {
    let bench = bench();
    let folder = bench.fetch().unwrap();
    let blob = bench.blob(&sha256(&weights()));
    // As on systems that grant no links.
    let file = folder.join(WEIGHTS);
    fs::remove_file(&file).unwrap();
    let mut bytes = weights();
    bytes[9] ^= 1;
    fs::write(&file, &bytes).unwrap();
    fs::write(&blob, &bytes).unwrap();
    assert!(held(&bench).whole, "sizes alone do not tell");
    assert_eq!(bench.hub.verify(&id(REPO), &mut |_| {}).unwrap(), 1);
    assert!(!held(&bench).whole);
    bench.fetch().unwrap();
    assert_content(&folder, &weights());
}

#[test]
fn what_is_deleted_is_gone_and_can_be_fetched_again() {
    let bench = bench();
    bench.fetch().unwrap();
    bench.hub.delete(&id(REPO)).unwrap();
    assert_eq!(held(&bench), Held::default());
    assert!(!bench.folder().exists());
    // What was never there is no fault.
    bench.hub.delete(&id(REPO)).unwrap();
    assert_eq!(bench.hub.verify(&id(REPO), &mut |_| {}).unwrap(), 0);
    let folder = bench.fetch().unwrap();
    assert!(folder.ends_with(COMMIT));
}
