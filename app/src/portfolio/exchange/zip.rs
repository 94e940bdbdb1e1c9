//! A zip as named parts: written in order without compression, read in any.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, Write};

use flate2::read::DeflateDecoder;
use rawzip::{
    CompressionMethod, Error, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive,
    ZipArchiveEntryWayfinder, ZipArchiveWriter,
};

/// The longest parts that are read, in bytes: anything that Easel writes is far below.
const LONGEST: u64 = 64 << 20;

/// A zip that is written.
pub(super) struct Packer<W>(ZipArchiveWriter<W>);

impl<W: Write> Packer<W> {
    pub(super) fn new(sink: W) -> Self {
        Self(ZipArchiveWriter::new(sink))
    }

    /// Adds a part.
    pub(super) fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let (mut part, config) = self.0.new_file(name).start()?;
        let mut writer = config.wrap(&mut part);
        writer.write_all(bytes)?;
        let (_, end) = writer.finish()?;
        part.finish(end).map(|_| ())
    }

    /// Adds the list of parts, without which it is no zip.
    pub(super) fn finish(self) -> Result<(), Error> {
        self.0.finish()?.flush().map_err(Error::from)
    }
}

/// Where a part lies, and how it is compressed.
type Lies = (ZipArchiveEntryWayfinder, CompressionMethod);

/// A zip that is read.
pub(super) struct Parts<R> {
    zip: ZipArchive<R>,
    parts: BTreeMap<String, Lies>,
}

/// Reads which parts there are.
pub(super) fn open(source: impl Read + Seek) -> Result<Parts<impl ReaderAt>, Error> {
    let mut room = vec![0; RECOMMENDED_BUFFER_SIZE];
    let zip = ZipArchive::from_seekable(source, &mut room)?;
    let mut parts = BTreeMap::new();
    let mut entries = zip.entries(&mut room);
    while let Some(entry) = entries.next_entry()? {
        // Names that are no text are none of ours.
        if let Ok(name) = std::str::from_utf8(entry.file_path().as_bytes()) {
            let lies = (entry.wayfinder(), entry.compression_method());
            parts.insert(name.to_owned(), lies);
        }
    }
    Ok(Parts { zip, parts })
}

impl<R: ReaderAt> Parts<R> {
    /// The names of all parts.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.keys().map(String::as_str)
    }

    /// The bytes of a part, whose sum is checked; `None` where there is none of that name.
    pub(super) fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(&(lies, method)) = self.parts.get(name) else { return Ok(None) };
        let part = self.zip.get_entry(lies).map_err(io::Error::other)?;
        let reader: Box<dyn Read + '_> = match method {
            CompressionMethod::STORE => Box::new(part.reader()),
            CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(part.reader())),
            other => return Err(io::Error::other(format!("{other:?} is not read"))),
        };
        // What a zip says of its own lengths need not be true.
        let mut bytes = Vec::new();
        part.verifying_reader(reader).take(LONGEST + 1).read_to_end(&mut bytes)?;
        match bytes.len() as u64 > LONGEST {
            true => Err(io::Error::other(format!("at most {} MiB are read", LONGEST >> 20))),
            false => Ok(Some(bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn parts_come_back_as_they_were_and_a_flipped_byte_is_found() {
        let mut bytes = Vec::new();
        let mut packer = Packer::new(&mut bytes);
        packer.put("a/b.json", b"{\"name\": \"Mia\"}").unwrap();
        packer.put("a/empty", b"").unwrap();
        packer.finish().unwrap();
        let parts = open(Cursor::new(&bytes)).unwrap();
        assert_eq!(parts.names().collect::<Vec<_>>(), ["a/b.json", "a/empty"]);
        assert_eq!(parts.read("a/b.json").unwrap().unwrap(), b"{\"name\": \"Mia\"}");
        assert_eq!(parts.read("a/empty").unwrap().unwrap(), b"");
        assert!(parts.read("a/c").unwrap().is_none());
        drop(parts);
        let at = bytes.windows(3).position(|window| window == b"Mia").unwrap();
        bytes[at] ^= 1;
        let error = open(Cursor::new(&bytes)).unwrap().read("a/b.json");
        assert!(error.is_err());
        for length in 0..bytes.len() {
            // Cut short it is no zip, and no panic.
            assert!(open(Cursor::new(&bytes[..length])).is_err(), "{length}");
        }
    }
}
