//! Where a checkpoint's bytes come from: a folder, memory, or whatever else implements [`Source`].

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;

use super::WeightsError;
use super::gguf::GgufPair;

/// A future that may borrow from its caller and stays on its thread, as the browser's do.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Files that can be read in parts; paths are relative, with `/` between folders.
pub trait Source: fmt::Debug {
    /// What messages call it: a folder's path or an address.
    fn name(&self) -> String;

    /// All files, sorted, up to four folders deep, without hidden ones.
    ///
    /// # Errors
    /// If the source cannot be listed.
    fn files(&self) -> Pending<'_, Result<Vec<String>, WeightsError>>;

    /// The length of a file in bytes.
    ///
    /// # Errors
    /// [`WeightsError::NoFile`] if there is none, others if the source does not answer.
    fn size<'a>(&'a self, file: &'a str) -> Pending<'a, Result<u64, WeightsError>>;

    /// The bytes `range` of a file: all of them, or an error.
    ///
    /// # Errors
    /// If the file is missing, is too short, or cannot be read.
    fn read<'a>(
        &'a self,
        file: &'a str,
        range: Range<u64>,
    ) -> Pending<'a, Result<Vec<u8>, WeightsError>>;

    /// A whole file of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Source::read`], and if the file is longer than `limit`.
    fn read_all<'a>(
        &'a self,
        file: &'a str,
        limit: u64,
    ) -> Pending<'a, Result<Vec<u8>, WeightsError>> {
        Box::pin(async move {
            let size = self.size(file).await?;
            if size > limit {
                let file = join(&self.name(), file);
                return Err(WeightsError::TooLarge { file, size, limit });
            }
            self.read(file, 0..size).await
        })
    }

    /// The GGUF pair behind it, where tensors are read from one.
    fn gguf(&self) -> Option<Rc<GgufPair>> {
        None
    }

    /// Whether there is such a file.
    ///
    /// # Errors
    /// If the source does not answer.
    fn exists<'a>(&'a self, file: &'a str) -> Pending<'a, Result<bool, WeightsError>> {
        Box::pin(async move {
            match self.size(file).await {
                Ok(_) => Ok(true),
                Err(WeightsError::NoFile { .. }) => Ok(false),
                Err(error) => Err(error),
            }
        })
    }
}

/// Source and file in one, for messages.
pub(crate) fn join(place: &str, file: &str) -> String {
    if file.is_empty() {
        return place.to_owned();
    }
    format!("{}/{file}", place.trim_end_matches('/'))
}

/// Whether a path stays inside its source on every system.
pub(super) fn is_plain(path: &str) -> bool {
    let part_is_plain = |part: &str| !matches!(part, "" | "." | "..");
    !path.contains(['\\', ':', '\0']) && path.split('/').all(part_is_plain)
}

/// The range as positions in a file of `size` bytes.
pub(crate) fn checked(
    file: impl FnOnce() -> String,
    range: &Range<u64>,
    size: u64,
) -> Result<Range<u64>, WeightsError> {
    if range.start <= range.end && range.end <= size {
        return Ok(range.clone());
    }
    Err(WeightsError::Range { file: file(), start: range.start, end: range.end, size })
}

/// Files held in memory: what a browser was given, or what a test made.
#[derive(Default)]
pub struct Memory {
    name: String,
    files: BTreeMap<String, Vec<u8>>,
}

impl Memory {
    /// Takes the files by their relative paths; messages call them `name`.
    pub fn new(name: impl Into<String>, files: BTreeMap<String, Vec<u8>>) -> Self {
        Self { name: name.into(), files }
    }

    fn bytes(&self, file: &str) -> Result<&[u8], WeightsError> {
        let bytes = self.files.get(file).map(Vec::as_slice);
        bytes.ok_or_else(|| WeightsError::NoFile { file: join(&self.name, file) })
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names only: the contents may be gigabytes.
        f.debug_struct("Memory").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Source for Memory {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn files(&self) -> Pending<'_, Result<Vec<String>, WeightsError>> {
        Box::pin(async { Ok(self.files.keys().cloned().collect()) })
    }

    fn size<'a>(&'a self, file: &'a str) -> Pending<'a, Result<u64, WeightsError>> {
        Box::pin(async move { Ok(self.bytes(file)?.len() as u64) })
    }

    fn read<'a>(
        &'a self,
        file: &'a str,
        range: Range<u64>,
    ) -> Pending<'a, Result<Vec<u8>, WeightsError>> {
        Box::pin(async move {
            let bytes = self.bytes(file)?;
            let range = checked(|| join(&self.name, file), &range, bytes.len() as u64)?;
            // Both ends lie within a slice, so they fit into a usize.
            Ok(bytes[range.start as usize..range.end as usize].to_vec())
        })
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;

    fn memory() -> Memory {
        let files = [("b/c.json", "{}"), ("a.bin", "01234567")];
        let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        Memory::new("mem", files.into())
    }

    #[test]
    fn memory_lists_sizes_and_reads_parts() {
        let memory = memory();
        assert_eq!(block_on(memory.files()).unwrap(), ["a.bin", "b/c.json"]);
        assert_eq!(block_on(memory.size("a.bin")).unwrap(), 8);
        assert_eq!(block_on(memory.read("a.bin", 2..5)).unwrap(), b"234");
        assert_eq!(block_on(memory.read("a.bin", 8..8)).unwrap(), b"");
        assert_eq!(block_on(memory.read_all("b/c.json", 2)).unwrap(), b"{}");
        assert!(block_on(memory.exists("a.bin")).unwrap());
        assert!(!block_on(memory.exists("c.json")).unwrap());
    }

    #[test]
    fn what_is_not_there_is_named() {
        let memory = memory();
        let message = |range| block_on(memory.read("a.bin", range)).unwrap_err().to_string();
        assert_eq!(message(2..9), "mem/a.bin: bytes 2 to 9 are wanted, but it is 8 bytes long");
        #[expect(clippy::reversed_empty_ranges, reason = "the case under test")]
        let reversed = message(5..2);
        assert!(reversed.contains("bytes 5 to 2"), "{reversed}");
        assert!(message(u64::MAX - 1..u64::MAX).contains("8 bytes long"));
        let error = block_on(memory.read("x", 0..1)).unwrap_err().to_string();
        assert_eq!(error, "mem/x: there is no such file");
        let error = block_on(memory.read_all("a.bin", 7)).unwrap_err().to_string();
        assert_eq!(error, "mem/a.bin: 8 bytes long, and such a file has at most 7");
    }

    #[test]
    fn only_paths_that_stay_inside_are_plain() {
        for path in ["a", "a/b.c", "a/..b/c..", "-"] {
            assert!(is_plain(path), "{path}");
        }
        for path in ["", "/a", "a//b", "a/", "..", "a/../b", "./a", "a\\b", "C:a", "a\0"] {
            assert!(!is_plain(path), "{path}");
        }
    }
}
