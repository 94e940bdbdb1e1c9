//! The screens.

mod about;
mod class;
mod keep;
mod looked;
mod models;
mod notice;
mod offers;
mod picture;
mod portfolio;
mod preview;
mod result;
mod settings;
mod student;
mod teacher;
mod top_bar;
#[cfg(feature = "train")]
mod training;
mod welcome;
mod working;

pub(super) use notice::sentence;
pub(super) use picture::texture;

use egui::{CentralPanel, Frame, Ui, UiBuilder};

use super::app::{EaselApp, Screen};
use super::command::Command;
use super::theme::look;

/// Draws all of it.
pub(super) fn app_ui(ui: &mut Ui, app: &mut EaselApp, commands: &mut Vec<Command>) {
    picture::prepare(ui.ctx(), app);
    let paper = look(ui).palette.paper;
    // Bars and notches of a tablet lie over the paper, and over nothing else.
    let free = ui.ctx().content_rect();
    CentralPanel::no_frame().frame(Frame::new().fill(paper)).show(ui, |ui| {
        let free = UiBuilder::new().max_rect(ui.max_rect().intersect(free));
        ui.scope_builder(free, |ui| screen_ui(ui, app, commands));
    });
}

fn screen_ui(ui: &mut Ui, app: &mut EaselApp, commands: &mut Vec<Command>) {
    top_bar::top_bar_ui(ui, app, commands);
    notice::notice_ui(ui, app, commands);
    if let Some(paper) = app.about {
        about::about_ui(ui, app, paper, commands);
        return;
    }
    #[cfg(feature = "train")]
    if let Some(training) = app.training.as_ref().filter(|training| training.open) {
        training::training_ui(ui, app, training, commands);
        return;
    }
    if app.models_open {
        models::models_ui(ui, app, commands);
        return;
    }
    if app.settings_open {
        settings::settings_ui(ui, app, commands);
        return;
    }
    match app.screen {
        Screen::Welcome => welcome::welcome_ui(ui, app, commands),
        Screen::Preview { cropping } => preview::preview_ui(ui, app, cropping, commands),
        Screen::Working => working::working_ui(ui, app, commands),
        Screen::Result => result::result_ui(ui, app, commands),
        Screen::Portfolio => portfolio::portfolio_ui(ui, app, commands),
        Screen::Class => class::class_ui(ui, app, commands),
    }
}
