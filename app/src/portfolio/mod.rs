//! Portfolios: drawings by pupil, kept on this device and nowhere else.
//!
//! [`Store`] is what a platform gives: SQLite in a window ([`Sqlite`]), the browser's own database
//! and files in a page. [`Desk`] answers what the interface asks, by any of them; [`export`] and
//! [`import`] carry everything from one to another as a zip. What is kept of a picture is decided by
//! [`kept`]: its pixels and nothing that a camera wrote beside them.
//!
//! Who meets which failure: a store of a later version, a full disk and a damaged file are told in a
//! sentence, and nothing is changed. What was told as kept is kept, whatever happens afterwards.

#[cfg(not(target_family = "wasm"))]
mod claims;
mod desk;
mod error;
mod exchange;
mod growth;
mod picture;
mod protocol;
#[cfg(not(target_family = "wasm"))]
mod sqlite;
mod store;
mod types;

pub(crate) use desk::checked;
pub use desk::{Desk, Input, Places, Sink};
pub use error::StoreError;
pub use exchange::{export, import};
pub use growth::{Change, changes, new_in};
pub(crate) use picture::printed;
pub use picture::{Kept, LONGEST, THUMBNAIL, kept};
pub use protocol::{Ask, Card, Tell};
#[cfg(not(target_family = "wasm"))]
pub use sqlite::Sqlite;
pub use store::{Store, VERSION};
pub use types::{Entry, Group, Id, LONGEST_NAME, LONGEST_NOTE, Page, Pupil, Record, When};
