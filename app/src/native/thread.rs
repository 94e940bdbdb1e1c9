//! The worker: five threads, one that decodes pictures, one that holds the model, one that fetches
//! models, one that looks after those that are kept, and one that keeps portfolios.
//!
//! A picture opens at once even while a model of gigabytes loads, and goes on being looked at while
//! another one is fetched. What is given up ends at its
//! next step; what it still tells is dropped by the interface.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::files::Wake;
use super::panics::panic_line;
use super::{model, place, portfolio, shelf};
use crate::model::Loaded;
use crate::ui::{
    Ask, Chore, Event, Fault, FaultKind, ModelChoice, Request, RequestId, Tell, Worker,
};

/// Whether a request is still wanted.
pub(super) type GoOn = Arc<dyn Fn() -> bool + Send + Sync>;

/// The numbers of requests that were given up.
type GivenUp = Arc<Mutex<BTreeSet<RequestId>>>;

/// They are whole whatever happened to a thread that held them.
fn numbers(given_up: &GivenUp) -> MutexGuard<'_, BTreeSet<RequestId>> {
    given_up.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The model's thread, and those beside it.
pub struct ModelThread {
    pictures: Sender<Request>,
    model: Sender<Request>,
    downloads: Sender<Request>,
    shelf: Sender<Request>,
    portfolio: Sender<Request>,
    events: Receiver<Event>,
    given_up: GivenUp,
}

impl ModelThread {
    /// Starts them; `wake` is called after each event.
    #[must_use]
    pub fn start(wake: Wake) -> Self {
        Self::with_portfolios(wake, place::data_folder())
    }

    /// The same with portfolios in a folder.
    #[must_use]
    pub fn with_portfolios(wake: Wake, folder: Option<PathBuf>) -> Self {
        let (sender, events) = channel();
        let given_up = GivenUp::default();
        let speak = Speak { sender, wake };
        let pictures = start("pictures", &given_up, &speak, || {
            |request: Request, _: &GoOn, tell: &mut dyn FnMut(Tell)| {
                if let Ask::Open(source) = request.ask {
                    tell(source.open());
                }
            }
        });
        let model = start("model", &given_up, &speak, || {
            let mut state = Model::default();
            move |request: Request, go_on: &GoOn, tell: &mut dyn FnMut(Tell)| {
                state.answer(request.ask, &**go_on, tell);
            }
        });
        // What is kept can be told while something is fetched.
        let [downloads, shelf] =
            ["downloads", "shelf"].map(|name| start(name, &given_up, &speak, || keep_shelf));
        let portfolio = start("portfolio", &given_up, &speak, move || {
            let mut keeper = portfolio::Keeper::new(folder.clone());
            move |request: Request, _: &GoOn, tell: &mut dyn FnMut(Tell)| {
                if let Ask::Portfolio(ask) = request.ask {
                    tell(keeper.answer(ask));
                }
            }
        });
        Self { pictures, model, downloads, shelf, portfolio, events, given_up }
    }
}

impl Worker for ModelThread {
    fn send(&mut self, request: Request) {
        if let Ask::Cancel(id) = request.ask {
            numbers(&self.given_up).insert(id);
            return;
        }
        let thread = match request.ask {
            Ask::Open(_) => &self.pictures,
            Ask::Shelf(Chore::Get(_)) => &self.downloads,
            Ask::Shelf(_) => &self.shelf,
            Ask::Portfolio(_) => &self.portfolio,
            _ => &self.model,
        };
        // All threads live as long as this does: they catch what panics.
        let _ = thread.send(request);
    }

    fn poll(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }
}

fn keep_shelf(request: Request, go_on: &GoOn, tell: &mut dyn FnMut(Tell)) {
    if let Ask::Shelf(chore) = request.ask {
        let end = shelf::answer(chore, go_on, tell);
        tell(end.unwrap_or_else(Tell::Failed));
    }
}

#[derive(Clone)]
struct Speak {
    sender: Sender<Event>,
    wake: Wake,
}

impl Speak {
    fn tell(&self, id: RequestId, tell: Tell) {
        // A window that was closed wants nothing any more.
        let _ = self.sender.send(Event { id, tell });
        (self.wake)();
    }
}

/// Starts a thread that answers requests in their order. After a panic its state is made anew.
fn start<A>(
    name: &str,
    given_up: &GivenUp,
    speak: &Speak,
    state: impl Fn() -> A + Send + 'static,
) -> Sender<Request>
where
    A: FnMut(Request, &GoOn, &mut dyn FnMut(Tell)),
{
    let (sender, requests) = channel::<Request>();
    let (given_up, speak) = (Arc::clone(given_up), speak.clone());
    let run = move || {
        let mut answer = state();
        while let Ok(request) = requests.recv() {
            let id = request.id;
            let go_on: GoOn = {
                let given_up = Arc::clone(&given_up);
                Arc::new(move || !numbers(&given_up).contains(&id))
            };
            if !go_on() {
                speak.tell(id, Tell::Cancelled);
                continue;
            }
            let mut tell = |tell| speak.tell(id, tell);
            let outcome = catch_unwind(AssertUnwindSafe(|| answer(request, &go_on, &mut tell)));
            if let Err(panic) = outcome {
                answer = state();
                let line = panic_line(&*panic).unwrap_or_default();
                speak.tell(id, Tell::Failed(Fault::new(FaultKind::Stopped, line)));
            }
            numbers(&given_up).remove(&id);
        }
    };
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(run);
    if let Err(error) = spawned {
        log::error!("the thread {name} cannot be started: {error}");
    }
    sender
}

/// The model's thread's own state.
#[derive(Default)]
struct Model {
    loaded: Option<Loaded>,
    /// What was loaded last: after a panic, or for an assessment that comes first.
    choice: ModelChoice,
}

impl Model {
    fn answer(&mut self, ask: Ask, go_on: &dyn Fn() -> bool, tell: &mut dyn FnMut(Tell)) {
        let outcome = match ask {
            Ask::Load(choice) => {
                // The old weights first: two models may not fit.
                self.loaded = None;
                self.choice = choice;
                self.ready(tell).map(|info| tell(Tell::Ready(info)))
            }
            Ask::Assess { source, edit, language, begun } => {
                let ready = self.ready(&mut |_| {});
                match (ready, &mut self.loaded) {
                    (Ok(_), Some(loaded)) => {
                        let picture = (&source, edit, language);
                        model::assess(loaded, picture, begun, go_on, tell).map(&mut *tell)
                    }
                    (Ok(_), None) => Ok(()),
                    (Err(fault), _) => Err(fault),
                }
            }
            Ask::Occlude { source, edit, attribute } => {
                let ready = self.ready(&mut |_| {});
                match (ready, &mut self.loaded) {
                    (Ok(_), Some(loaded)) => {
                        model::occlude(loaded, (&source, edit), attribute).map(&mut *tell)
                    }
                    (Ok(_), None) => Ok(()),
                    (Err(fault), _) => Err(fault),
                }
            }
            Ask::Open(_) | Ask::Shelf(_) | Ask::Cancel(_) | Ask::Portfolio(_) => Ok(()),
        };
        if let Err(fault) = outcome {
            tell(Tell::Failed(fault));
        }
    }

    /// Loads the model where it is not.
    fn ready(&mut self, tell: &mut dyn FnMut(Tell)) -> Result<crate::ui::ModelInfo, Fault> {
        let loaded = match self.loaded.take() {
            Some(loaded) => loaded,
            None => model::load(&self.choice, tell)?,
        };
        Ok(self.loaded.insert(loaded).info().clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    use crate::ui::{Begun, Edit, Source};
    use easel_core::Attribute;
    use easel_core::prompt::Language;

    fn wait(worker: &mut ModelThread, id: RequestId, is: impl Fn(&Tell) -> bool) -> Vec<Tell> {
        let (start, mut told) = (Instant::now(), Vec::new());
        while start.elapsed() < Duration::from_secs(120) {
            match worker.poll() {
                Some(event) if event.id == id => {
                    told.push(event.tell);
                    if told.last().is_some_and(&is) {
                        return told;
                    }
                }
                Some(_) => {}
                None => thread::sleep(Duration::from_millis(5)),
            }
        }
        panic!("{told:?}");
    }

    fn picture() -> Source {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/samples/1.png");
        Source::File { name: "1.png".to_owned(), bytes: std::fs::read(path).unwrap() }
    }

    #[test]
    fn the_demo_scores_writes_and_is_cancelled() {
        let mut worker = ModelThread::start(Arc::new(|| {}));
        worker.send(Request { id: 1, ask: Ask::Load(ModelChoice::Demo) });
        let told = wait(&mut worker, 1, |tell| matches!(tell, Tell::Ready(_)));
        assert!(told.iter().any(|tell| matches!(tell, Tell::Loading(_))));
        let ask = |begun| {
            let (edit, language) = (Edit::default(), Language::En);
            Ask::Assess { source: picture(), edit, language, begun }
        };
        worker.send(Request { id: 2, ask: ask(None) });
        let told = wait(&mut worker, 2, |tell| *tell == Tell::Done);
        let scored = told.iter().position(|tell| matches!(tell, Tell::Scored(_))).unwrap();
        let Tell::Scored(assessment) = told[scored].clone() else { panic!("{told:?}") };
        let words = |told: &[Tell]| -> Vec<(u32, String)> {
            let word = |tell: &Tell| match tell {
                Tell::Words { text, token } => Some((*token, text.clone())),
                _ => None,
            };
            told.iter().filter_map(word).collect()
        };
        let whole = words(&told[scored..]);
        assert!(whole.len() > 5 && whole == words(&told), "{told:?}");
        // What was broken off anywhere goes on as if it had not been.
        for (id, at) in [(5, 0), (6, 1), (7, whole.len() / 2), (8, whole.len())] {
            let written = whole[..at].iter().map(|(token, _)| *token).collect();
            let begun = Begun { assessment: assessment.clone(), written };
            worker.send(Request { id, ask: ask(Some(begun)) });
            let told = wait(&mut worker, id, |tell| *tell == Tell::Done);
            assert_eq!(words(&told), whole[at..]);
            assert!(!told.iter().any(|tell| matches!(tell, Tell::Scored(_))), "{told:?}");
        }
        let (source, attribute) = (picture(), Attribute::ColorRichness);
        let occlude = Ask::Occlude { source, edit: Edit::default(), attribute };
        worker.send(Request { id: 9, ask: occlude });
        let told = wait(&mut worker, 9, |tell| matches!(tell, Tell::Occluded(_)));
        let [Tell::Occluded(found)] = &told[..] else { panic!("{told:?}") };
        assert_eq!(found.attribute, attribute);
        worker.send(Request { id: 3, ask: ask(None) });
        worker.send(Request { id: 4, ask: Ask::Cancel(3) });
        wait(&mut worker, 3, |tell| *tell == Tell::Cancelled);
    }

    #[test]
    fn broken_pictures_and_folders_are_told() {
        let mut worker = ModelThread::start(Arc::new(|| {}));
        let source = Source::File { name: "a".to_owned(), bytes: b"\x89PNG\r\n\x1a\n".to_vec() };
        worker.send(Request { id: 1, ask: Ask::Open(source) });
        wait(
            &mut worker,
            1,
            |tell| matches!(tell, Tell::Failed(f) if f.kind == FaultKind::Picture),
        );
        let folder = tempfile::tempdir().unwrap();
        let choice = ModelChoice::Folder(folder.path().display().to_string());
        worker.send(Request { id: 2, ask: Ask::Load(choice) });
        let told = wait(
            &mut worker,
            2,
            |tell| matches!(tell, Tell::Failed(f) if f.kind == FaultKind::Model),
        );
        assert!(format!("{told:?}").contains("config.json"), "{told:?}");
    }
}
