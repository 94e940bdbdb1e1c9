//! A tablet as the interface sees it.

use std::fs;
use std::path::PathBuf;

use easel_core::prompt::Language;
use egui::{Context, DroppedFileHandle};

use super::{Host, Inbox, Machine, Wish};
use crate::native::files::Files;
use crate::ui::{Arrival, Platform};

/// The platform of a tablet: its files, with the system's own side for all that people choose.
pub struct Tablet {
    files: Files,
    host: Box<dyn Host>,
    machine: Machine,
    /// The file that is being written, to be handed over.
    writing: Option<PathBuf>,
}

impl Tablet {
    /// A tablet with files of its own.
    #[must_use]
    pub fn new(files: Files, host: Box<dyn Host>, machine: Machine) -> Self {
        Self { files, host, machine, writing: None }
    }

    /// Where what the system's own side tells arrives.
    #[must_use]
    pub fn inbox(&self) -> Inbox {
        Inbox::new(self.files.door().clone())
    }
}

impl Platform for Tablet {
    fn choose_picture(&mut self) {
        self.host.ask(Wish::Picture, "");
    }

    fn choose_model(&mut self) {
        // There are no folders to choose: models come from the hub.
    }

    fn choose_pictures(&mut self, _: bool) {
        self.host.ask(Wish::Pictures, "");
    }

    fn choose_export(&mut self, name: &str) {
        let folder = self.machine.outbox();
        // Where it cannot be made, writing into it tells why.
        let _ = fs::create_dir_all(&folder);
        let path = folder.join(name);
        let place = path.to_string_lossy().into_owned();
        self.writing = Some(path);
        self.files.door().bring(Arrival::Export(place));
    }

    fn written(&mut self) {
        if let Some(path) = self.writing.take() {
            self.host.ask(Wish::Save, &path.to_string_lossy());
        }
    }

    fn choose_import(&mut self) {
        self.host.ask(Wish::Zip, "");
    }

    fn paste(&mut self, _: &Context) {}

    fn has_clipboard(&self) -> bool {
        false
    }

    fn has_camera(&self) -> bool {
        true
    }

    fn photograph(&mut self, _: [&str; 3]) {
        self.host.ask(Wish::Photograph, "");
    }

    fn open(&mut self, _: &str) {
        // What was chosen is copied and gone, so none is remembered.
    }

    fn read(&mut self, file: DroppedFileHandle) {
        self.files.read_path(file.path().to_owned());
    }

    fn poll(&mut self) -> Option<Arrival> {
        self.files.next()
    }

    fn load(&mut self) -> Option<String> {
        self.files.settings()
    }

    fn save(&mut self, settings: &str) {
        self.files.keep(settings);
    }

    fn language(&self) -> Language {
        if self.machine.chinese { Language::Zh } else { Language::En }
    }

    fn has_folders(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::path::Path;
    use std::rc::Rc;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    type Asked = Rc<RefCell<Vec<(Wish, String)>>>;

    struct Fake(Asked);

    impl Host for Fake {
        fn ask(&self, wish: Wish, text: &str) {
            self.0.borrow_mut().push((wish, text.to_owned()));
        }
    }

    fn tablet(folder: &Path) -> (Tablet, Asked) {
        let asked = Asked::default();
        let machine = Machine {
            data: folder.join("files"),
            cache: folder.join("cache"),
            chinese: true,
            memory: None,
        };
        let files = Files::with_settings(Arc::new(|| {}), Some(machine.data.join("settings.json")));
        (Tablet::new(files, Box::new(Fake(Rc::clone(&asked))), machine), asked)
    }

    fn arrives(tablet: &mut Tablet) -> Arrival {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(60) {
            if let Some(arrival) = tablet.poll() {
                return arrival;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("nothing arrives");
    }

    #[test]
    fn what_a_person_chooses_is_asked_of_the_system_and_its_copy_does_not_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (mut tablet, asked) = tablet(folder.path());
        tablet.choose_picture();
        tablet.photograph(["", "", ""]);
        tablet.choose_pictures(true);
        tablet.choose_import();
        let wishes: Vec<_> = asked.borrow().iter().map(|(wish, _)| wish.word()).collect();
        assert_eq!(wishes, ["picture", "photograph", "pictures", "zip"]);
        let inbox = folder.path().join("cache/inbox");
        fs::create_dir_all(&inbox).unwrap();
        let copy = inbox.join("小明.png");
        fs::write(&copy, [7; 3]).unwrap();
        tablet.inbox().arrived("picture", &copy.to_string_lossy());
        let expected =
            Arrival::Picture { name: "小明.png".to_owned(), path: None, bytes: vec![7; 3] };
        assert_eq!(arrives(&mut tablet), expected);
        assert!(!copy.exists());
        // Of several, each is read when it has its turn.
        let two = ["a.png", "b.png"].map(|name| inbox.join(name).display().to_string());
        tablet.inbox().arrived("pictures", &format!("{}\n{}\n", two[0], two[1]));
        let Arrival::Class(files) = arrives(&mut tablet) else { panic!() };
        assert_eq!(files.iter().map(|file| file.place.clone()).collect::<Vec<_>>(), two);
        tablet.inbox().arrived("zip", "/cache/inbox/all.zip");
        assert_eq!(arrives(&mut tablet), Arrival::Zip("/cache/inbox/all.zip".to_owned()));
        tablet.inbox().arrived("failed", "There is no camera.");
        let Arrival::Failed(fault) = arrives(&mut tablet) else { panic!() };
        assert_eq!(fault.message, "There is no camera.");
        // Who chose nothing, and a word of a version to come.
        tablet.inbox().arrived("picture", "");
        tablet.inbox().arrived("dance", "");
        tablet.inbox().arrived("picture", &copy.to_string_lossy());
        assert!(matches!(arrives(&mut tablet), Arrival::Failed(_)), "it is gone");
    }

    #[test]
    fn a_file_is_handed_over_once_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let (mut tablet, asked) = tablet(folder.path());
        tablet.written();
        tablet.choose_export("cards.pdf");
        let Arrival::Export(place) = arrives(&mut tablet) else { panic!() };
        assert_eq!(place, folder.path().join("cache/outbox/cards.pdf").display().to_string());
        assert!(asked.borrow().is_empty(), "nothing is there yet");
        fs::write(&place, "%PDF").unwrap();
        tablet.written();
        tablet.written();
        assert_eq!(*asked.borrow(), [(Wish::Save, place.clone())]);
    }

    #[test]
    fn settings_stay_in_the_apps_own_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (mut tablet, _) = tablet(folder.path());
        assert_eq!(tablet.load(), None);
        tablet.save("{}");
        assert_eq!(tablet.load().as_deref(), Some("{}"));
        assert!(folder.path().join("files/settings.json").exists());
        assert_eq!(tablet.language(), Language::Zh);
    }
}
