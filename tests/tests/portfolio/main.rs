//! What is kept: the suite that both stores pass, what deletion leaves, what a crash leaves, and
//! what a picture brings along.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
#![allow(clippy::print_stdout, reason = "a failing test tells where it was")]

mod class;
mod crash;
mod deletion;
mod origin;
mod suite;

use std::path::{Path, PathBuf};
use std::process::abort;

use easel::portfolio::{Entry, Id, Kept, Record, When, kept};
use easel_core::{Assessment, Image};

/// Random enough for pictures, and the same each time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 24
    }
}

/// A drawing like no other: noise, which no format makes shorter.
fn entry(id: u64, pupil: u64, side: u32) -> Entry {
    let mut dice = Dice(id);
    let rgb = (0..side * side * 3).map(|_| dice.next() as u8).collect();
    let image = Image::from_rgb(side, side, rgb).unwrap();
    let Kept { picture, thumbnail } = kept(&image).unwrap();
    let record = Record {
        id: Id(id),
        pupil: Id(pupil),
        when: When { ms: id as i64, ahead: 0 },
        assessment: Assessment::default(),
        comment: format!("comment on {:016x}", dice.next()),
        note: format!("note on {:016x}", dice.next()),
        model: String::new(),
        class: None,
    };
    Entry { record, thumbnail, picture }
}

/// All bytes of all files of a folder.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

/// A child process ends at once where its parent is gone.
fn orphaned() -> ! {
    abort()
}
