//! Keeping a drawing that was looked at: whose it is.

use egui::Ui;

use super::portfolio::{name_ui, new_ui};
use crate::ui::app::EaselApp;
use crate::ui::command::Command;
use crate::ui::portfolio::Keeping;
use crate::ui::run::Writing;
use crate::ui::settings::View;
use crate::ui::text::fill;
use crate::ui::theme::look;
use crate::ui::widgets::{Button, Icon, body, card, icon_section, muted, row, small};

/// The most names that are shown at once; typing a part of one narrows them down.
const MOST: usize = 12;

pub(super) fn keep_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let Some(run) = app.run.as_ref().filter(|run| run.writing != Writing::Going) else { return };
    let t = app.words();
    let portfolio = &app.portfolio;
    let palette = look(ui).palette;
    let mut ask = |keeping| commands.push(Command::Portfolio(keeping));
    card(ui, |ui| {
        icon_section(ui, (Icon::Portfolio, palette.accent), t.keep_title, palette.ink);
        if let Some(kept) = portfolio.kept.as_ref().filter(|kept| kept.run == run.id) {
            let said = body(ui, &fill(t.kept_for, &[portfolio.name_of(kept.record.pupil)]));
            ui.ctx().accesskit_node_builder(said.id, |node| {
                node.set_live(egui::accesskit::Live::Polite);
            });
            if app.settings.view == View::Student {
                new_ui(ui, t, &kept.record, kept.before.as_ref());
            }
            if ui.add(Button::plain(t.portfolio_open).icon(Icon::Portfolio)).clicked() {
                ask(Keeping::Pupil(kept.record.pupil));
            }
        } else if portfolio.is_keeping() {
            muted(ui, t.keeping);
            ui.add(egui::Spinner::new().color(palette.accent));
        } else if portfolio.choosing {
            muted(ui, t.keep_whose);
            choose_ui(ui, app, &mut ask);
            if ui.add(Button::quiet(t.cancel).icon(Icon::Close)).clicked() {
                ask(Keeping::Choose(false));
            }
        } else {
            small(ui, t.keep_more);
            if ui.add(Button::plain(t.keep_title).icon(Icon::Check)).clicked() {
                ask(Keeping::Choose(true));
            }
        }
    });
}

fn choose_ui(ui: &mut Ui, app: &EaselApp, ask: &mut dyn FnMut(Keeping)) {
    let typed = app.portfolio.name.trim().to_lowercase();
    let groups = app.portfolio.groups.as_deref().unwrap_or_default();
    let fits = |name: &str| name.to_lowercase().contains(&typed);
    row(ui, |ui| {
        for group in groups.iter().filter(|group| fits(&group.pupil.name)).take(MOST) {
            if ui.add(Button::plain(&group.pupil.name)).clicked() {
                ask(Keeping::Keep(group.pupil.id));
            }
        }
    });
    name_ui(ui, app, ask);
}
