//! Files and settings, read on threads that end with it, so that none holds a frame up.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use easel_core::image::MAX_FILE_BYTES;

use super::place;
use crate::class::File;
use crate::ui::{Arrival, Fault, FaultKind};

/// Endings of pictures' names.
pub(super) const ENDINGS: [&str; 8] = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"];

/// Asks for another frame.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Where arrivals are sent from, on any thread.
#[derive(Clone)]
pub(super) struct Door {
    sender: Sender<Arrival>,
    wake: Wake,
}

impl Door {
    /// Brings something.
    pub(super) fn bring(&self, arrival: Arrival) {
        // A window that was closed wants nothing any more.
        let _ = self.sender.send(arrival);
        (self.wake)();
    }

    /// Runs `work` on a thread of its own and brings what it returns.
    pub(super) fn apart(&self, work: impl FnOnce() -> Option<Arrival> + Send + 'static) {
        let door = self.clone();
        thread::spawn(move || {
            if let Some(arrival) = work() {
                door.bring(arrival);
            }
        });
    }
}

/// The platform's files.
pub struct Files {
    door: Door,
    receiver: Receiver<Arrival>,
    settings: Option<PathBuf>,
}

impl Files {
    /// Files of this machine; `wake` is called when something arrived.
    #[must_use]
    pub fn new(wake: Wake) -> Self {
        Self::with_settings(wake, place::settings_folder().map(|path| path.join("settings.json")))
    }

    /// The same with settings in a file.
    pub(super) fn with_settings(wake: Wake, settings: Option<PathBuf>) -> Self {
        let (sender, receiver) = channel();
        Self { door: Door { sender, wake }, receiver, settings }
    }

    /// Where arrivals are sent from.
    pub(super) const fn door(&self) -> &Door {
        &self.door
    }

    /// Reads a picture's file.
    pub fn read_path(&mut self, path: PathBuf) {
        self.door.apart(move || Some(read(&path)));
    }

    /// What arrived, if anything.
    pub(super) fn next(&mut self) -> Option<Arrival> {
        self.receiver.try_recv().ok()
    }

    /// The settings as they were saved.
    pub(super) fn settings(&self) -> Option<String> {
        fs::read_to_string(self.settings.as_ref()?).ok()
    }

    /// Saves the settings.
    pub(super) fn keep(&self, settings: &str) {
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
}

/// The pictures among files and in folders, for a class.
pub(super) fn gathered(chosen: &[PathBuf]) -> Arrival {
    match pictures(chosen) {
        Ok(files) => Arrival::Class(files),
        Err(message) => Arrival::Failed(Fault::new(FaultKind::File, message)),
    }
}

/// The pictures among files and in folders, sorted by name within each folder. What was chosen by
/// itself is taken as it is; names in a folder begin with the folder's.
///
/// # Errors
/// A sentence with the folder's name, where it cannot be listed or holds no picture.
pub fn pictures(chosen: &[PathBuf]) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    for path in chosen {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !path.is_dir() {
            files.push(File { place: path.to_string_lossy().into_owned(), name });
            continue;
        }
        let before = files.len();
        walk(path, &name, &mut files, 0)?;
        if files.len() == before {
            let expected = ENDINGS.join(", ");
            return Err(format!(
                "{}: no pictures in this folder; expected files ending in {expected}",
                path.display()
            ));
        }
    }
    Ok(files)
}

fn walk(folder: &Path, name: &str, files: &mut Vec<File>, depth: usize) -> Result<(), String> {
    // Links may make a circle.
    const DEEPEST: usize = 16;
    let unreadable = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    for path in paths {
        let last = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let name = format!("{name}/{last}");
        if last.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            if depth < DEEPEST {
                walk(&path, &name, files, depth + 1)?;
            }
        } else if ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
            files.push(File { place: path.to_string_lossy().into_owned(), name });
        }
    }
    Ok(())
}

/// Reads a picture's file.
pub(super) fn read(path: &Path) -> Arrival {
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
    fn pictures_of_a_class_are_gathered_from_folders() {
        let folder = tempfile::tempdir().unwrap();
        let class = folder.path().join("4b");
        for name in ["mia.PNG", "Zoe/2.jpg", "Zoe/1.jpg", "notes.txt", ".hidden.png"] {
            let path = class.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let alone = folder.path().join("alone.heic");
        let found = pictures(&[class.clone(), alone.clone()]).unwrap();
        let names: Vec<_> = found.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["4b/Zoe/1.jpg", "4b/Zoe/2.jpg", "4b/mia.PNG", "alone.heic"]);
        assert_eq!(found[3].place, alone.display().to_string());
        let empty = class.join("empty");
        fs::create_dir(&empty).unwrap();
        let message = pictures(std::slice::from_ref(&empty)).unwrap_err();
        assert!(message.starts_with(&empty.display().to_string()), "{message}");
        assert!(pictures(&[folder.path().join("none")]).unwrap().len() == 1);
    }

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
