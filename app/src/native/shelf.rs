//! The models on this machine: those in the hub's cache, and folders that were used before.

use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use easel_core::device::{Choice, open};
use easel_core::hub::{Hub, HubError, ModelId, Progress, wanted_for_model};
use easel_core::model::Published;
use easel_core::weights::{Checkpoint, Folder, verify};
use pollster::block_on;

use super::memory;
use super::thread::GoOn;
use crate::size::Bytes;
use crate::ui::{Chore, Fault, FaultKind, Grant, Item, Kept, Moved, Stock, Tell};

/// The file that makes a folder a pack.
const MANIFEST: &str = "manifest.json";

/// Time between two tellings of how far a job is.
const OFTEN: Duration = Duration::from_millis(100);

/// Does what is asked; returns how it ended.
///
/// # Errors
/// When the cache, the hub or the disk refuse.
pub(super) fn answer(
    chore: Chore,
    go_on: &GoOn,
    tell: &mut dyn FnMut(Tell),
) -> Result<Tell, Fault> {
    let mut tell = Telling { tell, last: None };
    match chore {
        Chore::List { folders } => Ok(Tell::Shelf(stock(&folders))),
        Chore::Get(item) => {
            let id = hub_id(&item)?;
            stopped_or(get(&hub()?.with_go_on(GoOn::clone(go_on)), &id, &mut tell), |()| {
                Tell::Got(item)
            })
        }
        Chore::Verify(Item::Folder(folder)) => {
            verify_folder(&folder, &mut tell)?;
            Ok(Tell::Checked(0))
        }
        Chore::Verify(item) => {
            let hub = hub()?.with_go_on(GoOn::clone(go_on));
            let checking = hub.verify(&hub_id(&item)?, &mut |at| {
                tell.moved(Moved { done: at.done, total: at.total });
            });
            stopped_or(checking, Tell::Checked)
        }
        Chore::Delete(item) => {
            hub()?.delete(&hub_id(&item)?).map_err(refused)?;
            Ok(Tell::Deleted)
        }
        Chore::Import(folder) => {
            let message = format!("{folder}: a window uses folders where they lie");
            Err(Fault::new(FaultKind::Shelf, message))
        }
    }
}

fn refused(error: HubError) -> Fault {
    Fault::new(FaultKind::Shelf, error.to_string())
}

fn hub() -> Result<Hub, Fault> {
    Hub::from_env().map_err(refused)
}

/// Nobody waits for what was given up.
fn stopped_or<T>(
    outcome: Result<T, HubError>,
    done: impl FnOnce(T) -> Tell,
) -> Result<Tell, Fault> {
    match outcome {
        Ok(value) => Ok(done(value)),
        Err(HubError::Stopped { .. }) => Ok(Tell::Cancelled),
        Err(error) => Err(refused(error)),
    }
}

fn hub_id(item: &Item) -> Result<ModelId, Fault> {
    match item {
        Item::Hub(id) => id.parse().map_err(refused),
        Item::Pack(place) | Item::Folder(place) => {
            let message = format!("{place}: expected a model of the hub");
            Err(Fault::new(FaultKind::Shelf, message))
        }
    }
}

/// What is kept, and what this machine grants.
fn stock(folders: &[String]) -> Stock {
    let held = |model: Published| {
        let id: ModelId = model.id().parse().ok()?;
        let held = Hub::from_env().ok()?.held(&id, wanted_for_model);
        let item = Item::Hub(model.id().to_owned());
        Some(Kept { item, bytes: held.bytes, whole: held.whole, checkable: true })
    };
    let folder = |folder: &String| {
        let path = Path::new(folder);
        path.is_dir().then(|| Kept {
            item: Item::Folder(folder.clone()),
            bytes: size(path),
            whole: true,
            checkable: path.join(MANIFEST).is_file(),
        })
    };
    let kept = Published::ALL.into_iter().filter_map(held).chain(folders.iter().filter_map(folder));
    Stock { grant: grant(), hub: true, kept: kept.collect() }
}

/// Bytes of a folder's files.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let bytes = entries.map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => size(&entry.path()),
        // A link's own size is not that of the file.
        _ => fs::metadata(entry.path()).map_or(0, |data| data.len()),
    });
    bytes.sum()
}

/// What the device that computes here grants: as the environment says, else the machine's memory where
/// the device has none of its own.
fn grant() -> Grant {
    let limit = std::env::var("EASEL_MEMORY_LIMIT").ok().and_then(|text| text.parse::<Bytes>().ok());
    let opened = open(Choice::Auto).ok();
    let shared = opened.as_ref().is_some_and(|opened| opened.shares_memory);
    Grant {
        memory: limit.map(|bytes| bytes.0).or_else(|| memory::total().filter(|_| shared)),
        binding: opened.and_then(|opened| opened.max_binding),
        small_page: false,
    }
}

/// Brings what is missing of a model.
fn get(hub: &Hub, id: &ModelId, tell: &mut Telling<'_>) -> Result<(), HubError> {
    let mut at = Moved { done: 0, total: 0 };
    // What came of the file that is being fetched: it may begin anew.
    let mut file = 0;
    let mut progress = |step: Progress<'_>| {
        match step {
            Progress::Total { bytes, .. } => at.total = bytes,
            Progress::Started { already, .. } => {
                at.done = at.done - file + already;
                file = already;
            }
            Progress::Advanced { bytes } => {
                at.done += bytes;
                file += bytes;
            }
            Progress::Finished { .. } => file = 0,
            _ => {}
        }
        tell.moved(at);
    };
    hub.fetch(id, wanted_for_model, &mut progress).map(drop)
}

/// Checks all files of a pack.
fn verify_folder(folder: &str, tell: &mut Telling<'_>) -> Result<(), Fault> {
    let wrong = |error: easel_core::Error| Fault::new(FaultKind::Shelf, error.to_string());
    let path = Path::new(folder);
    let opened = Folder::open(folder).map_err(|error| wrong(error.into()))?;
    let checkpoint = block_on(Checkpoint::open(Rc::new(opened)));
    let checkpoint = checkpoint.map_err(|error| wrong(error.into()))?;
    let mut at = Moved { done: 0, total: size(path) };
    let mut progress = |file: &str| {
        at.done += fs::metadata(path.join(file)).map_or(0, |data| data.len());
        tell.moved(at);
    };
    block_on(verify(&checkpoint, &mut progress)).map_err(|error| wrong(error.into()))
}

/// Tells how far a job is, not more often than anybody reads.
struct Telling<'a> {
    tell: &'a mut dyn FnMut(Tell),
    last: Option<Instant>,
}

impl Telling<'_> {
    fn moved(&mut self, moved: Moved) {
        if self.last.is_none_or(|last| last.elapsed() >= OFTEN) {
            self.last = Some(Instant::now());
            (self.tell)(Tell::Moved(moved));
        }
    }
}
