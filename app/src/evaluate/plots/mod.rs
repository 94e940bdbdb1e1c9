//! Pictures of an evaluation: SVG, one file a kind and model, a panel an attribute.

mod confusion;
mod figure;
mod reliability;
mod scatter;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::Evaluated;
use crate::failure::Failure;

/// Draws all models into a folder, which is made where it is missing; how many files that are.
pub fn write(folder: &Path, models: &[Evaluated]) -> Result<usize, Failure> {
    fs::create_dir_all(folder).map_err(Failure::io(folder, "cannot be made a folder for plots"))?;
    let (mut names, mut files) = (BTreeSet::new(), 0);
    for model in models {
        let name = free_name(&model.loaded.name, &mut names);
        let kinds = [
            ("scatter", scatter::draw(model)),
            ("confusion", confusion::draw(model)),
            ("reliability", reliability::draw(model)),
        ];
        for (kind, drawn) in kinds {
            let path = folder.join(format!("{name}-{kind}.svg"));
            let drawn = drawn.map_err(|error| Failure::file(&path, format!("no plot: {error}")))?;
            if let Some(svg) = drawn {
                put(&path, &svg)?;
                files += 1;
            }
        }
    }
    Ok(files)
}

/// Writes a file beside its place and renames it, so that a broken run leaves no half of one.
fn put(path: &Path, text: &str) -> Result<(), Failure> {
    let aside = path.with_extension("svg.part");
    let written = fs::write(&aside, text).and_then(|()| fs::rename(&aside, path));
    written.map_err(|error| {
        // It may not have come into being.
        let _ = fs::remove_file(&aside);
        Failure::io(path, "cannot be written")(error)
    })
}

/// A model's name as a file's: letters, digits, dots and dashes, and no other model's.
fn free_name(model: &str, taken: &mut BTreeSet<String>) -> String {
    const LONGEST: usize = 80;
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' };
    let text: String = model.chars().map(plain).take(LONGEST).collect();
    let words: Vec<_> = text.split('-').filter(|word| !word.is_empty()).collect();
    let text = words.join("-");
    let text = text.trim_matches(['-', '.']);
    let base = if text.is_empty() { "model" } else { text };
    let mut name = base.to_owned();
    let mut count = 1;
    // Some file systems do not tell cases apart.
    while !taken.insert(name.to_lowercase()) {
        count += 1;
        name = format!("{base}-{count}");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::samples;

    #[test]
    fn names_become_file_names_and_stay_apart() {
        let mut taken = BTreeSet::new();
        let mut name = |model: &str| free_name(model, &mut taken);
        assert_eq!(name("Qwen/Qwen2.5-VL-7B"), "Qwen-Qwen2.5-VL-7B");
        assert_eq!(name("qwen Qwen2.5:VL-7b"), "qwen-Qwen2.5-VL-7b-2");
        assert_eq!(name("../../etc"), "etc");
        assert_eq!(name("a <&> b"), "a-b");
        assert_eq!(name("???"), "model");
        assert_eq!(name(&"x".repeat(500)).len(), 80);
    }

    #[test]
    fn a_file_a_kind_where_there_is_something_to_draw() {
        let folder = tempfile::tempdir().unwrap();
        let models = samples::two();
        // The second has no probabilities.
        assert_eq!(write(folder.path(), &models).unwrap(), 5);
        let mut names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let expected = [
            "raft-confusion.svg",
            "raft-reliability.svg",
            "raft-scatter.svg",
            "zero-shot-bare-confusion.svg",
            "zero-shot-bare-scatter.svg",
        ];
        assert_eq!(names, expected);
        let before = fs::read(folder.path().join(expected[2])).unwrap();
        write(folder.path(), &models).unwrap();
        assert_eq!(fs::read(folder.path().join(expected[2])).unwrap(), before);
    }

    #[test]
    fn a_place_that_is_no_folder_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, "").unwrap();
        let message = write(&file, &samples::two()).unwrap_err().to_string();
        assert!(message.contains("cannot be made a folder for plots"), "{message}");
        let taken = folder.path().join("raft-scatter.svg");
        fs::create_dir(&taken).unwrap();
        let message = write(folder.path(), &samples::two()).unwrap_err().to_string();
        assert!(message.contains("raft-scatter.svg: cannot be written"), "{message}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
