//! What every store does.

use easel_core::weights::Pending;

use super::{Entry, Group, Id, Page, Pupil, Record, StoreError};
use crate::class::Class;

/// The version of what is kept, for stores and zips alike. A store of an earlier one is brought to
/// it when it is opened; a later one is refused.
pub const VERSION: u32 = 2;

/// Portfolios on this device. Each call is whole or not at all: once it returns, what it did
/// survives a crash, and until then nothing of it is seen. Futures of a native store are ready.
///
/// What pupils' lists hold is what they may see: a drawing of a class that no teacher approved
/// ([`Record::is_hidden`]) is told by [`Store::class_records`], by its number, and by nothing else.
pub trait Store {
    /// All pupils, by name.
    ///
    /// # Errors
    /// As all calls here: where the platform refuses, or what it holds is damaged.
    fn pupils(&self) -> Pending<'_, Result<Vec<Group>, StoreError>>;

    /// Adds a pupil, or gives one another name.
    ///
    /// # Errors
    /// As [`Store::pupils`].
    fn put_pupil<'a>(&'a self, pupil: &'a Pupil) -> Pending<'a, Result<(), StoreError>>;

    /// Deletes a pupil and all of the pupil's drawings.
    ///
    /// # Errors
    /// As [`Store::pupils`].
    fn delete_pupil(&self, pupil: Id) -> Pending<'_, Result<(), StoreError>>;

    /// Keeps a drawing; one of the same number is replaced.
    ///
    /// # Errors
    /// [`StoreError::Gone`] without the pupil, else as [`Store::pupils`].
    fn put<'a>(&'a self, entry: &'a Entry) -> Pending<'a, Result<(), StoreError>>;

    /// Changes what is known of a drawing that is there, also whose it is.
    ///
    /// # Errors
    /// [`StoreError::Gone`] without the drawing or the pupil, else as [`Store::pupils`].
    fn put_record<'a>(&'a self, record: &'a Record) -> Pending<'a, Result<(), StoreError>>;

    /// At most `count` drawings of a pupil, the newest first, after the first `from`.
    ///
    /// # Errors
    /// As [`Store::pupils`].
    fn page(&self, pupil: Id, from: u64, count: u32) -> Pending<'_, Result<Page, StoreError>>;

    /// What is known of a pupil's newest drawings, at most `count`, the newest first.
    ///
    /// # Errors
    /// As [`Store::pupils`].
    fn records(&self, pupil: Id, count: u32) -> Pending<'_, Result<Vec<Record>, StoreError>>;

    /// What is known of the drawing that the same pupil kept before this one.
    ///
    /// # Errors
    /// As [`Store::pupils`].
    fn before<'a>(&'a self, record: &'a Record) -> Pending<'a, Result<Option<Record>, StoreError>>;

    /// A drawing; `None` where it is not there.
    ///
    /// # Errors
    /// As [`Store::pupils`].
    fn entry(&self, id: Id) -> Pending<'_, Result<Option<Entry>, StoreError>>;

    /// What is known of a drawing; `None` where it is not there.
    ///
    /// # Errors
    /// As [`Store::pupils`].
    fn record(&self, id: Id) -> Pending<'_, Result<Option<Record>, StoreError>>;

    /// The small copy of a drawing; `None` where the drawing is not there.
    ///
    /// # Errors
    /// As [`Store::pupils`].
    fn thumbnail(&self, id: Id) -> Pending<'_, Result<Option<Vec<u8>>, StoreError>>;

    /// All classes, the newest first.
    ///
    /// # Errors
    /// As [`Store::pupils`].
    fn classes(&self) -> Pending<'_, Result<Vec<Class>, StoreError>>;

    /// Adds a class, or gives one another name.
    ///
    /// # Errors
    /// As [`Store::pupils`].
    fn put_class<'a>(&'a self, class: &'a Class) -> Pending<'a, Result<(), StoreError>>;

    /// Deletes a class and those of its drawings that are hidden; the others stay their pupils'.
    ///
    /// # Errors
    /// [`StoreError::Gone`] without the class, else as [`Store::pupils`].
    fn delete_class(&self, class: Id) -> Pending<'_, Result<(), StoreError>>;

    /// What is known of all drawings of a class, the oldest first.
    ///
    /// # Errors
    /// As [`Store::pupils`].
    fn class_records(&self, class: Id) -> Pending<'_, Result<Vec<Record>, StoreError>>;

    /// Takes a drawing to look at it: false where another window or program has it. It is held until
    /// [`Store::leave`], and no longer than this store is open, however that ends.
    ///
    /// # Errors
    /// As [`Store::pupils`].
    fn claim(&self, id: Id) -> Pending<'_, Result<bool, StoreError>>;

    /// Lets go of a drawing, where this store holds it.
    ///
    /// # Errors
    /// As [`Store::pupils`].
    fn leave(&self, id: Id) -> Pending<'_, Result<(), StoreError>>;

    /// Deletes a drawing: nothing of it is left in the store's files.
    ///
    /// # Errors
    /// [`StoreError::Gone`] without the drawing, else as [`Store::pupils`].
    fn delete(&self, id: Id) -> Pending<'_, Result<(), StoreError>>;
}
