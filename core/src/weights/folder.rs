//! A folder on disk as a [`Source`], read at positions.
//!
//! Reading rather than mapping: a file that shrinks gives an error instead of a signal, and no
//! more than one tensor is in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::rc::Rc;

use super::WeightsError;
use super::source::{Pending, Source, checked, is_plain, join};

/// How many folders lie at most between the top and a file.
const DEPTH: usize = 4;
/// More entries than any checkpoint has; links in a circle would give as many as one likes.
const MOST_FILES: usize = 100_000;

/// A folder of files; each is opened once and kept open.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    open: RefCell<BTreeMap<String, Rc<File>>>,
}

impl Folder {
    /// Takes a folder, relative to the current one or absolute.
    ///
    /// # Errors
    /// If it is missing or no folder.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, WeightsError> {
        let path = path.into();
        let file = path.display().to_string();
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => Ok(Self { path, open: RefCell::default() }),
            Ok(_) => Err(WeightsError::Io { file, error: io::ErrorKind::NotADirectory.into() }),
            Err(error) => Err(failed(file, error)),
        }
    }

    fn handle(&self, file: &str) -> Result<Rc<File>, WeightsError> {
        if let Some(handle) = self.open.borrow().get(file) {
            return Ok(Rc::clone(handle));
        }
        if !is_plain(file) {
            return Err(WeightsError::Path { place: self.name(), path: file.to_owned() });
        }
        let name = || join(&self.name(), file);
        let path = self.path.join(file);
        let handle = fs::metadata(&path).and_then(|found| match found.is_file() {
            true => File::open(&path),
            // Opening a pipe would wait for a writer.
            false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")),
        });
        let handle = Rc::new(handle.map_err(|error| failed(name(), error))?);
        self.open.borrow_mut().insert(file.to_owned(), Rc::clone(&handle));
        Ok(handle)
    }

    fn length(&self, file: &str) -> Result<u64, WeightsError> {
        let found = self.handle(file)?.metadata();
        Ok(found.map_err(|error| failed(join(&self.name(), file), error))?.len())
    }

    fn part(&self, file: &str, range: &Range<u64>) -> Result<Vec<u8>, WeightsError> {
        let name = || join(&self.name(), file);
        let range = checked(name, range, self.length(file)?)?;
        let bytes = range.end - range.start;
        let short = || WeightsError::Memory { file: name(), bytes };
        let length = usize::try_from(bytes).map_err(|_| short())?;
        let mut buffer = Vec::new();
        buffer.try_reserve_exact(length).map_err(|_| short())?;
        buffer.resize(length, 0);
        let handle = self.handle(file)?;
        read_at(&handle, &mut buffer, range.start).map_err(|error| failed(name(), error))?;
        Ok(buffer)
    }

    /// Adds the files under `folder` (relative, empty for the top) to `found`.
    fn walk(
        &self,
        folder: &str,
        depth: usize,
        found: &mut Vec<String>,
    ) -> Result<(), WeightsError> {
        let name = || join(&self.name(), folder);
        let entries = fs::read_dir(self.path.join(folder));
        for entry in entries.map_err(|error| failed(name(), error))? {
            let entry = entry.map_err(|error| failed(name(), error))?;
            let entry_name = entry.file_name();
            let Some(entry_name) = entry_name.to_str().filter(|name| !name.starts_with('.')) else {
                continue;
            };
            let path = match folder {
                "" => entry_name.to_owned(),
                folder => format!("{folder}/{entry_name}"),
            };
            // Follows links, as the hub's cache is made of them; a broken one is no file.
            let Ok(kind) = fs::metadata(entry.path()) else { continue };
            if kind.is_dir() && depth < DEPTH {
                self.walk(&path, depth + 1, found)?;
            } else if kind.is_file() {
                found.push(path);
            }
            if found.len() > MOST_FILES {
                return Err(WeightsError::TooManyFiles { place: self.name(), limit: MOST_FILES });
            }
        }
        Ok(())
    }
}

impl Source for Folder {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn files(&self) -> Pending<'_, Result<Vec<String>, WeightsError>> {
        Box::pin(async {
            let mut found = Vec::new();
            self.walk("", 0, &mut found)?;
            found.sort_unstable();
            Ok(found)
        })
    }

    fn size<'a>(&'a self, file: &'a str) -> Pending<'a, Result<u64, WeightsError>> {
        Box::pin(async move { self.length(file) })
    }

    fn read<'a>(
        &'a self,
        file: &'a str,
        range: Range<u64>,
    ) -> Pending<'a, Result<Vec<u8>, WeightsError>> {
        Box::pin(async move { self.part(file, &range) })
    }
}

fn failed(file: String, error: io::Error) -> WeightsError {
    match error.kind() {
        io::ErrorKind::NotFound => WeightsError::NoFile { file },
        _ => WeightsError::Io { file, error },
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], start: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, start)
}

#[cfg(windows)]
fn read_at(file: &File, mut buffer: &mut [u8], mut start: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, start) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                buffer = &mut buffer[count..];
                start += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use pollster::block_on;

    use super::*;

    fn write(root: &Path, file: &str, bytes: &[u8]) {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    #[test]
    fn files_are_listed_sorted_to_four_folders_without_hidden_ones() {
        let root = tempfile::tempdir().unwrap();
        for file in ["z.json", "a/b/c/d/in", "a/b/c/d/e/out", ".git/config", ".hidden", "a/x"] {
            write(root.path(), file, b"");
        }
        let folder = Folder::open(root.path()).unwrap();
        assert_eq!(block_on(folder.files()).unwrap(), ["a/b/c/d/in", "a/x", "z.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_circles_end() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "blobs/0a1b", b"12345");
        write(root.path(), "snapshots/main/.keep", b"");
        let snapshot = root.path().join("snapshots/main");
        symlink("../../blobs/0a1b", snapshot.join("model.safetensors")).unwrap();
        symlink("../../blobs/gone", snapshot.join("gone")).unwrap();
        symlink(".", snapshot.join("circle")).unwrap();
        let folder = Folder::open(&snapshot).unwrap();
        let files = block_on(folder.files()).unwrap();
        assert!(files.contains(&"model.safetensors".to_owned()));
        assert_eq!(files.len(), 1 + DEPTH, "{files:?}");
        assert_eq!(block_on(folder.read("model.safetensors", 1..3)).unwrap(), b"23");
        assert!(!block_on(folder.exists("gone")).unwrap());
    }

    #[test]
    fn parts_are_read_and_a_file_that_shrinks_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "sub/x", b"0123456789");
        let folder = Folder::open(root.path()).unwrap();
        assert_eq!(block_on(folder.size("sub/x")).unwrap(), 10);
        assert_eq!(block_on(folder.read("sub/x", 7..10)).unwrap(), b"789");
        write(root.path(), "sub/x", b"0123");
        let error = block_on(folder.read("sub/x", 7..10)).unwrap_err().to_string();
        assert!(error.ends_with("sub/x: bytes 7 to 10 are wanted, but it is 4 bytes long"));
    }

    #[test]
    fn paths_out_of_the_folder_and_folders_are_refused() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "in/x", b"1");
        let folder = Folder::open(root.path().join("in")).unwrap();
        for path in ["../in/x", "/etc/hostname", "a\\b"] {
            let error = block_on(folder.size(path)).unwrap_err();
            assert!(matches!(error, WeightsError::Path { .. }), "{error}");
        }
        let top = Folder::open(root.path()).unwrap();
        assert!(matches!(block_on(top.size("in")), Err(WeightsError::Io { .. })));
        assert!(matches!(Folder::open(root.path().join("in/x")), Err(WeightsError::Io { .. })));
        assert!(matches!(Folder::open(root.path().join("no")), Err(WeightsError::NoFile { .. })));
    }
}
