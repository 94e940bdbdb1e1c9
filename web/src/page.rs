//! The page's side: the interface on a canvas, and its mirror for those who do not see one.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use easel::class::File;
use easel::ui::{
    Arrival, EaselApp, Element, Fault, FaultKind, Summary, add_more_fonts, elements, install_fonts,
    on_missing_glyph,
};
use easel_core::image::MAX_FILE_BYTES;
use eframe::{App, Frame, WebOptions, WebRunner};
use egui::accesskit::{Action, ActionData, ActionRequest, NodeId, TreeId};
use egui::{Context, Event, FullOutput, Key, Modifiers, Plugin, RawInput, Ui};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

use crate::hosts::PageHost;
use crate::platform::{Arrivals, Browser, too_large};
use crate::post::{Mail, Post};

/// What the mirror sends, a frame's at a time: a key that is pressed with Shift is told before Shift is
/// let go.
type Input = Rc<RefCell<VecDeque<Vec<Event>>>>;

/// The running interface, as the script reaches it.
#[wasm_bindgen]
pub struct Page {
    ctx: Context,
    mail: Rc<RefCell<Mail>>,
    arrivals: Arrivals,
    input: Input,
    _runner: WebRunner,
}

/// Starts the interface on a canvas.
///
/// # Errors
/// When the browser gives no WebGL to draw with.
#[wasm_bindgen]
pub async fn start(canvas: HtmlCanvasElement, host: PageHost) -> Result<Page, JsValue> {
    let (mail, arrivals) = (Rc::<RefCell<Mail>>::default(), Arrivals::default());
    let input = Input::default();
    let made: Rc<RefCell<Option<Context>>> = Rc::default();
    let runner = WebRunner::new();
    let create = {
        let (mail, arrivals) = (Rc::clone(&mail), Rc::clone(&arrivals));
        let (input, made, host) = (Rc::clone(&input), Rc::clone(&made), host.clone());
        move |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn App>, _> {
            let ctx = cc.egui_ctx.clone();
            install_fonts(&ctx);
            on_missing_glyph(&ctx, || {
                MIRROR.with(|mirror| {
                    if let Some(host) = &mirror.borrow().host {
                        host.missing();
                    }
                });
            });
            ctx.enable_accesskit();
            ctx.add_plugin(Reflection);
            made.replace(Some(ctx.clone()));
            let post = Post { host: host.clone(), mail };
            let browser = Browser { host: host.clone(), arrivals, ctx };
            let app = EaselApp::new(Box::new(post), Box::new(browser));
            Ok(Box::new(Canvas { app, host, input }))
        }
    };
    MIRROR.with(|mirror| mirror.borrow_mut().host = Some(host));
    // Paper between the first frame and the style's own colours would flicker: eframe's dithering
    // is not wanted either, all our grounds are plain.
    let options = WebOptions { dithering: false, ..WebOptions::default() };
    runner.start(canvas, options, Box::new(create)).await?;
    let ctx = made.take().ok_or_else(|| JsValue::from("the interface was not made"))?;
    Ok(Page { ctx, mail, arrivals, input, _runner: runner })
}

#[wasm_bindgen]
impl Page {
    /// Takes an event from a worker.
    pub fn event(&self, head: &str, body: Vec<u8>) {
        self.mail.borrow_mut().receive(head, body);
        self.ctx.request_repaint();
    }

    /// A worker, of this name, was replaced.
    pub fn stopped(&self, worker: &str, message: &str) {
        self.mail.borrow_mut().stopped(worker, message);
        self.ctx.request_repaint();
    }

    /// The longest file that is read as a picture, in bytes.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn most(&self) -> f64 {
        MAX_FILE_BYTES as f64
    }

    /// Takes a picture's file.
    pub fn picture(&self, name: String, bytes: Vec<u8>) {
        self.arrive(Arrival::Picture { name, path: None, bytes });
    }

    /// Takes the name of a model's folder that a person chose.
    pub fn model(&self, name: String) {
        self.arrive(Arrival::Model(name));
    }

    /// Takes the name of a folder with a pack, to be copied here.
    pub fn import(&self, name: String) {
        self.arrive(Arrival::Import(name));
    }

    /// Takes the address of a pack, to be fetched.
    pub fn pack(&self, address: String) {
        self.arrive(Arrival::Pack(address));
    }

    /// Takes pictures for a class: where each is found, and its name.
    pub fn class(&self, places: Vec<String>, names: Vec<String>) {
        let files = places.into_iter().zip(names);
        let files = files.map(|(place, name)| File { place, name }).collect();
        self.arrive(Arrival::Class(files));
    }

    /// Takes the name of a zip that a person chose.
    pub fn zip(&self, name: String) {
        self.arrive(Arrival::Zip(name));
    }

    /// Takes the font with more characters; whether it is one.
    pub fn font(&self, bytes: Vec<u8>) -> bool {
        let taken = add_more_fonts(&self.ctx, bytes);
        self.ctx.request_repaint();
        taken
    }

    /// Tells what went wrong with a picture: `file`, `clipboard`, `camera` or `large`.
    pub fn failed(&self, what: &str, message: String) {
        self.arrive(match what {
            "large" => too_large(),
            "clipboard" => Arrival::Failed(Fault::new(FaultKind::Clipboard, message)),
            "camera" => Arrival::Failed(Fault::new(FaultKind::Camera, message)),
            _ => Arrival::Failed(Fault::new(FaultKind::File, message)),
        });
    }

    /// Presses an element of the mirror, or gives it the keyboard.
    pub fn act(&self, id: &str, press: bool) {
        let Ok(id) = id.parse() else { return };
        let action = if press { Action::Click } else { Action::Focus };
        let (target_node, target_tree) = (NodeId(id), TreeId::ROOT);
        let request = ActionRequest { action, target_tree, target_node, data: None };
        self.put(vec![Event::AccessKitActionRequest(request)]);
    }

    /// Puts what was typed into a field of the mirror.
    pub fn fill(&self, id: &str, text: String) {
        let Ok(id) = id.parse() else { return };
        let (target_node, target_tree) = (NodeId(id), TreeId::ROOT);
        let data = Some(ActionData::Value(text.into()));
        let request = ActionRequest { action: Action::SetValue, target_tree, target_node, data };
        self.put(vec![Event::AccessKitActionRequest(request)]);
    }

    /// Presses a key that the mirror does not answer itself.
    pub fn key(&self, name: &str, shift: bool, command: bool) {
        let Some(key) = Key::from_name(name) else { return };
        let modifiers = Modifiers { shift, command, ctrl: command, ..Modifiers::NONE };
        let event =
            |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
        self.put(vec![Event::ModifiersChanged(modifiers), event(true)]);
        self.put(vec![event(false), Event::ModifiersChanged(Modifiers::NONE)]);
    }

    fn put(&self, events: Vec<Event>) {
        self.input.borrow_mut().push_back(events);
        self.ctx.request_repaint();
    }

    fn arrive(&self, arrival: Arrival) {
        self.arrivals.borrow_mut().push_back(arrival);
        self.ctx.request_repaint();
    }
}

struct Canvas {
    app: EaselApp,
    host: PageHost,
    input: Input,
}

impl App for Canvas {
    fn raw_input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        let mut waiting = self.input.borrow_mut();
        input.events.extend(waiting.pop_front().into_iter().flatten());
        if !waiting.is_empty() {
            ctx.request_repaint();
        }
        MIRROR.with(|mirror| mirror.borrow_mut().waiting = !waiting.is_empty());
        input.focused |= self.host.focused();
    }

    fn logic(&mut self, ctx: &Context, _: &mut Frame) {
        self.app.logic(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut Frame) {
        self.app.ui(ui);
        MIRROR.with(|mirror| mirror.borrow_mut().summary = Some(self.app.summary()));
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    fn persist_egui_memory(&self) -> bool {
        false
    }
}

/// What the script shows: the state and what is on the screen.
#[derive(PartialEq, Serialize)]
struct Shown {
    summary: Option<Summary>,
    elements: Vec<Element>,
    focus: Option<String>,
    /// Whether what the mirror sent is still to be answered: until then the keyboard is ahead of `focus`.
    waiting: bool,
    dark: bool,
}

#[derive(Default)]
struct Mirror {
    host: Option<PageHost>,
    summary: Option<Summary>,
    waiting: bool,
    last: Option<Shown>,
}

thread_local! {
    // egui wants its plugins to be sent between threads, which nothing of JavaScript's is.
    static MIRROR: RefCell<Mirror> = RefCell::default();
}

/// Passes what is drawn on, where it changed.
struct Reflection;

impl Plugin for Reflection {
    fn debug_name(&self) -> &'static str {
        "mirror"
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        let Some(tree) = output.platform_output.accesskit_update.take() else { return };
        let (elements, focus) = elements(&tree);
        let dark = ctx.theme() == egui::Theme::Dark;
        MIRROR.with(|mirror| {
            let mut mirror = mirror.borrow_mut();
            let (summary, waiting) = (mirror.summary.clone(), mirror.waiting);
            let shown = Shown { summary, elements, focus, waiting, dark };
            if mirror.last.as_ref() != Some(&shown) {
                // Strings and numbers only: this cannot fail.
                let json = serde_json::to_string(&shown).unwrap_or_default();
                mirror.last = Some(shown);
                if let Some(host) = mirror.host.clone() {
                    drop(mirror);
                    host.mirror(&json);
                }
            }
        });
    }
}
