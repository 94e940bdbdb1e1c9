//! The model gives way: where nothing but the processor paints and computes, what paints goes first.

#[cfg(target_os = "linux")]
use rayon::ThreadPoolBuilder;
#[cfg(target_os = "linux")]
use rustix::process::{getpriority_process, setpriority_process};

/// How much later the model's threads come than others, from 0 to 19: their share of a core that
/// others want, too, is a tenth.
#[cfg(target_os = "linux")]
const LATER: i32 = 10;

/// Has this thread come after the interface's, and after those of a GPU that is imitated in software.
pub(super) fn give_way() {
    // No process is named: on Linux that is the calling thread, and it alone. Where it may not, the
    // model competes with the interface; it is no less right.
    #[cfg(target_os = "linux")]
    if getpriority_process(None).is_ok_and(|now| now < LATER) {
        let _ = setpriority_process(None, LATER);
    }
}

/// Has the threads that share long computations give way, too. They must not have begun yet.
pub(super) fn let_cores_give_way() {
    #[cfg(target_os = "linux")]
    let _ = ThreadPoolBuilder::new().start_handler(|_| give_way()).build_global();
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn one_thread_gives_way_and_no_other() {
        let later = || getpriority_process(None).unwrap();
        let before = later();
        let thread = std::thread::spawn(move || {
            give_way();
            later()
        });
        assert_eq!(thread.join().unwrap(), LATER.max(before));
        assert_eq!(later(), before);
    }
}
