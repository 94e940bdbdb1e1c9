//! Event files that TensorBoard shows while a run goes on.
//!
//! The libraries for this want a protobuf compiler on the machine, state no licence, or bring a
//! second image decoder; scalars need three messages, so they are written here (TensorFlow's
//! `event.proto`, `summary.proto` and TFRecord framing).

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::OutputError;
use super::error::appending;

/// The version of the format that tells readers to expect a restart's mark.
const VERSION: &str = "brain.Event:2";
/// How many names are tried where several runs begin in the same instant.
const NAMES: u64 = 1000;

/// One event file; a resumed run begins another in the same folder.
#[derive(Debug)]
pub struct EventWriter {
    path: PathBuf,
    file: BufWriter<File>,
}

impl EventWriter {
    /// Begins a file in `folder`, which is made if there is none. Of earlier files there,
    /// TensorBoard leaves out the steps from `first` on.
    ///
    /// # Errors
    /// When the folder or the file cannot be made or written.
    pub fn create(folder: &Path, first: u64) -> Result<Self, OutputError> {
        fs::create_dir_all(folder).map_err(appending(folder))?;
        let (path, file) = new_file(folder).map_err(appending(folder))?;
        let mut writer = Self { path, file: BufWriter::new(file) };
        writer.event(0, |event| bytes(event, 3, VERSION.as_bytes()))?;
        // SessionLog, whose status says START.
        writer.event(first, |event| bytes(event, 7, &[1 << 3, 1]))?;
        writer.flush()?;
        Ok(writer)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds one number under a name such as `train/loss`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn scalar(&mut self, step: u64, tag: &str, value: f64) -> Result<(), OutputError> {
        let mut one = Vec::new();
        bytes(&mut one, 1, tag.as_bytes());
        one.push(2 << 3 | FIXED32);
        one.extend((value as f32).to_le_bytes());
        let mut summary = Vec::new();
        bytes(&mut summary, 1, &one);
        self.event(step, |event| bytes(event, 5, &summary))
    }

    /// Hands everything to the system, where TensorBoard finds it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn flush(&mut self) -> Result<(), OutputError> {
        self.file.flush().map_err(appending(&self.path))
    }

    /// Writes one `Event`: time, step, and what `what` adds.
    fn event(&mut self, step: u64, what: impl FnOnce(&mut Vec<u8>)) -> Result<(), OutputError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut event = vec![1 << 3 | FIXED64];
        event.extend(now.as_secs_f64().to_le_bytes());
        event.push(2 << 3);
        varint(&mut event, step);
        what(&mut event);
        record(&mut self.file, &event).map_err(appending(&self.path))
    }
}

/// Protobuf's wire types for 8 and 4 bytes, and for a length and as many bytes.
const FIXED64: u8 = 1;
const FIXED32: u8 = 5;
const BYTES: u8 = 2;

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn bytes(out: &mut Vec<u8>, field: u8, value: &[u8]) {
    out.push(field << 3 | BYTES);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// One TFRecord: length, its sum, content, its sum.
fn record(out: &mut impl Write, content: &[u8]) -> io::Result<()> {
    let length = (content.len() as u64).to_le_bytes();
    out.write_all(&length)?;
    out.write_all(&masked(&length).to_le_bytes())?;
    out.write_all(content)?;
    out.write_all(&masked(content).to_le_bytes())
}

/// TFRecord's sum: CRC-32C, turned and moved so that sums of sums differ.
fn masked(content: &[u8]) -> u32 {
    crc32c(content).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC-32C (Castagnoli, 1993), bit by bit: an event has some fifty bytes.
fn crc32c(content: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
    let next = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    !content.iter().fold(!0, next)
}

/// Creates a file whose name sorts after those of earlier runs, as readers take them in order.
fn new_file(folder: &Path) -> io::Result<(PathBuf, File)> {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
    let micros = time.as_micros();
    for number in 0..NAMES {
        // Without the machine's name, which others put here: a run folder may be given away.
        let path = folder.join(format!("events.out.tfevents.{micros}.{number:03}.easel"));
        match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => return result.map(|file| (path, file)),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contents of a file's records, whose sums are right.
    fn records(path: &Path) -> Vec<Vec<u8>> {
        let file = fs::read(path).unwrap();
        let mut rest = &file[..];
        let mut found = Vec::new();
        while !rest.is_empty() {
            let (length, after) = rest.split_at(8);
            assert_eq!(after[..4], masked(length).to_le_bytes());
            let length = u64::from_le_bytes(length.try_into().unwrap()) as usize;
            let (content, after) = after[4..].split_at(length);
            assert_eq!(after[..4], masked(content).to_le_bytes());
            found.push(content.to_vec());
            rest = &after[4..];
        }
        found
    }

    #[test]
    fn the_sum_is_the_published_one() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
    }

    #[test]
    fn a_scalar_is_an_event_with_its_step_and_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = EventWriter::create(&folder.path().join("events"), 1).unwrap();
        writer.scalar(300, "loss", 1.5).unwrap();
        writer.flush().unwrap();
        let records = records(writer.path());
        assert_eq!(records.len(), 3);
        assert!(records[0].ends_with(b"brain.Event:2"));
        // Step 300 in two bytes; a summary of one value: its tag, then 1.5 as f32.
        let expected = [
            &[0x10, 0xac, 0x02, 0x2a, 13, 0x0a, 11, 0x0a, 4][..],
            b"loss",
            &[0x15, 0, 0, 0xc0, 0x3f],
        ];
        assert_eq!(records[2][9..], expected.concat());
    }

    #[test]
    fn a_resumed_run_begins_a_later_file_with_a_mark() {
        let folder = tempfile::tempdir().unwrap();
        let first = EventWriter::create(folder.path(), 1).unwrap();
        let second = EventWriter::create(folder.path(), 51).unwrap();
        assert!(first.path() < second.path());
        assert_eq!(records(second.path())[1][9..], [0x10, 51, 0x3a, 2, 0x08, 1]);
    }
}
