//! A desktop as the interface sees it: its dialogs, each on a thread that ends with it.

use std::path::PathBuf;

use easel_core::image::ACCEPTED_FORMATS;
use easel_core::prompt::Language;
use egui::DroppedFileHandle;

use super::files::{ENDINGS, Files, gathered, read};
use super::place;
use crate::ui::{Arrival, Place, Platform};

impl Platform for Files {
    fn choose_picture(&mut self) {
        self.door().apart(|| {
            let dialog = rfd::FileDialog::new().add_filter(ACCEPTED_FORMATS, &ENDINGS);
            dialog.pick_file().map(|path| read(&path))
        });
    }

    fn choose_model(&mut self) {
        self.door().apart(|| {
            let folder = rfd::FileDialog::new().pick_folder()?;
            Some(Arrival::Model(folder.to_string_lossy().into_owned()))
        });
    }

    fn choose_pictures(&mut self, folder: bool) {
        self.door().apart(move || {
            let dialog = rfd::FileDialog::new();
            let chosen = match folder {
                true => vec![dialog.pick_folder()?],
                false => dialog.add_filter(ACCEPTED_FORMATS, &ENDINGS).pick_files()?,
            };
            Some(gathered(&chosen))
        });
    }

    fn gather(&mut self, files: Vec<DroppedFileHandle>) {
        let chosen: Vec<_> = files.iter().map(|file| file.path().to_owned()).collect();
        self.door().apart(move || Some(gathered(&chosen)));
    }

    fn choose_export(&mut self, name: &str) {
        let name = name.to_owned();
        self.door().apart(move || {
            let ending = name.rsplit('.').next().unwrap_or_default().to_owned();
            let dialog = rfd::FileDialog::new().add_filter(&ending, &[&ending]).set_file_name(name);
            Some(Arrival::Export(dialog.save_file()?.to_string_lossy().into_owned()))
        });
    }

    fn choose_import(&mut self) {
        self.door().apart(|| {
            let path = rfd::FileDialog::new().add_filter("zip", &["zip"]).pick_file()?;
            Some(Arrival::Zip(path.to_string_lossy().into_owned()))
        });
    }

    fn choose_place(&mut self, place: Place) {
        self.door().apart(move || {
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
        self.next()
    }

    fn load(&mut self) -> Option<String> {
        self.settings()
    }

    fn save(&mut self, settings: &str) {
        self.keep(settings);
    }

    fn language(&self) -> Language {
        if place::speaks_chinese() { Language::Zh } else { Language::En }
    }

    fn has_folders(&self) -> bool {
        true
    }
}
