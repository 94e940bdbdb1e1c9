//! One question before something is gone.

use egui::Ui;
use egui::accesskit::{Live, Role};

use super::button::Button;
use super::icon::Icon;
use super::layout::{row, wash};
use super::words::body;
use crate::ui::theme::look;

/// Asks whether something is to be deleted, which is read out at once; returns the answer.
pub fn question(ui: &mut Ui, text: &str, [no, yes]: [&str; 2]) -> Option<bool> {
    let mut answer = None;
    wash(ui, look(ui).palette.sun_wash, |ui| {
        let said = body(ui, text);
        ui.ctx().accesskit_node_builder(said.id, |node| {
            node.set_role(Role::Alert);
            node.set_label(text);
            node.set_live(Live::Assertive);
        });
        row(ui, |ui| {
            if ui.add(Button::plain(no).icon(Icon::Back)).clicked() {
                answer = Some(false);
            }
            if ui.add(Button::plain(yes).icon(Icon::Bin)).clicked() {
                answer = Some(true);
            }
        });
    });
    answer
}
