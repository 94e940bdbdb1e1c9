//! A worker and a platform that do as they are told, and the harness around them.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::desk::FakeDesk;
use crate::portfolios::Portfolios;
use easel::training::Desk;
use easel::ui::{
    Arrival, Ask, Chore, EaselApp, Event, Fault, FaultKind, Grant, Item, Kept, ModelChoice,
    ModelInfo, Platform, Request, RequestId, Settings, Step, Stock, Tell, Worker,
};
use easel_core::assess::Occlusion;
use easel_core::model::Published;
use easel_core::prompt::Language;
use easel_core::{Assessment, Attribute, Score};
use egui::DroppedFileHandle;
use egui_kittest::Harness;

/// What a comment says.
pub const COMMENT: &str = "I see a house with a sun and two birds. The dark roof stands out well \
                           against the light sky. Next time, try to fill the empty corner.";
/// The same, in Chinese.
pub const COMMENT_ZH: &str = "我看到一座房子，有太阳和两只小鸟。深色的屋顶在浅色的天空前面很清楚。下次试一试把空着的角落画满。";

/// What worker and platform share with the test.
#[derive(Default)]
pub struct Script {
    /// All requests so far.
    pub requests: Vec<Request>,
    /// Events to come.
    pub events: VecDeque<Event>,
    /// Where an assessment stops by itself; `None` runs to its end.
    pub stop_at: Option<Tell>,
    /// What fails instead of a model that loads.
    pub model_fault: Option<Fault>,
    /// What fails instead of being covered.
    pub occlusion_fault: Option<Fault>,
    /// The platform's arrivals to come.
    pub arrivals: VecDeque<Arrival>,
    /// What the platform was asked for.
    pub asked: Vec<String>,
    /// What was saved.
    pub saved: Option<String>,
    /// What is kept; other chores are answered by the test.
    pub stock: Stock,
    /// With what probability the next picture is a drawing, and whether its page is blank.
    pub seen: (Option<f64>, bool),
    /// Portfolios, once something is asked of them.
    pub portfolios: Option<Portfolios>,
    /// What fails instead of portfolios that answer.
    pub portfolio_fault: Option<Fault>,
}

/// A window's stock on a machine of so much memory, with so many bytes of the 3B model.
pub fn window(memory: u64, bytes: u64) -> Stock {
    let kept = |model: Published, bytes| Kept {
        item: Item::Hub(model.id().to_owned()),
        bytes,
        whole: bytes >= model.download_bytes(),
        checkable: true,
    };
    Stock {
        grant: Grant { memory: Some(memory), binding: Some(1 << 31), small_page: false },
        hub: true,
        kept: vec![kept(Published::ThreeB, bytes), kept(Published::SevenB, 0)],
    }
}

/// The script, shared.
pub type Shared = Rc<RefCell<Script>>;

struct FakeWorker(Shared);
struct FakePlatform(Shared);

impl Worker for FakeWorker {
    fn send(&mut self, request: Request) {
        let mut script = self.0.borrow_mut();
        script.requests.push(request.clone());
        let id = request.id;
        let tells = match request.ask {
            Ask::Load(choice) => vec![match (&script.model_fault, choice) {
                (Some(fault), ModelChoice::Folder(_)) => Tell::Failed(fault.clone()),
                _ => Tell::Ready(demo()),
            }],
            Ask::Open(source) => vec![source.open()],
            Ask::Assess { language, .. } => told(language, script.seen),
            Ask::Shelf(Chore::List { folders }) => {
                let mut stock = script.stock.clone();
                stock.kept.extend(folders.into_iter().map(|folder| Kept {
                    item: Item::Folder(folder),
                    bytes: 3_100_000_000,
                    whole: true,
                    checkable: false,
                }));
                vec![Tell::Shelf(stock)]
            }
            Ask::Shelf(_) => Vec::new(),
            Ask::Occlude { attribute, .. } => match &script.occlusion_fault {
                Some(fault) => vec![Tell::Failed(fault.clone())],
                None => vec![Tell::Occluded(occlusion(attribute))],
            },
            Ask::Cancel(_) => Vec::new(),
            Ask::Portfolio(ask) => vec![match script.portfolio_fault.clone() {
                Some(fault) => Tell::Failed(fault),
                None => script.portfolios.get_or_insert_with(Portfolios::new).answer(ask),
            }],
        };
        for tell in tells {
            let last = script.stop_at.as_ref() == Some(&tell);
            script.events.push_back(Event { id, tell });
            if last {
                break;
            }
        }
    }

    fn poll(&mut self) -> Option<Event> {
        self.0.borrow_mut().events.pop_front()
    }
}

impl Platform for FakePlatform {
    fn choose_picture(&mut self) {
        self.0.borrow_mut().asked.push("picture".to_owned());
    }

    fn choose_model(&mut self) {
        self.0.borrow_mut().asked.push("model".to_owned());
    }

    fn ask_address(&mut self, _: [&str; 3]) {
        self.0.borrow_mut().asked.push("address".to_owned());
    }

    fn choose_pictures(&mut self, folder: bool) {
        self.0.borrow_mut().asked.push(format!("pictures {folder}"));
    }

    fn gather(&mut self, files: Vec<DroppedFileHandle>) {
        self.0.borrow_mut().asked.push(format!("gather {}", files.len()));
    }

    fn choose_export(&mut self, name: &str) {
        self.0.borrow_mut().asked.push(format!("export {name}"));
    }

    fn choose_import(&mut self) {
        self.0.borrow_mut().asked.push("import".to_owned());
    }

    fn open(&mut self, path: &str) {
        self.0.borrow_mut().asked.push(format!("open {path}"));
    }

    fn read(&mut self, file: DroppedFileHandle) {
        let arrival = match file.bytes() {
            Ok(bytes) => Arrival::Picture { name: "dropped".to_owned(), path: None, bytes },
            Err(message) => Arrival::Failed(Fault::new(FaultKind::File, message)),
        };
        self.0.borrow_mut().arrivals.push_back(arrival);
    }

    fn poll(&mut self) -> Option<Arrival> {
        self.0.borrow_mut().arrivals.pop_front()
    }

    fn load(&mut self) -> Option<String> {
        self.0.borrow().saved.clone()
    }

    fn save(&mut self, settings: &str) {
        self.0.borrow_mut().saved = Some(settings.to_owned());
    }

    fn language(&self) -> Language {
        Language::En
    }

    fn has_folders(&self) -> bool {
        true
    }
}

fn demo() -> ModelInfo {
    ModelInfo {
        name: String::new(),
        demo: true,
        adapters: true,
        device: "processor, 2 threads".to_owned(),
        no_webgpu: false,
        attributes: Attribute::ALL.to_vec(),
    }
}

/// Nine scores of all shapes: narrow, wide, and with two peaks.
pub fn assessment() -> Assessment {
    let shapes: [[f64; 5]; 9] = [
        [0.02, 0.08, 0.25, 0.45, 0.20],
        [0.30, 0.40, 0.20, 0.08, 0.02],
        [0.01, 0.04, 0.15, 0.45, 0.35],
        [0.00, 0.02, 0.08, 0.30, 0.60],
        [0.00, 0.01, 0.02, 0.07, 0.90],
        [0.20, 0.20, 0.20, 0.20, 0.20],
        [0.05, 0.25, 0.45, 0.20, 0.05],
        [0.55, 0.30, 0.10, 0.04, 0.01],
        [0.35, 0.05, 0.10, 0.15, 0.35],
    ];
    let scores = Attribute::ALL.into_iter().zip(shapes.map(|probs| Score { probs }));
    Assessment::new(scores.collect::<BTreeMap<_, _>>())
}

/// One part that matters, some that matter a little, some that do not, and one that lowers a score.
/// For imagination, none.
pub fn occlusion(attribute: Attribute) -> Occlusion {
    let mut falls = [
        [0.02, 0.10, 0.05, -0.45],
        [0.08, 0.35, 0.90, 0.20],
        [0.00, 0.15, 0.40, 0.01],
        [0.00, 0.02, 0.03, 0.00],
    ];
    if attribute == Attribute::Imagination {
        falls = [[0.01; 4]; 4];
    }
    Occlusion { attribute, score: 3.0, falls }
}

/// A piece of a comment; its length stands for its token.
pub fn words(text: &str) -> Tell {
    Tell::Words { text: text.to_owned(), token: text.len() as u32 }
}

/// An assessment as it is told.
fn told(language: Language, (drawing, blank): (Option<f64>, bool)) -> Vec<Tell> {
    let steps = [Step::Reading, Step::Looking, Step::Thinking].map(Tell::Step);
    let mut tells: Vec<Tell> = steps.into();
    tells.extend([Tell::Scored(assessment().seen_as(drawing, blank)), Tell::Step(Step::Writing)]);
    let comment = if language == Language::Zh { COMMENT_ZH } else { COMMENT };
    tells.extend(comment.split_inclusive([' ', '。']).map(words));
    tells.push(Tell::Done);
    tells
}

/// The interface in a window of that size.
pub fn harness(size: [f32; 2], settings: &Settings) -> (Harness<'static, EaselApp>, Shared) {
    harness_around(size, settings, Box::new(FakeDesk::default()))
}

/// The same with another desk behind the Train tab.
pub fn harness_around(
    size: [f32; 2],
    settings: &Settings,
    desk: Box<dyn Desk>,
) -> (Harness<'static, EaselApp>, Shared) {
    let script = Shared::default();
    script.borrow_mut().saved = Some(settings.to_json());
    let worker = Box::new(FakeWorker(Rc::clone(&script)));
    let app = EaselApp::new(worker, Box::new(FakePlatform(Rc::clone(&script))));
    (harness_with(size, app.with_training(desk)), script)
}

/// The interface with a worker of its own.
pub fn harness_of(
    size: [f32; 2],
    worker: Box<dyn Worker>,
    script: Shared,
) -> Harness<'static, EaselApp> {
    harness_with(size, EaselApp::new(worker, Box::new(FakePlatform(script))))
}

fn harness_with(size: [f32; 2], app: EaselApp) -> Harness<'static, EaselApp> {
    let draw = |ui: &mut egui::Ui, app: &mut EaselApp| {
        app.logic(ui.ctx());
        // Up to the edges, as in a window: the harness leaves a margin.
        let all = egui::UiBuilder::new().max_rect(ui.ctx().content_rect());
        ui.scope_builder(all, |ui| app.ui(ui));
    };
    Harness::builder()
        .with_size(size)
        .with_step_dt(0.05)
        .with_max_steps(200)
        .with_theme(egui::Theme::Light)
        .with_context_setup(easel::ui::install_fonts)
        .wgpu()
        .build_ui_state(draw, app)
}

/// The id of the last request of a kind.
pub fn last(script: &Shared, is: impl Fn(&Ask) -> bool) -> Option<RequestId> {
    script.borrow().requests.iter().rev().find(|request| is(&request.ask)).map(|r| r.id)
}
