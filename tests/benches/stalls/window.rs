//! A window without a screen, sixty frames a second, and what was measured of it.

use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use easel::native::ModelThread;
use easel::ui::{Arrival, EaselApp, ModelChoice, Platform, Settings, View, install_fonts};
use easel_core::prompt::Language;
use egui::accesskit::Role;
use egui::{Context, Event, Modifiers, PointerButton, Pos2, RawInput, Rect, pos2, vec2};

use crate::paint::Painter;

/// A screen's sixty frames a second.
const FRAME: Duration = Duration::from_micros(16_667);
/// How often something is pressed.
const PRESS: Duration = Duration::from_millis(400);
const PATIENCE: Duration = Duration::from_secs(900);
const SIZE: [u32; 2] = [1120, 760];

/// Over the figures of [`Window::measure`].
pub const TITLE: &str =
    "milliseconds                 frames  median    99%  longest  late  painted  press until seen";

/// A platform that only remembers which model is used.
struct Still(String);

impl Platform for Still {
    fn choose_picture(&mut self) {}
    fn choose_model(&mut self) {}
    fn choose_export(&mut self, _: &str) {}
    fn choose_import(&mut self) {}
    fn open(&mut self, _: &str) {}
    fn read(&mut self, _: egui::DroppedFileHandle) {}
    fn poll(&mut self) -> Option<Arrival> {
        None
    }
    fn load(&mut self) -> Option<String> {
        Some(self.0.clone())
    }
    fn save(&mut self, _: &str) {}
    fn language(&self) -> Language {
        Language::En
    }
    fn has_folders(&self) -> bool {
        true
    }
}

/// A window without a screen.
pub struct Window {
    ctx: Context,
    app: EaselApp,
    painter: Painter,
    begun: Instant,
    /// Buttons and where they are.
    buttons: Vec<(String, Pos2)>,
    /// When the next frame is due.
    due: Instant,
    seen: Seen,
}

/// What was measured, in milliseconds.
#[derive(Default)]
struct Seen {
    frames: Vec<f64>,
    late: Vec<f64>,
    painted: Vec<f64>,
    presses: Vec<f64>,
}

impl Window {
    pub fn new(folder: &Path, model: &Path) -> Self {
        let choice = ModelChoice::Folder(model.display().to_string());
        let settings = Settings { view: View::Teacher, model: choice, ..Settings::default() };
        let ctx = Context::default();
        install_fonts(&ctx);
        ctx.enable_accesskit();
        let worker = ModelThread::with_portfolios(Arc::new(|| {}), Some(folder.join("kept")));
        let app = EaselApp::new(Box::new(worker), Box::new(Still(settings.to_json())));
        let now = Instant::now();
        let (buttons, seen) = (Vec::new(), Seen::default());
        let painter = Painter::new(SIZE);
        Self { ctx, app, painter, begun: now, buttons, due: now, seen }
    }

    /// Draws frames while `going`, presses what leaves the work alone, and prints what was seen. At
    /// first, where `first` is named, presses that alone, which ends it.
    pub fn measure(&mut self, name: &str, going: impl Fn(&EaselApp) -> bool, first: Option<&str>) {
        let start = Instant::now();
        self.due = start;
        let mut next = start + PRESS;
        self.frame(Vec::new());
        while going(&self.app) {
            assert!(start.elapsed() < PATIENCE, "{name} does not end");
            self.frame(Vec::new());
            if let Some(first) = first {
                if self.place(first).is_some() {
                    self.press(first);
                    break;
                }
            } else if Instant::now() >= next {
                // Over the drawing, `Back` leaves the settings; without them it would give up the work.
                self.press(if self.place("Done").is_some() { "Back" } else { "Settings" });
                next = Instant::now() + PRESS;
            }
        }
        let Seen { mut frames, late, painted, presses } = std::mem::take(&mut self.seen);
        frames.sort_by(f64::total_cmp);
        let at = |part: f64| frames.get((part * (frames.len() - 1) as f64) as usize).unwrap();
        let most = |all: &[f64]| all.iter().copied().fold(0.0, f64::max);
        println!(
            "{name:28} {:6}  {:6.1} {:6.1} {:8.1} {:5.1} {:8.1} {:17.1}",
            frames.len(),
            at(0.5),
            at(0.99),
            at(1.0),
            most(&late),
            most(&painted),
            most(&presses),
        );
    }

    /// The middle of a button.
    fn place(&self, label: &str) -> Option<Pos2> {
        self.buttons.iter().find(|(name, _)| name == label).map(|(_, place)| *place)
    }

    /// Presses a button, until other buttons are shown.
    fn press(&mut self, label: &str) {
        let Some(pos) = self.place(label) else { return };
        let names = |window: &Self| -> Vec<String> {
            window.buttons.iter().map(|(name, _)| name.clone()).collect()
        };
        let (before, start) = (names(self), Instant::now());
        let button = |pressed| Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        self.frame(vec![Event::PointerMoved(pos), button(true), button(false)]);
        while names(self) == before {
            assert!(start.elapsed() < PATIENCE, "{label} does nothing");
            self.frame(Vec::new());
        }
        self.seen.presses.push(start.elapsed().as_secs_f64() * 1e3);
    }

    /// Waits for the next frame's time, draws it, and waits until it is painted.
    fn frame(&mut self, events: Vec<Event>) {
        self.due += FRAME;
        sleep(self.due.saturating_duration_since(Instant::now()));
        let start = Instant::now();
        let screen = Rect::from_min_size(pos2(0.0, 0.0), vec2(SIZE[0] as f32, SIZE[1] as f32));
        let time = Some(self.begun.elapsed().as_secs_f64());
        let input = RawInput { screen_rect: Some(screen), time, events, ..RawInput::default() };
        let app = &mut self.app;
        let mut output = self.ctx.run_ui(input, |ui| {
            app.logic(ui.ctx());
            app.ui(ui);
        });
        let shapes = std::mem::take(&mut output.shapes);
        let triangles = self.ctx.tessellate(shapes, output.pixels_per_point);
        self.painter.paint(&triangles, &mut output.textures_delta);
        let end = Instant::now();
        self.painter.wait();
        let ms = |from: Instant, to: Instant| (to - from).as_secs_f64() * 1e3;
        self.seen.frames.push(ms(start, end));
        self.seen.painted.push(ms(start, Instant::now()));
        self.seen.late.push(ms(self.due, start));
        // A screen that a frame comes too late for shows the one before, and takes the next.
        self.due = self.due.max(Instant::now() - FRAME);
        let update = output.platform_output.accesskit_update.take();
        let nodes = update.map(|update| update.nodes).unwrap_or_default();
        let buttons = nodes.iter().filter(|(_, node)| node.role() == Role::Button);
        self.buttons = buttons
            .filter_map(|(_, node)| {
                let place = node.bounds()?;
                let middle =
                    pos2((place.x0 + place.x1) as f32 / 2.0, (place.y0 + place.y1) as f32 / 2.0);
                Some((node.label()?.to_owned(), middle))
            })
            .collect();
    }
}
