//! Packs that are kept in the browser: the script's work, in the words of the interface.

use easel::ui::{Chore, Fault, FaultKind, Item, Kept, Moved, Stock, Tell};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::folder::words;
use crate::hosts::{Moving, Wanted, WorkerHost};

/// Does what is asked; returns how it ended.
///
/// # Errors
/// When the server, the browser's store or the folder refuse.
pub(crate) async fn answer(
    host: &WorkerHost,
    chore: Chore,
    wanted: impl FnMut() -> bool + 'static,
    mut tell: impl FnMut(Tell) + 'static,
) -> Result<Tell, Fault> {
    let moved = Moving::new(move |done: f64, total: f64| {
        tell(Tell::Moved(Moved { done: done as u64, total: total as u64 }));
    });
    let wanted = Wanted::new(wanted);
    match chore {
        Chore::List { folders } => {
            let json = settle(host.stock()).await?.as_string().unwrap_or_default();
            let mut stock: Stock = serde_json::from_str(&json)
                .map_err(|error| Fault::new(FaultKind::Shelf, error.to_string()))?;
            stock.kept.extend(others(&stock, folders));
            Ok(Tell::Shelf(stock))
        }
        Chore::Get(item) => {
            let whole = settle(host.bring(address(&item)?, &moved, &wanted)).await?;
            Ok(if whole.is_truthy() { Tell::Got(item) } else { Tell::Cancelled })
        }
        Chore::Verify(item) => {
            let damaged = settle(host.verify(address(&item)?, &moved, &wanted)).await?;
            Ok(damaged.as_f64().map_or(Tell::Cancelled, |damaged| Tell::Checked(damaged as usize)))
        }
        Chore::Delete(item) => {
            settle(host.discard(address(&item)?)).await?;
            Ok(Tell::Deleted)
        }
        Chore::Import(key) => {
            let place = settle(host.take(&key, &moved, &wanted)).await?.as_string();
            Ok(place.map_or(Tell::Cancelled, |place| Tell::Got(Item::Pack(place))))
        }
    }
}

async fn settle(promise: Promise) -> Result<JsValue, Fault> {
    let settled = JsFuture::from(promise).await;
    settled.map_err(|error| Fault::new(FaultKind::Shelf, words(&error)))
}

/// A page keeps packs and nothing else.
fn address(item: &Item) -> Result<&str, Fault> {
    match item {
        Item::Pack(place) => Ok(place),
        Item::Hub(place) | Item::Folder(place) => {
            let message = format!("{place}: expected the address of a pack");
            Err(Fault::new(FaultKind::Shelf, message))
        }
    }
}

/// Addresses that were used before and are no packs.
fn others(stock: &Stock, folders: Vec<String>) -> Vec<Kept> {
    let known = |folder: &str| {
        let folder = folder.trim_end_matches('/');
        let same = |place: &str| place.trim_end_matches('/') == folder;
        stock.kept.iter().any(|kept| matches!(&kept.item, Item::Pack(place) if same(place)))
    };
    let folders = folders.into_iter().filter(|folder| !known(folder));
    let kept =
        |folder| Kept { item: Item::Folder(folder), bytes: 0, whole: true, checkable: false };
    folders.map(kept).collect()
}
