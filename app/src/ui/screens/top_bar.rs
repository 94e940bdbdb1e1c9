//! The bar on top: the program's name, the language and the settings.

use easel_core::prompt::Language;
use egui::{Align, Layout, Rect, Ui, UiBuilder, vec2};

use crate::ui::app::{EaselApp, Screen};
use crate::ui::command::{Change, Command};
use crate::ui::theme::{GAP, LARGE, TOP_BAR, bold, look};
use crate::ui::widgets::{Button, Icon, paint_icon};

pub(super) fn top_bar_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let t = app.words();
    let look = look(ui);
    let area = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), TOP_BAR));
    let within = area.shrink2(vec2(GAP, 8.0));
    ui.painter().rect_filled(area, 0.0, look.palette.paper);
    let builder = UiBuilder::new().max_rect(within).layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(builder, |ui| {
        let home = app.screen == Screen::Welcome && !app.covered();
        if home {
            let (square, _) = ui.allocate_exact_size(vec2(30.0, 30.0), egui::Sense::hover());
            paint_icon(ui.painter(), square, Icon::Easel, look.palette.accent);
            ui.add_space(2.0);
            ui.label(egui::RichText::new(t.app).font(bold(LARGE * 1.1 * look.scale.min(1.2))));
        } else if ui.add(Button::quiet(t.back).icon(Icon::Back)).clicked() {
            commands.push(Command::Back);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            if !app.covered() {
                // The word needs room that narrow screens do not have.
                let text = if ui.available_width() > 300.0 { t.settings } else { "" };
                let button = Button::quiet(text).name(t.settings).icon(Icon::Settings);
                if ui.add(button).clicked() {
                    commands.push(Command::Settings(true));
                }
            }
            if ui.add(Button::quiet(t.other_language).name(t.switch_language)).clicked() {
                let other = match app.language() {
                    Language::En => Language::Zh,
                    Language::Zh => Language::En,
                };
                commands.push(Command::Set(Change::Language(other)));
            }
        });
    });
    ui.advance_cursor_after_rect(area);
}
