//! What the cache holds of a model: told, checked and deleted without a request.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::id::is_hex;
use super::layout::Layout;
use super::partial::CHUNK;
use super::present;
use super::sum::{Hasher, Sum};
use super::{Hub, HubError, ModelId};

/// What the cache holds of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Bytes of its files, those of a download that broke off included.
    pub bytes: u64,
    /// Whether all that is wanted is there.
    pub whole: bool,
}

/// How far a check has come, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checking {
    /// Bytes that were read.
    pub done: u64,
    /// All bytes.
    pub total: u64,
}

impl Hub {
    /// What the cache holds of a model's `wanted` files.
    #[must_use]
    pub fn held(&self, id: &ModelId, wanted: impl Fn(&str) -> bool) -> Held {
        let layout = Layout::new(&self.cache, id);
        let bytes = blobs(&layout).unwrap_or_default().iter().map(|(_, bytes)| bytes).sum();
        let whole = layout
            .commit()
            .is_some_and(|commit| present::check(&layout, &commit, &wanted, true).is_ok());
        Held { bytes, whole }
    }

    /// Reads all that the cache holds of a model, checks it against the sums that the hub named it
    /// by, and deletes what is damaged, which a fetch brings again. Returns how many files were.
    ///
    /// # Errors
    /// When something cannot be read or deleted, or nobody wants to know any more
    /// ([`Hub::with_go_on`]).
    pub fn verify(
        &self,
        id: &ModelId,
        progress: &mut dyn FnMut(Checking),
    ) -> Result<usize, HubError> {
        let layout = Layout::new(&self.cache, id);
        let folder = layout.root().join("blobs");
        let blobs = blobs(&layout).map_err(HubError::io(&folder))?;
        // What a download left unfinished is checked when it is finished.
        let summed = blobs.into_iter().filter_map(|(path, bytes)| Some((sum(&path)?, path, bytes)));
        let summed: Vec<_> = summed.collect();
        let mut at = Checking { done: 0, total: summed.iter().map(|(.., bytes)| bytes).sum() };
        let mut damaged = 0;
        for (sum, path, bytes) in summed {
            let mut hasher = Hasher::new(&sum, bytes);
            let mut file = File::open(&path).map_err(HubError::io(&path))?;
            let mut chunk = vec![0; CHUNK];
            loop {
                self.go_on.check(id)?;
                let count = file.read(&mut chunk).map_err(HubError::io(&path))?;
                if count == 0 {
                    break;
                }
                hasher.update(&chunk[..count]);
                at.done += count as u64;
                progress(at);
            }
            if hasher.digits() != sum.digits() {
                log::warn!("{}: the content is not what its sum says", path.display());
                fs::remove_file(&path).map_err(HubError::io(&path))?;
                let snapshots = layout.root().join("snapshots");
                remove_copies(&snapshots, bytes).map_err(HubError::io(&snapshots))?;
                damaged += 1;
            }
        }
        Ok(damaged)
    }

    /// Deletes all that the cache holds of a model.
    ///
    /// # Errors
    /// When something cannot be deleted; what is left then is no whole model.
    pub fn delete(&self, id: &ModelId) -> Result<(), HubError> {
        let layout = Layout::new(&self.cache, id);
        // The names of commits first: without them nothing passes for whole.
        let root = layout.root();
        for folder in [root.join("refs"), root.to_owned(), layout.locks().to_owned()] {
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(HubError::io(&folder)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// All contents of a model, with their sizes in bytes; none where it was never fetched.
fn blobs(layout: &Layout) -> io::Result<Vec<(PathBuf, u64)>> {
    let entries = match fs::read_dir(layout.root().join("blobs")) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let data = fs::metadata(&path)?;
        if data.is_file() {
            found.push((path, data.len()));
        }
    }
    found.sort();
    Ok(found)
}

/// The sum that a content is named by.
fn sum(path: &Path) -> Option<Sum> {
    let name = path.file_name()?.to_str()?;
    match name.len() {
        64 if is_hex(name, 64) => Some(Sum::Sha256(name.to_owned())),
        40 if is_hex(name, 40) => Some(Sum::GitBlob(name.to_owned())),
        _ => None,
    }
}

/// Deletes the files of this size that stand in for links, where the system grants none: they would
/// pass for whole.
fn remove_copies(folder: &Path, bytes: u64) -> io::Result<()> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() && entry.metadata()?.len() == bytes {
                fs::remove_file(entry.path())?;
            }
        }
    }
    Ok(())
}
