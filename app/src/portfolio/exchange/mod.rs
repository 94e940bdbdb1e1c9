//! Everything as one zip, which either side writes and reads.
//!
//! ```text
//! portfolios.json                {"easel": 2, "pupils": [{"id", "name"}, ...], "classes": [...]}
//! drawings/ID/drawing.json       what is known of it
//! drawings/ID/picture.png        the picture, or picture.jpg
//! ```
//!
//! Pictures lie as they are: a person can open them without Easel. Small copies are made anew.

mod zip;

use std::io::{Read, Seek, Write};

use easel_core::Image;
use rawzip::ReaderAt;
use serde::{Deserialize, Serialize};

use self::zip::{Packer, Parts, open};
use super::store::{Store, VERSION};
use super::types::{LONGEST_NAME, LONGEST_NOTE};
use super::{Entry, Id, Pupil, Record, StoreError, kept};
use crate::class::Class;

/// The list of pupils.
const LIST: &str = "portfolios.json";
/// How many drawings are asked for at a time.
const AT_ONCE: u32 = 64;

#[derive(Serialize, Deserialize)]
struct List {
    /// The version.
    easel: u32,
    pupils: Vec<Pupil>,
    #[serde(default)]
    classes: Vec<Class>,
}

/// Writes everything to `sink` and returns how many drawings that were; `place` is named in errors.
///
/// # Errors
/// When the store cannot be read or the sink not be written.
pub async fn export(
    store: &dyn Store,
    place: &str,
    sink: &mut dyn Write,
) -> Result<u64, StoreError> {
    let refused = |error: rawzip::Error| StoreError::refused(place, error.to_string());
    let mut zip = Packer::new(sink);
    let pupils: Vec<_> = store.pupils().await?.into_iter().map(|group| group.pupil).collect();
    let list = List { easel: VERSION, pupils, classes: store.classes().await? };
    zip.put(LIST, &json(&list)).map_err(refused)?;
    let mut drawings = 0;
    for pupil in &list.pupils {
        let mut from = 0;
        loop {
            let page = store.page(pupil.id, from, AT_ONCE).await?;
            if page.drawings.is_empty() {
                break;
            }
            from += page.drawings.len() as u64;
            for (record, _) in page.drawings {
                drawings += put(store, &mut zip, record.id).await?.map_err(refused)?;
            }
        }
    }
    for class in &list.classes {
        let hidden = store.class_records(class.id).await?.into_iter().filter(Record::is_hidden);
        for record in hidden {
            drawings += put(store, &mut zip, record.id).await?.map_err(refused)?;
        }
    }
    zip.finish().map_err(refused)?;
    Ok(drawings)
}

/// Adds a drawing; returns how many that were.
async fn put<W: Write>(
    store: &dyn Store,
    zip: &mut Packer<W>,
    id: Id,
) -> Result<Result<u64, rawzip::Error>, StoreError> {
    // One that is deleted meanwhile, in another window, is not to be kept; one that never was a
    // picture need not be.
    let Some(entry) = store.entry(id).await?.filter(|entry| !entry.picture.is_empty()) else {
        return Ok(Ok(0));
    };
    let (folder, picture) = (format!("drawings/{id}"), &entry.picture);
    let record = json(&entry.record);
    let ending = if picture.starts_with(b"\x89PNG") { "png" } else { "jpg" };
    let written = zip.put(&format!("{folder}/drawing.json"), &record);
    let written = written.and_then(|()| zip.put(&format!("{folder}/picture.{ending}"), picture));
    Ok(written.map(|()| 1))
}

/// Strings and numbers only: this cannot fail.
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec_pretty(value).unwrap_or_default()
}

/// Adds everything of a zip to a store, and returns how many drawings are new and how many were
/// there before. Those stay as they are, notes and all; so do pupils' names.
///
/// # Errors
/// When the zip is none of Easel's or damaged; what was read before that is kept.
pub async fn import(
    store: &dyn Store,
    place: &str,
    source: impl Read + Seek,
) -> Result<(u64, u64), StoreError> {
    let foreign = || StoreError::Foreign { place: place.to_owned() };
    let zip = open(source).map_err(|_| foreign())?;
    let bytes = part(&zip, place, LIST)?.ok_or_else(foreign)?;
    let list: List = parsed(place, LIST, &bytes)?;
    if list.easel > VERSION {
        let (place, found) = (place.to_owned(), list.easel);
        return Err(StoreError::Newer { place, found, known: VERSION });
    }
    let there: Vec<Id> = store.pupils().await?.iter().map(|group| group.pupil.id).collect();
    for pupil in &list.pupils {
        length(place, "name", &pupil.name, LONGEST_NAME)?;
        if !there.contains(&pupil.id) {
            store.put_pupil(pupil).await?;
        }
    }
    let mut classes: Vec<Id> = store.classes().await?.iter().map(|class| class.id).collect();
    for class in &list.classes {
        length(place, "name", &class.name, LONGEST_NAME)?;
        if !classes.contains(&class.id) {
            store.put_class(class).await?;
            classes.push(class.id);
        }
    }
    let (mut new, mut known) = (0, 0);
    for (id, folder) in zip.names().filter_map(folder) {
        if store.entry(id).await?.is_some() {
            known += 1;
            continue;
        }
        let entry = drawing(&zip, place, id, folder)?;
        // One that nobody could find to approve it.
        let seat = entry.record.class.as_ref().filter(|_| entry.record.is_hidden());
        if seat.is_some_and(|seat| !classes.contains(&seat.class)) {
            return Err(StoreError::damaged(place, format!("{folder}: no such class")));
        }
        store.put(&entry).await.map_err(|error| match error {
            StoreError::Gone => StoreError::damaged(place, format!("{folder}: no such pupil")),
            other => other,
        })?;
        new += 1;
    }
    Ok((new, known))
}

/// The number and the folder of a drawing, by the name of its record.
fn folder(name: &str) -> Option<(Id, &str)> {
    let folder = name.strip_suffix("/drawing.json")?;
    Some((folder.strip_prefix("drawings/")?.parse().ok()?, folder))
}

/// Reads a drawing. Its picture is made anew as any other: a zip may come from anywhere, and what
/// somebody put into it with another program is not to be kept unseen.
fn drawing<R: ReaderAt>(
    zip: &Parts<R>,
    place: &str,
    id: Id,
    folder: &str,
) -> Result<Entry, StoreError> {
    let name = format!("{folder}/drawing.json");
    let Some(bytes) = part(zip, place, &name)? else {
        return Err(StoreError::damaged(
            place,
            format!("{name}: expected it, and it is not there"),
        ));
    };
    let record: Record = parsed(place, &name, &bytes)?;
    if record.id != id {
        let what = format!("{name}: expected drawing {id}, found {}", record.id);
        return Err(StoreError::damaged(place, what));
    }
    length(place, "note", &record.note, LONGEST_NOTE)?;
    if let Some(words) = record.class.as_ref().and_then(|seat| seat.comment.as_deref()) {
        length(place, "comment", words, LONGEST_NOTE)?;
    }
    for ending in ["png", "jpg"] {
        let name = format!("{folder}/picture.{ending}");
        let Some(bytes) = part(zip, place, &name)? else { continue };
        let image = Image::decode(&bytes);
        let made = image.and_then(|image| kept(&image));
        let made = made.map_err(|error| StoreError::damaged(place, format!("{name}: {error}")))?;
        // JPEG loses a little each time: one that is clean stays as it is.
        let clean =
            ending == "jpg" && is_plain_jpeg(&bytes) && made.picture.starts_with(b"\xff\xd8");
        let picture = if clean { bytes } else { made.picture };
        return Ok(Entry { record, thumbnail: made.thumbnail, picture });
    }
    Err(StoreError::damaged(place, format!("{folder}: expected a picture, and there is none")))
}

/// Whether a JPEG holds pixels and nothing else: no segment of an application's but JFIF's, no
/// comment, nothing behind its end.
fn is_plain_jpeg(bytes: &[u8]) -> bool {
    let mut rest = bytes.strip_prefix(b"\xff\xd8").unwrap_or_default();
    loop {
        let [0xff, marker, high, low, ..] = *rest else { return false };
        let length = usize::from(u16::from_be_bytes([high, low]));
        match marker {
            // Tables and frame headers, and JFIF's own segment without a small copy in it.
            0xc0..=0xc4 | 0xdb | 0xdd => {}
            0xe0 if length == 16 && rest[4..].starts_with(b"JFIF\0") => {}
            // The scan: after it only restart marks, until the end of the file.
            0xda => {
                let scan = rest.get(2 + length..).unwrap_or_default();
                let marks = scan.windows(2).filter(|pair| pair[0] == 0xff);
                let other = marks.filter(|pair| !matches!(pair[1], 0 | 0xd0..=0xd7));
                return other.count() == 1 && scan.ends_with(b"\xff\xd9");
            }
            _ => return false,
        }
        let Some(next) = rest.get(2 + length..) else { return false };
        rest = next;
    }
}

/// The bytes of a part; `None` where there is none of that name.
fn part<R: ReaderAt>(
    zip: &Parts<R>,
    place: &str,
    name: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    zip.read(name).map_err(|error| StoreError::damaged(place, format!("{name}: {error}")))
}

fn parsed<T: for<'de> Deserialize<'de>>(
    place: &str,
    name: &str,
    bytes: &[u8],
) -> Result<T, StoreError> {
    let damaged = |error| StoreError::damaged(place, format!("{name}: {error}"));
    serde_json::from_slice(bytes).map_err(damaged)
}

fn length(place: &str, what: &str, text: &str, most: usize) -> Result<(), StoreError> {
    match text.chars().count() {
        found if found > most => {
            let what = format!("a {what} has at most {most} characters, and one has {found}");
            Err(StoreError::damaged(place, what))
        }
        _ => Ok(()),
    }
}
