//! A data set of drawings on disk, in KidsArtBench's format.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use ::image::codecs::png::{CompressionType, FilterType, PngEncoder};
use ::image::{ExtendedColorType, ImageEncoder as _};
use serde::Serialize;

use super::Drawing;
use crate::image::Image;
use crate::prompt::Language;
use crate::rubric::Attribute;

/// The table of names and levels.
const TABLE: &str = "annotations.csv";
/// The folder of pictures.
const PICTURES: &str = "images";
/// The comments.
const COMMENTS: &str = "comments.json";
/// The name that the comments' writer goes by.
const WRITER: &str = "easel-drawings";
/// The most drawings of one data set.
const MOST: u64 = 1_000_000;

/// Why a data set of drawings could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DrawingsError {
    /// The number of drawings cannot be made.
    #[error("{count} drawings were asked for; 1 to {MOST} can be made")]
    Count {
        /// What was asked for.
        count: u64,
    },
    /// Something else is where the data set would go.
    #[error("{}: {found}; a new or empty folder, or an earlier set of drawings, is expected", .folder.display())]
    Taken {
        /// The folder.
        folder: PathBuf,
        /// What is there.
        found: String,
    },
    /// A file or folder could not be read or written.
    #[error("{}: {error}", .path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// A picture could not be encoded.
    #[error("{name}: the picture cannot be encoded as PNG: {error}")]
    Picture {
        /// Its name.
        name: String,
        /// What the encoder says.
        error: ::image::ImageError,
    },
}

/// What `comments.json` holds on one picture.
#[derive(Serialize)]
struct Comments {
    gold_label: BTreeMap<&'static str, u8>,
    generated_comment_1: String,
    generated_comment_2: String,
    generated_comment_3: String,
    generated_comment_4: String,
}

/// Writes drawings `0..count` of a seed to a folder: `annotations.csv`, `images/0000.png` and so
/// on, and `comments.json` with two comments in English and two in Chinese a picture.
///
/// The folder appears when all of it is written; an earlier set of drawings is replaced then.
/// `progress` is told how many drawings are done after each.
///
/// # Errors
///
/// When `count` is 0 or beyond a million, the folder holds anything but an earlier set of
/// drawings, or a file cannot be written.
pub fn write_dataset(
    out: &Path,
    count: u64,
    seed: u64,
    progress: &mut dyn FnMut(u64),
) -> Result<(), DrawingsError> {
    if !(1..=MOST).contains(&count) {
        return Err(DrawingsError::Count { count });
    }
    check_place(out)?;
    let aside = Aside::new(out)?;
    let pictures = aside.folder.join(PICTURES);
    fs::create_dir(&pictures).map_err(aside.at(&pictures))?;

    let mut table = String::from("name");
    for attribute in Attribute::ALL {
        table.push(',');
        table.push_str(attribute.name());
    }
    table.push('\n');
    let mut comments = BTreeMap::new();
    for index in 0..count {
        let drawing = Drawing::generate(seed, index);
        let name = format!("{index:04}.png");
        let png = encode(&drawing.image)
            .map_err(|error| DrawingsError::Picture { name: name.clone(), error })?;
        let path = pictures.join(&name);
        fs::write(&path, png).map_err(aside.at(&path))?;
        table.push_str(&name);
        drawing.levels.iter().for_each(|level| table.push_str(&format!(",{level}")));
        table.push('\n');
        comments.insert(name, comments_on(&drawing));
        progress(index + 1);
    }
    let path = aside.folder.join(TABLE);
    fs::write(&path, table).map_err(aside.at(&path))?;
    let path = aside.folder.join(COMMENTS);
    let all = BTreeMap::from([("ArtEdu", BTreeMap::from([(WRITER, comments)]))]);
    let text = serde_json::to_string_pretty(&all).map_err(|e| aside.at(&path)(e.into()))?;
    fs::write(&path, text).map_err(aside.at(&path))?;
    aside.take_place()
}

fn comments_on(drawing: &Drawing) -> Comments {
    let labels = Attribute::ALL.map(Attribute::name).into_iter().zip(drawing.levels);
    Comments {
        gold_label: labels.collect(),
        generated_comment_1: drawing.comment(Language::En, 0),
        generated_comment_2: drawing.comment(Language::En, 1),
        generated_comment_3: drawing.comment(Language::Zh, 0),
        generated_comment_4: drawing.comment(Language::Zh, 1),
    }
}

/// A picture as a PNG file.
fn encode(image: &Image) -> Result<Vec<u8>, ::image::ImageError> {
    let mut png = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Adaptive);
    encoder.write_image(image.rgb(), image.width(), image.height(), ExtendedColorType::Rgb8)?;
    Ok(png)
}

/// Turns an I/O error into ours, with the path in front.
fn at(path: &Path) -> impl FnOnce(std::io::Error) -> DrawingsError + use<> {
    let path = path.to_owned();
    move |error| DrawingsError::File { path, error }
}

/// Refuses a place that holds anything but an earlier set of drawings.
fn check_place(out: &Path) -> Result<(), DrawingsError> {
    let taken = |found: String| DrawingsError::Taken { folder: out.to_owned(), found };
    match fs::metadata(out) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(at(out)(error)),
        Ok(there) if !there.is_dir() => return Err(taken("this is a file".to_owned())),
        Ok(_) => {}
    }
    let names = names_in(out)?;
    if names.is_empty() {
        return Ok(());
    }
    // Replacing removes what is there, so all of it must be ours.
    if let Some(other) = names.iter().find(|name| ![TABLE, PICTURES, COMMENTS].contains(&&***name))
    {
        return Err(taken(format!("there is '{other}' in this folder")));
    }
    let comments = out.join(COMMENTS);
    let ours = fs::read(&comments).ok().and_then(|bytes| {
        serde_json::from_slice::<serde_json::Value>(&bytes)
            .ok()?
            .get("ArtEdu")?
            .get(WRITER)
            .cloned()
    });
    let Some(ours) = ours else {
        return Err(taken(format!("its {COMMENTS} is not one of computer-made drawings")));
    };
    let pictures = out.join(PICTURES);
    let foreign = names_in(&pictures)?.into_iter().find(|name| ours.get(name).is_none());
    match foreign {
        Some(name) => Err(taken(format!("'{name}' in {PICTURES} is no drawing of this set"))),
        None => Ok(()),
    }
}

/// The names in a folder.
fn names_in(folder: &Path) -> Result<Vec<String>, DrawingsError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        names.push(entry.map_err(at(folder))?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

/// A folder beside the wanted one, removed unless it takes that one's place.
struct Aside<'a> {
    folder: PathBuf,
    out: &'a Path,
}

impl<'a> Aside<'a> {
    fn new(out: &'a Path) -> Result<Self, DrawingsError> {
        let folder = beside(out, "new");
        fs::create_dir_all(&folder).map_err(at(out))?;
        Ok(Self { folder, out })
    }

    /// An I/O error of a file in here as ours, under the name that the file was to have.
    fn at(&self, path: &Path) -> impl FnOnce(std::io::Error) -> DrawingsError + use<> {
        at(&self.out.join(path.strip_prefix(&self.folder).unwrap_or(path)))
    }

    fn take_place(self) -> Result<(), DrawingsError> {
        let out = self.out;
        let old = beside(out, "old");
        let replaced = out.exists();
        if replaced {
            fs::rename(out, &old).map_err(at(out))?;
        }
        if let Err(error) = fs::rename(&self.folder, out) {
            if replaced {
                // Put back what was there; the first failure is the one to tell.
                let _ = fs::rename(&old, out);
            }
            return Err(at(out)(error));
        }
        if replaced {
            fs::remove_dir_all(&old).map_err(at(&old))?;
        }
        Ok(())
    }
}

impl Drop for Aside<'_> {
    fn drop(&mut self) {
        // Gone already where it has taken its place.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A hidden name beside a folder, of this process alone.
fn beside(out: &Path, what: &str) -> PathBuf {
    let name = out.file_name().unwrap_or(OsStr::new("drawings")).to_string_lossy();
    out.with_file_name(format!(".{name}.{what}-{}", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(out: &Path, seed: u64) -> Result<(), DrawingsError> {
        write_dataset(out, 3, seed, &mut |_| {})
    }

    #[test]
    fn a_data_set_has_a_table_pictures_and_comments() {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("set");
        let mut done = Vec::new();
        write_dataset(&out, 3, 5, &mut |count| done.push(count)).unwrap();
        assert_eq!(done, [1, 2, 3]);
        assert_eq!(names_in(home.path()).unwrap(), ["set"]);
        assert_eq!(names_in(&out).unwrap(), [TABLE, COMMENTS, PICTURES]);
        let table = fs::read_to_string(out.join(TABLE)).unwrap();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[0].starts_with("name,realism,deformation,"));
        let drawing = Drawing::generate(5, 2);
        let levels = drawing.levels.map(|level| level.to_string()).join(",");
        assert_eq!(lines[3], format!("0002.png,{levels}"));
        let png = fs::read(out.join(PICTURES).join("0002.png")).unwrap();
        let picture = ::image::load_from_memory(&png).unwrap().into_rgb8();
        assert_eq!(picture.as_raw(), drawing.image.rgb());
        let text = fs::read_to_string(out.join(COMMENTS)).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let one = &json["ArtEdu"][WRITER]["0002.png"];
        assert_eq!(one["generated_comment_1"], drawing.comment(Language::En, 0));
        assert_eq!(one["gold_label"]["realism"], drawing.levels[0]);
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_replaces_an_earlier_set() {
        let home = tempfile::tempdir().unwrap();
        let (a, b) = (home.path().join("a"), home.path().join("b"));
        write(&a, 1).unwrap();
        write(&b, 2).unwrap();
        let read = |folder: &Path| fs::read(folder.join(PICTURES).join("0001.png")).unwrap();
        assert_ne!(read(&a), read(&b));
        write(&b, 1).unwrap();
        assert_eq!(read(&a), read(&b));
        assert_eq!(names_in(home.path()).unwrap(), ["a", "b"]);
    }

    #[test]
    fn other_folders_and_counts_are_refused_untouched() {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("set");
        write(&out, 1).unwrap();
        fs::write(out.join("thesis.txt"), "mine").unwrap();
        let message = write(&out, 2).unwrap_err().to_string();
        assert!(message.contains("there is 'thesis.txt' in this folder"), "{message}");
        fs::remove_file(out.join("thesis.txt")).unwrap();
        fs::write(out.join(PICTURES).join("me.png"), "mine").unwrap();
        let message = write(&out, 2).unwrap_err().to_string();
        assert!(message.contains("'me.png' in images is no drawing"), "{message}");
        fs::write(out.join(COMMENTS), "{}").unwrap();
        assert!(matches!(write(&out, 2), Err(DrawingsError::Taken { .. })));
        let file = out.join(TABLE);
        assert!(write(&file, 2).unwrap_err().to_string().contains("this is a file"));
        let zero = write_dataset(&home.path().join("none"), 0, 1, &mut |_| {}).unwrap_err();
        assert_eq!(zero.to_string(), "0 drawings were asked for; 1 to 1000000 can be made");
        assert_eq!(names_in(home.path()).unwrap(), ["set"]);
    }
}
