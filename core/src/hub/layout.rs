//! The cache's folders, shared with Python's `huggingface_hub`.
//!
//! `models--OWNER--NAME/blobs/SUM` holds contents, `snapshots/COMMIT/FILE` links to them and
//! `refs/REVISION` names the commit. Locks lie in `.locks` beside the models. Ours alone is
//! `.easel/COMMIT.json`, the sizes of a commit's files, by which a later run needs no request.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use hf_hub::{Cache, CacheRepo, Repo, RepoType};

use super::id::is_commit;
use super::sum::Sum;
use super::{HubError, ModelId};

/// A way of making the file `link`, from the blob's path and its path seen from `link`.
type LinkWay = fn(blob: &Path, relative: &Path, link: &Path) -> io::Result<()>;

/// Python's way first; where links need a privilege, no second copy of gigabytes if possible.
const LINK_WAYS: [LinkWay; 3] = [
    symlink,
    |blob, _, link| fs::hard_link(blob, link),
    |blob, _, link| fs::copy(blob, link).map(drop),
];

/// Where one model lies in the cache.
pub(super) struct Layout {
    repo: CacheRepo,
    root: PathBuf,
    locks: PathBuf,
    revision: String,
    pinned: bool,
}

/// Keeps others from writing the same blob until dropped.
pub(super) struct BlobLock {
    file: Option<File>,
}

impl Layout {
    pub(super) fn new(cache: &Path, id: &ModelId) -> Self {
        let revision = id.revision().to_owned();
        let repo = Repo::with_revision(id.repo().to_owned(), RepoType::Model, revision.clone());
        let folder = repo.folder_name();
        Self {
            repo: Cache::new(cache.to_path_buf()).repo(repo),
            root: cache.join(&folder),
            locks: cache.join(".locks").join(&folder),
            revision,
            pinned: id.is_pinned(),
        }
    }

    /// The commit that the revision stood for when it was last fetched.
    pub(super) fn commit(&self) -> Option<String> {
        if self.pinned {
            return Some(self.revision.clone());
        }
        let text = fs::read_to_string(self.ref_path()).ok()?;
        let commit = text.trim();
        is_commit(commit).then(|| commit.to_owned())
    }

    /// Notes that the revision stands for `commit`, whose files are in place.
    pub(super) fn write_ref(&self, commit: &str) -> Result<(), HubError> {
        if self.pinned { Ok(()) } else { write_aside(&self.ref_path(), commit.as_bytes()) }
    }

    /// The folder of all that is held of the model.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of its locks.
    pub(super) fn locks(&self) -> &Path {
        &self.locks
    }

    /// The folder with a commit's files.
    pub(super) fn snapshot(&self, commit: &str) -> PathBuf {
        self.repo.pointer_path(commit)
    }

    /// The content with this sum.
    pub(super) fn blob(&self, sum: &Sum) -> PathBuf {
        self.repo.blob_path(sum.digits())
    }

    /// The beginning of the content with this sum, which any program continues in its turn.
    pub(super) fn partial(&self, sum: &Sum) -> PathBuf {
        self.repo.blob_path(&format!("{}.incomplete", sum.digits()))
    }

    /// As `partial`; one of our own where no lock keeps the turns.
    pub(super) fn partial_under(&self, lock: &BlobLock, sum: &Sum) -> PathBuf {
        if lock.file.is_some() {
            return self.partial(sum);
        }
        self.repo.blob_path(&format!("{}.{}.incomplete", sum.digits(), std::process::id()))
    }

    /// The record of a commit's files.
    pub(super) fn record(&self, commit: &str) -> PathBuf {
        self.root.join(".easel").join(format!("{commit}.json"))
    }

    /// The blobs' folder, made where it is missing.
    pub(super) fn make_blobs(&self) -> Result<PathBuf, HubError> {
        let folder = self.root.join("blobs");
        fs::create_dir_all(&folder).map_err(HubError::io(&folder))?;
        Ok(folder)
    }

    /// Waits until no other program, Easel or Python, writes the blob.
    pub(super) fn lock(&self, sum: &Sum) -> Result<BlobLock, HubError> {
        let path = self.locks.join(format!("{}.lock", sum.digits()));
        fs::create_dir_all(&self.locks).map_err(HubError::io(&self.locks))?;
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(HubError::io(&path))?;
        let outcome = match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                log::info!("waiting for another program that holds {}", path.display());
                file.lock()
            }
            Err(TryLockError::Error(error)) => Err(error),
            Ok(()) => Ok(()),
        };
        if let Err(error) = &outcome {
            // Some network disks know no locks.
            log::warn!("{} cannot be locked: {error}", path.display());
        }
        Ok(BlobLock { file: outcome.is_ok().then_some(file) })
    }

    /// Makes `name` in the commit's snapshot show the blob.
    pub(super) fn place(&self, commit: &str, name: &str, sum: &Sum) -> Result<(), HubError> {
        let link = self.snapshot(commit).join(name);
        if let Some(folder) = link.parent() {
            fs::create_dir_all(folder).map_err(HubError::io(folder))?;
        }
        let up = "../".repeat(2 + name.matches('/').count());
        let relative = PathBuf::from(format!("{up}blobs/{}", sum.digits()));
        link_by(&LINK_WAYS, &self.blob(sum), &relative, &link).map_err(HubError::io(&link))
    }

    fn ref_path(&self) -> PathBuf {
        self.root.join("refs").join(&self.revision)
    }
}

/// Writes a small file so that a reader sees the old or the new content, nothing between.
pub(super) fn write_aside(path: &Path, bytes: &[u8]) -> Result<(), HubError> {
    let write = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let aside = aside(path);
        fs::write(&aside, bytes)?;
        fs::rename(&aside, path)
    };
    write().map_err(HubError::io(path))
}

/// A name beside `path` that no other writer has, in this process or another.
fn aside(path: &Path) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".{}.{count}.new", std::process::id()));
    aside.into()
}

/// Links by the first way that works. The link is made aside and renamed, so that whoever reads
/// meanwhile, as another program fetching the same model, finds the old one or the new one.
fn link_by(ways: &[LinkWay], blob: &Path, relative: &Path, link: &Path) -> io::Result<()> {
    let aside = aside(link);
    let mut last = Ok(());
    for way in ways {
        last = way(blob, relative, &aside).and_then(|()| fs::rename(&aside, link));
        if last.is_ok() {
            break;
        }
    }
    // Renaming a hard link onto another of the same file leaves both.
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => last,
    }
}

#[cfg(unix)]
fn symlink(_blob: &Path, relative: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(relative, link)
}

#[cfg(windows)]
fn symlink(_blob: &Path, relative: &Path, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(relative, link)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum() -> Sum {
        Sum::GitBlob("ab".repeat(20))
    }

    #[test]
    fn paths_are_those_of_python() {
        let layout = Layout::new(Path::new("/c"), &"o/n@refs/pr/1".parse().unwrap());
        let root = "/c/models--o--n";
        let etag = "ab".repeat(20);
        assert_eq!(layout.blob(&sum()), Path::new(&format!("{root}/blobs/{etag}")));
        assert_eq!(layout.partial(&sum()), Path::new(&format!("{root}/blobs/{etag}.incomplete")));
        assert_eq!(layout.snapshot("c1"), Path::new(&format!("{root}/snapshots/c1")));
        assert_eq!(layout.ref_path(), Path::new(&format!("{root}/refs/refs/pr/1")));
        assert_eq!(layout.locks, Path::new("/c/.locks/models--o--n"));
    }

    #[test]
    fn a_reference_is_kept_and_a_damaged_one_ignored() {
        let cache = tempfile::tempdir().unwrap();
        let layout = Layout::new(cache.path(), &"o/n@a/b".parse().unwrap());
        assert_eq!(layout.commit(), None);
        layout.write_ref(&"12".repeat(20)).unwrap();
        assert_eq!(layout.commit(), Some("12".repeat(20)));
        let path = cache.path().join("models--o--n/refs/a/b");
        assert_eq!(fs::read_to_string(&path).unwrap(), "12".repeat(20));
        fs::write(&path, "../../elsewhere").unwrap();
        assert_eq!(layout.commit(), None);
    }

    #[test]
    fn a_snapshot_file_shows_the_blob_and_replaces_a_stale_link() {
        let cache = tempfile::tempdir().unwrap();
        let layout = Layout::new(cache.path(), &"o/n".parse().unwrap());
        fs::write(layout.make_blobs().unwrap().join(sum().digits()), b"data").unwrap();
        for _ in 0..2 {
            layout.place("c1", "a/b.json", &sum()).unwrap();
            let link = layout.snapshot("c1").join("a/b.json");
            assert_eq!(fs::read(&link).unwrap(), b"data");
            fs::remove_file(&link).unwrap();
            fs::write(&link, b"stale").unwrap();
        }
    }

    #[test]
    fn where_links_are_refused_the_file_is_hard_linked_or_copied() {
        let folder = tempfile::tempdir().unwrap();
        let (blob, link) = (folder.path().join("blob"), folder.path().join("link"));
        fs::write(&blob, b"data").unwrap();
        let refused: LinkWay = |_, _, _| Err(io::ErrorKind::PermissionDenied.into());
        for ways in [[refused, LINK_WAYS[1], refused], [refused, refused, LINK_WAYS[2]]] {
            link_by(&ways, &blob, Path::new("nowhere"), &link).unwrap();
            assert!(link.symlink_metadata().unwrap().is_file());
            assert_eq!(fs::read(&link).unwrap(), b"data");
        }
        assert!(link_by(&[refused], &blob, Path::new("blob"), &link).is_err());
    }

    #[test]
    fn a_lock_keeps_the_second_out_until_dropped() {
        let cache = tempfile::tempdir().unwrap();
        let layout = Layout::new(cache.path(), &"o/n".parse().unwrap());
        let lock = layout.lock(&sum()).unwrap();
        assert_eq!(layout.partial_under(&lock, &sum()), layout.partial(&sum()));
        let unlocked = layout.partial_under(&BlobLock { file: None }, &sum());
        assert_ne!(unlocked, layout.partial(&sum()));
        let path = layout.locks.join(format!("{}.lock", sum().digits()));
        let second = File::options().write(true).open(path).unwrap();
        assert!(matches!(second.try_lock(), Err(TryLockError::WouldBlock)));
        drop(lock);
        assert!(second.try_lock().is_ok());
    }
}
