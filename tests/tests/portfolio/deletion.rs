//! After a deletion nothing is left in the store's files.

use std::collections::HashSet;

use easel::native::FILE;
use easel::portfolio::{Entry, Id, Pupil, Sqlite, Store};
use pollster::block_on;

use crate::{Dice, entry, files};

/// So many bytes in a row are no chance.
const WINDOW: usize = 12;

fn pupil(id: u64) -> Pupil {
    Pupil { id: Id(id), name: format!("the pupil named {id:08x}") }
}

/// Everything of a drawing, as bytes that may lie somewhere; but not how each PNG ends.
fn parts(entry: &Entry) -> [&[u8]; 4] {
    let record = &entry.record;
    let picture = &entry.picture[..entry.picture.len() - 16];
    [picture, &entry.thumbnail, record.comment.as_bytes(), record.note.as_bytes()]
}

/// So much of a file is its format's: header and tables.
const HEAD: usize = 700;

/// What other drawings have in common with one: the beginnings of their files.
fn heads<'a>(others: impl IntoIterator<Item = &'a Entry>) -> Vec<&'a [u8]> {
    let parts = others.into_iter().flat_map(parts);
    parts.map(|part| &part[..part.len().min(HEAD)]).collect()
}

/// Parts of what is sought that lie in a file: every window of it is looked for, but those of
/// `others`, which may hold the same (headers and tables of the formats).
fn found(folder: &std::path::Path, sought: &[&[u8]], others: &[&[u8]]) -> Vec<String> {
    let windows = |parts: &[&[u8]]| -> HashSet<Vec<u8>> {
        parts.iter().flat_map(|part| part.windows(WINDOW).map(<[u8]>::to_vec)).collect()
    };
    let mut sought = windows(sought);
    sought.retain(|window| window.iter().any(|byte| *byte != window[0]));
    for other in windows(others) {
        sought.remove(&other);
    }
    assert!(!sought.is_empty());
    let mut found = Vec::new();
    for (path, bytes) in files(folder) {
        let at = bytes.windows(WINDOW).position(|window| sought.contains(window));
        found.extend(at.map(|at| format!("{}, byte {at}", path.display())));
    }
    found
}

#[test]
fn no_byte_of_a_drawing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(&folder.path().join(FILE)).unwrap();
    block_on(store.put_pupil(&pupil(1))).unwrap();
    // From less than a page of the file to many.
    let mut dice = Dice(7);
    let mut all: Vec<_> = (1..=48).map(|id| entry(id, 1, 4 + (dice.next() % 56) as u32)).collect();
    for entry in &all {
        block_on(store.put(entry)).unwrap();
    }
    let paper = entry(999, 1, 40);
    while all.len() > 8 {
        let gone = all.swap_remove(dice.next() as usize % all.len());
        let mut others = heads(&all);
        others.extend(parts(&paper));
        assert!(
            !found(folder.path(), &parts(&gone), &others).is_empty(),
            "the search finds nothing"
        );
        block_on(store.delete(gone.record.id)).unwrap();
        assert_eq!(found(folder.path(), &parts(&gone), &others), Vec::<String>::new(), "{gone:?}");
        // Notes that are changed leave nothing, either.
        if let Some(entry) = all.first_mut() {
            let before = std::mem::take(&mut entry.record.note);
            entry.record.note = format!("another note {:016x}", dice.next());
            block_on(store.put_record(&entry.record)).unwrap();
            let after = entry.record.note.clone();
            assert_eq!(
                found(folder.path(), &[&before.as_bytes()[8..]], &[after.as_bytes()]),
                Vec::<String>::new()
            );
        }
    }
    // The others are whole.
    for entry in &all {
        assert_eq!(block_on(store.entry(entry.record.id)).unwrap().as_ref(), Some(entry));
    }
}

#[test]
fn no_byte_of_a_pupil_is_left_and_the_file_gives_its_room_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let store = Sqlite::open(&path).unwrap();
    let size = || std::fs::metadata(&path).unwrap().len();
    let empty = size();
    for id in [1, 2] {
        block_on(store.put_pupil(&pupil(id))).unwrap();
    }
    let entries: Vec<_> = (10..40).map(|id| entry(id, 1 + id % 2, 120)).collect();
    for entry in &entries {
        block_on(store.put(entry)).unwrap();
    }
    let full = size();
    block_on(store.delete_pupil(Id(1))).unwrap();
    let (gone, left): (Vec<_>, Vec<_>) =
        entries.iter().partition(|entry| entry.record.pupil == Id(1));
    assert_eq!((gone.len(), left.len()), (15, 15));
    let paper = entry(999, 1, 40);
    let mut others = heads(left.iter().copied());
    others.extend(parts(&paper));
    let sought: Vec<_> = gone.iter().copied().flat_map(parts).collect();
    assert_eq!(found(folder.path(), &sought, &others), Vec::<String>::new());
    let names = [pupil(1).name, pupil(2).name];
    let left = found(folder.path(), &[names[0].as_bytes()], &[names[1].as_bytes()]);
    assert_eq!(left, Vec::<String>::new());
    assert!(size() < full * 6 / 10, "{} of {full}", size());
    block_on(store.delete_pupil(Id(2))).unwrap();
    assert!(size() <= empty + 4096, "{} instead of {empty}", size());
}
