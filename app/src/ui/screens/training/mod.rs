//! The Train tab, for developers: data, settings, a run, runs side by side, their worth, a trial.

mod compare;
mod data;
mod judge;
mod memory;
mod run;
mod settings;
mod trial;

use std::path::PathBuf;

use egui::accesskit::{Live, Role};
use egui::{Color32, CornerRadius, FontId, Sense, Ui, WidgetInfo, vec2};

use crate::training::State;
use crate::ui::app::EaselApp;
use crate::ui::command::Command;
use crate::ui::platform::Place;
use crate::ui::text::{Table, fill};
use crate::ui::theme::{SMALL, look};
use crate::ui::training::{Act, Tab, Training};
use crate::ui::widgets::{
    Button, Icon, body, choice, field, heading, muted, page, row, small, wash,
};

/// The longest path that is typed.
const LONGEST: usize = 1000;

/// What a part of the tab draws with.
struct Pen<'a> {
    app: &'a EaselApp,
    training: &'a Training,
    acts: Vec<Act>,
    commands: Vec<Command>,
}

impl Pen<'_> {
    fn table(&self) -> &'static Table {
        self.app.words()
    }

    fn words(&self) -> &'static crate::ui::text::Training {
        self.app.words().training
    }

    /// What a job is called.
    fn job(&self, name: &str) -> String {
        match name.parse() {
            Ok(attribute) => self.table().of(attribute).name.to_owned(),
            Err(_) => self.words().attribute_all.to_owned(),
        }
    }

    /// A button that asks for one thing.
    fn button(&mut self, ui: &mut Ui, button: Button<'_>, act: Act) {
        self.button_if(ui, true, button, act);
    }

    /// A button that can be pressed only where that makes sense.
    fn button_if(&mut self, ui: &mut Ui, enabled: bool, button: Button<'_>, act: Act) {
        if ui.add_enabled(enabled, button).clicked() {
            self.acts.push(act);
        }
    }

    /// A line for a path, with a dialog beside it.
    fn place(&mut self, ui: &mut Ui, name: &str, place: Place) {
        let t = self.words();
        small(ui, name);
        let (typed, _) = field(ui, name, self.training.place(place), LONGEST, 620.0);
        self.acts.extend(typed.map(|text| Act::Typed(place, text)));
        let text = if place.is_folder() { t.choose_folder } else { t.choose_file };
        let said = format!("{text}: {name}");
        self.button(ui, Button::quiet(text).name(&said).icon(Icon::Folder), Act::Choose(place));
    }

    /// A failure in one sentence, with the library's words.
    fn failed(&self, ui: &mut Ui, why: &str) {
        wash(ui, look(ui).palette.sun_wash, |ui| {
            let text = fill(self.words().failed, &[why]);
            let said = body(ui, &text);
            ui.ctx().accesskit_node_builder(said.id, |node| {
                node.set_role(Role::Alert);
                node.set_label(text.as_str());
                node.set_live(Live::Assertive);
            });
        });
    }

    /// How far the model is with what it was asked.
    fn state(&self, ui: &mut Ui, state: Option<&State>, otherwise: &str) {
        let t = self.words();
        let (text, part) = match state {
            Some(State::Loading(part)) => {
                (fill(t.loading, &[&format!("{:.0}", part * 100.0)]), Some(*part))
            }
            Some(State::Encoded(done, total)) => of(t.encoding, *done, *total),
            Some(State::Scoring(done, total)) => of(t.judging, *done, *total),
            _ => (otherwise.to_owned(), None),
        };
        muted(ui, &text);
        if let Some(part) = part {
            bar(ui, part);
        }
    }

    fn path(&self, path: &std::path::Path) -> String {
        path.display().to_string()
    }
}

fn of(text: &str, done: usize, total: usize) -> (String, Option<f32>) {
    let part = done as f32 / total.max(1) as f32;
    (fill(text, &[&done.to_string(), &total.to_string()]), Some(part))
}

pub(super) fn training_ui(
    ui: &mut Ui,
    app: &EaselApp,
    training: &Training,
    commands: &mut Vec<Command>,
) {
    let t = app.words().training;
    let mut pen = Pen { app, training, acts: Vec::new(), commands: Vec::new() };
    page(ui, "training", 1000.0, |ui| {
        heading(ui, t.title);
        muted(ui, t.title_more);
        let tabs = [
            (Tab::Data, t.tab_data),
            (Tab::Settings, t.tab_settings),
            (Tab::Run, t.tab_run),
            (Tab::Compare, t.tab_compare),
            (Tab::Judge, t.tab_judge),
            (Tab::Try, t.tab_try),
        ];
        pen.acts.extend(choice(ui, training.tab, &tabs).map(Act::Tab));
        match training.tab {
            Tab::Data => data::data_ui(ui, &mut pen),
            Tab::Settings => settings::settings_ui(ui, &mut pen),
            Tab::Run => run::run_ui(ui, &mut pen),
            Tab::Compare => compare::compare_ui(ui, &mut pen),
            Tab::Judge => judge::judge_ui(ui, &mut pen),
            Tab::Try => trial::trial_ui(ui, &mut pen),
        }
    });
    commands.extend(pen.acts.into_iter().map(Command::Train));
    commands.extend(pen.commands);
}

/// A bar for eyes; the words beside it say the same.
fn bar(ui: &mut Ui, part: f32) {
    let palette = look(ui).palette;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 12.0), Sense::hover());
    let radius = CornerRadius::same(6);
    ui.painter().rect_filled(rect, radius, palette.accent_wash);
    let mut done = rect;
    done.set_width((rect.width() * part.clamp(0.0, 1.0)).max(if part > 0.0 { 12.0 } else { 0.0 }));
    ui.painter().rect_filled(done, radius, palette.accent);
}

/// A few words with a ground of their own; rows of them wrap.
fn chip(ui: &mut Ui, text: &str, ground: Color32) {
    let look = look(ui);
    let around = vec2(16.0, 10.0);
    let font = FontId::proportional(SMALL * look.scale);
    let wrap = ui.max_rect().width() - around.x;
    let galley = ui.painter().layout(text.to_owned(), font, look.palette.ink, wrap);
    let (rect, response) = ui.allocate_exact_size(galley.size() + around, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().rect_filled(rect, 8.0, ground);
    ui.painter().galley(rect.min + around / 2.0, galley, look.palette.ink);
}

/// A row of chips, close together: nothing in it is pressed, so it is no higher than they are.
fn chips(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        ui.horizontal_wrapped(contents);
    });
}

/// A box for each run that was found, to be chosen or not.
fn runs_ui(ui: &mut Ui, pen: &mut Pen<'_>) {
    let t = pen.words();
    pen.place(ui, t.place_runs, Place::Runs);
    row(ui, |ui| pen.button(ui, Button::plain(t.find).icon(Icon::Eye), Act::Find));
    let training = pen.training;
    match training.found.as_deref() {
        None => {}
        Some([]) => {
            muted(ui, t.found_none);
        }
        Some(found) => {
            small(ui, t.pick);
            for run in found {
                let path: PathBuf = run.look.path.clone();
                let on = training.picked.contains(&path);
                let picked = crate::ui::widgets::check(ui, on, &run.name());
                pen.acts.extend(picked.map(|on| Act::Pick(path, on)));
            }
        }
    }
}
