//! Loops over the processor's cores; one core where there are no threads, or little to do.

#[cfg(any(not(target_family = "wasm"), target_feature = "atomics"))]
use rayon::prelude::*;

/// Values below which a loop ends before other threads would have woken.
#[cfg(any(not(target_family = "wasm"), target_feature = "atomics"))]
const LITTLE: usize = 1 << 14;

/// Does `work` on a thread of those that the loops of this crate, and burn's, run on.
pub fn on_cores<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    #[cfg(any(not(target_family = "wasm"), target_feature = "atomics"))]
    return rayon::scope(|_| work());
    #[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
    work()
}

/// Does `work` on chunks of `values`, which knows them by their number.
pub(crate) fn each_chunk(values: &mut [f32], size: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    let size = size.max(1);
    #[cfg(any(not(target_family = "wasm"), target_feature = "atomics"))]
    if values.len() > LITTLE {
        return each_large_chunk(values, size, work);
    }
    values.chunks_mut(size).enumerate().for_each(|(index, chunk)| work(index, chunk));
}

/// The same where each chunk is worth a thread, however few values it has.
pub(crate) fn each_large_chunk<T: Send>(
    values: &mut [T],
    size: usize,
    work: impl Fn(usize, &mut [T]) + Sync,
) {
    #[cfg(any(not(target_family = "wasm"), target_feature = "atomics"))]
    values.par_chunks_mut(size).enumerate().for_each(|(index, chunk)| work(index, chunk));
    #[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
    values.chunks_mut(size).enumerate().for_each(|(index, chunk)| work(index, chunk));
}

/// As [`each_chunk`] for two slices whose chunks belong together.
pub(crate) fn each_pair(
    [a, b]: [&mut [f32]; 2],
    size: usize,
    work: impl Fn(usize, &mut [f32], &mut [f32]) + Sync,
) {
    let size = size.max(1);
    #[cfg(any(not(target_family = "wasm"), target_feature = "atomics"))]
    if a.len() > LITTLE {
        let chunks = a.par_chunks_mut(size).zip(b.par_chunks_mut(size)).enumerate();
        return chunks.for_each(|(index, (a, b))| work(index, a, b));
    }
    let chunks = a.chunks_mut(size).zip(b.chunks_mut(size)).enumerate();
    chunks.for_each(|(index, (a, b))| work(index, a, b));
}

/// What `work` makes of each number below `count`; `each` is how many values it reads for one.
pub(crate) fn map<T: Send>(
    count: usize,
    each: usize,
    work: impl Fn(usize) -> T + Sync + Send,
) -> Vec<T> {
    #[cfg(any(not(target_family = "wasm"), target_feature = "atomics"))]
    if count > 1 && count.saturating_mul(each) > LITTLE {
        return (0..count).into_par_iter().map(work).collect();
    }
    let _ = each;
    (0..count).map(work).collect()
}
