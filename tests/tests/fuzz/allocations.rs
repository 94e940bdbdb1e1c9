//! What a thread allocates while it is watched.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The largest allocation and the most bytes that were held at once.
#[derive(Debug, Default, Clone, Copy)]
pub struct Peak {
    pub single: usize,
    pub live: isize,
}

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static ROUND: Cell<u64> = const { Cell::new(0) };
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<Peak> = const { Cell::new(Peak { single: 0, live: 0 }) };
}

/// More than any machine of a test has to spare: the program may end right here.
const ABSURD: usize = 1 << 32;

/// Runs `work`, a round of this number, and says what this thread allocated in it.
pub fn watch<T>(round: u64, work: impl FnOnce() -> T) -> (T, Peak) {
    ROUND.set(round);
    HELD.set(0);
    PEAK.set(Peak::default());
    WATCHED.set(true);
    let result = work();
    WATCHED.set(false);
    (result, PEAK.get())
}

/// Runs `work` within [`watch`] without counting what it allocates and frees again.
pub fn unwatched<T>(work: impl FnOnce() -> T) -> T {
    let before = WATCHED.replace(false);
    let result = work();
    WATCHED.set(before);
    result
}

/// Notes a block that grew from `old` to `new` bytes.
fn note(old: usize, new: usize) {
    // A thread that ends has no cells any more.
    let watched = WATCHED.try_with(Cell::get).unwrap_or(false);
    if !watched {
        return;
    }
    if new > ABSURD {
        unwatched(|| eprintln!("{new} bytes are allocated in the round of seed {}", ROUND.get()));
    }
    let held = HELD.get() + new as isize - old as isize;
    HELD.set(held);
    let peak = PEAK.get();
    PEAK.set(Peak { single: peak.single.max(new), live: peak.live.max(held) });
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

#[expect(unsafe_code, reason = "only an allocator sees every allocation; it hands all on")]
// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(0, layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(0, layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(layout.size(), size);
        // SAFETY: as the caller promised.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(layout.size(), 0);
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(block, layout) }
    }
}
