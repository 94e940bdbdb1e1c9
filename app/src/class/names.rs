//! Whose a drawing may be, by its file's name.

use std::collections::BTreeSet;

use unicode_normalization_alignments::UnicodeNormalization;

use super::File;
use crate::portfolio::{LONGEST_NAME, Record};

/// What cameras, scanners and programs call a picture, which is no name.
const NO_NAMES: [&str; 26] = [
    "img",
    "image",
    "images",
    "dsc",
    "dscn",
    "dscf",
    "dcim",
    "pxl",
    "mvimg",
    "photo",
    "foto",
    "scan",
    "scanned",
    "picture",
    "pic",
    "drawing",
    "screenshot",
    "whatsapp",
    "copy",
    "wechat",
    "mmexport",
    "图片",
    "照片",
    "扫描",
    "微信图片",
    "画",
];

/// The name of a pupil in a file's name: of `Class 4b/Mia/2.jpg` the folder's, else what is left of
/// `Mia Schmidt (2).jpg` or `小明_3.png` without numbers; `None` of `IMG_2034.jpg`. A teacher sees the
/// guess and can change it.
#[must_use]
pub fn guess(file: &str) -> Option<String> {
    let parts: Vec<_> = file.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
    let (last, folders) = parts.split_last()?;
    // The first folder is the one that was chosen: the class's.
    if let Some(name) = folders.get(1..).and_then(<[_]>::last).and_then(|folder| cleaned(folder)) {
        return Some(name);
    }
    cleaned(last.rsplit_once('.').map_or(last, |(stem, _)| stem))
}

fn cleaned(text: &str) -> Option<String> {
    let between =
        |c: char| c.is_whitespace() || c.is_ascii_digit() || "_()[]{}#+,;.&=~、（）".contains(c);
    // Some systems write an accent behind its letter.
    let text: String = text.nfc().map(|(c, _)| c).collect();
    let words = text.split(between).map(|word| word.trim_matches('-')).filter(|word| {
        let is_name = word.chars().any(char::is_alphabetic);
        is_name && !NO_NAMES.contains(&word.to_lowercase().as_str())
    });
    let name = words.collect::<Vec<_>>().join(" ");
    let name: String = name.chars().take(LONGEST_NAME).collect();
    (!name.is_empty()).then_some(name)
}

/// Those of some files that a class does not have yet, by their names: where taking them in was cut
/// off, the same folder again brings the rest.
#[must_use]
pub fn new_files(records: &[Record], files: Vec<File>) -> Vec<File> {
    let seats = records.iter().filter_map(|record| record.class.as_ref());
    let mut known: BTreeSet<String> = seats.map(|seat| seat.file.clone()).collect();
    files.into_iter().filter(|file| known.insert(file.name.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_files_names_and_numbers_of_cameras_are_none() {
        for (file, name) in [
            ("mia.png", Some("mia")),
            ("Mia Schmidt (2).JPG", Some("Mia Schmidt")),
            ("Anna-Lena_3.jpeg", Some("Anna-Lena")),
            ("O'Neil 12.png", Some("O'Neil")),
            ("小明-3.jpg", Some("小明")),
            ("week 3/Amélie.png", Some("Amélie")),
            ("Ame\u{301}lie.png", Some("Amélie")),
            ("Class 4b/Mia/IMG_2034.jpg", Some("Mia")),
            ("Class 4b\\Noa 2\\2.jpg", Some("Noa")),
            ("Class 4b/2/Zoe.jpg", Some("Zoe")),
            ("Class 4b/IMG_2034.jpg", None),
            ("DSC01234.JPG", None),
            ("微信图片_20260901.jpg", None),
            ("2026-09-01.png", None),
            ("....", None),
            ("", None),
        ] {
            assert_eq!(guess(file).as_deref(), name, "{file}");
        }
        assert_eq!(guess(&"画儿".repeat(90)).unwrap().chars().count(), LONGEST_NAME);
    }

    #[test]
    fn the_same_folder_again_brings_what_is_missing_of_it() {
        let file = |name: &str| File { place: format!("/{name}"), name: name.to_owned() };
        let left = new_files(&[], vec![file("a"), file("b"), file("a")]);
        assert_eq!(left, [file("a"), file("b")]);
    }
}
