//! Finding the pictures of a sheet, and a cheap look at each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ::image::ImageReader;

use super::Row;
use super::error::{Problem, Shown};
use crate::image::{MAX_PIXELS, MAX_SIDE};

/// Endings that a name without one is tried with, in this order.
const ENDINGS: [&str; 8] = ["png", "jpg", "jpeg", "webp", "bmp", "gif", "tiff", "tif"];

/// Gives each row the path of its picture and returns the names of those that have none.
///
/// Two names of one picture (`a` and `a.png`) are a problem: it could be trained on and tested.
pub(super) fn locate(
    rows: &mut Vec<Row>,
    folder: &Path,
    skip_missing: bool,
    problems: &mut Vec<Problem>,
) -> Vec<String> {
    let mut missing = Vec::new();
    let mut first: BTreeMap<PathBuf, u64> = BTreeMap::new();
    rows.retain_mut(|row| {
        let mut problem = |message, missing_picture| {
            problems.push(Problem { line: row.line, message, missing_picture });
        };
        let Some(path) = find(folder, &row.name) else {
            if !skip_missing {
                let place = folder.display();
                problem(format!("the picture {} is not in {place}", Shown(&row.name)), true);
            }
            missing.push(row.name.clone());
            return false;
        };
        if let Some(line) = first.get(&path) {
            let name = Shown(&row.name);
            problem(format!("the picture of {name} is already that of line {line}"), false);
            return false;
        }
        first.insert(path.clone(), row.line);
        row.picture = path;
        true
    });
    missing
}

/// The file of a name, which may lack its ending.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let is_file = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|found| found.is_file());
    let exact = folder.join(name);
    let ending = exact.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let complete = ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()));
    if is_file(&exact) {
        return Some(exact);
    }
    if complete {
        return None;
    }
    // Cameras write capitals.
    let endings = ENDINGS.iter().flat_map(|&ending| [ending.to_owned(), ending.to_uppercase()]);
    endings.map(|ending| folder.join(format!("{name}.{ending}"))).find(is_file)
}

/// What is wrong with a picture as far as its header tells, if anything is.
pub(super) fn look(row: &Row) -> Option<Problem> {
    let header = ImageReader::open(&row.picture).and_then(ImageReader::with_guessed_format);
    let size = match header {
        Ok(reader) => reader.into_dimensions().map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let wrong = match size {
        Ok((width, height)) => too_large(width, height)?,
        Err(error) => format!("is no picture that can be read: {}", error.replace('\n', " ")),
    };
    let message = format!("{} {wrong}", Shown(&row.name));
    Some(Problem { line: row.line, message, missing_picture: false })
}

fn too_large(width: u32, height: u32) -> Option<String> {
    let pixels = u64::from(width) * u64::from(height);
    let fits = pixels <= MAX_PIXELS && width.max(height) <= MAX_SIDE;
    let limit = MAX_PIXELS / 1_000_000;
    (!fits).then(|| {
        format!(
            "is {width} x {height} pixels; expected at most {limit} million and {MAX_SIDE} a side"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_ending_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["a.png", "b.JPG", "c.v2.webp", "d", "e.bmp", "e.png"] {
            std::fs::write(path(name), b"x").unwrap();
        }
        std::fs::create_dir(path("f.png")).unwrap();
        let found = |name: &str| find(folder.path(), name);
        assert_eq!(found("a"), Some(path("a.png")));
        assert_eq!(found("a.png"), Some(path("a.png")));
        assert_eq!(found("b"), Some(path("b.JPG")));
        assert_eq!(found("c.v2"), Some(path("c.v2.webp")));
        assert_eq!(found("d"), Some(path("d")));
        assert_eq!(found("e"), Some(path("e.png")));
        for none in ["f.png", "f", "a.jpg", "x"] {
            assert_eq!(found(none), None, "{none}");
        }
    }

    #[test]
    fn sizes_beyond_the_limits_are_named() {
        assert_eq!(too_large(20_000, 5_000), None);
        assert!(too_large(30_001, 1).unwrap().starts_with("is 30001 x 1 pixels; expected"));
        assert!(too_large(u32::MAX, u32::MAX).is_some());
    }
}
