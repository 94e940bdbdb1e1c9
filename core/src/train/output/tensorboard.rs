//! Event files that TensorBoard shows while a run goes on.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use tfrecord::protobuf::event::What;
use tfrecord::protobuf::session_log::SessionStatus;
use tfrecord::protobuf::{Event, SessionLog};
use tfrecord::{EventMeta, EventWriterConfig};

use super::OutputError;
use super::error::appending;

/// The version of the format that tells readers to expect a restart's mark.
const VERSION: &str = "brain.Event:2";
/// How many names are tried where several runs begin in the same instant.
const NAMES: u64 = 1000;

/// One event file; a resumed run begins another in the same folder.
pub struct EventWriter {
    path: PathBuf,
    inner: tfrecord::EventWriter<BufWriter<File>>,
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
        let config = EventWriterConfig { auto_flush: false };
        let inner = tfrecord::EventWriter::from_writer(BufWriter::new(file), config);
        let inner = inner.map_err(|error| appending(&path)(system(error)))?;
        let mut writer = Self { path, inner };
        writer.event(0, What::FileVersion(VERSION.to_owned()))?;
        let mut start = SessionLog::default();
        start.set_status(SessionStatus::Start);
        writer.event(first, What::SessionLog(start))?;
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
        let result = self.inner.write_scalar(tag, meta(step), value as f32);
        result.map_err(|error| appending(&self.path)(system(error)))
    }

    /// Hands everything to the system, where TensorBoard finds it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn flush(&mut self) -> Result<(), OutputError> {
        self.inner.flush().map_err(|error| appending(&self.path)(system(error)))
    }

    fn event(&mut self, step: u64, what: What) -> Result<(), OutputError> {
        let event = Event { what: Some(what), ..meta(step).build_empty() };
        self.inner.write_event(event).map_err(|error| appending(&self.path)(system(error)))
    }
}

impl fmt::Debug for EventWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventWriter").field("path", &self.path).finish_non_exhaustive()
    }
}

fn meta(step: u64) -> EventMeta {
    EventMeta::with_step(i64::try_from(step).unwrap_or(i64::MAX))
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

/// The library's error as the system's.
fn system(error: tfrecord::Error) -> io::Error {
    match error {
        tfrecord::Error::IoError(error) => error,
        error => io::Error::other(error),
    }
}

#[cfg(test)]
mod tests {
    use tfrecord::EventIter;
    use tfrecord::protobuf::summary::value::Value;

    use super::*;

    fn events(path: &Path) -> Vec<Event> {
        let events = EventIter::open(path, tfrecord::RecordReaderConfig::default()).unwrap();
        events.map(Result::unwrap).collect()
    }

    #[test]
    fn scalars_are_read_back_with_their_steps() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = EventWriter::create(&folder.path().join("events"), 1).unwrap();
        writer.scalar(1, "train/loss", 1.5).unwrap();
        writer.scalar(2, "train/loss", 0.25).unwrap();
        writer.flush().unwrap();
        let events = events(writer.path());
        assert_eq!(events[0].what, Some(What::FileVersion(VERSION.into())));
        let scalars: Vec<_> = events
            .iter()
            .filter_map(|event| match &event.what {
                Some(What::Summary(summary)) => Some((event.step, &summary.value[0])),
                _ => None,
            })
            .map(|(step, value)| (step, value.tag.as_str(), value.value.clone()))
            .collect();
        let loss = |step, value| (step, "train/loss", Some(Value::SimpleValue(value)));
        assert_eq!(scalars, [loss(1, 1.5), loss(2, 0.25)]);
    }

    #[test]
    fn a_resumed_run_begins_a_later_file_with_a_mark() {
        let folder = tempfile::tempdir().unwrap();
        let first = EventWriter::create(folder.path(), 1).unwrap();
        let second = EventWriter::create(folder.path(), 51).unwrap();
        assert!(first.path() < second.path());
        let events = events(second.path());
        let Some(What::SessionLog(log)) = &events[1].what else { panic!("no mark") };
        assert_eq!((events[1].step, log.status()), (51, SessionStatus::Start));
    }
}
