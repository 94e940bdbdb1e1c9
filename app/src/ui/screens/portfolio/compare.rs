//! Two drawings side by side, the earlier one first.

use egui::{RichText, Ui, vec2};

use super::drawing::picture_ui;
use super::new_ui;
use crate::portfolio::changes;
use crate::ui::app::EaselApp;
use crate::ui::portfolio::Opened;
use crate::ui::settings::View;
use crate::ui::text::{Table, fill};
use crate::ui::theme::{BODY, GAP, bold, look};
use crate::ui::widgets::{Column, body, card, heading, large, muted, page, section, small, split};

pub(super) fn compare_ui(ui: &mut Ui, app: &EaselApp) {
    let t = app.words();
    let height = ui.available_height();
    page(ui, "compare", 1080.0, |ui| {
        heading(ui, t.compare_title);
        let (Some(one), Some(two)) = (&app.portfolio.opened, &app.portfolio.second) else {
            muted(ui, t.portfolio_wait);
            return;
        };
        let order = |opened: &Opened| (opened.record.when.ms, opened.record.id);
        let [early, late] = if order(one) <= order(two) { [one, two] } else { [two, one] };
        // Side by side even on a phone: what is compared must be seen at once.
        let narrow = ui.available_width() < 520.0;
        let most = if narrow { 260.0 } else { (height * 0.55).max(240.0) };
        split(ui, 0.5, |ui, column| {
            let opened = if column == Column::Left { early } else { late };
            let date = opened.record.when.date();
            let most = vec2(ui.available_width(), most);
            let name = fill(t.drawing_of, &[&date]);
            match narrow {
                true => picture_ui(ui, &opened.picture, most, &name),
                false => card(ui, |ui| picture_ui(ui, &opened.picture, most, &name)),
            }
            body(ui, &date);
            if !narrow {
                words_ui(ui, t, opened);
            }
        });
        if narrow {
            for opened in [early, late] {
                card(ui, |ui| {
                    section(ui, &opened.record.when.date(), look(ui).palette.ink);
                    words_ui(ui, t, opened);
                });
            }
        }
        match app.settings.view {
            View::Student => new_ui(ui, t, &late.record, Some(&early.record)),
            View::Teacher => table_ui(ui, t, early, late),
        }
    });
}

fn words_ui(ui: &mut Ui, t: &Table, opened: &Opened) {
    match opened.record.words().is_empty() {
        true => muted(ui, t.comment_none),
        false => large(ui, opened.record.words()),
    };
}

/// Both scores of each attribute, and whether the difference says anything.
fn table_ui(ui: &mut Ui, t: &Table, early: &Opened, late: &Opened) {
    let look = look(ui);
    card(ui, |ui| {
        section(ui, t.attributes_title, look.palette.ink);
        small(ui, t.compare_more);
        for change in changes(&early.record.assessment, &late.record.assessment) {
            let score = |opened: &Opened| {
                let score = opened.record.assessment.get(change.attribute);
                format!("{:.1}", score.map_or(0.0, easel_core::Score::expected))
            };
            let name = t.of(change.attribute).name;
            let words = match (change.is_clear(), change.points > 0.0) {
                (false, _) => t.change_unclear,
                (true, true) => t.change_more,
                (true, false) => t.change_less,
            };
            let numbers = fill(t.change_from_to, &[name, &score(early), &score(late)]);
            let strong = RichText::new(numbers).font(bold(BODY * look.scale));
            ui.add_space(GAP / 2.0);
            ui.label(strong.color(look.palette.ink));
            muted(ui, words);
        }
        ui.add_space(GAP);
        body(ui, t.limits);
    });
}
