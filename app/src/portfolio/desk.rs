//! Answers what is asked of portfolios, by whatever store there is: on a thread in a window, in a
//! worker in a page.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::ready;
use std::io::{self, Read, Seek, Write};
use std::rc::Rc;

use easel_core::Image;
use easel_core::image::ImageError;
use easel_core::weights::Pending;

use super::protocol::{Ask, Card, Tell};
use super::types::{LONGEST_NAME, LONGEST_NOTE};
use super::{Entry, Id, Pupil, Record, Store, StoreError, When, export, import, kept};
use crate::ui::{Edit, Fault, FaultKind, Preview, Source, more_font, preview};

/// What is written to in order, and whole only once it is finished.
pub trait Sink: Write {
    /// Everything was written.
    ///
    /// # Errors
    /// When it cannot be put where it belongs.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// What is read from anywhere.
pub trait Input: Read + Seek {}

impl<T: Read + Seek> Input for T {}

/// The platform's clock and places.
pub trait Places {
    /// Now.
    fn now(&self) -> When;
    /// A new file at a place.
    ///
    /// # Errors
    /// When it cannot be written.
    fn create(&self, place: &str) -> Result<Box<dyn Sink>, StoreError>;
    /// The file at a place.
    ///
    /// # Errors
    /// When it cannot be read.
    fn open(&self, place: &str) -> Result<Box<dyn Input>, StoreError>;
    /// The font with more characters, for cards: a window has it, and a page fetches it where it can.
    fn more_font(&self) -> Pending<'_, Option<Cow<'static, [u8]>>> {
        Box::pin(ready(more_font().map(Cow::Borrowed)))
    }
}

/// Answers questions in their order.
pub struct Desk {
    pub(crate) store: Rc<dyn Store>,
    pub(crate) places: Rc<dyn Places>,
    /// Pupils by name, while a class is taken in.
    pub(crate) names: RefCell<Option<BTreeMap<String, Id>>>,
    /// The last moment that was told.
    last: Cell<i64>,
}

impl Desk {
    /// A desk in front of a store.
    #[must_use]
    pub fn new(store: Rc<dyn Store>, places: Rc<dyn Places>) -> Self {
        Self { store, places, names: RefCell::default(), last: Cell::new(i64::MIN) }
    }

    /// Answers a question.
    ///
    /// # Errors
    /// [`FaultKind::Portfolio`] with the store's own words, or what is wrong with a picture.
    pub async fn answer(&self, ask: Ask) -> Result<Tell, Fault> {
        let store = &self.store;
        if !matches!(ask, Ask::Class(_)) {
            // Names may change.
            self.names.take();
        }
        let told = match ask {
            Ask::Class(ask) => Tell::Class(self.class(ask).await?),
            Ask::Pupils => Tell::Pupils(store.pupils().await?),
            Ask::Add(name) => {
                let pupil = Pupil { id: Id::random()?, name: checked(&name)? };
                store.put_pupil(&pupil).await?;
                Tell::Added(pupil.id)
            }
            Ask::Rename(id, name) => {
                let there = store.pupils().await?.iter().any(|group| group.pupil.id == id);
                let name = checked(&name)?;
                if !there {
                    return Err(StoreError::Gone.into());
                }
                store.put_pupil(&Pupil { id, name }).await?;
                Tell::Done
            }
            Ask::DeletePupil(id) => {
                store.delete_pupil(id).await?;
                Tell::Done
            }
            Ask::Keep { pupil, source, edit, assessment, comment, model } => {
                let (id, when, note) = (Id::random()?, self.now(pupil).await?, String::new());
                let class = None;
                let record = Record { id, pupil, when, assessment, comment, note, model, class };
                self.keep(record, &source, edit).await?
            }
            Ask::Page { pupil, from, count } => {
                let page = store.page(pupil, from, count).await?;
                let cards = page.drawings.into_iter().map(|(record, small)| {
                    let small = shown(&record, &small)?;
                    Ok(Card { record, small })
                });
                let cards = cards.collect::<Result<_, StoreError>>()?;
                Tell::Page { pupil, from, total: page.total, cards }
            }
            Ask::Open(id) => {
                let entry = store.entry(id).await?.ok_or(StoreError::Gone)?;
                let before = store.before(&entry.record).await?;
                let picture = shown(&entry.record, &entry.picture)?;
                Tell::Opened { record: Box::new(entry.record), picture, before }
            }
            Ask::Note(id, note) => {
                let found = note.chars().count();
                if found > LONGEST_NOTE {
                    return Err(
                        StoreError::Length { what: "note", most: LONGEST_NOTE, found }.into()
                    );
                }
                let record = store.record(id).await?.ok_or(StoreError::Gone)?;
                store.put_record(&Record { note, ..record }).await?;
                Tell::Done
            }
            Ask::Delete(id) => {
                store.delete(id).await?;
                Tell::Done
            }
            Ask::Records { pupil, count } => {
                Tell::Records { pupil, records: store.records(pupil, count).await? }
            }
            Ask::Export(place) => {
                let mut sink = self.places.create(&place)?;
                let drawings = export(&**store, &place, &mut sink).await?;
                sink.finish().map_err(|error| StoreError::refused(&place, error.to_string()))?;
                Tell::Exported { drawings }
            }
            Ask::Import(place) => {
                let (drawings, known) = import(&**store, &place, self.places.open(&place)?).await?;
                Tell::Imported { drawings, known }
            }
        };
        Ok(told)
    }

    /// Now, and after the pupil's newest drawing even where a clock is coarse: their order is told.
    async fn now(&self, pupil: Id) -> Result<When, StoreError> {
        let mut now = self.places.now();
        if let Some(newest) = self.store.records(pupil, 1).await?.first() {
            let ahead = newest.when.ms.saturating_sub(now.ms);
            if (0..1000).contains(&ahead) {
                now.ms = newest.when.ms + 1;
            }
        }
        Ok(now)
    }

    /// Now, and after the last moment that was told: the order of a class's drawings is told by it.
    pub(crate) fn moment(&self) -> When {
        let now = self.places.now();
        let ms = now.ms.max(self.last.get().saturating_add(1));
        self.last.set(ms);
        When { ms, ..now }
    }

    async fn keep(&self, record: Record, source: &Source, edit: Edit) -> Result<Tell, Fault> {
        let image = source.decode().and_then(|image| edit.apply(&image));
        let made = image.and_then(|image| kept(&image));
        let made = made.map_err(|error| Fault::of_picture(&error))?;
        let entry = Entry { record, thumbnail: made.thumbnail, picture: made.picture };
        self.store.put(&entry).await?;
        let before = self.store.before(&entry.record).await?;
        Ok(Tell::Kept { record: entry.record, before })
    }
}

/// A name without spaces around it.
pub(crate) fn checked(name: &str) -> Result<String, StoreError> {
    let name = name.trim();
    match name.chars().count() {
        1..=LONGEST_NAME => Ok(name.to_owned()),
        found => Err(StoreError::Length { what: "name", most: LONGEST_NAME, found }),
    }
}

/// A kept picture's pixels.
fn shown(record: &Record, bytes: &[u8]) -> Result<Preview, StoreError> {
    let damaged = |error: ImageError| {
        StoreError::damaged(
            &format!("drawing {}", record.id),
            format!("expected its picture: {error}"),
        )
    };
    Image::decode(bytes).and_then(|image| preview(&image)).map_err(damaged)
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::new(FaultKind::Portfolio, error.to_string())
    }
}
