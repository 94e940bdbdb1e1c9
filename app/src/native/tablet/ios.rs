//! iOS: the functions that Swift's side (`app/tablet/ios`) calls, and the one that it has.

use std::ffi::{CStr, CString, c_char};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use eframe::NativeOptions;

use super::{Host, Inbox, Machine, Tablet, Wish};
use crate::native::{Files, show};

static INBOX: Mutex<Option<Inbox>> = Mutex::new(None);

#[expect(unsafe_code, reason = "a function of Swift's side, which copies both texts")]
unsafe extern "C" {
    fn easel_ask(word: *const c_char, text: *const c_char);
}

/// Swift's side.
struct Swift;

impl Host for Swift {
    fn ask(&self, wish: Wish, text: &str) {
        let (Ok(word), Ok(text)) = (CString::new(wish.word()), CString::new(text)) else { return };
        #[expect(unsafe_code, reason = "calls Swift's side")]
        // SAFETY: both texts end in a zero and outlive the call.
        unsafe {
            easel_ask(word.as_ptr(), text.as_ptr());
        }
    }
}

/// Where the app begins: with its own folders, whether the system speaks Chinese, and the bytes that it
/// may use. Returns only where there is no window; UIKit ends the process else.
///
/// # Safety
/// Both folders are texts in UTF-8 that end in a zero, and this is called once, on the main thread.
#[expect(unsafe_code, reason = "Swift calls this function by its name")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn easel_main(
    data: *const c_char,
    cache: *const c_char,
    chinese: bool,
    memory: u64,
) {
    // SAFETY: as the caller promises.
    let [data, cache] = [data, cache].map(|text| PathBuf::from(unsafe { owned(text) }));
    let machine = Machine { data, cache, chinese, memory: (memory > 0).then_some(memory) };
    super::begin(machine.clone());
    let shown = show(NativeOptions::default(), move |wake| {
        let tablet = Tablet::new(Files::new(wake), Box::new(Swift), machine);
        *INBOX.lock().unwrap_or_else(PoisonError::into_inner) = Some(tablet.inbox());
        Box::new(tablet)
    });
    if let Err(error) = shown {
        log::error!("{error}");
    }
}

/// What Swift's side tells: a word and a text.
///
/// # Safety
/// Both are texts in UTF-8 that end in a zero.
#[expect(unsafe_code, reason = "Swift calls this function by its name")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn easel_tell(word: *const c_char, text: *const c_char) {
    // SAFETY: as the caller promises.
    let [word, text] = [word, text].map(|text| unsafe { owned(text) });
    let inbox = INBOX.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(inbox) = inbox.as_ref() {
        inbox.arrived(&word, &text);
    }
}

/// A copy of a text.
///
/// # Safety
/// It ends in a zero.
#[expect(unsafe_code, reason = "reads a text of Swift's side")]
unsafe fn owned(text: *const c_char) -> String {
    // SAFETY: as the caller promises.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
