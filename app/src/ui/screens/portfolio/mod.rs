//! What is kept: pupils, their drawings, one of them, two of them, the change over time.

mod compare;
mod drawing;
mod drawings;
mod growth;
mod pupils;
mod words;

use egui::Ui;

use crate::ui::app::EaselApp;
use crate::ui::command::Command;
use crate::ui::portfolio::{Keeping, Question, Where};
use crate::ui::theme::look;
use crate::ui::widgets::{Button, Icon, body, row, wash};

pub(super) use drawing::picture_ui;
pub(super) use pupils::{exchange_ui, name_ui};
pub(super) use words::new_ui;

pub(super) fn portfolio_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let mut ask = |keeping| commands.push(Command::Portfolio(keeping));
    match app.portfolio.place {
        Where::Pupils => pupils::pupils_ui(ui, app, &mut ask),
        Where::Drawings => drawings::drawings_ui(ui, app, &mut ask),
        Where::Drawing => drawing::drawing_ui(ui, app, &mut ask),
        Where::Compare => compare::compare_ui(ui, app),
        Where::Growth => growth::growth_ui(ui, app),
    }
}

/// The button that deletes, or the one question before it does.
fn delete_ui(
    ui: &mut Ui,
    app: &EaselApp,
    question: Question,
    [button, text]: [&str; 2],
    ask: &mut dyn FnMut(Keeping),
) {
    let t = app.words();
    if app.portfolio.asking != Some(question) {
        if ui.add(Button::quiet(button).icon(Icon::Bin)).clicked() {
            ask(Keeping::Ask(question));
        }
        return;
    }
    wash(ui, look(ui).palette.sun_wash, |ui| {
        let said = body(ui, text);
        ui.ctx().accesskit_node_builder(said.id, |node| {
            node.set_role(egui::accesskit::Role::Alert);
            node.set_label(text);
            node.set_live(egui::accesskit::Live::Assertive);
        });
        row(ui, |ui| {
            if ui.add(Button::plain(t.discard_no).icon(Icon::Back)).clicked() {
                ask(Keeping::Answer(false));
            }
            if ui.add(Button::plain(t.discard_yes).icon(Icon::Bin)).clicked() {
                ask(Keeping::Answer(true));
            }
        });
    });
}
