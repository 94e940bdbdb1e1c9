//! What differs between a window and a page.

use easel_core::prompt::Language;
use egui::DroppedFileHandle;

use super::protocol::Fault;

/// The platform as the interface sees it. No call waits: what takes time arrives by
/// [`Platform::poll`].
pub trait Platform {
    /// Lets the person choose a picture.
    fn choose_picture(&mut self);
    /// Lets the person choose a model's folder.
    fn choose_model(&mut self);
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
    /// A file that could not be read.
    Failed(Fault),
}
