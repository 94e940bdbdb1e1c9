//! Files, dialogs and settings: each on a thread that ends with it, so that none holds a frame up.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use easel_core::image::{ACCEPTED_FORMATS, MAX_FILE_BYTES};
use easel_core::prompt::Language;
use egui::DroppedFileHandle;

use super::place;
use crate::ui::{Arrival, Fault, FaultKind, Place, Platform};

/// Endings that the dialog offers.
const ENDINGS: [&str; 8] = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"];

/// Asks for another frame.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// The platform's files.
pub struct Files {
    wake: Wake,
    sender: Sender<Arrival>,
    receiver: Receiver<Arrival>,
    settings: Option<PathBuf>,
}

impl Files {
    /// Files of this machine; `wake` is called when something arrived.
    #[must_use]
    pub fn new(wake: Wake) -> Self {
        let settings = place::settings_folder().map(|folder| folder.join("settings.json"));
        let (sender, receiver) = channel();
        Self { wake, sender, receiver, settings }
    }

    /// Reads a picture's file.
    pub fn read_path(&mut self, path: PathBuf) {
        self.apart(move || Some(read(&path)));
    }

    /// Runs `work` on a thread of its own and brings what it returns.
    fn apart(&self, work: impl FnOnce() -> Option<Arrival> + Send + 'static) {
        let (sender, wake) = (self.sender.clone(), Arc::clone(&self.wake));
        thread::spawn(move || {
            if let Some(arrival) = work() {
                // A window that was closed wants nothing any more.
                let _ = sender.send(arrival);
                wake();
            }
        });
    }
}

impl Platform for Files {
    fn choose_picture(&mut self) {
        self.apart(|| {
            let dialog = rfd::FileDialog::new().add_filter(ACCEPTED_FORMATS, &ENDINGS);
            dialog.pick_file().map(|path| read(&path))
        });
    }

    fn choose_model(&mut self) {
        self.apart(|| {
            let folder = rfd::FileDialog::new().pick_folder()?;
            Some(Arrival::Model(folder.to_string_lossy().into_owned()))
        });
    }

    fn choose_export(&mut self, name: &str) {
        let name = name.to_owned();
        self.apart(move || {
            let dialog = rfd::FileDialog::new().add_filter("zip", &["zip"]).set_file_name(name);
            Some(Arrival::Export(dialog.save_file()?.to_string_lossy().into_owned()))
        });
    }

    fn choose_import(&mut self) {
        self.apart(|| {
            let path = rfd::FileDialog::new().add_filter("zip", &["zip"]).pick_file()?;
            Some(Arrival::Zip(path.to_string_lossy().into_owned()))
        });
    }

    fn choose_place(&mut self, place: Place) {
        self.apart(move || {
            let dialog = rfd::FileDialog::new();
            let path = if place.is_folder() { dialog.pick_folder() } else { dialog.pick_file() }?;
            Some(Arrival::Place(place, path.to_string_lossy().into_owned()))
        });
    }

    fn open(&mut self, path: &str) {
        self.read_path(PathBuf::from(path));
    }

    fn read(&mut self, file: DroppedFileHandle) {
        self.read_path(file.path().to_owned());
    }

    fn poll(&mut self) -> Option<Arrival> {
        self.receiver.try_recv().ok()
    }

    fn load(&mut self) -> Option<String> {
        fs::read_to_string(self.settings.as_ref()?).ok()
    }

    fn save(&mut self, settings: &str) {
        let Some(path) = self.settings.clone() else { return };
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| {
            // Beside it first: a power cut leaves the old settings or the new ones.
            let aside = path.with_extension("json.part");
            fs::write(&aside, settings)?;
            fs::rename(&aside, &path)
        });
        if let Err(error) = written {
            log::warn!("{}: settings are not saved: {error}", path.display());
        }
    }

    fn language(&self) -> Language {
        if place::speaks_chinese() { Language::Zh } else { Language::En }
    }

    fn has_folders(&self) -> bool {
        true
    }
}

fn read(path: &Path) -> Arrival {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let fault = |message: String| {
        Arrival::Failed(Fault::new(FaultKind::File, format!("{}: {message}", path.display())))
    };
    // A named pipe or a device would never end.
    match fs::metadata(path) {
        Ok(data) if !data.is_file() => return fault("this is no file".to_owned()),
        Ok(data) if data.len() > MAX_FILE_BYTES => {
            let message = format!("at most {} MiB are read as a picture", MAX_FILE_BYTES >> 20);
            return Arrival::Failed(Fault::new(FaultKind::TooLarge, message));
        }
        Err(error) => return fault(error.to_string()),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    match fs::File::open(path).and_then(|file| file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)) {
        Ok(_) => {
            let path = Some(path.to_string_lossy().into_owned());
            Arrival::Picture { name, path, bytes }
        }
        Err(error) => fault(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_and_what_is_none_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        fs::write(&path, [1, 2]).unwrap();
        let Arrival::Picture { name, bytes, .. } = read(&path) else { panic!() };
        assert_eq!((name.as_str(), bytes), ("a.png", vec![1, 2]));
        for wrong in [folder.path().to_owned(), folder.path().join("none.png")] {
            let Arrival::Failed(fault) = read(&wrong) else { panic!() };
            assert_eq!(fault.kind, FaultKind::File);
            assert!(fault.message.starts_with(&wrong.display().to_string()), "{}", fault.message);
        }
    }
}
