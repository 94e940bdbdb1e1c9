//! Tablets: what Android and iOS give an app, and what is asked of them.
//!
//! The system's own side, in `app/tablet`, shows pickers, the camera and the place for a file, copies
//! what was chosen into folders of the app's own, and tells paths. Everything between the two is a
//! word and a text: [`Wish`] in the one direction, [`Inbox::arrived`] in the other. So it is tried
//! without a tablet, by a [`Host`] of a test's own.

#[cfg(target_os = "android")]
mod android;
mod inbox;
#[cfg(target_os = "ios")]
mod ios;
mod platform;

use std::path::PathBuf;
use std::sync::OnceLock;

pub use inbox::Inbox;
pub use platform::Tablet;

#[cfg(target_os = "android")]
pub(super) use android::{feed, listen};

/// What a system tells of itself when the app starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    /// The app's own folder: settings, portfolios, models.
    pub data: PathBuf,
    /// The app's folder for what may be cleared.
    pub cache: PathBuf,
    /// Whether the system speaks Chinese.
    pub chinese: bool,
    /// Bytes of memory that the app may use, where the system tells.
    pub memory: Option<u64>,
}

static MACHINE: OnceLock<Machine> = OnceLock::new();

/// What the system told; `None` on a system that is no tablet.
#[must_use]
pub fn machine() -> Option<&'static Machine> {
    MACHINE.get()
}

impl Machine {
    /// Where files lie that are handed over to the system once they are written. The system's own side
    /// clears it at a start, as it does with `inbox` beside it, where it lays what was chosen.
    #[must_use]
    pub fn outbox(&self) -> PathBuf {
        self.cache.join("outbox")
    }
}

/// Remembers what the system told. An activity may begin several times in one process: only the first
/// counts.
#[cfg(any(target_os = "android", target_os = "ios"))]
fn begin(machine: Machine) {
    let _ = MACHINE.set(machine);
}

/// What the system's own side is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Let the person choose a picture.
    Picture,
    /// Let the person choose pictures.
    Pictures,
    /// Take a photograph.
    Photograph,
    /// Let the person choose a zip.
    Zip,
    /// Let the person choose where the file at a path is copied to.
    Save,
    /// Show the keyboard, with "on", or hide it, with "off".
    Keyboard,
}

impl Wish {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Pictures => "pictures",
            Self::Photograph => "photograph",
            Self::Zip => "zip",
            Self::Save => "save",
            Self::Keyboard => "keyboard",
        }
    }
}

/// The system's own side.
pub trait Host {
    /// Asks for something; what comes of it arrives at the [`Inbox`].
    fn ask(&self, wish: Wish, text: &str);
}
