//! A drawing of a class: what the pupil would read, what the model says, and the teacher's part.

use easel_core::Attribute;
use egui::accesskit::Role;
use egui::{CursorIcon, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use super::files::files_ui;
use super::{Asks, standing};
use crate::class::{Seat, State};
use crate::portfolio::{LONGEST_NAME, LONGEST_NOTE, Record};
use crate::ui::app::EaselApp;
use crate::ui::class::{Lesson, Only};
use crate::ui::screens::portfolio::picture_ui;
use crate::ui::text::{Table, fill};
use crate::ui::theme::{BODY, BUTTON_RADIUS, TWO_COLUMNS, bold, look};
use crate::ui::widgets::{
    Button, Column, Icon, body, card, check, field, heading, lines, muted, page, ring, row,
    section, small, split,
};

pub(super) fn drawing_ui(ui: &mut Ui, app: &EaselApp, ask: Asks<'_>) {
    let Some(record) = app.class.drawing() else { return };
    let Some(seat) = &record.class else { return };
    let t = app.words();
    let height = ui.available_height();
    page(ui, "row", 1080.0, |ui| {
        let name = app.portfolio.name_of(record.pupil);
        heading(ui, &fill(t.drawing_by, &[name, &record.when.date()]));
        muted(ui, &format!("{} · {}", standing(t, record), seat.file));
        row(ui, |ui| {
            for (text, icon, next) in
                [(t.class.previous, Icon::Back, false), (t.class.next, Icon::Forward, true)]
            {
                if ui.add(Button::plain(text).icon(icon)).clicked() {
                    ask(Lesson::Step { next });
                }
            }
        });
        if ui.available_width() >= TWO_COLUMNS - 60.0 {
            split(ui, 0.44, |ui, column| match column {
                Column::Left => {
                    seen_ui(ui, app, (height - 220.0).max(240.0));
                    card(ui, |ui| whose_ui(ui, app, ask));
                    card(ui, |ui| files_ui(ui, app, Some(record.pupil), ask));
                }
                Column::Right => teacher_ui(ui, app, record, seat, ask),
            });
        } else {
            seen_ui(ui, app, (height * 0.4).max(200.0));
            teacher_ui(ui, app, record, seat, ask);
            card(ui, |ui| whose_ui(ui, app, ask));
            card(ui, |ui| files_ui(ui, app, Some(record.pupil), ask));
        }
    });
}

fn seen_ui(ui: &mut Ui, app: &EaselApp, most: f32) {
    let t = app.words();
    match app.class.shown.as_ref().and_then(|shown| shown.picture.as_ref()) {
        Some(picture) => {
            let most = vec2(ui.available_width(), most);
            card(ui, |ui| picture_ui(ui, picture, most, t.class.words));
        }
        None if app.class.drawing().is_some_and(|one| Only::of(one) == Only::Failed) => {}
        None => {
            muted(ui, t.portfolio_wait);
        }
    }
}

fn teacher_ui(ui: &mut Ui, app: &EaselApp, record: &Record, seat: &Seat, ask: Asks<'_>) {
    let t = app.words();
    match &seat.state {
        State::Waiting => {
            body(ui, t.class.waiting);
        }
        State::Failed(why) => {
            card(ui, |ui| {
                body(ui, t.class.failed_why);
                small(ui, &fill(t.details, &[why]));
                if ui.add(Button::plain(t.class.again).icon(Icon::TurnRight)).clicked() {
                    ask(Lesson::Again(record.id));
                }
            });
        }
        State::Scored => {
            card(ui, |ui| words_ui(ui, app, record, seat, ask));
            card(ui, |ui| scores_ui(ui, t, record, seat, ask));
        }
    }
}

/// The words that a pupil reads, and whether the pupil may.
fn words_ui(ui: &mut Ui, app: &EaselApp, record: &Record, seat: &Seat, ask: Asks<'_>) {
    let t = app.words();
    let c = &t.class;
    section(ui, c.words, look(ui).palette.ink);
    small(ui, c.words_more);
    if let Some(words) = lines(ui, c.words, &app.class.words, LONGEST_NOTE) {
        ask(Lesson::Words(words));
    }
    row(ui, |ui| {
        let new = app.typed_words().is_some();
        let save = |ui: &mut Ui| ui.add(Button::plain(c.words_save).icon(Icon::Check));
        if ui.add_enabled_ui(new, save).inner.clicked() {
            ask(Lesson::SaveWords { reset: false });
        }
        if seat.comment.is_some() && ui.add(Button::quiet(c.words_reset)).clicked() {
            ask(Lesson::Words(record.comment.clone()));
            ask(Lesson::SaveWords { reset: true });
        }
    });
    if seat.comment.is_some() {
        small(ui, &fill(c.words_model, &[&record.comment]));
    }
    if let Some(on) = check(ui, seat.approved, c.approve) {
        ask(Lesson::Approve(on));
    }
    small(ui, c.approve_more);
}

/// The model's scores, each with the teacher's own beside it.
fn scores_ui(ui: &mut Ui, t: &Table, record: &Record, seat: &Seat, ask: Asks<'_>) {
    let c = &t.class;
    section(ui, c.scores, look(ui).palette.ink);
    small(ui, c.scores_more);
    if record.assessment.doubt().is_some() {
        body(ui, t.no_drawing_teacher);
    }
    for attribute in Attribute::ALL {
        let name = t.of(attribute).name;
        let said = match record.assessment.get(attribute) {
            Some(score) => {
                let numbers = [score.expected(), score.std()].map(|value| format!("{value:.1}"));
                fill(c.model_score, &[name, &numbers[0], &numbers[1]])
            }
            None => fill(c.model_none, &[name]),
        };
        body(ui, &said);
        levels_ui(ui, t, attribute, record.own(attribute), ask);
    }
    if let Some(on) = check(ui, seat.accepted, c.accept) {
        ask(Lesson::Accept(on));
    }
    let model = if record.model.is_empty() { t.model_demo } else { &record.model };
    small(ui, &fill(t.model_name, &[model]));
}

/// None, or one of five levels.
fn levels_ui(ui: &mut Ui, t: &Table, attribute: Attribute, own: Option<u8>, ask: Asks<'_>) {
    let look = look(ui);
    let palette = look.palette;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        for option in [None, Some(1), Some(2), Some(3), Some(4), Some(5)] {
            let level = option.map_or_else(|| "–".to_owned(), |level: u8| level.to_string());
            let name = t.of(attribute).name;
            let said = match option {
                Some(_) => fill(t.class.own_level, &[name, &level]),
                None => fill(t.class.own_none, &[name]),
            };
            let (rect, response) = ui.allocate_exact_size(vec2(40.0, 40.0), Sense::click());
            let response = response.on_hover_cursor(CursorIcon::PointingHand);
            let on = own == option;
            response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, &said));
            let (ground, line, ink) = match on {
                true => (palette.accent_wash, Stroke::new(2.0, palette.accent), palette.accent),
                false => (palette.card, Stroke::new(1.0, palette.edge), palette.ink),
            };
            ui.painter().rect(rect, BUTTON_RADIUS, ground, line, StrokeKind::Inside);
            let font = bold(BODY * look.scale.min(1.2));
            ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, level, font, ink);
            ring(ui, &response, BUTTON_RADIUS);
            if response.clicked() && !on {
                ask(Lesson::Level(attribute, option));
            }
        }
    });
}

/// Whose it is.
fn whose_ui(ui: &mut Ui, app: &EaselApp, ask: Asks<'_>) {
    let t = app.words();
    small(ui, t.keep_whose);
    let typed = &app.class.whose;
    let (name, entered) = field(ui, t.keep_whose, typed, LONGEST_NAME, 420.0);
    if let Some(name) = name {
        ask(Lesson::Whose(name));
    }
    let now = app.class.drawing().map(|record| app.portfolio.name_of(record.pupil));
    let other = !typed.trim().is_empty() && Some(typed.trim()) != now;
    let button = |ui: &mut Ui| ui.add(Button::plain(t.pupil_rename).icon(Icon::Check));
    let pressed = ui.add_enabled_ui(other, button).inner.clicked();
    if other && (pressed || entered) {
        ask(Lesson::SaveWhose);
    }
}
