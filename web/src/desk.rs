//! A worker's side: it answers requests in their order, and pictures at once.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use easel::model::{Computer, Files, Loaded};
use easel::ui::{
    Ask, Chore, Event, Fault, FaultKind, ModelChoice, ModelInfo, Request, RequestId, Tell,
};
use easel::wire::{pack_event, unpack_request};
use easel_core::weights::Pending;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::device;
use crate::folder::{Files as Folder, words};
use crate::hosts::{Folder as Opened, WorkerHost};
use crate::portfolio::Keeper;
use crate::shelf;

/// A worker's desk.
#[wasm_bindgen]
pub struct Desk(Rc<Shared>);

struct Shared {
    host: WorkerHost,
    waiting: RefCell<VecDeque<Request>>,
    given_up: RefCell<BTreeSet<RequestId>>,
    busy: Cell<bool>,
    model: RefCell<Model>,
    keeper: Keeper,
    /// What is asked of the portfolios, one after another.
    to_keep: RefCell<VecDeque<(RequestId, easel::portfolio::Ask)>>,
    keeping: Cell<bool>,
}

/// The model, and the device that it and the next one live on.
#[derive(Default)]
struct Model {
    computer: Option<Computer>,
    loaded: Option<Loaded>,
    choice: ModelChoice,
}

#[wasm_bindgen]
impl Desk {
    /// A desk whose answers `host` passes on.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(host: WorkerHost) -> Self {
        let shared = Shared {
            keeper: Keeper::new(host.clone()),
            to_keep: RefCell::default(),
            keeping: Cell::new(false),
            host,
            waiting: RefCell::default(),
            given_up: RefCell::default(),
            busy: Cell::new(false),
            model: RefCell::default(),
        };
        let shared = Rc::new(shared);
        // After a panic the module is of no more use, so the host says so and is replaced.
        let host = shared.host.clone();
        HOST.with(|slot| slot.replace(Some(host)));
        std::panic::set_hook(Box::new(|panic| {
            let message = panic.to_string();
            let line = message.lines().last().unwrap_or_default();
            HOST.with(|host| match host.borrow().as_ref() {
                Some(host) => host.stopped(line),
                // One of the pool's threads: its script tells the page.
                None => wasm_bindgen::throw_str(line),
            });
        }));
        Self(shared)
    }

    /// Takes a request.
    pub fn receive(&self, head: &str, body: Vec<u8>) {
        let Ok(request) = unpack_request(head, body) else { return };
        let shared = &self.0;
        match request.ask {
            Ask::Cancel(id) => {
                shared.given_up.borrow_mut().insert(id);
            }
            Ask::Open(source) => shared.tell(request.id, source.open()),
            Ask::Shelf(chore) => spawn_local(Rc::clone(shared).keep(request.id, chore)),
            Ask::Portfolio(ask) => {
                shared.to_keep.borrow_mut().push_back((request.id, ask));
                if !shared.keeping.replace(true) {
                    spawn_local(Rc::clone(shared).keep_portfolios());
                }
            }
            Ask::Load(_) | Ask::Assess { .. } | Ask::Occlude { .. } => {
                shared.waiting.borrow_mut().push_back(request);
                if !shared.busy.replace(true) {
                    spawn_local(Rc::clone(shared).work());
                }
            }
        }
    }
}

thread_local! {
    static HOST: RefCell<Option<WorkerHost>> = const { RefCell::new(None) };
}

impl Shared {
    fn tell(&self, id: RequestId, tell: Tell) {
        let (head, body) = pack_event(Event { id, tell });
        self.host.tell(&head, Uint8Array::from(body.as_slice()));
    }

    /// Looks after the packs that are kept: beside all else, for it mostly waits.
    async fn keep(self: Rc<Self>, id: RequestId, chore: Chore) {
        let wanted = {
            let shared = Rc::clone(&self);
            move || !shared.given_up.borrow().contains(&id)
        };
        let told = Rc::clone(&self);
        let end = shelf::answer(&self.host, chore, wanted, move |tell| told.tell(id, tell)).await;
        self.given_up.borrow_mut().remove(&id);
        self.tell(id, end.unwrap_or_else(Tell::Failed));
    }

    async fn keep_portfolios(self: Rc<Self>) {
        loop {
            let Some((id, ask)) = self.to_keep.borrow_mut().pop_front() else { break };
            let told = self.keeper.answer(ask).await;
            self.tell(id, told);
        }
        self.keeping.set(false);
    }

    async fn work(self: Rc<Self>) {
        loop {
            let Some(Request { id, ask }) = self.waiting.borrow_mut().pop_front() else { break };
            if !Rc::clone(&self).wanted(id).await {
                self.tell(id, Tell::Cancelled);
                continue;
            }
            // Taken out, so that nothing is borrowed while the device works.
            let mut model = self.model.take();
            let end = self.answer(&mut model, id, ask).await;
            self.model.replace(model);
            self.given_up.borrow_mut().remove(&id);
            self.tell(id, end.unwrap_or_else(Tell::Failed));
        }
        self.busy.set(false);
    }

    /// Whether a request was not given up, once the messages that wait were taken.
    async fn wanted(self: Rc<Self>, id: RequestId) -> bool {
        // It cannot fail: a timer settles it.
        let _ = JsFuture::from(self.host.breath()).await;
        !self.given_up.borrow().contains(&id)
    }

    async fn answer(
        self: &Rc<Self>,
        model: &mut Model,
        id: RequestId,
        ask: Ask,
    ) -> Result<Tell, Fault> {
        let mut tell = |tell| self.tell(id, tell);
        match ask {
            Ask::Load(choice) => {
                // The old weights first: two models may not fit.
                (model.loaded, model.choice) = (None, choice);
                self.ready(model, &mut tell).await.map(Tell::Ready)
            }
            Ask::Assess { source, edit, language, begun } => {
                self.ready(model, &mut |_| {}).await?;
                let go_on = || -> Pending<'static, bool> { Box::pin(Rc::clone(self).wanted(id)) };
                match &mut model.loaded {
                    Some(loaded) => {
                        let picture = (&source, edit, language);
                        loaded.assess(picture, begun, &go_on, &mut tell).await
                    }
                    None => Ok(Tell::Cancelled),
                }
            }
            Ask::Occlude { source, edit, attribute } => {
                self.ready(model, &mut |_| {}).await?;
                match &mut model.loaded {
                    Some(loaded) => loaded.occlude(&source, edit, attribute).await,
                    None => Ok(Tell::Cancelled),
                }
            }
            Ask::Open(_) | Ask::Shelf(_) | Ask::Cancel(_) | Ask::Portfolio(_) => Ok(Tell::Done),
        }
    }

    /// Loads the model where it is not.
    async fn ready(
        &self,
        model: &mut Model,
        tell: &mut dyn FnMut(Tell),
    ) -> Result<ModelInfo, Fault> {
        if let Some(loaded) = &model.loaded {
            return Ok(loaded.info().clone());
        }
        let (files, folder) = self.files(&model.choice).await?;
        let computer = match &model.computer {
            Some(computer) => computer.clone(),
            None => model.computer.insert(device::open(&self.host).await?).clone(),
        };
        // Loading asks for few words' embeddings. All come beside it: later there may be no network.
        let whole = folder.as_ref().map(|folder| JsFuture::from(folder.whole()));
        let loaded = Loaded::load(files, computer, tell).await;
        if let (Err(_), Some(folder)) = (&loaded, &folder) {
            folder.leave();
        }
        let loaded = loaded?;
        if let (Some(whole), Some(folder)) = (whole, folder) {
            whole.await.map_err(|error| {
                Fault::new(FaultKind::Model, format!("{}: {}", folder.name(), words(&error)))
            })?;
        }
        Ok(model.loaded.insert(loaded).info().clone())
    }

    /// A model's files, and the folder that they are in.
    async fn files(&self, choice: &ModelChoice) -> Result<(Files, Option<Opened>), Fault> {
        let folder = match choice {
            ModelChoice::Demo => return Ok((Files::demo(), None)),
            ModelChoice::Folder(folder) => folder,
            ModelChoice::Hub { id, .. } => {
                let message =
                    format!("{id}: a page reads packs, and none of the hub's checkpoints");
                return Err(Fault::new(FaultKind::Model, message));
            }
        };
        let opened = self.host.open(folder);
        let opened = opened.map_err(|error| Fault::new(FaultKind::Model, words(&error)))?;
        let files = Files::folder(opened.name(), Rc::new(Folder(opened.clone()))).await?;
        Ok((files, Some(opened)))
    }
}
