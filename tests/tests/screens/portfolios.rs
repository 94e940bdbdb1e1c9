//! Portfolios in a file of the test's own, with a clock that a drawing moves on by five weeks.

use std::cell::Cell;
use std::rc::Rc;

use easel::native::FILE;
use easel::portfolio::{Ask, Desk, Input, Places, Sink, Sqlite, StoreError, When};
use easel::ui::Tell;
use pollster::block_on;
use tempfile::TempDir;

/// A store and its desk.
pub struct Portfolios {
    desk: Desk,
    _folder: TempDir,
}

struct Clock(Cell<i64>);

impl Places for Clock {
    fn now(&self) -> When {
        // From 8 September 2026 on.
        let days = self.0.replace(self.0.get() + 35);
        When { ms: (20_704 + days) * 86_400_000, ahead: 480 }
    }

    fn create(&self, place: &str) -> Result<Box<dyn Sink>, StoreError> {
        Err(StoreError::refused(place, "there are no files here"))
    }

    fn open(&self, place: &str) -> Result<Box<dyn Input>, StoreError> {
        Err(StoreError::refused(place, "there are no files here"))
    }
}

impl Portfolios {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join(FILE)).unwrap();
        let desk = Desk::new(Rc::new(store), Rc::new(Clock(Cell::new(0))));
        Self { desk, _folder: folder }
    }

    pub fn answer(&self, ask: Ask) -> Tell {
        block_on(self.desk.answer(ask)).map_or_else(Tell::Failed, Tell::Portfolio)
    }
}
