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
use crate::ui::widgets::{self, Button, Icon};

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
    if let Some(yes) = widgets::question(ui, text, [t.discard_no, t.discard_yes]) {
        ask(Keeping::Answer(yes));
    }
}
