//! Portfolios in a SQLite file.
//!
//! The rollback journal and not the write-ahead log: a log keeps what was deleted until it is next
//! written over, while a journal is gone with the change it belongs to. `secure_delete` fills freed
//! pages with zeros, and the file is cut to what it holds. Pages that are still used keep what rows
//! left in them when they moved; so every row begins with a page's worth of zeros, which alone lies
//! in such a page: what follows is in pages of its own (sqlite.org/fileformat2.html, "Cell Payload
//! Overflow Pages"). What a file system or a flash drive keeps of blocks that a file gave back is
//! beyond any program.

use std::fs;
use std::future::ready;
use std::path::Path;
use std::time::Duration;

use easel_core::weights::Pending;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};

use super::claims::Claims;
use super::store::{Store, VERSION};
use super::{Entry, Group, Id, Page, Pupil, Record, StoreError, When};
use crate::class::Class;

/// "Easl": what a file of another program does not have.
const APPLICATION: i64 = 0x4561_736c;

/// What brings a file from one version to the next; there is a step for each version.
const STEPS: [&str; VERSION as usize] = [
    "
    CREATE TABLE pupils (
        id INTEGER PRIMARY KEY,
        zeros BLOB NOT NULL DEFAULT (zeroblob(4096)),
        name TEXT NOT NULL
    );
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY,
        zeros BLOB NOT NULL DEFAULT (zeroblob(4096)),
        pupil INTEGER NOT NULL REFERENCES pupils (id) ON DELETE CASCADE,
        at INTEGER NOT NULL,
        record TEXT NOT NULL
    );
    CREATE INDEX entries_by_time ON entries (pupil, at DESC, id DESC);
    CREATE TABLE pictures (
        entry INTEGER PRIMARY KEY REFERENCES entries (id) ON DELETE CASCADE,
        zeros BLOB NOT NULL DEFAULT (zeroblob(4096)),
        thumbnail BLOB NOT NULL,
        picture BLOB NOT NULL
    );
",
    // Classes. The index by time begins with what a pupil may see, so that only that is walked.
    "
    ALTER TABLE entries ADD COLUMN class INTEGER;
    ALTER TABLE entries ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
    DROP INDEX entries_by_time;
    CREATE INDEX entries_by_time ON entries (pupil, hidden, at DESC, id DESC);
    CREATE INDEX entries_by_class ON entries (class, at, id) WHERE class IS NOT NULL;
    CREATE TABLE classes (
        id INTEGER PRIMARY KEY,
        zeros BLOB NOT NULL DEFAULT (zeroblob(4096)),
        at INTEGER NOT NULL,
        record TEXT NOT NULL
    );
",
];

/// A SQLite file.
pub struct Sqlite {
    file: Connection,
    place: String,
    claims: Claims,
}

impl Sqlite {
    /// Opens the file, or makes one; a file of an earlier version is brought to ours.
    ///
    /// # Errors
    /// [`StoreError::Newer`] and [`StoreError::Foreign`], and where the file cannot be used.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let place = path.display().to_string();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .map_err(|error| StoreError::refused(&place, error.to_string()))?;
        }
        let file = Connection::open(path).map_err(|error| told(&place, &error))?;
        let store = Self { file, place, claims: Claims::beside(path) };
        store.prepare(&STEPS)?;
        store.alone(|| store.claims.sweep())?;
        Ok(store)
    }

    fn prepare(&self, steps: &[&str]) -> Result<(), StoreError> {
        let file = &self.file;
        // Another window of Easel may be writing.
        self.tell(file.busy_timeout(Duration::from_secs(10)))?;
        let number = |pragma: &str| file.query_row(pragma, [], |row| row.get::<_, i64>(0));
        let tables = self.tell(number("SELECT count(*) FROM sqlite_schema"))?;
        let ours = self.tell(number("PRAGMA application_id"))? == APPLICATION;
        if tables > 0 && !ours {
            return Err(StoreError::Foreign { place: self.place.clone() });
        }
        if tables == 0 {
            // Later it has no effect, or changes a file that may not be for us to change.
            let settings = "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL;";
            self.tell(file.execute_batch(settings))?;
        }
        let settings = "
            PRAGMA journal_mode = DELETE;
            PRAGMA synchronous = EXTRA;
            PRAGMA secure_delete = ON;
            PRAGMA foreign_keys = ON;
            PRAGMA temp_store = MEMORY;";
        self.tell(file.execute_batch(settings))?;
        self.migrate(steps)
    }

    /// Takes the steps that were not taken yet, all of them or none.
    fn migrate(&self, steps: &[&str]) -> Result<(), StoreError> {
        let file = &self.file;
        self.tell(file.execute_batch("BEGIN IMMEDIATE"))?;
        let taken = || -> Result<(), StoreError> {
            let found = file.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
            let found = u32::try_from(self.tell(found)?).unwrap_or(u32::MAX);
            let known = steps.len() as u32;
            let Some(left) = steps.get(found as usize..) else {
                return Err(StoreError::Newer { place: self.place.clone(), found, known });
            };
            if left.is_empty() {
                return Ok(());
            }
            self.tell(file.execute_batch(&left.concat()))?;
            self.tell(file.pragma_update(None, "application_id", APPLICATION))?;
            self.tell(file.pragma_update(None, "user_version", known))
        };
        let outcome = taken();
        let end = if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" };
        self.tell(file.execute_batch(end))?;
        outcome
    }

    /// Does something while no other program writes.
    fn alone<T>(&self, work: impl FnOnce() -> T) -> Result<T, StoreError> {
        self.tell(self.file.execute_batch("BEGIN IMMEDIATE"))?;
        let done = work();
        self.tell(self.file.execute_batch("COMMIT"))?;
        Ok(done)
    }

    fn claim(&self, id: Id) -> Result<bool, StoreError> {
        let taken = self.alone(|| self.claims.take(id))?;
        taken.map_err(|error| StoreError::refused(&self.place, error.to_string()))
    }

    fn tell<T>(&self, outcome: rusqlite::Result<T>) -> Result<T, StoreError> {
        outcome.map_err(|error| told(&self.place, &error))
    }

    fn parsed(&self, json: &str) -> Result<Record, StoreError> {
        serde_json::from_str(json).map_err(|error| {
            StoreError::damaged(
                &self.place,
                format!("expected what is known of a drawing: {error}"),
            )
        })
    }

    /// All rows of a question about records.
    fn rows<T>(
        &self,
        question: &str,
        values: impl rusqlite::Params,
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut asked = self.tell(self.file.prepare(question))?;
        let rows = self.tell(asked.query_map(values, row))?;
        self.tell(rows.collect())
    }

    fn all(&self) -> Result<Vec<Group>, StoreError> {
        let question = "
            SELECT id, name, (SELECT count(*) FROM entries WHERE pupil = pupils.id AND hidden = 0),
                (SELECT record FROM entries WHERE pupil = pupils.id AND hidden = 0
                    ORDER BY at DESC, id DESC LIMIT 1),
                (SELECT count(*) FROM entries WHERE pupil = pupils.id AND hidden = 1)
            FROM pupils ORDER BY name, id";
        let row = |row: &Row<'_>| {
            let pupil = Pupil { id: id(row, 0)?, name: row.get(1)? };
            let numbers = [row.get::<_, i64>(2)?, row.get(4)?].map(i64::cast_unsigned);
            Ok((pupil, numbers, row.get::<_, Option<String>>(3)?))
        };
        let rows = self.rows(question, [], row)?.into_iter();
        let groups = rows.map(|(pupil, [drawings, unseen], last)| {
            let last: Option<When> = match last {
                Some(json) => Some(self.parsed(&json)?.when),
                None => None,
            };
            Ok(Group { pupil, drawings, last, unseen })
        });
        groups.collect()
    }

    fn put(&self, entry: &Entry) -> Result<(), StoreError> {
        let Entry { record, thumbnail, picture } = entry;
        let number = record.id.0.cast_signed();
        let change = self.tell(self.file.unchecked_transaction())?;
        let put = "INSERT INTO entries (id, pupil, at, record, class, hidden)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id)
            DO UPDATE SET pupil = ?2, at = ?3, record = ?4, class = ?5, hidden = ?6";
        match change.execute(put, columns(record)) {
            Err(error) if is_constraint(&error) => return Err(StoreError::Gone),
            other => self.tell(other)?,
        };
        let put = "INSERT INTO pictures (entry, thumbnail, picture) VALUES (?1, ?2, ?3)
            ON CONFLICT (entry) DO UPDATE SET thumbnail = ?2, picture = ?3";
        self.tell(change.execute(put, params![number, thumbnail, picture]))?;
        self.tell(change.commit())
    }

    fn put_record(&self, record: &Record) -> Result<(), StoreError> {
        let put = "UPDATE entries SET pupil = ?2, at = ?3, record = ?4, class = ?5, hidden = ?6
            WHERE id = ?1";
        match self.file.execute(put, columns(record)) {
            Ok(0) => Err(StoreError::Gone),
            Err(error) if is_constraint(&error) => Err(StoreError::Gone),
            other => self.tell(other).map(|_| ()),
        }
    }

    fn page(&self, pupil: Id, from: u64, count: u32) -> Result<Page, StoreError> {
        let number = pupil.0.cast_signed();
        let all = "SELECT count(*) FROM entries WHERE pupil = ?1 AND hidden = 0";
        let total = self.file.query_row(all, [number], |row| row.get::<_, i64>(0));
        let total = self.tell(total)?.cast_unsigned();
        // The index alone finds which they are; only those are read.
        let question = "
            SELECT record, thumbnail FROM (
                SELECT id FROM entries WHERE pupil = ?1 AND hidden = 0
                ORDER BY at DESC, id DESC LIMIT ?2 OFFSET ?3
            ) AS wanted
            JOIN entries USING (id) JOIN pictures ON pictures.entry = wanted.id
            ORDER BY entries.at DESC, entries.id DESC";
        let from = i64::try_from(from).unwrap_or(i64::MAX);
        let row = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get(1)?));
        let found = self.rows(question, params![number, count, from], row)?;
        let drawings = found.into_iter().map(|(json, small)| Ok((self.parsed(&json)?, small)));
        Ok(Page { total, drawings: drawings.collect::<Result<_, StoreError>>()? })
    }

    fn records(&self, pupil: Id, count: u32) -> Result<Vec<Record>, StoreError> {
        let question = "SELECT record FROM entries WHERE pupil = ?1 AND hidden = 0
            ORDER BY at DESC, id DESC LIMIT ?2";
        let values = params![pupil.0.cast_signed(), count];
        let found = self.rows(question, values, |row| row.get::<_, String>(0))?;
        found.iter().map(|json| self.parsed(json)).collect()
    }

    fn before(&self, record: &Record) -> Result<Option<Record>, StoreError> {
        let question =
            "SELECT record FROM entries WHERE pupil = ?1 AND hidden = 0 AND (at, id) < (?2, ?3)
            ORDER BY at DESC, id DESC LIMIT 1";
        let values =
            params![record.pupil.0.cast_signed(), record.when.ms, record.id.0.cast_signed()];
        let found = self.rows(question, values, |row| row.get::<_, String>(0))?;
        found.first().map(|json| self.parsed(json)).transpose()
    }

    fn entry(&self, wanted: Id) -> Result<Option<Entry>, StoreError> {
        let question = "SELECT record, thumbnail, picture FROM entries
            JOIN pictures ON pictures.entry = entries.id WHERE entries.id = ?1";
        let row = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?));
        let found = self.file.query_row(question, [wanted.0.cast_signed()], row).optional();
        let Some((json, thumbnail, picture)) = self.tell(found)? else { return Ok(None) };
        Ok(Some(Entry { record: self.parsed(&json)?, thumbnail, picture }))
    }

    /// Deletes a row and what hangs on it, and gives the room back.
    fn remove(&self, remove: &str, wanted: Id) -> Result<(), StoreError> {
        if self.tell(self.file.execute(remove, [wanted.0.cast_signed()]))? == 0 {
            return Err(StoreError::Gone);
        }
        self.give_room()
    }

    fn give_room(&self) -> Result<(), StoreError> {
        // One step of it frees one page.
        let mut vacuum = self.tell(self.file.prepare("PRAGMA incremental_vacuum"))?;
        let mut steps = self.tell(vacuum.query([]))?;
        while self.tell(steps.next())?.is_some() {}
        Ok(())
    }
}

impl Sqlite {
    fn one(&self, wanted: Id) -> Result<Option<Record>, StoreError> {
        let question = "SELECT record FROM entries WHERE id = ?1";
        let values = [wanted.0.cast_signed()];
        let found = self.rows(question, values, |row| row.get::<_, String>(0))?;
        found.first().map(|json| self.parsed(json)).transpose()
    }

    fn put_class(&self, class: &Class) -> Result<(), StoreError> {
        let put = "INSERT INTO classes (id, at, record) VALUES (?1, ?2, ?3)
            ON CONFLICT (id) DO UPDATE SET at = ?2, record = ?3";
        let values = params![class.id.0.cast_signed(), class.when.ms, json(class)];
        self.tell(self.file.execute(put, values)).map(|_| ())
    }

    fn all_classes(&self) -> Result<Vec<Class>, StoreError> {
        let question = "SELECT record FROM classes ORDER BY at DESC, id";
        let found = self.rows(question, [], |row| row.get::<_, String>(0))?;
        let class = |json: &String| {
            serde_json::from_str(json)
                .map_err(|error| StoreError::damaged(&self.place, format!("a class: {error}")))
        };
        found.iter().map(class).collect()
    }

    fn of_class(&self, class: Id) -> Result<Vec<Record>, StoreError> {
        let question = "SELECT record FROM entries WHERE class = ?1 ORDER BY at, id";
        let values = [class.0.cast_signed()];
        let found = self.rows(question, values, |row| row.get::<_, String>(0))?;
        found.iter().map(|json| self.parsed(json)).collect()
    }

    fn remove_class(&self, class: Id) -> Result<(), StoreError> {
        let number = class.0.cast_signed();
        let change = self.tell(self.file.unchecked_transaction())?;
        if self.tell(change.execute("DELETE FROM classes WHERE id = ?1", [number]))? == 0 {
            return Err(StoreError::Gone);
        }
        let remove = "DELETE FROM entries WHERE class = ?1 AND hidden = 1";
        self.tell(change.execute(remove, [number]))?;
        self.tell(change.commit())?;
        self.give_room()
    }
}

/// Strings and numbers only: this cannot fail.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A drawing's number, and what else its row holds.
fn columns(record: &Record) -> (i64, i64, i64, String, Option<i64>, bool) {
    let class = record.class.as_ref().map(|seat| seat.class.0.cast_signed());
    let [id, pupil] = [record.id, record.pupil].map(|id| id.0.cast_signed());
    (id, pupil, record.when.ms, json(record), class, record.is_hidden())
}

fn id(row: &Row<'_>, at: usize) -> rusqlite::Result<Id> {
    row.get::<_, i64>(at).map(|number| Id(number.cast_unsigned()))
}

fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}

fn told(place: &str, error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::Foreign { place: place.to_owned() },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::damaged(place, error.to_string()),
        _ => StoreError::refused(place, error.to_string()),
    }
}

impl Store for Sqlite {
    fn pupils(&self) -> Pending<'_, Result<Vec<Group>, StoreError>> {
        Box::pin(ready(self.all()))
    }

    fn put_pupil<'a>(&'a self, pupil: &'a Pupil) -> Pending<'a, Result<(), StoreError>> {
        let put = "INSERT INTO pupils (id, name) VALUES (?1, ?2)
            ON CONFLICT (id) DO UPDATE SET name = ?2";
        let values = params![pupil.id.0.cast_signed(), pupil.name];
        Box::pin(ready(self.tell(self.file.execute(put, values)).map(|_| ())))
    }

    fn delete_pupil(&self, pupil: Id) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(ready(self.remove("DELETE FROM pupils WHERE id = ?1", pupil)))
    }

    fn put<'a>(&'a self, entry: &'a Entry) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(ready(self.put(entry)))
    }

    fn put_record<'a>(&'a self, record: &'a Record) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(ready(self.put_record(record)))
    }

    fn page(&self, pupil: Id, from: u64, count: u32) -> Pending<'_, Result<Page, StoreError>> {
        Box::pin(ready(self.page(pupil, from, count)))
    }

    fn records(&self, pupil: Id, count: u32) -> Pending<'_, Result<Vec<Record>, StoreError>> {
        Box::pin(ready(self.records(pupil, count)))
    }

    fn before<'a>(&'a self, record: &'a Record) -> Pending<'a, Result<Option<Record>, StoreError>> {
        Box::pin(ready(self.before(record)))
    }

    fn entry(&self, id: Id) -> Pending<'_, Result<Option<Entry>, StoreError>> {
        Box::pin(ready(self.entry(id)))
    }

    fn record(&self, id: Id) -> Pending<'_, Result<Option<Record>, StoreError>> {
        Box::pin(ready(self.one(id)))
    }

    fn thumbnail(&self, id: Id) -> Pending<'_, Result<Option<Vec<u8>>, StoreError>> {
        let question = "SELECT thumbnail FROM pictures WHERE entry = ?1";
        let found = self.rows(question, [id.0.cast_signed()], |row| row.get(0));
        Box::pin(ready(found.map(|found| found.into_iter().next())))
    }

    fn classes(&self) -> Pending<'_, Result<Vec<Class>, StoreError>> {
        Box::pin(ready(self.all_classes()))
    }

    fn put_class<'a>(&'a self, class: &'a Class) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(ready(self.put_class(class)))
    }

    fn delete_class(&self, class: Id) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(ready(self.remove_class(class)))
    }

    fn class_records(&self, class: Id) -> Pending<'_, Result<Vec<Record>, StoreError>> {
        Box::pin(ready(self.of_class(class)))
    }

    fn claim(&self, id: Id) -> Pending<'_, Result<bool, StoreError>> {
        Box::pin(ready(self.claim(id)))
    }

    fn leave(&self, id: Id) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(ready(self.alone(|| self.claims.leave(id))))
    }

    fn delete(&self, id: Id) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(ready(self.remove("DELETE FROM entries WHERE id = ?1", id)))
    }
}

#[cfg(test)]
mod tests;
