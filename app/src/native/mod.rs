//! The native door: one window, with the model on a thread of its own.
//!
//! Interface and model open a device each. On one shared queue a frame would wait behind whatever
//! the model has submitted, and where the only adapter imitates a GPU in software, the model
//! computes on the processor anyway.

#[cfg(not(any(target_os = "android", target_os = "ios")))]
mod dialogs;
mod files;
mod memory;
mod model;
mod panics;
mod place;
mod portfolio;
mod shelf;
pub mod tablet;
mod thread;
#[cfg(feature = "train")]
mod training;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use easel_core::device::{self, Kernels, Opened};
use eframe::{App, Frame, NativeOptions};
#[cfg(not(any(target_os = "android", target_os = "ios")))]
use egui::ViewportBuilder;
use egui::{Context, Ui};

use crate::ui::{EaselApp, Platform, install_fonts};
use files::Wake;

pub use files::{Files, pictures};
pub use panics::panic_line;
pub use place::{data_folder, settings_folder};
pub use portfolio::{FILE, desk};
pub use thread::ModelThread;
#[cfg(feature = "train")]
pub use training::TrainingDesk;

/// Has kernels run as it is best on the adapter that was opened, which is measured when it is met first.
pub fn tune(opened: &Opened) -> Kernels {
    device::tune(opened, place::kernels_file().as_deref())
}

/// What the window is opened with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A picture to open at once.
    pub picture: Option<PathBuf>,
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WindowError {
    /// The system gives none.
    #[error("no window could be opened (expected a display); easel --help lists commands: {0}")]
    Refused(String),
}

/// The smallest window, in points.
#[cfg(not(any(target_os = "android", target_os = "ios")))]
const SMALLEST: [f32; 2] = [320.0, 480.0];

/// Opens the window and returns when it is closed.
///
/// # Errors
/// When there is no display, or no way to draw on it.
#[cfg(not(any(target_os = "android", target_os = "ios")))]
pub fn run(options: Options) -> Result<(), WindowError> {
    let viewport = ViewportBuilder::default()
        .with_title("Easel")
        .with_app_id("easel")
        .with_inner_size([1120.0, 760.0])
        .with_min_inner_size(SMALLEST);
    let native = NativeOptions { viewport, ..NativeOptions::default() };
    show(native, move |wake| {
        let mut files = Files::new(wake);
        if let Some(picture) = options.picture {
            files.read_path(picture);
        }
        Box::new(files)
    })
}

/// Opens a window on a platform that `platform` makes.
fn show(
    native: NativeOptions,
    platform: impl FnOnce(Wake) -> Box<dyn Platform> + 'static,
) -> Result<(), WindowError> {
    let create = move |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn App>, _> {
        Ok(Box::new(Window::new(&cc.egui_ctx, platform)))
    };
    eframe::run_native("Easel", native, Box::new(create)).map_err(|error| {
        let text = error.to_string();
        WindowError::Refused(text.split_whitespace().collect::<Vec<_>>().join(" "))
    })
}

/// How long a window that was closed waits for what was typed in it to be kept.
const PATIENCE: Duration = Duration::from_secs(3);

struct Window {
    app: EaselApp,
    ctx: Context,
    /// Whether the keyboard is on the screen.
    #[cfg(target_os = "android")]
    keyboard: bool,
}

impl Window {
    fn new(ctx: &Context, platform: impl FnOnce(Wake) -> Box<dyn Platform>) -> Self {
        install_fonts(ctx);
        let wake: Wake = {
            let ctx = ctx.clone();
            Arc::new(move || ctx.request_repaint())
        };
        let worker = ModelThread::start(Arc::clone(&wake));
        #[cfg(feature = "train")]
        let desk = TrainingDesk::start(Arc::clone(&wake));
        let app = EaselApp::new(Box::new(worker), platform(wake));
        #[cfg(feature = "train")]
        let app = app.with_training(Box::new(desk));
        Self {
            app,
            ctx: ctx.clone(),
            #[cfg(target_os = "android")]
            keyboard: false,
        }
    }
}

impl App for Window {
    fn logic(&mut self, ctx: &Context, _: &mut Frame) {
        self.app.logic(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut Frame) {
        self.app.ui(ui);
        #[cfg(target_os = "android")]
        tablet::listen(ui.ctx(), &mut self.keyboard);
    }

    #[cfg(target_os = "android")]
    fn raw_input_hook(&mut self, ctx: &Context, input: &mut egui::RawInput) {
        tablet::feed(ctx, input);
    }

    fn on_exit(&mut self) {
        self.app.close();
        let begun = Instant::now();
        while !self.app.is_saved(&self.ctx) && begun.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}
