//! The settings.

use easel_core::prompt::Language;
use egui::Ui;

use super::portfolio::exchange_ui;
use crate::papers::Paper;
use crate::ui::app::EaselApp;
use crate::ui::command::{Change, Command};
use crate::ui::protocol::ModelChoice;
use crate::ui::settings::{TextSize, Theme, View};
use crate::ui::text::fill;
use crate::ui::theme::look;
#[cfg(feature = "train")]
use crate::ui::training::Act;
use crate::ui::widgets::{
    Button, Icon, card, check, choice, heading, muted, page, row, section, small,
};

pub(super) fn settings_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let t = app.words();
    let ink = look(ui).palette.ink;
    let settings = &app.settings;
    page(ui, "settings", 680.0, |ui| {
        heading(ui, t.settings);
        let mut set = |change: Option<Change>| commands.extend(change.map(Command::Set));
        card(ui, |ui| {
            section(ui, t.language, ink);
            let languages = [(Language::En, "English"), (Language::Zh, "中文")];
            set(choice(ui, app.language(), &languages).map(Change::Language));
            section(ui, t.view, ink);
            let views = [(View::Student, t.view_student), (View::Teacher, t.view_teacher)];
            set(choice(ui, settings.view, &views).map(Change::View));
        });
        card(ui, |ui| {
            section(ui, t.theme, ink);
            let themes = [
                (Theme::System, t.theme_system),
                (Theme::Light, t.theme_light),
                (Theme::Dark, t.theme_dark),
            ];
            set(choice(ui, settings.theme, &themes).map(Change::Theme));
            section(ui, t.text_size, ink);
            let names = [t.size_small, t.size_medium, t.size_large, t.size_huge];
            let sizes: Vec<_> = TextSize::ALL.into_iter().zip(names).collect();
            set(choice(ui, settings.text_size, &sizes).map(Change::TextSize));
            set(check(ui, settings.reduced_motion, t.reduced_motion).map(Change::ReducedMotion));
            small(ui, t.reduced_motion_more);
        });
        card(ui, |ui| model_ui(ui, app, commands));
        card(ui, |ui| exchange_ui(ui, app, commands));
        #[cfg(feature = "train")]
        training_ui(ui, app, commands);
        muted(ui, t.keys);
        if ui.add(Button::plain(t.about).icon(Icon::Info)).clicked() {
            // First what whoever reads is likely to look for.
            let view = settings.view;
            let paper = if view == View::Student { Paper::Child } else { Paper::Parent };
            commands.push(Command::About(paper));
        }
        if ui.add(Button::primary(t.done).icon(Icon::Check)).clicked() {
            commands.push(Command::Settings(false));
        }
    });
}

/// The way to the Train tab, which is nothing for children.
#[cfg(feature = "train")]
fn training_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    if app.training.is_none() || app.settings.view != View::Teacher {
        return;
    }
    let t = app.words().training;
    card(ui, |ui| {
        section(ui, t.title, look(ui).palette.ink);
        small(ui, t.title_more);
        if ui.add(Button::plain(t.title).icon(Icon::Growth)).clicked() {
            commands.push(Command::Train(Act::Open));
        }
    });
}

fn model_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let t = app.words();
    section(ui, t.model, look(ui).palette.ink);
    match (&app.model.info, app.model.loading) {
        (_, Some(part)) => {
            muted(ui, &t.loading(part));
        }
        (Some(info), None) => {
            let name = if info.demo { t.model_demo } else { &info.name };
            muted(ui, &fill(t.model_ready, &[name]));
            small(ui, &fill(t.model_device, &[&info.device]));
        }
        (None, None) => {}
    }
    row(ui, |ui| {
        let demo = app.model.choice == ModelChoice::Demo && app.model.info.is_some();
        if !demo && ui.add(Button::plain(t.use_demo).icon(Icon::Easel)).clicked() {
            commands.push(Command::Model(ModelChoice::Demo));
        }
        if app.platform.has_folders() && ui.add(Button::plain(t.model_folder)).clicked() {
            commands.push(Command::ChooseModel);
        }
        if ui.add(Button::plain(t.models_here)).clicked() {
            commands.push(Command::Models(true));
        }
    });
    if app.platform.has_folders() {
        small(ui, t.model_folder_more);
    }
}
