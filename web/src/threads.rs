//! The processor's cores, where memory may be shared: the page is isolated from other origins.
//!
//! A worker has `thread.js` start further workers on its own module and memory. Each waits in
//! [`compute`]; once all of them do, [`open_pool`] makes them the threads of rayon's pool, on which
//! this program's loops and burn's run. Without a pool they run on the thread that they began on.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};

use rayon::{ThreadBuilder, ThreadPoolBuilder};
use wasm_bindgen::prelude::*;

/// What waits for a thread.
static WAITING: Mutex<VecDeque<ThreadBuilder>> = Mutex::new(VecDeque::new());
static MORE: Condvar = Condvar::new();

/// Takes up work of the pool until the worker is ended: this thread answers no message any more.
#[wasm_bindgen]
pub fn compute() {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    let thread = loop {
        match waiting.pop_front() {
            Some(thread) => break thread,
            None => waiting = MORE.wait(waiting).unwrap_or_else(PoisonError::into_inner),
        }
    };
    drop(waiting);
    thread.run();
}

/// Makes a pool of as many threads as wait in [`compute`], or are about to.
///
/// # Errors
/// When there is one already.
#[wasm_bindgen(js_name = openPool)]
pub fn open_pool(threads: usize) -> Result<(), JsValue> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).spawn_handler(|thread| {
        WAITING.lock().unwrap_or_else(PoisonError::into_inner).push_back(thread);
        MORE.notify_one();
        Ok(())
    });
    pool.build_global().map_err(|error| JsValue::from(error.to_string()))
}
