//! What differs between a window and a page.

use easel_core::prompt::Language;
use egui::{Context, DroppedFileHandle, ViewportCommand};

use super::protocol::Fault;
use crate::class::File;

/// The platform as the interface sees it. No call waits: what takes time arrives by
/// [`Platform::poll`].
pub trait Platform {
    /// Lets the person choose a picture.
    fn choose_picture(&mut self);
    /// Lets the person choose a model's folder.
    fn choose_model(&mut self);
    /// Asks for the address of a pack, where the platform keeps packs. The words: a title, the button
    /// that takes it, the button that does not.
    fn ask_address(&mut self, _words: [&str; 3]) {}
    /// Lets the person choose pictures for a class, or a folder of them: they arrive as places.
    fn choose_pictures(&mut self, _folder: bool) {}
    /// Takes files and folders that were dropped, for a class.
    fn gather(&mut self, _files: Vec<DroppedFileHandle>) {}
    /// Lets the person choose where a file of that name is written.
    fn choose_export(&mut self, name: &str);
    /// The file whose place was chosen last is written.
    fn written(&mut self) {}
    /// Lets the person choose a zip that is read.
    fn choose_import(&mut self);
    /// Lets a developer choose a file or a folder.
    fn choose_place(&mut self, _place: Place) {}
    /// Takes the picture on the clipboard; a window's comes as an event of egui's.
    fn paste(&mut self, ctx: &Context) {
        ctx.send_viewport_cmd(ViewportCommand::RequestPaste);
    }
    /// Whether a picture can be pasted.
    fn has_clipboard(&self) -> bool {
        true
    }
    /// Whether there may be a camera.
    fn has_camera(&self) -> bool {
        false
    }
    /// Shows what the camera sees, and takes a picture of it. The words: a title, the button that
    /// takes it, the button that does not.
    fn photograph(&mut self, _words: [&str; 3]) {}
    /// Opens a file by its path.
    fn open(&mut self, path: &str);
    /// Reads a file that was dropped.
    fn read(&mut self, file: DroppedFileHandle);
    /// What arrived, if anything.
    fn poll(&mut self) -> Option<Arrival>;
    /// The settings as they were saved.
    fn load(&mut self) -> Option<String>;
    /// Saves the settings.
    fn save(&mut self, settings: &str);
    /// The device's language.
    fn language(&self) -> Language;
    /// Whether there are folders and paths.
    fn has_folders(&self) -> bool;
}

/// What a developer chooses a file or a folder for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A sheet of scores.
    Sheet,
    /// The folder of its pictures.
    Images,
    /// A sheet to validate on.
    Valid,
    /// Teachers' comments.
    Comments,
    /// A run's folder.
    Out,
    /// A folder with runs.
    Runs,
}

impl Place {
    /// Whether it is a folder.
    #[must_use]
    pub const fn is_folder(self) -> bool {
        matches!(self, Self::Images | Self::Out | Self::Runs)
    }
}

/// What a platform brings.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrival {
    /// A picture's file.
    Picture {
        /// Its name.
        name: String,
        /// Its path, where there are paths.
        path: Option<String>,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A model's folder.
    Model(String),
    /// A folder with a pack that is to be copied in.
    Import(String),
    /// The address of a pack.
    Pack(String),
    /// Pictures for a class.
    Class(Vec<File>),
    /// Where a file is written to: everything of the portfolios, or what is printed of a class.
    Export(String),
    /// A zip that portfolios are read from.
    Zip(String),
    /// A file or a folder for a developer.
    Place(Place, String),
    /// A file that could not be read.
    Failed(Fault),
}
