//! What reaches the interface: keys and files, the platform's arrivals, the worker's events.

use easel_core::Image;
use egui::{Context, Event as Input, Key, Modifiers};

use super::app::{Drawing, EaselApp, Screen};
use super::command::Command;
use super::drawing::{Edit, Source};
use super::platform::Arrival;
use super::protocol::{Event, Fault, FaultKind, ModelChoice, Tell};
use super::run::Writing;
#[cfg(feature = "train")]
use super::training::Act;

impl EaselApp {
    pub(super) fn take_input(&mut self, ctx: &Context) {
        let (files, pasted) = ctx.input_mut(|input| {
            if input.consume_key(Modifiers::NONE, Key::Escape) {
                self.command(Command::Back);
            }
            if input.consume_key(Modifiers::COMMAND, Key::O) {
                self.command(Command::Choose);
            }
            (std::mem::take(&mut input.raw.dropped_files), input.events.clone())
        });
        if self.screen == Screen::Class && !files.is_empty() {
            self.platform.gather(files);
        } else if let Some(file) = files.into_iter().next() {
            self.close_panels();
            self.platform.read(file);
        }
        for event in pasted {
            match event {
                Input::PasteImage(image) => {
                    let [width, height] = image.size.map(|side| side as u32);
                    // Where it is transparent, paper shows.
                    let over = |ink: u8, alpha: u8| ink.saturating_add(255 - alpha);
                    let rgb = image
                        .pixels
                        .iter()
                        .flat_map(|p| [p.r(), p.g(), p.b()].map(|ink| over(ink, p.a())))
                        .collect();
                    self.close_panels();
                    self.open(Source::Pixels { width, height, rgb });
                }
                Input::Paste(_) => {
                    self.notice = Some(Fault::new(FaultKind::Clipboard, String::new()));
                }
                _ => {}
            }
        }
    }

    pub(super) fn take_arrivals(&mut self) {
        while let Some(arrival) = self.platform.poll() {
            match arrival {
                Arrival::Picture { name, path, bytes } => {
                    if let Some(path) = path {
                        self.settings.remember(&path);
                    }
                    self.open(Source::File { name, bytes });
                }
                Arrival::Model(folder) => self.command(Command::Model(ModelChoice::Folder(folder))),
                Arrival::Import(folder) => self.import(folder),
                Arrival::Pack(address) => self.fetch_pack(address),
                Arrival::Class(files) => self.gathered(files),
                Arrival::Export(place) if self.class.wants_place() => self.write_class(place),
                Arrival::Export(place) => self.export_to(place),
                Arrival::Zip(place) => self.import_from(place),
                #[cfg(feature = "train")]
                Arrival::Place(place, path) => {
                    self.command(Command::Train(Act::Typed(place, path)));
                }
                #[cfg(not(feature = "train"))]
                Arrival::Place(..) => {}
                Arrival::Failed(fault) => self.notice = Some(fault),
            }
        }
    }

    pub(super) fn take_events(&mut self, ctx: &Context) {
        #[cfg(feature = "train")]
        if let Some(training) = &mut self.training {
            training.take(ctx);
        }
        while let Some(Event { id, tell }) = self.worker.poll() {
            // What comes late, for a request that was given up, is of no more interest.
            if self.model.request == id {
                self.model_tells(tell);
            } else if self.opening.as_ref().is_some_and(|(opening, _)| *opening == id) {
                self.picture_tells(tell);
            } else if self.run.as_ref().is_some_and(|run| run.id == id) {
                self.run_tells(tell, ctx.input(|input| input.time));
            } else if self.looked.asked.is_some_and(|(asked, _)| asked == id) {
                self.looked_tells(tell);
            } else if self.class.awaits(id) {
                self.class_tells(ctx, id, tell);
            } else if self.portfolio.awaits(id) {
                self.portfolio_tells(ctx, id, tell);
            } else {
                self.shelf_tells(id, tell, ctx.input(|input| input.time));
            }
        }
    }

    fn model_tells(&mut self, tell: Tell) {
        match tell {
            Tell::Loading(part) => self.model.loading = Some(part),
            Tell::Ready(info) => {
                self.model.loading = None;
                self.model.info = Some(info);
                self.settings.model = self.model.choice.clone();
                if let ModelChoice::Folder(folder) = &self.settings.model {
                    let folder = folder.clone();
                    self.settings.remember_model(&folder);
                }
            }
            Tell::Failed(fault) => {
                self.model.loading = None;
                self.notice = Some(fault);
            }
            _ => {}
        }
    }

    fn picture_tells(&mut self, tell: Tell) {
        let small = match tell {
            Tell::Opened(preview) => Image::from_rgb(preview.width, preview.height, preview.rgb)
                .map_err(|error| Fault::of_picture(&error)),
            Tell::Failed(fault) => Err(fault),
            _ => return,
        };
        let Some((_, source)) = self.opening.take() else { return };
        match small {
            Ok(small) => {
                // The worker need not go on about the drawing before.
                self.cancel_run();
                self.drawing = Some(Drawing { source, small, edit: Edit::default(), shown: None });
                self.run = None;
                self.forget_looked();
                self.screen = Screen::Preview { cropping: false };
            }
            Err(fault) => self.notice = Some(fault),
        }
    }

    fn looked_tells(&mut self, tell: Tell) {
        match tell {
            Tell::Occluded(occlusion) => {
                self.looked.found.insert(occlusion.attribute, occlusion);
            }
            Tell::Failed(fault) => self.notice = Some(fault),
            _ => {}
        }
        self.looked.asked = None;
    }

    fn run_tells(&mut self, tell: Tell, now: f64) {
        let Some(run) = &mut self.run else { return };
        if run.writing == Writing::Stopped {
            return;
        }
        match tell {
            Tell::Step(step) => run.step = Some(step),
            Tell::Scored(assessment) => {
                run.scored = Some((assessment, now));
                self.screen = Screen::Result;
            }
            Tell::Words { text, token } => {
                run.words.push_str(&text);
                run.tokens.push(token);
            }
            Tell::Done => run.writing = Writing::Done,
            Tell::Failed(fault) => {
                run.writing = Writing::Stopped;
                if run.scored.is_none() {
                    self.run = None;
                    self.screen = Screen::Preview { cropping: false };
                }
                self.notice = Some(fault);
            }
            _ => {}
        }
    }
}
