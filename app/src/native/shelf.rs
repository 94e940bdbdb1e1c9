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

use super::thread::GoOn;
use super::{memory, place};
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
            hub()?.delete(&hub_id(&item)?).map_err(|error| refused(&error))?;
            Ok(Tell::Deleted)
        }
        Chore::Import(folder) => {
            let message = format!("{folder}: a window uses folders where they lie");
            Err(Fault::new(FaultKind::Shelf, message))
        }
    }
}

fn refused(error: &HubError) -> Fault {
    Fault::new(FaultKind::Shelf, error.to_string())
}

fn hub() -> Result<Hub, Fault> {
    place::hub().map_err(|error| refused(&error))
}

/// Nobody waits for what was given up.
fn stopped_or<T>(
    outcome: Result<T, HubError>,
    done: impl FnOnce(T) -> Tell,
) -> Result<Tell, Fault> {
    match outcome {
        Ok(value) => Ok(done(value)),
        Err(HubError::Stopped { .. }) => Ok(Tell::Cancelled),
        Err(error) => Err(refused(&error)),
    }
}

fn hub_id(item: &Item) -> Result<ModelId, Fault> {
    match item {
        Item::Hub(id) => id.parse::<ModelId>().map_err(|error| refused(&error)),
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
        let held = place::hub().ok()?.held(&id, wanted_for_model);
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
    let limit =
        std::env::var("EASEL_MEMORY_LIMIT").ok().and_then(|text| text.parse::<Bytes>().ok());
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
    let mut tally = Tally::default();
    let mut progress = |step: Progress<'_>| tell.moved(tally.take(step));
    hub.fetch(id, wanted_for_model, &mut progress).map(drop)
}

/// Adds up the steps of a fetch.
#[derive(Default)]
struct Tally {
    done: u64,
    total: u64,
    /// What came of the file that is being fetched: it may begin anew.
    file: u64,
}

impl Tally {
    fn take(&mut self, step: Progress<'_>) -> Moved {
        match step {
            Progress::Total { bytes, .. } => self.total = bytes,
            Progress::Started { already, .. } => {
                self.done = self.done - self.file + already;
                self.file = already;
            }
            Progress::Advanced { bytes } => {
                self.done += bytes;
                self.file += bytes;
            }
            Progress::Finished { .. } => self.file = 0,
            _ => {}
        }
        Moved { done: self.done, total: self.total }
    }
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use easel_core::demo;
    use easel_core::model::{Keeping, Precision};
    use easel_core::weights::{PackOptions, pack};
    use easel_tests::hub_model::{ServedFile, ServedModel, sha256};
    use easel_tests::hub_server::HubServer;

    use super::*;

    fn go_on() -> GoOn {
        Arc::new(|| true)
    }

    #[test]
    fn a_file_that_begins_anew_is_not_counted_twice() {
        let mut tally = Tally::default();
        let steps = [
            (Progress::Total { files: 2, bytes: 30 }, 0),
            (Progress::Started { name: "a", size: 10, already: 4 }, 4),
            (Progress::Advanced { bytes: 5 }, 9),
            (Progress::Started { name: "a", size: 10, already: 0 }, 0),
            (Progress::Advanced { bytes: 10 }, 10),
            (Progress::Finished { name: "a" }, 10),
            (Progress::Started { name: "b", size: 20, already: 3 }, 13),
            (Progress::Advanced { bytes: 17 }, 30),
        ];
        for (step, done) in steps {
            assert_eq!(tally.take(step), Moved { done, total: 30 }, "{step:?}");
        }
    }

    #[test]
    fn a_model_is_fetched_checked_and_deleted() {
        let bytes = vec![7; 50_000];
        let sum = sha256(&bytes);
        let files = vec![ServedFile::large("model.safetensors", bytes, &sum)];
        let commit = "0123456789abcdef0123456789abcdef01234567".to_owned();
        let model = ServedModel { repo: "owner/name".to_owned(), commit, files };
        let server = HubServer::start(move |request| model.answer(request)).unwrap();
        let cache = tempfile::tempdir().unwrap();
        let hub = Hub::new(cache.path()).with_endpoint(server.address()).with_go_on(go_on());
        let id = "owner/name".parse().unwrap();
        let mut told = Vec::new();
        let mut tell = |tell| told.push(tell);
        get(&hub, &id, &mut Telling { tell: &mut tell, last: None }).unwrap();
        assert_eq!(told[0], Tell::Moved(Moved { done: 0, total: 50_000 }));
        assert!(hub.held(&id, wanted_for_model).whole);
    }

    #[test]
    fn folders_are_listed_with_their_sizes_and_only_packs_are_checked() {
        let folder = tempfile::tempdir().unwrap();
        let plain = folder.path().join("plain");
        fs::create_dir_all(plain.join("adapters")).unwrap();
        fs::write(plain.join("config.json"), "{}").unwrap();
        fs::write(plain.join("adapters/a"), "abc").unwrap();
        let packed = packed(folder.path());
        let list: Vec<_> = [&plain, &packed, &folder.path().join("gone")]
            .map(|path| path.display().to_string())
            .into();
        let stock = stock(&list);
        assert!(stock.hub);
        let told: Vec<_> = stock
            .kept
            .iter()
            .filter_map(|kept| match &kept.item {
                Item::Folder(place) => Some((place.clone(), kept.bytes > 5, kept.checkable)),
                _ => None,
            })
            .collect();
        let expected = [(list[0].clone(), false, false), (list[1].clone(), true, true)];
        assert_eq!(told, expected);
        assert_eq!(stock.kept.len(), 4, "the published ones are always told");
    }

    #[test]
    fn a_byte_that_flipped_in_a_pack_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let packed = packed(folder.path());
        let check = || {
            let chore = Chore::Verify(Item::Folder(packed.display().to_string()));
            answer(chore, &go_on(), &mut |_| {})
        };
        assert_eq!(check(), Ok(Tell::Checked(0)));
        let shard = packed.join("weights-00001.safetensors");
        let mut bytes = fs::read(&shard).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&shard, bytes).unwrap();
        let fault = check().unwrap_err();
        assert_eq!(fault.kind, FaultKind::Shelf);
        assert!(fault.message.contains("weights-00001.safetensors"), "{}", fault.message);
    }

    /// The demo as a pack.
    fn packed(folder: &Path) -> PathBuf {
        let out = folder.join("packed");
        let checkpoint = block_on(Checkpoint::open(demo::model())).unwrap();
        let keeping = Keeping::at(Precision::Q8);
        let options =
            PackOptions { keeping, source: "demo".to_owned(), licence: "Apache-2.0".to_owned() };
        block_on(pack(&checkpoint, &[], options, &out, &mut |_| {})).unwrap();
        out
    }
}
