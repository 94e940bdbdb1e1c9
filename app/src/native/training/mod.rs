//! The threads behind the Train tab: one that trains and judges, one that reads data sets and
//! follows runs, and one that makes pictures small.

mod look;
mod work;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::files::Wake;
use super::panics::panic_line;
use super::place;
use crate::training::{Ask, Desk, Tell};
use look::Lookout;

/// How often a run that is followed is looked at.
const OFTEN: Duration = Duration::from_millis(400);

/// The threads. When this is dropped, a run that goes on ends after its step, with a checkpoint.
pub struct TrainingDesk {
    /// Taken away at the end, so that the thread ends too.
    trainer: Option<Sender<Ask>>,
    thread: Option<JoinHandle<()>>,
    reader: Sender<Ask>,
    small: Sender<Ask>,
    tells: Receiver<Tell>,
    stop: Arc<AtomicBool>,
    runs: Option<PathBuf>,
}

/// Tells the tab something and asks for a frame.
#[derive(Clone)]
struct Speak(Sender<Tell>, Wake);

impl Speak {
    fn tell(&self, tell: Tell) {
        // A window that was closed wants nothing any more.
        let _ = self.0.send(tell);
        (self.1)();
    }
}

impl TrainingDesk {
    /// Starts the threads; runs are kept in the person's own folder unless they say otherwise.
    #[must_use]
    pub fn start(wake: Wake) -> Self {
        Self::with_runs(wake, place::data_folder().map(|folder| folder.join("training")))
    }

    /// The same with runs in another folder.
    #[must_use]
    pub fn with_runs(wake: Wake, runs: Option<PathBuf>) -> Self {
        let (sender, tells) = channel();
        let speak = Speak(sender, wake);
        let stop = Arc::new(AtomicBool::new(false));
        let (trainer, asked) = channel();
        let thread = {
            let (speak, stop) = (speak.clone(), Arc::clone(&stop));
            spawn("trainer", move || {
                for ask in asked {
                    let mut tell = |tell| speak.tell(tell);
                    guarded(&ask, &speak, || work::answer(&ask, &stop, &mut tell));
                }
            })
        };
        let (reader, asked) = channel();
        {
            let speak = speak.clone();
            spawn("training desk", move || read(&asked, &speak));
        }
        let (small, asked) = channel();
        spawn("small pictures", move || {
            for ask in asked {
                guarded(&ask, &speak, || look::small(&ask, &mut |tell| speak.tell(tell)));
            }
        });
        Self { trainer: Some(trainer), thread, reader, small, tells, stop, runs }
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Option<JoinHandle<()>> {
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(run);
    spawned.map_err(|error| log::error!("the thread {name} cannot be started: {error}")).ok()
}

/// Reads and follows until nobody asks any more.
fn read(asked: &Receiver<Ask>, speak: &Speak) {
    let mut lookout = Lookout::default();
    loop {
        match asked.recv_timeout(OFTEN) {
            Ok(ask) => guarded(&ask, speak, || {
                lookout.answer(&ask, &mut |tell| speak.tell(tell));
            }),
            Err(RecvTimeoutError::Timeout) => lookout.again(&mut |tell| speak.tell(tell)),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// A panic is a bug of ours or a device that broke: it is told, and the thread goes on.
fn guarded(ask: &Ask, speak: &Speak, work: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
        let line = panic_line(&*panic).unwrap_or("unknown");
        let said = format!("internal error, please report it: {line}");
        match ask {
            Ask::Check(_) => speak.tell(Tell::Checked(Err(said))),
            Ask::Small(path) => speak.tell(Tell::Small(path.clone(), None)),
            Ask::Memory(_) => speak.tell(Tell::Memory(Err(said))),
            Ask::Judge { .. } => speak.tell(Tell::Judged(Err(said))),
            Ask::Score { .. } => speak.tell(Tell::Scored(Err(said))),
            Ask::Start(_) => speak.tell(Tell::Ended(Err(said))),
            Ask::Stop | Ask::Follow(_) | Ask::Find(_) => log::error!("{said}"),
        }
    }
}

impl Desk for TrainingDesk {
    fn send(&mut self, ask: Ask) {
        let to = match ask {
            Ask::Stop => {
                self.stop.store(true, Ordering::Relaxed);
                return;
            }
            Ask::Start(_) => {
                self.stop.store(false, Ordering::Relaxed);
                self.trainer.as_ref()
            }
            Ask::Judge { .. } | Ask::Score { .. } => self.trainer.as_ref(),
            Ask::Small(_) => Some(&self.small),
            _ => Some(&self.reader),
        };
        // All threads live as long as this does: they catch what panics.
        if let Some(to) = to {
            let _ = to.send(ask);
        }
    }

    fn poll(&mut self) -> Option<Tell> {
        self.tells.try_recv().ok()
    }

    fn runs(&self) -> Option<PathBuf> {
        self.runs.clone()
    }
}

impl Drop for TrainingDesk {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.trainer = None;
        if let Some(thread) = self.thread.take() {
            // It caught what panicked.
            let _ = thread.join();
        }
    }
}
