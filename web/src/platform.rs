//! The page's files, clipboard and settings.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use easel::ui::{Arrival, Fault, FaultKind, Platform};
use easel_core::image::MAX_FILE_BYTES;
use easel_core::prompt::Language;
use egui::{Context, DroppedFileHandle};
use wasm_bindgen_futures::spawn_local;

use crate::hosts::PageHost;

/// What arrived and was not taken yet.
pub(crate) type Arrivals = Rc<RefCell<VecDeque<Arrival>>>;

/// The browser as the interface sees it.
pub(crate) struct Browser {
    pub host: PageHost,
    pub arrivals: Arrivals,
    pub ctx: Context,
}

impl Platform for Browser {
    fn choose_picture(&mut self) {
        self.host.choose_picture();
    }

    fn choose_model(&mut self) {
        self.host.choose_model();
    }

    fn ask_address(&mut self, [title, take, cancel]: [&str; 3]) {
        self.host.ask_address(title, take, cancel);
    }

    fn choose_pictures(&mut self, folder: bool) {
        self.host.choose_pictures(folder);
    }

    fn gather(&mut self, files: Vec<DroppedFileHandle>) {
        // They stay where they are, and are read one after another.
        self.host.gather(files.iter().filter_map(|file| file.web_file().cloned()).collect());
    }

    fn choose_export(&mut self, name: &str) {
        // Where it goes is the browser's to decide.
        self.arrivals.borrow_mut().push_back(Arrival::Export(name.to_owned()));
        self.ctx.request_repaint();
    }

    fn choose_import(&mut self) {
        self.host.choose_import();
    }

    fn paste(&mut self, _: &Context) {
        self.host.paste();
    }

    fn has_camera(&self) -> bool {
        self.host.camera()
    }

    fn photograph(&mut self, [title, take, cancel]: [&str; 3]) {
        self.host.photograph(title, take, cancel);
    }

    fn open(&mut self, _: &str) {
        // A page has no paths, so it remembers none.
    }

    fn read(&mut self, file: DroppedFileHandle) {
        let (arrivals, ctx) = (Rc::clone(&self.arrivals), self.ctx.clone());
        spawn_local(async move {
            let name = file.path().to_string_lossy().into_owned();
            let large = file.web_file().is_some_and(|file| file.size() > MAX_FILE_BYTES as f64);
            let arrival = match large {
                true => too_large(),
                false => match file.bytes_async().await {
                    Ok(bytes) => Arrival::Picture { name, path: None, bytes },
                    Err(message) => Arrival::Failed(Fault::new(FaultKind::File, message)),
                },
            };
            arrivals.borrow_mut().push_back(arrival);
            ctx.request_repaint();
        });
    }

    fn poll(&mut self) -> Option<Arrival> {
        self.arrivals.borrow_mut().pop_front()
    }

    fn load(&mut self) -> Option<String> {
        self.host.load()
    }

    fn save(&mut self, settings: &str) {
        self.host.save(settings);
    }

    fn language(&self) -> Language {
        if self.host.chinese() { Language::Zh } else { Language::En }
    }

    fn has_folders(&self) -> bool {
        true
    }
}

/// A file that is longer than any picture that is read.
pub(crate) fn too_large() -> Arrival {
    let message = format!("at most {} MiB are read as a picture", MAX_FILE_BYTES >> 20);
    Arrival::Failed(Fault::new(FaultKind::TooLarge, message))
}
