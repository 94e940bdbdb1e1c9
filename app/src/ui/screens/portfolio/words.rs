//! What is new since the last picture, in words and never in numbers.

use egui::Ui;

use crate::portfolio::{Record, new_in};
use crate::ui::text::Table;
use crate::ui::theme::look;
use crate::ui::widgets::{Icon, icon_section, large, muted, wash};

/// The most things that are told: a child remembers two.
const MOST: usize = 2;

pub fn new_ui(ui: &mut Ui, t: &Table, record: &Record, before: Option<&Record>) {
    let palette = look(ui).palette;
    wash(ui, palette.leaf_wash, |ui| {
        icon_section(ui, (Icon::Leaf, palette.leaf), t.new_title, palette.leaf);
        let Some(before) = before else {
            muted(ui, t.new_first);
            return;
        };
        let new = new_in(&before.judged(), &record.judged());
        if new.is_empty() {
            large(ui, t.new_none);
        }
        for attribute in new.into_iter().take(MOST) {
            large(ui, t.of(attribute).grown);
        }
    });
}
