//! How long a frame takes while somebody scrolls through a portfolio of 100 000 drawings: the
//! interface's own part, from input to triangles. Drawing those is the GPU's.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench fails by panicking, and tells"
)]
#![allow(missing_docs, reason = "nobody calls a bench")]

mod drawings;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use drawings::PUPIL;
use easel::native::{FILE, ModelThread};
use easel::ui::{Arrival, Change, Command, EaselApp, Keeping, Platform, View, install_fonts};
use easel_core::prompt::Language;
use egui::accesskit::Role;
use egui::{
    Context, DroppedFileHandle, Event, Modifiers, MouseWheelSource, MouseWheelUnit, RawInput, Rect,
    TouchPhase, Vec2, pos2, vec2,
};

/// Frames that are measured at each pace, 60 in a second.
const FRAMES: usize = 900;
const FRAME: Duration = Duration::from_nanos(16_666_667);

/// A screen that nobody chooses anything on.
struct Screen;

impl Platform for Screen {
    fn choose_picture(&mut self) {}
    fn choose_model(&mut self) {}
    fn choose_export(&mut self, _: &str) {}
    fn choose_import(&mut self) {}
    fn open(&mut self, _: &str) {}
    fn read(&mut self, _: DroppedFileHandle) {}
    fn poll(&mut self) -> Option<Arrival> {
        None
    }
    fn load(&mut self) -> Option<String> {
        None
    }
    fn save(&mut self, _: &str) {}
    fn language(&self) -> Language {
        Language::En
    }
    fn has_folders(&self) -> bool {
        false
    }
}

struct Window {
    ctx: Context,
    app: EaselApp,
    size: Vec2,
    begun: Instant,
}

impl Window {
    /// One frame in which the wheel turns by so many points; tells how long it took.
    fn frame(&mut self, wheel: f32) -> Duration {
        let mut events = Vec::new();
        if wheel != 0.0 {
            events.push(Event::PointerMoved((self.size / 2.0).to_pos2()));
            events.push(Event::MouseWheel {
                unit: MouseWheelUnit::Point,
                delta: vec2(0.0, -wheel),
                phase: TouchPhase::Move,
                source: MouseWheelSource::Wheel,
                modifiers: Modifiers::NONE,
            });
        }
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), self.size)),
            time: Some(self.begun.elapsed().as_secs_f64()),
            events,
            ..RawInput::default()
        };
        let begun = Instant::now();
        let output = self.ctx.run_ui(input, |ui| {
            self.app.logic(ui.ctx());
            self.app.ui(ui);
        });
        let egui::FullOutput { shapes, pixels_per_point, .. } = &output;
        let triangles = self.ctx.tessellate(shapes.clone(), *pixels_per_point);
        let took = begun.elapsed();
        assert!(!triangles.is_empty());
        output.drop_without_applying_deltas();
        took
    }

    /// Frames until something holds.
    fn until(&mut self, holds: impl Fn(&EaselApp) -> bool) {
        let begun = Instant::now();
        while !holds(&self.app) {
            assert!(begun.elapsed() < Duration::from_secs(120), "waited too long");
            self.frame(0.0);
            thread::sleep(FRAME);
        }
    }

    fn command(&mut self, command: Command) {
        self.app.command(command);
        self.frame(0.0);
    }

    /// The first drawing that is on the screen, as a screen reader says it.
    fn first(&mut self) -> String {
        // What it scrolled to is on its way.
        for _ in 0..60 {
            self.frame(0.0);
            thread::sleep(FRAME);
        }
        self.ctx.enable_accesskit();
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), self.size)),
            time: Some(self.begun.elapsed().as_secs_f64()),
            ..RawInput::default()
        };
        let mut output = self.ctx.run_ui(input, |ui| self.app.ui(ui));
        let tree = output.platform_output.accesskit_update.take().unwrap();
        output.drop_without_applying_deltas();
        self.ctx.disable_accesskit();
        let drawings = tree.nodes.iter().filter(|(_, node)| node.role() == Role::Button);
        let drawings = drawings.filter_map(|(_, node)| {
            let (label, place) = (node.label()?, node.bounds()?);
            label.starts_with("Drawing of ").then(|| ((place.y0, place.x0), label.to_owned()))
        });
        let first = drawings.min_by(|a, b| a.0.partial_cmp(&b.0).unwrap());
        first.map(|(_, label)| label).unwrap()
    }
}

fn main() {
    let count = drawings::count();
    let folder = tempfile::tempdir().unwrap();
    drawings::fill(&folder.path().join(FILE), count);
    let ctx = Context::default();
    install_fonts(&ctx);
    let worker = ModelThread::with_portfolios(Arc::new(|| {}), Some(folder.path().to_owned()));
    let app = EaselApp::new(Box::new(worker), Box::new(Screen));
    let mut window = Window { ctx, app, size: vec2(1180.0, 820.0), begun: Instant::now() };
    window.command(Command::Set(Change::View(View::Teacher)));
    window.command(Command::Portfolio(Keeping::Show));
    window.command(Command::Portfolio(Keeping::Pupil(PUPIL)));
    window.until(|app| app.portfolio().pupil().is_some());
    // The model loads meanwhile; nothing of that is measured.
    thread::sleep(Duration::from_secs(5));
    println!("frames/{count} drawings, 1180 x 820 points: median, 99th percentile, longest");
    for (pace, wheel) in [
        ("at rest", 0.0),
        ("read", 8.0),
        ("leafed through", 80.0),
        ("flung", 800.0),
        ("back to the top", -40_000.0),
    ] {
        let before = window.first();
        let mut took: Vec<_> = (0..FRAMES)
            .map(|_| {
                let took = window.frame(wheel);
                thread::sleep(FRAME.saturating_sub(took));
                took
            })
            .collect();
        took.sort();
        let ms = [FRAMES / 2, FRAMES * 99 / 100, FRAMES - 1]
            .map(|at| format!("{:.2} ms", took[at].as_secs_f64() * 1e3));
        let after = window.first();
        assert_eq!(before == after, wheel == 0.0, "{before}, {after}");
        println!("  {pace:<18} {}   {before} to {after}", ms.join("  "));
    }
}
