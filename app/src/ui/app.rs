//! The whole interface's state, and how commands change it.

use std::collections::BTreeSet;
use std::mem;

use easel_core::assess::Doubt;
use easel_core::prompt::Language;
use easel_core::{Attribute, Image};
use egui::{Context, TextureHandle, Ui};

use super::class::Classes;
use super::command::{Change, Command};
use super::drawing::{Edit, Source};
use super::looked::Looked;
use super::platform::Platform;
use super::portfolio::Portfolio;
use super::protocol::{Ask, Fault, ModelChoice, ModelInfo, Request, RequestId, Worker};
use super::run::{Run, Writing};
use super::samples::SAMPLES;
use super::screens;
use super::settings::{Settings, View};
use super::shelf::Shelf;
use super::text::{Table, table};
use super::theme::Look;
#[cfg(feature = "train")]
use super::training::Training;
use super::typed::Typed;
use crate::papers::Paper;
#[cfg(feature = "train")]
use crate::training::Desk;

/// Where a person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// The first screen.
    Welcome,
    /// The picture, before it is looked at.
    Preview {
        /// Whether it is being cut.
        cropping: bool,
    },
    /// While it is looked at.
    Working,
    /// What was found.
    Result,
    /// What is kept.
    Portfolio,
    /// Many drawings at once.
    Class,
}

/// A drawing that was opened.
pub struct Drawing {
    /// Where it comes from.
    pub source: Source,
    /// A small copy, upright.
    pub small: Image,
    /// How it is turned and cut.
    pub edit: Edit,
    /// The small copy on the screen, and by how many quarters it is turned.
    pub shown: Option<(u8, TextureHandle)>,
}

/// The model that answers.
#[derive(Debug, Default)]
pub struct ModelState {
    /// Its request.
    pub request: RequestId,
    /// Which was asked for.
    pub choice: ModelChoice,
    /// How far it is loaded; `None` where nothing loads.
    pub loading: Option<f32>,
    /// What is known of it, once it is loaded.
    pub info: Option<ModelInfo>,
}

/// Easel's interface.
pub struct EaselApp {
    pub(super) settings: Settings,
    pub(super) screen: Screen,
    pub(super) settings_open: bool,
    /// Whether the models' screen lies over all others.
    pub(super) models_open: bool,
    pub(super) shelf: Shelf,
    /// The paper that is read.
    pub(super) about: Option<Paper>,
    pub(super) drawing: Option<Drawing>,
    pub(super) opening: Option<(RequestId, Source)>,
    pub(super) run: Option<Run>,
    pub(super) model: ModelState,
    pub(super) notice: Option<Fault>,
    /// Where the program looked.
    pub(super) looked: Looked,
    /// The attributes whose levels are all shown.
    pub(super) unfolded: BTreeSet<Attribute>,
    pub(super) samples: Vec<TextureHandle>,
    pub(super) portfolio: Portfolio,
    pub(super) class: Classes,
    #[cfg(feature = "train")]
    pub(super) training: Option<Training>,
    pub(super) worker: Box<dyn Worker>,
    pub(super) platform: Box<dyn Platform>,
    /// What is typed and not kept yet.
    pub(super) typed: Typed,
    commands: Vec<Command>,
    saved: Settings,
    last_id: RequestId,
}

impl EaselApp {
    /// Takes up the settings that were saved, and starts to load the model. The context that it
    /// will be drawn in wants [`install_fonts`](super::install_fonts) first.
    #[must_use]
    pub fn new(worker: Box<dyn Worker>, mut platform: Box<dyn Platform>) -> Self {
        let settings =
            platform.load().map_or_else(Settings::default, |json| Settings::from_json(&json));
        let mut app = Self {
            saved: settings.clone(),
            screen: Screen::Welcome,
            settings_open: false,
            models_open: false,
            shelf: Shelf::default(),
            about: None,
            drawing: None,
            opening: None,
            run: None,
            model: ModelState::default(),
            notice: None,
            looked: Looked::default(),
            unfolded: BTreeSet::new(),
            samples: Vec::new(),
            portfolio: Portfolio::default(),
            class: Classes::default(),
            #[cfg(feature = "train")]
            training: None,
            typed: Typed::default(),
            commands: Vec::new(),
            last_id: 0,
            settings,
            worker,
            platform,
        };
        app.load_model(app.settings.model.clone());
        app
    }

    /// With a Train tab, and the threads behind it.
    #[cfg(feature = "train")]
    #[must_use]
    pub fn with_training(mut self, desk: Box<dyn Desk>) -> Self {
        self.training = Some(Training::new(desk));
        self
    }

    /// The Train tab, where there is one.
    #[cfg(feature = "train")]
    #[must_use]
    pub const fn training(&self) -> Option<&Training> {
        self.training.as_ref()
    }

    /// Whether the Train tab lies over the drawing.
    pub(super) const fn trains(&self) -> bool {
        #[cfg(feature = "train")]
        if let Some(training) = &self.training {
            return training.open;
        }
        false
    }

    /// The settings as they are.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where the person is.
    #[must_use]
    pub const fn screen(&self) -> Screen {
        self.screen
    }

    /// The assessment that goes on or is shown.
    #[must_use]
    pub const fn current(&self) -> Option<&Run> {
        self.run.as_ref()
    }

    /// Back to the drawing from what lies over it.
    pub(super) fn close_panels(&mut self) {
        (self.settings_open, self.models_open, self.about) = (false, false, None);
        self.leave_training();
    }

    /// Closes the Train tab; what it does goes on.
    fn leave_training(&mut self) {
        #[cfg(feature = "train")]
        if let Some(training) = &mut self.training {
            training.open = false;
        }
    }

    /// Whether something lies over the drawing.
    pub(super) const fn covered(&self) -> bool {
        self.settings_open || self.models_open || self.trains() || self.about.is_some()
    }

    /// What speaks against the picture that was looked at being a drawing.
    pub(super) fn doubt(&self) -> Option<Doubt> {
        self.run.as_ref()?.scored.as_ref()?.0.doubt()
    }

    /// What is shown of the portfolios.
    #[must_use]
    pub const fn portfolio(&self) -> &Portfolio {
        &self.portfolio
    }

    /// What is shown of classes.
    #[must_use]
    pub const fn classes(&self) -> &Classes {
        &self.class
    }

    /// Queues a command, as a screen does.
    pub fn command(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// Carries out what was asked and takes what arrived; draws nothing.
    pub fn logic(&mut self, ctx: &Context) {
        let before = self.last_id;
        // What was pressed comes before what came since: a picture that arrives after "Another
        // picture" is not the one to put away.
        let mut any = self.obey(ctx);
        self.take_input(ctx);
        any |= self.obey(ctx);
        self.take_arrivals();
        self.take_events(ctx);
        self.take_up_drawings(ctx);
        any |= self.obey(ctx);
        if any || before != self.last_id {
            ctx.request_repaint();
        }
        self.keep_typed(ctx);
        self.ask_elsewhere(ctx);
        if self.settings != self.saved {
            self.platform.save(&self.settings.to_json());
            self.saved = self.settings.clone();
        }
        Look::apply(ctx, &self.settings);
    }

    /// Draws the screen.
    pub fn ui(&mut self, ui: &mut Ui) {
        let mut commands = Vec::new();
        screens::app_ui(ui, self, &mut commands);
        if !commands.is_empty() {
            self.commands.extend(commands);
            ui.ctx().request_repaint();
        }
    }

    /// The language that is spoken.
    pub(super) fn language(&self) -> Language {
        self.settings.language.unwrap_or_else(|| self.platform.language())
    }

    /// The words of that language.
    pub(super) fn words(&self) -> &'static Table {
        table(self.language())
    }

    pub(super) fn send(&mut self, ask: Ask) -> RequestId {
        self.last_id += 1;
        self.worker.send(Request { id: self.last_id, ask });
        self.last_id
    }

    pub(super) fn load_model(&mut self, choice: ModelChoice) {
        let request = self.send(Ask::Load(choice.clone()));
        self.model = ModelState { request, choice, loading: Some(0.0), info: None };
    }

    /// Begins to open a picture; the one before stays until it is there.
    pub(super) fn open(&mut self, source: Source) {
        self.cancel_opening();
        self.save_note();
        self.notice = None;
        let id = self.send(Ask::Open(source.clone()));
        self.opening = Some((id, source));
    }

    fn cancel_opening(&mut self) {
        if let Some((id, _)) = self.opening.take() {
            self.send(Ask::Cancel(id));
        }
    }

    /// Gives the assessment up, as far as it is not complete.
    pub(super) fn cancel_run(&mut self) {
        let Some(run) = self.run.as_mut().filter(|run| run.writing == Writing::Going) else {
            return;
        };
        run.writing = Writing::Stopped;
        let id = run.id;
        self.send(Ask::Cancel(id));
    }

    /// Carries out what was asked so far; tells whether anything was.
    fn obey(&mut self, ctx: &Context) -> bool {
        let commands = mem::take(&mut self.commands);
        let any = !commands.is_empty();
        for command in commands {
            self.carry_out(ctx, command);
        }
        any
    }

    fn carry_out(&mut self, ctx: &Context, command: Command) {
        match command {
            Command::Choose => self.platform.choose_picture(),
            Command::ChooseModel => self.platform.choose_model(),
            Command::Recent(path) => self.platform.open(&path),
            Command::Paste => self.platform.paste(ctx),
            Command::Photograph => {
                let t = self.words();
                self.platform.photograph([t.camera, t.camera_take, t.cancel]);
            }
            Command::Sample(at) => {
                if let Some(bytes) = SAMPLES.get(at) {
                    let name = format!("{}.png", at + 1);
                    self.open(Source::File { name, bytes: bytes.to_vec() });
                }
            }
            Command::Turn { clockwise } => {
                if let Some(drawing) = &mut self.drawing {
                    drawing.edit.turn(clockwise);
                }
            }
            Command::Edit(edit) => {
                if let Some(drawing) = &mut self.drawing {
                    drawing.edit = edit;
                }
            }
            Command::Crop(cropping) => self.screen = Screen::Preview { cropping },
            Command::Look => self.look(ctx),
            Command::Cancel => self.cancel(),
            Command::Home => self.home(),
            Command::Back => self.back(),
            Command::Settings(open) => self.settings_open = open,
            Command::Models(open) => self.show_models(open),
            Command::Shelf(deed) => self.deed(deed),
            Command::About(paper) => self.about = Some(paper),
            Command::Set(change) => self.change(change),
            Command::Levels(attribute) => {
                if !self.unfolded.remove(&attribute) {
                    self.unfolded.insert(attribute);
                }
            }
            Command::WhereLooked(attribute) => self.where_looked(attribute),
            Command::Model(choice) => {
                self.notice = None;
                self.load_model(choice);
            }
            Command::Dismiss => self.notice = None,
            Command::Again => {
                self.notice = None;
                self.again(ctx);
            }
            Command::Portfolio(keeping) => self.keeping(keeping),
            Command::Class(lesson) => self.lesson(lesson),
            #[cfg(feature = "train")]
            Command::Train(act) => self.train(act),
        }
    }

    fn look(&mut self, ctx: &Context) {
        let Some(drawing) = &self.drawing else { return };
        let (source, edit, language) = (drawing.source.clone(), drawing.edit, self.language());
        self.cancel_run();
        self.notice = None;
        self.unfolded.clear();
        self.portfolio.forget_kept();
        self.forget_looked();
        let id = self.send(Ask::Assess { source, edit, language, begun: None });
        let by = (self.model.request, language);
        self.run = Some(Run::new(id, by, ctx.input(|input| input.time)));
        self.screen = Screen::Working;
    }

    /// Goes on with a comment that was broken off, or looks once more.
    fn again(&mut self, ctx: &Context) {
        let by = (self.model.request, self.language());
        let begun = self.run.as_ref().filter(|run| run.by == by).and_then(Run::begun);
        let (Some(begun), Some(drawing)) = (begun, &self.drawing) else {
            return self.look(ctx);
        };
        let (source, edit, language) = (drawing.source.clone(), drawing.edit, by.1);
        let id = self.send(Ask::Assess { source, edit, language, begun: Some(begun) });
        if let Some(run) = &mut self.run {
            (run.id, run.writing) = (id, Writing::Going);
        }
    }

    fn where_looked(&mut self, attribute: Attribute) {
        let Some(drawing) = &self.drawing else { return };
        // One at a time: each takes longer than the nine scores.
        if self.looked.asked.is_some() {
            return;
        }
        let (source, edit) = (drawing.source.clone(), drawing.edit);
        let id = self.send(Ask::Occlude { source, edit, attribute });
        self.looked.asked = Some((id, attribute));
    }

    /// What was found is of another drawing from now on.
    pub(super) fn forget_looked(&mut self) {
        if let Some((id, _)) = mem::take(&mut self.looked).asked {
            self.send(Ask::Cancel(id));
        }
    }

    fn cancel(&mut self) {
        self.cancel_opening();
        self.cancel_run();
        if self.screen == Screen::Working {
            self.run = None;
            self.screen = Screen::Preview { cropping: false };
        }
    }

    fn home(&mut self) {
        self.cancel_opening();
        self.cancel_run();
        self.forget_looked();
        (self.run, self.drawing, self.notice) = (None, None, None);
        self.screen = Screen::Welcome;
    }

    fn back(&mut self) {
        match self.screen {
            _ if self.about.is_some() => self.about = None,
            _ if self.trains() => self.leave_training(),
            _ if self.models_open && self.shelf.asking.is_some() => self.shelf.asking = None,
            _ if self.models_open => self.models_open = false,
            _ if self.settings_open => self.settings_open = false,
            Screen::Welcome => self.cancel_opening(),
            Screen::Portfolio => self.leave_portfolio(),
            Screen::Class => self.leave_class(),
            Screen::Preview { cropping: true } => self.screen = Screen::Preview { cropping: false },
            Screen::Preview { cropping: false } => self.home(),
            Screen::Working => self.cancel(),
            Screen::Result => {
                self.cancel_run();
                self.run = None;
                self.screen = Screen::Preview { cropping: false };
            }
        }
    }

    fn change(&mut self, change: Change) {
        let settings = &mut self.settings;
        match change {
            Change::Language(language) => settings.language = Some(language),
            Change::View(view) => {
                settings.view = view;
                // Classes are for teachers.
                if view == View::Student && self.screen == Screen::Class {
                    self.screen = Screen::Welcome;
                }
            }
            Change::Theme(theme) => settings.theme = theme,
            Change::TextSize(size) => settings.text_size = size,
            Change::ReducedMotion(still) => settings.reduced_motion = still,
            Change::Released(released) => settings.numbers_released = released,
        }
    }
}
