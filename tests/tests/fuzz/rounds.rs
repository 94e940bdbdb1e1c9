//! Rounds of spoiling files and reading them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::rc::Rc;
use std::sync::Once;
use std::time::{Duration, Instant};

use easel_core::weights::{Checkpoint, Source, WeightsError};
use pollster::block_on;

use crate::allocations::{Peak, watch};
use crate::random::Random;

/// A model's files.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Beside four times a file: what every reading takes, such as a tokenizer's frame.
const SINGLE: usize = 128 << 10;
/// Beside four times all files: tables of names and places.
const LIVE: usize = 1 << 20;

/// Spoilt files, and what was done to them.
pub struct Spoilt {
    pub files: Files,
    pub change: String,
}

/// Reads all that files hold: what was read, or what is wrong with them.
pub type Read = fn(Files) -> Result<(), String>;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Spoils files with `spoil` and reads them with `read`, `rounds` times or for as long as the
/// environment says.
///
/// # Panics
/// With the seeds and changes that led to a panic or to a large allocation.
pub fn run(group: &str, rounds: u64, spoil: impl Fn(&mut Random) -> Spoilt, read: Read) {
    let number = |name| std::env::var(name).ok().map(|text: String| text.parse::<u64>().unwrap());
    let (seconds, only) = (number("EASEL_FUZZ_SECONDS"), number("EASEL_FUZZ_SEED"));
    // Groups do not share numbers.
    let salt = group.bytes().fold(7_u64, |salt, byte| salt.wrapping_mul(131) + u64::from(byte));
    let start = Instant::now();
    let (mut seed, mut refused) = (only.unwrap_or(0), 0_u64);
    let mut faults = Vec::new();
    loop {
        let spoilt = spoil(&mut Random::new(seed ^ salt));
        match attempt(seed, spoilt.files, read) {
            Ok(Ok(())) => {}
            Ok(Err(_)) => refused += 1,
            Err(fault) => faults.push(format!("seed {seed}, {}: {fault}", spoilt.change)),
        }
        seed += 1;
        let done = match (only, seconds) {
            (Some(_), _) => true,
            (None, Some(seconds)) => start.elapsed() >= Duration::from_secs(seconds),
            (None, None) => seed >= rounds,
        };
        if done || faults.len() >= 10 {
            break;
        }
    }
    let (seconds, found) = (start.elapsed().as_secs_f64(), faults.len());
    println!("{group}: {seed} rounds in {seconds:.1} s, {refused} refused, {found} faults");
    assert!(faults.is_empty(), "{group}:\n{}", faults.join("\n"));
}

/// Reads all tensors of a model in every way that loading does; the first error.
pub fn read_tensors(source: Rc<dyn Source>) -> Result<(), String> {
    block_on(async {
        let checkpoint = Checkpoint::open(source).await.map_err(said)?;
        let mut first = Ok(());
        let names: Vec<&str> = checkpoint.names().collect();
        for name in names {
            // A tensor that is wrong does not hide the ones behind it.
            first = first.and(read_tensor(&checkpoint, name).await.map_err(said));
        }
        let _ = checkpoint.bytes(|_| true);
        first
    })
}

async fn read_tensor(checkpoint: &Checkpoint, name: &str) -> Result<(), WeightsError> {
    let shape = checkpoint.shape(name)?;
    let mut first = checkpoint.expect_shape(name, shape);
    if let &[rows, width] = shape {
        for range in [rows.saturating_sub(1)..rows, rows / 3..rows / 2, 0..rows] {
            let read = checkpoint.read_rows(name, width, range).await;
            first = first.and(read.map(drop));
        }
        let packed = checkpoint.packed(name, width, 0..rows).await;
        first = first.and(packed.map(drop));
    }
    let values = checkpoint.read(name, shape).await?;
    assert_eq!(values.len(), shape.iter().product::<usize>(), "as many values as the shape says");
    first
}

/// An error's message.
pub fn said(error: impl Display) -> String {
    error.to_string()
}

/// Reads the files of a round; an error if that panics, allocates too much, or complains at length.
pub fn attempt(seed: u64, files: Files, read: Read) -> Result<Result<(), String>, String> {
    let largest = files.values().map(Vec::len).max().unwrap_or(0);
    let all: usize = files.values().map(Vec::len).sum();
    let (outcome, Peak { single, live }) = watch(seed, || caught(|| read(files)));
    let outcome = outcome?;
    if single > 4 * largest + SINGLE {
        return Err(format!("{single} bytes at once for a file of {largest}; {outcome:?}"));
    }
    if live > (4 * all + LIVE) as isize {
        return Err(format!("{live} bytes together for files of {all}; {outcome:?}"));
    }
    match &outcome {
        Err(message) if message.contains('\n') || message.len() > 9000 => {
            Err(format!("a message of {} bytes: {message:.300}", message.len()))
        }
        _ => Ok(outcome),
    }
}

/// The result of `work`, or the message and place of its panic.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |info| match QUIET.get() {
            true => PANIC.set(info.to_string().replace('\n', " ")),
            false => usual(info),
        }));
    });
    QUIET.set(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    result.map_err(|_| PANIC.take())
}
