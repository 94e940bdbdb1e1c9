//! All pupils, and everything to and from a file.

use egui::Ui;

use crate::portfolio::{Group, LONGEST_NAME};
use crate::ui::app::EaselApp;
use crate::ui::command::Command;
use crate::ui::portfolio::{Keeping, Told};
use crate::ui::text::{Table, fill};
use crate::ui::theme::look;
use crate::ui::widgets::{
    Button, Icon, body, card, field, heading, muted, page, row, section, small,
};

pub(super) fn pupils_ui(ui: &mut Ui, app: &EaselApp, ask: &mut dyn FnMut(Keeping)) {
    let t = app.words();
    page(ui, "pupils", 680.0, |ui| {
        heading(ui, t.portfolios);
        muted(ui, t.portfolios_more);
        match &app.portfolio.groups {
            None => {
                muted(ui, t.portfolio_wait);
            }
            Some(groups) if groups.is_empty() => {
                body(ui, t.portfolios_empty);
            }
            Some(groups) => {
                for group in groups {
                    group_ui(ui, t, group, ask);
                }
            }
        }
        card(ui, |ui| name_ui(ui, app, ask));
    });
}

fn group_ui(ui: &mut Ui, t: &Table, group: &Group, ask: &mut dyn FnMut(Keeping)) {
    card(ui, |ui| {
        let name = &group.pupil.name;
        if ui.add(Button::plain(name).icon(Icon::Portfolio).wide()).clicked() {
            ask(Keeping::Pupil(group.pupil.id));
        }
        small(ui, &how_many(t, group));
    });
}

/// How many drawings a pupil has.
pub(super) fn how_many(t: &Table, group: &Group) -> String {
    match group.last {
        Some(last) => fill(t.pupil_drawings, &[&group.drawings.to_string(), &last.date()]),
        None => t.pupil_none.to_owned(),
    }
}

/// A new name.
pub fn name_ui(ui: &mut Ui, app: &EaselApp, ask: &mut dyn FnMut(Keeping)) {
    let t = app.words();
    small(ui, t.pupil_name);
    let name = &app.portfolio.name;
    let (typed, entered) = field(ui, t.pupil_name, name, LONGEST_NAME, 420.0);
    if let Some(name) = typed {
        ask(Keeping::Name(name));
    }
    // A name of spaces is none.
    let named = !name.trim().is_empty();
    let pressed = ui
        .add_enabled_ui(named, |ui| ui.add(Button::plain(t.pupil_add).icon(Icon::Check)))
        .inner
        .clicked();
    if named && (pressed || entered) {
        ask(Keeping::Add);
    }
}

/// Everything to a file, and back.
pub fn exchange_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let t = app.words();
    let portfolio = &app.portfolio;
    section(ui, t.portfolios, look(ui).palette.ink);
    small(ui, t.exchange_more);
    if portfolio.is_exchanging() {
        muted(ui, t.exchange_wait);
        ui.add(egui::Spinner::new().color(look(ui).palette.accent));
        return;
    }
    row(ui, |ui| {
        let both = [(t.export_all, Keeping::Export), (t.import_all, Keeping::Import)];
        for (text, keeping) in both {
            if ui.add(Button::plain(text)).clicked() {
                commands.push(Command::Portfolio(keeping));
            }
        }
    });
    let told = match portfolio.told {
        Some(Told::Exported(drawings)) => fill(t.exported, &[&drawings.to_string()]),
        Some(Told::Imported(drawings, known)) => {
            fill(t.imported, &[&drawings.to_string(), &known.to_string()])
        }
        _ => return,
    };
    let said = body(ui, &told);
    ui.ctx().accesskit_node_builder(said.id, |node| node.set_live(egui::accesskit::Live::Polite));
}
