//! One drawing, before and after: the base alone, and with a run's adapters.

use egui::Ui;

use super::Pen;
use crate::ui::command::Command;
use crate::ui::screens::picture::card_ui;
use crate::ui::text::fill;
use crate::ui::training::Act;
use crate::ui::widgets::{Button, Icon, body, card, muted, row, small};

pub(super) fn trial_ui(ui: &mut Ui, pen: &mut Pen<'_>) {
    let (t, table) = (pen.words(), pen.table());
    let training = pen.training;
    muted(ui, t.try_more);
    match &pen.app.drawing {
        Some(drawing) => {
            card_ui(ui, drawing, 220.0, table.your_picture);
            small(ui, t.try_drawing);
        }
        None => {
            body(ui, t.try_none);
        }
    }
    row(ui, |ui| {
        if ui.add(Button::plain(table.choose).icon(Icon::Picture)).clicked() {
            pen.commands.push(Command::Choose);
        }
    });
    card(ui, |ui| {
        let run = training.run_to_try();
        let Some(run) = run else {
            body(ui, t.try_no_run);
            return;
        };
        let name = run.file_name().unwrap_or_default().to_string_lossy().into_owned();
        body(ui, &fill(t.try_run, &[&name]));
        if training.scoring {
            pen.state(ui, training.state.as_ref(), t.scoring);
        } else if training.is_busy() {
            muted(ui, t.judge_busy);
        } else {
            pen.button_if(
                ui,
                pen.app.drawing.is_some(),
                Button::primary(t.score).icon(Icon::Eye),
                Act::Score,
            );
        }
        match &training.scored {
            None => {}
            Some(Err(why)) => pen.failed(ui, why),
            Some(Ok(scores)) => {
                for (attribute, after) in &scores.after {
                    let before = scores.before.get(attribute).copied().unwrap_or(f64::NAN);
                    let numbers = [before, *after].map(|score| format!("{score:.2}"));
                    let name = table.of(*attribute).name;
                    let text = fill(t.before_after, &[name, &numbers[0], &numbers[1]]);
                    let said = body(ui, &text);
                    ui.ctx().accesskit_node_builder(said.id, |node| {
                        node.set_live(egui::accesskit::Live::Polite);
                    });
                }
            }
        }
    });
}
