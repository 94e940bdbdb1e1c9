//! All classes.

use egui::Ui;

use super::{Asks, title};
use crate::portfolio::LONGEST_NAME;
use crate::ui::app::EaselApp;
use crate::ui::class::Lesson;
use crate::ui::widgets::{Button, Icon, body, card, field, heading, muted, page, small};

pub(super) fn all_ui(ui: &mut Ui, app: &EaselApp, ask: Asks<'_>) {
    let t = app.words();
    let c = &t.class;
    page(ui, "classes", 680.0, |ui| {
        heading(ui, c.classes);
        muted(ui, c.classes_more);
        match app.class.all.as_deref() {
            None => {
                muted(ui, t.portfolio_wait);
            }
            Some([]) => {
                body(ui, c.empty);
            }
            Some(all) => {
                for class in all {
                    let name = title(t, class);
                    if ui.add(Button::plain(&name).icon(Icon::Compare).wide()).clicked() {
                        ask(Lesson::Open(class.id));
                    }
                }
            }
        }
        card(ui, |ui| {
            small(ui, c.name);
            let (typed, entered) = field(ui, c.name, &app.class.name, LONGEST_NAME, 420.0);
            if let Some(name) = typed {
                ask(Lesson::Name(name));
            }
            let named = !app.class.name.trim().is_empty();
            let button = |ui: &mut Ui| ui.add(Button::plain(c.add).icon(Icon::Check));
            let pressed = ui.add_enabled_ui(named, button).inner.clicked();
            if named && (pressed || entered) {
                ask(Lesson::Add);
            }
        });
    });
}
