//! The beginning of a file on the disk, with the sum of what is there.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::HubError;
use super::listing::RemoteFile;
use super::sum::Hasher;

/// Bytes read from the disk or the network at a time.
pub(super) const CHUNK: usize = 128 * 1024;

/// A file being fetched: what has come is written, counted and summed.
pub(super) struct Partial<'a> {
    remote: &'a RemoteFile,
    path: PathBuf,
    file: File,
    len: u64,
    inherited: bool,
    hasher: Hasher,
}

impl<'a> Partial<'a> {
    /// Opens what an earlier run left, if it is not longer than the file, or begins anew.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub(super) fn open(path: PathBuf, remote: &'a RemoteFile) -> Result<Self, HubError> {
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(HubError::io(&path))?;
        let hasher = Hasher::new(&remote.sum, remote.size);
        let mut partial = Self { remote, path, file, len: 0, inherited: false, hasher };
        match partial.sum_existing() {
            Ok(true) => {
                partial.inherited = partial.len > 0;
                Ok(partial)
            }
            Ok(false) => partial.restart().map(|()| partial),
            Err(error) => Err(HubError::io(&partial.path)(error)),
        }
    }

    /// Sums what is there; whether it can be the beginning of the file.
    fn sum_existing(&mut self) -> io::Result<bool> {
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = self.file.read(&mut chunk)?;
            self.len += count as u64;
            if count == 0 || self.len > self.remote.size {
                return Ok(count == 0);
            }
            self.hasher.update(&chunk[..count]);
        }
    }

    /// Bytes on the disk.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Whether the first of these are from an earlier run, which only the sum vouches for.
    pub(super) fn is_inherited(&self) -> bool {
        self.inherited
    }

    /// Whether the sum so far is the listed one.
    pub(super) fn is_intact(&self) -> bool {
        self.hasher.clone().digits() == self.remote.sum.digits()
    }

    /// Throws the bytes away.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn restart(&mut self) -> Result<(), HubError> {
        self.len = 0;
        self.inherited = false;
        self.hasher = Hasher::new(&self.remote.sum, self.remote.size);
        let cut = self.file.set_len(0).and_then(|()| self.file.rewind());
        cut.map_err(HubError::io(&self.path))
    }

    /// Appends `bytes`.
    ///
    /// # Errors
    /// When they are more than the file has (all is deleted then), or cannot be written.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), HubError> {
        let len = self.len + bytes.len() as u64;
        if len > self.remote.size {
            delete(&self.path);
            let file = self.remote.name.clone();
            return Err(HubError::Size { file, expected: self.remote.size, found: len });
        }
        if let Err(error) = self.file.write_all(bytes) {
            // Half of it may be there; a later run continues from a known length.
            if let Err(error) = self.file.set_len(self.len) {
                log::warn!("{} cannot be cut: {error}", self.path.display());
            }
            return Err(HubError::io(&self.path)(error));
        }
        self.hasher.update(bytes);
        self.len = len;
        Ok(())
    }

    /// Checks the sum and moves the whole file to `blob`.
    ///
    /// # Errors
    /// When the sum is not the listed one (the bytes are deleted then), or it cannot be moved.
    pub(super) fn finish(self, blob: &Path) -> Result<(), HubError> {
        let sum = &self.remote.sum;
        let found = self.hasher.digits();
        if found != sum.digits() {
            delete(&self.path);
            return Err(HubError::Sum {
                file: self.remote.name.clone(),
                kind: sum.kind(),
                expected: sum.digits().to_owned(),
                found,
            });
        }
        self.file.sync_all().map_err(HubError::io(&self.path))?;
        // Windows moves no open file.
        drop(self.file);
        fs::rename(&self.path, blob).map_err(HubError::io(blob))
    }
}

fn delete(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        log::warn!("{} cannot be deleted: {error}", path.display());
    }
}

#[cfg(test)]
mod tests {
    use super::super::sum::Sum;
    use super::*;

    /// `printf 'hello\n' | git hash-object --stdin`
    fn hello() -> RemoteFile {
        let sum = Sum::GitBlob("ce013625030ba8dba906f756967f9e9ca394464a".to_owned());
        RemoteFile { name: "hello".to_owned(), size: 6, sum }
    }

    #[test]
    fn an_earlier_beginning_is_continued_and_summed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, blob) = (folder.path().join("a.incomplete"), folder.path().join("a"));
        fs::write(&path, b"hel").unwrap();
        let remote = hello();
        let mut partial = Partial::open(path.clone(), &remote).unwrap();
        assert_eq!(partial.len(), 3);
        partial.push(b"lo\n").unwrap();
        partial.finish(&blob).unwrap();
        assert_eq!(fs::read(&blob).unwrap(), b"hello\n");
        assert!(!path.exists());
    }

    #[test]
    fn one_that_is_too_long_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.incomplete");
        fs::write(&path, b"much too long").unwrap();
        let remote = hello();
        let mut partial = Partial::open(path, &remote).unwrap();
        assert_eq!(partial.len(), 0);
        partial.push(b"hello\n").unwrap();
        partial.finish(&folder.path().join("a")).unwrap();
    }

    #[test]
    fn a_byte_too_many_is_an_error_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.incomplete");
        let remote = hello();
        let mut partial = Partial::open(path.clone(), &remote).unwrap();
        partial.push(b"hello").unwrap();
        let error = partial.push(b"\n!").unwrap_err().to_string();
        assert_eq!(error, "hello has the wrong length: expected 6 bytes, found 7");
        assert!(!path.exists());
    }

    #[test]
    fn another_content_is_an_error_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (path, blob) = (folder.path().join("a.incomplete"), folder.path().join("a"));
        let remote = hello();
        let mut partial = Partial::open(path.clone(), &remote).unwrap();
        partial.push(b"jello\n").unwrap();
        let error = partial.finish(&blob).unwrap_err().to_string();
        assert!(error.contains("hello is damaged") && error.contains("ce0136"), "{error}");
        assert!(!path.exists() && !blob.exists());
    }
}
