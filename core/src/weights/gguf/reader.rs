//! A file read from its start, a piece at a time, by a parser that does not know how far to go.

use super::super::WeightsError;
use super::super::source::{Source, join};
use super::error::GgufError;

/// Bytes asked for at once: few requests for a header of 6 MB, little waste for one of 40 kB.
const PIECE: u64 = 1 << 20;

/// Reads forwards; a length is compared with what the file still has before anything is allocated.
pub(super) struct Reader<'a> {
    source: &'a dyn Source,
    file: &'a str,
    size: u64,
    /// Where the next piece starts.
    next: u64,
    piece: Vec<u8>,
    /// Bytes of the piece that were taken.
    taken: usize,
}

impl<'a> Reader<'a> {
    /// At the start of `file`.
    pub(super) async fn open(source: &'a dyn Source, file: &'a str) -> Result<Self, WeightsError> {
        let size = source.size(file).await?;
        Ok(Self { source, file, size, next: 0, piece: Vec::new(), taken: 0 })
    }

    /// Source and file, for messages.
    pub(super) fn name(&self) -> String {
        join(&self.source.name(), self.file)
    }

    /// The file's length in bytes.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Bytes before the next one.
    pub(super) const fn position(&self) -> u64 {
        self.next - self.held()
    }

    /// Bytes from the next one to the file's end.
    pub(super) const fn left(&self) -> u64 {
        self.size - self.position()
    }

    /// Bytes that are in memory.
    const fn held(&self) -> u64 {
        (self.piece.len() - self.taken) as u64
    }

    /// A broken header.
    pub(super) fn broken(&self, reason: String) -> WeightsError {
        GgufError::Header { file: self.name(), reason }.into()
    }

    /// Checks that `count` things of at least `bytes` each can follow.
    pub(super) fn check(&self, count: u64, bytes: u64, what: &str) -> Result<(), WeightsError> {
        let left = self.left();
        if count.checked_mul(bytes).is_some_and(|wanted| wanted <= left) {
            return Ok(());
        }
        let at = self.position();
        Err(self.broken(format!(
            "{count} {what} at byte {at} take at least {bytes} each, but {left} bytes are left"
        )))
    }

    /// The next `count` bytes.
    pub(super) async fn take(&mut self, count: u64) -> Result<&[u8], WeightsError> {
        if count > self.held() {
            self.fill(count).await?;
        }
        // Not more than the piece has now.
        let start = self.taken;
        self.taken += count as usize;
        Ok(&self.piece[start..self.taken])
    }

    /// Goes on by `count` bytes without reading those that are not in memory.
    pub(super) fn skip(&mut self, count: u64) -> Result<(), WeightsError> {
        self.check(count, 1, "bytes")?;
        let held = self.held().min(count);
        self.taken += held as usize;
        self.next += count - held;
        if self.held() == 0 {
            (self.piece, self.taken) = (Vec::new(), 0);
        }
        Ok(())
    }

    /// Brings at least `count` bytes into memory.
    async fn fill(&mut self, count: u64) -> Result<(), WeightsError> {
        self.check(count, 1, "bytes")?;
        let wanted = (count - self.held()).max(PIECE).min(self.size - self.next);
        let range = self.next..self.next + wanted;
        let bytes = self.source.read(self.file, range.clone()).await?;
        if bytes.len() as u64 != wanted {
            let size = range.start + bytes.len() as u64;
            let (start, end) = (range.start, range.end);
            return Err(WeightsError::Range { file: self.name(), start, end, size });
        }
        self.next = range.end;
        if self.held() == 0 {
            self.piece = bytes;
        } else {
            let mut piece = Vec::with_capacity(self.piece.len() - self.taken + bytes.len());
            piece.extend_from_slice(&self.piece[self.taken..]);
            piece.extend_from_slice(&bytes);
            self.piece = piece;
        }
        self.taken = 0;
        Ok(())
    }

    /// The next `N` bytes by value.
    pub(super) async fn array<const N: usize>(&mut self) -> Result<[u8; N], WeightsError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N as u64).await?);
        Ok(array)
    }

    /// The next number of 32 bits.
    pub(super) async fn u32(&mut self) -> Result<u32, WeightsError> {
        Ok(u32::from_le_bytes(self.array().await?))
    }

    /// The next number of 64 bits.
    pub(super) async fn u64(&mut self) -> Result<u64, WeightsError> {
        Ok(u64::from_le_bytes(self.array().await?))
    }

    /// The next text: its length of at most `most` bytes, then its bytes, which must be UTF-8.
    pub(super) async fn text(&mut self, what: &str, most: u64) -> Result<&str, WeightsError> {
        let length = self.u64().await?;
        let at = self.position();
        self.check(length, 1, "bytes of text")?;
        if length > most {
            let reason = format!("{what} at byte {at} has {length} bytes, expected at most {most}");
            return Err(self.broken(reason));
        }
        self.take(length).await?;
        let bytes = &self.piece[self.taken - length as usize..self.taken];
        let wrong = |_| self.broken(format!("{what} at byte {at} is no text in UTF-8"));
        str::from_utf8(bytes).map_err(wrong)
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::super::super::Memory;
    use super::*;

    #[test]
    fn pieces_join_and_bytes_are_skipped() {
        let bytes: Vec<u8> = (0..3 * PIECE + 7).map(|at| (at % 251) as u8).collect();
        let memory = Memory::new("mem", [("f".to_owned(), bytes.clone())].into());
        let mut reader = block_on(Reader::open(&memory, "f")).unwrap();
        let mut at = 0;
        for (step, skip) in [(5, 0), (PIECE, 3), (1, PIECE + 9), (0, 0), (8, 1), (40, 0)] {
            assert_eq!(reader.position(), at as u64);
            let end = at + step as usize;
            assert_eq!(block_on(reader.take(step)).unwrap(), &bytes[at..end]);
            reader.skip(skip).unwrap();
            at = end + skip as usize;
        }
        let left = reader.left();
        assert_eq!(left, bytes.len() as u64 - at as u64);
        assert_eq!(block_on(reader.take(left)).unwrap(), &bytes[at..]);
        let message = block_on(reader.take(1)).unwrap_err().to_string();
        assert!(message.ends_with("but 0 bytes are left"), "{message}");
    }

    #[test]
    fn lengths_beyond_the_file_are_refused() {
        let bytes = [&u64::MAX.to_le_bytes()[..], b"abc"].concat();
        let memory = Memory::new("mem", [("f".to_owned(), bytes)].into());
        let mut reader = block_on(Reader::open(&memory, "f")).unwrap();
        let message = block_on(reader.text("a key", 99)).unwrap_err().to_string();
        let expected = "mem/f: the GGUF header is broken: 18446744073709551615 bytes of text at \
                        byte 8 take at least 1 each, but 3 bytes are left";
        assert_eq!(message, expected);
        assert!(reader.skip(4).is_err());
        assert!(reader.check(u64::MAX, 8, "numbers").is_err());
    }
}
