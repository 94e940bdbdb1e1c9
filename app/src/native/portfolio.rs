//! Portfolios of this machine: a SQLite file in the person's own folder, and zips beside it.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use pollster::block_on;
use rusqlite::Connection;

use crate::portfolio::{Ask, Desk, Input, Places, Sink, Sqlite, Store, StoreError, When};
use crate::ui::{Fault, FaultKind, Tell};

/// The file's name.
pub const FILE: &str = "portfolios.sqlite";

/// A desk in front of the portfolios in a folder.
///
/// # Errors
/// As [`Sqlite::open`].
pub fn desk(folder: &Path) -> Result<Desk, StoreError> {
    let store: Rc<dyn Store> = Rc::new(Sqlite::open(&folder.join(FILE))?);
    Ok(Desk::new(store, Rc::new(Machine)))
}

/// The desk, once something is asked.
pub(super) struct Keeper {
    folder: Option<PathBuf>,
    desk: Option<Desk>,
}

impl Keeper {
    pub(super) const fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, desk: None }
    }

    pub(super) fn answer(&mut self, ask: Ask) -> Tell {
        let answer = self.desk().and_then(|desk| block_on(desk.answer(ask)));
        answer.map_or_else(Tell::Failed, Tell::Portfolio)
    }

    fn desk(&mut self) -> Result<&Desk, Fault> {
        let desk = match self.desk.take() {
            Some(desk) => desk,
            None => {
                let none = "this system names no folder of yours";
                let folder = self.folder.as_ref();
                desk(folder.ok_or_else(|| Fault::new(FaultKind::Portfolio, none))?)?
            }
        };
        Ok(self.desk.insert(desk))
    }
}

/// This machine's clock and files.
struct Machine;

impl Places for Machine {
    fn now(&self) -> When {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let ms = since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        When { ms, ahead: minutes_ahead() }
    }

    fn create(&self, place: &str) -> Result<Box<dyn Sink>, StoreError> {
        let path = PathBuf::from(place);
        // Beside it first: what was there stays until the new one is whole.
        let mut aside = path.clone().into_os_string();
        aside.push(".part");
        let aside = PathBuf::from(aside);
        let file =
            File::create(&aside).map_err(|error| StoreError::refused(place, error.to_string()))?;
        Ok(Box::new(Zip { file: BufWriter::new(file), aside, path }))
    }

    fn open(&self, place: &str) -> Result<Box<dyn Input>, StoreError> {
        let refused = |error: io::Error| StoreError::refused(place, error.to_string());
        // A named pipe or a device would never end.
        if !fs::metadata(place).map_err(refused)?.is_file() {
            return Err(StoreError::refused(place, "this is no file"));
        }
        Ok(Box::new(BufReader::new(File::open(place).map_err(refused)?)))
    }
}

/// Minutes that this machine's clock is ahead of universal time, as SQLite's own calendar knows it.
fn minutes_ahead() -> i16 {
    let question = "SELECT (strftime('%s', 'now', 'localtime') - strftime('%s', 'now') + 30) / 60";
    let file = Connection::open_in_memory();
    file.and_then(|file| file.query_row(question, [], |row| row.get(0))).unwrap_or(0)
}

struct Zip {
    file: BufWriter<File>,
    aside: PathBuf,
    path: PathBuf,
}

impl Write for Zip {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Sink for Zip {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.aside, &self.path)
    }
}

impl Drop for Zip {
    fn drop(&mut self) {
        // Half a file is of no use; where it was finished, there is none.
        let _ = fs::remove_file(&self.aside);
    }
}
