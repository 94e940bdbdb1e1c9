//! What the system's own side tells.

use std::fs;
use std::path::{Path, PathBuf};

use crate::native::files::{Door, gathered, read};
use crate::ui::{Arrival, Fault, FaultKind};

/// Takes what the system's own side tells, on any thread.
#[derive(Clone)]
pub struct Inbox(Door);

impl Inbox {
    pub(super) const fn new(door: Door) -> Self {
        Self(door)
    }

    /// Takes what was chosen: its [`Wish`](super::Wish)'s word, and the paths of copies, one a line; or
    /// `failed` and a sentence.
    pub fn arrived(&self, word: &str, text: &str) {
        let paths: Vec<PathBuf> =
            text.lines().filter(|line| !line.is_empty()).map(PathBuf::from).collect();
        let arrival: Box<dyn FnOnce() -> Option<Arrival> + Send> = match word {
            "picture" | "photograph" => Box::new(move || Some(taken(paths.first()?))),
            // They are read one after another, when each has its turn.
            "pictures" => Box::new(move || (!paths.is_empty()).then(|| gathered(&paths))),
            "zip" => {
                Box::new(move || Some(Arrival::Zip(paths.first()?.to_string_lossy().into_owned())))
            }
            "failed" => {
                let fault = Fault::new(FaultKind::File, text);
                Box::new(move || Some(Arrival::Failed(fault)))
            }
            other => {
                log::warn!("{other}: no word of the system's side");
                return;
            }
        };
        // Reading takes a moment, and the system's thread draws.
        self.0.apart(arrival);
    }
}

/// Reads a copy, of which nothing is left then.
fn taken(path: &Path) -> Arrival {
    let arrival = read(path);
    let _ = fs::remove_file(path);
    match arrival {
        Arrival::Picture { name, bytes, .. } => Arrival::Picture { name, path: None, bytes },
        other => other,
    }
}
