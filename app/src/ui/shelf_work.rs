//! How the models on this device are fetched, checked and deleted: from commands to the worker, and
//! back from its events.

use easel_core::model::Published;

use super::app::EaselApp;
use super::command::Deed;
use super::protocol::{Ask, Chore, Item, ModelChoice, RequestId, Tell};
use super::shelf::{Job, JobKind, Pace};

impl EaselApp {
    /// Opens the models' screen, which asks what is kept, or closes it.
    pub(super) fn show_models(&mut self, open: bool) {
        self.models_open = open;
        self.shelf.asking = None;
        if open {
            self.list_models();
        }
    }

    fn list_models(&mut self) {
        let folders = self.settings.models.clone();
        self.shelf.listing = self.send(Ask::Shelf(Chore::List { folders }));
    }

    pub(super) fn deed(&mut self, deed: Deed) {
        match deed {
            Deed::Get(item) => self.begin(JobKind::Getting, item.clone(), Chore::Get(item)),
            Deed::Verify(item) => {
                self.shelf.checked = None;
                self.begin(JobKind::Checking, item.clone(), Chore::Verify(item));
            }
            Deed::Pause(item) => {
                if let Some(job) = self.shelf.jobs.iter_mut().find(|job| job.item == item) {
                    job.stopping = true;
                    let id = job.id;
                    self.send(Ask::Cancel(id));
                }
            }
            Deed::Delete(item) => self.shelf.asking = Some(item),
            Deed::Confirm(sure) => {
                if let Some(item) = self.shelf.asking.take().filter(|_| sure) {
                    if self.uses(&item) {
                        self.load_model(ModelChoice::Demo);
                    }
                    self.begin(JobKind::Deleting, item.clone(), Chore::Delete(item));
                }
            }
            Deed::Forget(folder) => {
                self.settings.models.retain(|known| *known != folder);
                self.list_models();
            }
            Deed::Weights(model, weights) => self.shelf.set_weights(model, weights),
            Deed::Address => {
                let t = self.words();
                self.platform.ask_address([t.address_title, t.get, t.cancel]);
            }
        }
    }

    /// Copies the pack of a chosen folder in.
    pub(super) fn import(&mut self, folder: String) {
        self.show_models(true);
        self.begin(JobKind::Importing, Item::Pack(folder.clone()), Chore::Import(folder));
    }

    /// Fetches the pack of an address.
    pub(super) fn fetch_pack(&mut self, address: String) {
        self.show_models(true);
        self.deed(Deed::Get(Item::Pack(address)));
    }

    fn begin(&mut self, kind: JobKind, item: Item, chore: Chore) {
        if self.shelf.job(&item).is_some() {
            return;
        }
        self.notice = None;
        let id = self.send(Ask::Shelf(chore));
        let job = Job { id, item, kind, stopping: false, pace: Pace::default() };
        self.shelf.jobs.push(job);
    }

    /// Whether a model is the one that answers.
    pub(super) fn uses(&self, item: &Item) -> bool {
        match (&self.model.choice, item) {
            (ModelChoice::Hub { id, .. }, Item::Hub(item)) => id == item,
            (ModelChoice::Folder(folder), Item::Pack(place) | Item::Folder(place)) => {
                folder.trim_end_matches('/') == place.trim_end_matches('/')
            }
            _ => false,
        }
    }

    /// How a model is loaded.
    pub(super) fn choice_of(&self, item: &Item) -> ModelChoice {
        match item {
            Item::Pack(place) | Item::Folder(place) => ModelChoice::Folder(place.clone()),
            Item::Hub(id) => {
                let model = Published::ALL.into_iter().find(|model| model.id() == id);
                let weights = self.shelf.weights(model.unwrap_or(Published::ThreeB));
                ModelChoice::Hub { id: id.clone(), weights }
            }
        }
    }

    /// Takes what is told of a request, where it is one of these.
    pub(super) fn shelf_tells(&mut self, id: RequestId, tell: Tell, now: f64) {
        if let (Tell::Shelf(stock), true) = (&tell, id == self.shelf.listing) {
            self.shelf.stock = Some(stock.clone());
            return;
        }
        let Some(at) = self.shelf.jobs.iter().position(|job| job.id == id) else { return };
        match tell {
            Tell::Moved(moved) => {
                self.shelf.jobs[at].pace.push(now, moved);
                return;
            }
            Tell::Got(item) => {
                // What was asked for is to be used.
                let choice = self.choice_of(&item);
                self.load_model(choice);
            }
            Tell::Checked(damaged) => {
                self.shelf.checked = Some((self.shelf.jobs[at].item.clone(), damaged));
            }
            Tell::Failed(fault) => self.notice = Some(fault),
            _ => {}
        }
        self.shelf.jobs.remove(at);
        self.list_models();
    }
}
