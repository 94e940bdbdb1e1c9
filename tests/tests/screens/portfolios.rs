//! Portfolios in a file of the test's own, with a clock that a drawing moves on by five weeks.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Write};
use std::rc::Rc;

use easel::native::FILE;
use easel::portfolio::{Ask, Desk, Input, Places, Sink, Sqlite, StoreError, When};
use easel::ui::Tell;
use pollster::block_on;
use tempfile::TempDir;

/// A store and its desk.
pub struct Portfolios {
    desk: Desk,
    folder: TempDir,
}

struct Clock(Cell<i64>);

/// Takes what is written and keeps nothing.
struct Nowhere;

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for Nowhere {
    fn finish(self: Box<Self>) -> io::Result<()> {
        Ok(())
    }
}

impl Places for Clock {
    fn now(&self) -> When {
        // From 8 September 2026 on.
        let days = self.0.replace(self.0.get() + 35);
        When { ms: (20_704 + days) * 86_400_000, ahead: 480 }
    }

    fn create(&self, _: &str) -> Result<Box<dyn Sink>, StoreError> {
        Ok(Box::new(Nowhere))
    }

    fn open(&self, place: &str) -> Result<Box<dyn Input>, StoreError> {
        let file = File::open(place);
        file.map(|file| Box::new(file) as _)
            .map_err(|error| StoreError::refused(place, error.to_string()))
    }
}

impl Portfolios {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join(FILE)).unwrap();
        let desk = Desk::new(Rc::new(store), Rc::new(Clock(Cell::new(0))));
        Self { desk, folder }
    }

    /// The same portfolios, as another window has them.
    pub fn other(&self) -> Sqlite {
        Sqlite::open(&self.folder.path().join(FILE)).unwrap()
    }

    pub fn answer(&self, ask: Ask) -> Tell {
        block_on(self.desk.answer(ask)).map_or_else(Tell::Failed, Tell::Portfolio)
    }
}
