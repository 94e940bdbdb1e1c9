//! Portfolios in this browser: the worker's script (`portfolio.js`) keeps bytes by number and order,
//! and this reads and writes what they mean.

use std::borrow::Cow;
use std::cell::RefCell;
use std::cmp::Reverse;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

use easel::class::Class;
use easel::portfolio::{
    Ask, Desk, Entry, Group, Id, Input, Page, Places, Pupil, Record, Sink, Store, StoreError,
    VERSION, When,
};
use easel::ui::{Fault, Tell};
use easel_core::weights::Pending;
use js_sys::{Array, Date, Object, Promise, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::folder::words;
use crate::hosts::{Rows, WorkerHost, ZipFile, ZipSink};

/// What messages call the store.
const PLACE: &str = "this browser";

/// The desk, once something is asked.
pub(crate) struct Keeper {
    host: WorkerHost,
    desk: RefCell<Option<Rc<Desk>>>,
}

impl Keeper {
    pub(crate) fn new(host: WorkerHost) -> Self {
        Self { host, desk: RefCell::default() }
    }

    pub(crate) async fn answer(&self, ask: Ask) -> Tell {
        let answer = async { self.desk().await?.answer(ask).await };
        answer.await.map_or_else(Tell::Failed, Tell::Portfolio)
    }

    async fn desk(&self) -> Result<Rc<Desk>, Fault> {
        if let Some(desk) = self.desk.borrow().as_ref() {
            return Ok(Rc::clone(desk));
        }
        let opened = settled(self.host.portfolios(VERSION)).await?;
        let store = Rc::new(Browser(opened.unchecked_into()));
        let desk = Rc::new(Desk::new(store, Rc::new(Tab(self.host.clone()))));
        self.desk.replace(Some(Rc::clone(&desk)));
        Ok(desk)
    }
}

async fn settled(promise: Promise) -> Result<JsValue, StoreError> {
    JsFuture::from(promise).await.map_err(|error| {
        let newer = Reflect::get(&error, &"newer".into()).ok().and_then(|found| found.as_f64());
        match newer {
            Some(found) => {
                StoreError::Newer { place: PLACE.to_owned(), found: found as u32, known: VERSION }
            }
            None => StoreError::refused(PLACE, words(&error)),
        }
    })
}

struct Browser(Rows);

impl Browser {
    /// The calls that answer whether what they are about was there.
    async fn there(&self, promise: Promise) -> Result<(), StoreError> {
        match settled(promise).await?.is_truthy() {
            true => Ok(()),
            false => Err(StoreError::Gone),
        }
    }

    async fn listed(
        &self,
        pupil: Id,
        from: u64,
        count: u32,
        thumbnails: bool,
    ) -> Result<Vec<(Record, Vec<u8>)>, StoreError> {
        let rows = self.0.drawings(&pupil.to_string(), from as f64, count, thumbnails);
        let rows = Array::from(&settled(rows).await?);
        rows.iter()
            .map(|row| {
                let row = Array::from(&row);
                Ok((parsed(&row.get(0))?, bytes(&row.get(1))))
            })
            .collect()
    }
}

/// Strings and numbers only: this cannot fail.
fn json(value: &impl Serialize) -> Uint8Array {
    Uint8Array::from(serde_json::to_vec(value).unwrap_or_default().as_slice())
}

/// Where a drawing belongs: a hidden one is in no pupil's order.
fn order(record: &Record) -> JsValue {
    let order = Object::new();
    let set = |name: &str, value: JsValue| {
        // A new object takes any field.
        let _ = Reflect::set(&order, &name.into(), &value);
    };
    let whose = if record.is_hidden() { "whose" } else { "pupil" };
    set(whose, record.pupil.to_string().into());
    set("at", (record.when.ms as f64).into());
    if let Some(seat) = &record.class {
        set("class", seat.class.to_string().into());
    }
    order.into()
}

fn bytes(value: &JsValue) -> Vec<u8> {
    value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default()
}

fn parsed<T: DeserializeOwned>(value: &JsValue) -> Result<T, StoreError> {
    serde_json::from_slice(&bytes(value))
        .map_err(|error| StoreError::damaged(PLACE, error.to_string()))
}

impl Store for Browser {
    fn pupils(&self) -> Pending<'_, Result<Vec<Group>, StoreError>> {
        Box::pin(async {
            let rows = Array::from(&settled(self.0.pupils()).await?);
            let group = |row: JsValue| {
                let row = Array::from(&row);
                let pupil: Pupil = parsed(&row.get(0))?;
                let newest = row.get(2);
                let last = match newest.is_undefined() {
                    true => None,
                    false => Some(parsed::<Record>(&newest)?.when),
                };
                // Whole, and far below 2^53.
                let [drawings, unseen] =
                    [1, 3].map(|at| row.get(at).as_f64().unwrap_or(0.0) as u64);
                Ok(Group { pupil, drawings, last, unseen })
            };
            let mut groups = rows.iter().map(group).collect::<Result<Vec<_>, StoreError>>()?;
            groups.sort_by(|a, b| (&a.pupil.name, a.pupil.id).cmp(&(&b.pupil.name, b.pupil.id)));
            Ok(groups)
        })
    }

    fn put_pupil<'a>(&'a self, pupil: &'a Pupil) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            settled(self.0.put_pupil(&pupil.id.to_string(), json(pupil))).await.map(|_| ())
        })
    }

    fn delete_pupil(&self, pupil: Id) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(async move { self.there(self.0.remove_pupil(&pupil.to_string())).await })
    }

    fn put<'a>(&'a self, entry: &'a Entry) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let Entry { record, thumbnail, picture } = entry;
            let id = record.id.to_string();
            let [thumbnail, picture] =
                [thumbnail, picture].map(|bytes| Uint8Array::from(bytes.as_slice()));
            let put = self.0.put_drawing(&id, order(record), json(record), thumbnail, picture);
            self.there(put).await
        })
    }

    fn put_record<'a>(&'a self, record: &'a Record) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let put = self.0.put_record(&record.id.to_string(), order(record), json(record));
            self.there(put).await
        })
    }

    fn page(&self, pupil: Id, from: u64, count: u32) -> Pending<'_, Result<Page, StoreError>> {
        Box::pin(async move {
            let total = settled(self.0.count(&pupil.to_string())).await?;
            let drawings = self.listed(pupil, from, count, true).await?;
            Ok(Page { total: total.as_f64().unwrap_or(0.0) as u64, drawings })
        })
    }

    fn records(&self, pupil: Id, count: u32) -> Pending<'_, Result<Vec<Record>, StoreError>> {
        Box::pin(async move {
            let listed = self.listed(pupil, 0, count, false).await?;
            Ok(listed.into_iter().map(|(record, _)| record).collect())
        })
    }

    fn before<'a>(&'a self, record: &'a Record) -> Pending<'a, Result<Option<Record>, StoreError>> {
        Box::pin(async move {
            let [id, pupil] = [record.id, record.pupil].map(|id| id.to_string());
            let found = settled(self.0.before(&pupil, record.when.ms as f64, &id)).await?;
            if found.is_undefined() { Ok(None) } else { parsed(&found).map(Some) }
        })
    }

    fn entry(&self, id: Id) -> Pending<'_, Result<Option<Entry>, StoreError>> {
        Box::pin(async move {
            let found = settled(self.0.drawing(&id.to_string())).await?;
            if found.is_undefined() {
                return Ok(None);
            }
            let row = Array::from(&found);
            let (thumbnail, picture) = (bytes(&row.get(1)), bytes(&row.get(2)));
            Ok(Some(Entry { record: parsed(&row.get(0))?, thumbnail, picture }))
        })
    }

    fn record(&self, id: Id) -> Pending<'_, Result<Option<Record>, StoreError>> {
        Box::pin(async move {
            let found = settled(self.0.record(&id.to_string())).await?;
            if found.is_undefined() { Ok(None) } else { parsed(&found).map(Some) }
        })
    }

    fn thumbnail(&self, id: Id) -> Pending<'_, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            let found = settled(self.0.thumbnail(&id.to_string())).await?;
            Ok((!found.is_undefined()).then(|| bytes(&found)))
        })
    }

    fn classes(&self) -> Pending<'_, Result<Vec<Class>, StoreError>> {
        Box::pin(async move {
            let rows = Array::from(&settled(self.0.classes()).await?);
            let mut classes =
                rows.iter().map(|row| parsed(&row)).collect::<Result<Vec<Class>, _>>()?;
            classes.sort_by_key(|class| (Reverse(class.when.ms), class.id));
            Ok(classes)
        })
    }

    fn put_class<'a>(&'a self, class: &'a Class) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            settled(self.0.put_class(&class.id.to_string(), json(class))).await.map(|_| ())
        })
    }

    fn delete_class(&self, class: Id) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(async move { self.there(self.0.remove_class(&class.to_string())).await })
    }

    fn class_records(&self, class: Id) -> Pending<'_, Result<Vec<Record>, StoreError>> {
        Box::pin(async move {
            let rows = Array::from(&settled(self.0.class_records(&class.to_string())).await?);
            rows.iter().map(|row| parsed(&row)).collect()
        })
    }

    fn claim(&self, id: Id) -> Pending<'_, Result<bool, StoreError>> {
        Box::pin(async move { Ok(settled(self.0.claim(&id.to_string())).await?.is_truthy()) })
    }

    fn leave(&self, id: Id) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(async move { settled(self.0.leave(&id.to_string())).await.map(|_| ()) })
    }

    fn delete(&self, id: Id) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(async move { self.there(self.0.remove_drawing(&id.to_string())).await })
    }
}

/// The tab's clock, its downloads and the zips that a person chose.
struct Tab(WorkerHost);

impl Places for Tab {
    fn now(&self) -> When {
        let date = Date::new_0();
        When { ms: date.get_time() as i64, ahead: -date.get_timezone_offset() as i16 }
    }

    fn create(&self, place: &str) -> Result<Box<dyn Sink>, StoreError> {
        Ok(Box::new(Download(self.0.create_zip(place))))
    }

    fn open(&self, place: &str) -> Result<Box<dyn Input>, StoreError> {
        let file = self.0.open_zip(place);
        let file = file.map_err(|error| StoreError::refused(place, words(&error)))?;
        Ok(Box::new(BufReader::with_capacity(1 << 16, Chosen { file, at: 0 })))
    }

    fn more_font(&self) -> Pending<'_, Option<Cow<'static, [u8]>>> {
        Box::pin(async {
            // Where it does not come, a viewer's own font stands in.
            let font = bytes(&JsFuture::from(self.0.more_font()).await.ok()?);
            (!font.is_empty()).then_some(Cow::Owned(font))
        })
    }
}

struct Download(ZipSink);

impl Write for Download {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(Uint8Array::from(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for Download {
    fn finish(self: Box<Self>) -> io::Result<()> {
        self.0.finish();
        Ok(())
    }
}

struct Chosen {
    file: ZipFile,
    at: u64,
}

impl Read for Chosen {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let end = self.at + bytes.len() as u64;
        let read = self.file.read(self.at as f64, end as f64);
        let read = read.map_err(|error| io::Error::other(words(&error)))?;
        let length = (read.length() as usize).min(bytes.len());
        read.subarray(0, length as u32).copy_to(&mut bytes[..length]);
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for Chosen {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => (self.file.size() as u64).checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        let outside = || io::Error::new(io::ErrorKind::InvalidInput, "before the beginning");
        self.at = at.ok_or_else(outside)?;
        Ok(self.at)
    }
}
