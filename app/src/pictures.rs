//! Finding and reading pictures.

use std::fs;
use std::path::{Path, PathBuf};

use easel_core::Image;
use easel_core::image::MAX_FILE_BYTES;

use crate::failure::Failure;
use crate::file;

/// Endings of the pictures that a folder is searched for.
const ENDINGS: [&str; 9] = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "jfif"];

/// How many tokens a picture of so many pixels is for a plan. What takes more is seen when it comes:
/// a high limit says nothing of the pictures.
pub fn tokens(pixels: u64) -> usize {
    const MOST: u64 = 1024;
    (pixels / u64::from(easel_core::image::FACTOR).pow(2)).min(MOST) as usize
}

/// The files among `inputs`, and the pictures in the folders among them, sorted by path within
/// each folder. A file that was named is taken as it is; it may fail when its turn comes.
pub fn find(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for input in inputs {
        if !input.is_dir() {
            found.push(input.clone());
            continue;
        }
        let before = found.len();
        walk(input, &mut found, 0)?;
        if found.len() == before {
            let expected = ENDINGS.join(", ");
            let message =
                format!("no pictures in this folder; expected files ending in {expected}");
            return Err(Failure::file(input, message));
        }
    }
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>, depth: usize) -> Result<(), Failure> {
    // Links may make a circle.
    const DEEPEST: usize = 32;
    if depth > DEEPEST {
        return Err(Failure::file(folder, "folders are nested too deeply here"));
    }
    let unreadable = "cannot be listed";
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(Failure::io(folder, unreadable))? {
        entries.push(entry.map_err(Failure::io(folder, unreadable))?.path());
    }
    entries.sort();
    for path in entries {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            walk(&path, found, depth + 1)?;
        } else if is_picture(&path) {
            found.push(path);
        }
    }
    Ok(())
}

fn is_picture(path: &Path) -> bool {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// Reads and decodes one picture.
pub fn read(path: &Path) -> Result<Image, Failure> {
    let bytes = file::read(path, "picture", MAX_FILE_BYTES)?;
    Image::decode(&bytes).map_err(|error| Failure::file(path, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_walked_in_order_and_other_files_left_out() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.PNG", "a.jpg", "notes.txt", ".hidden.png", "c/z.webp", "c/a.gif"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let found = find(&[folder.path().to_owned()]).unwrap();
        let names: Vec<_> =
            found.iter().map(|p| p.strip_prefix(&folder).unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["a.jpg", "b.PNG", "c/a.gif", "c/z.webp"]);
    }

    #[test]
    fn a_folder_without_pictures_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let message = find(&[folder.path().to_owned()]).unwrap_err().to_string();
        assert!(message.contains("no pictures in this folder"), "{message}");
    }
}
