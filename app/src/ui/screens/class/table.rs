//! A class's drawings as a table, the queue that fills it, and what all of them have in common.

use easel_core::{Attribute, Score};
use egui::accesskit::Role;
use egui::text::LayoutJob;
use egui::{
    Align2, Color32, CursorIcon, FontId, Galley, Rect, Sense, StrokeKind, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};
use std::sync::Arc;

use super::files::{delete_ui, files_ui};
use super::{Asks, standing, title};
use crate::class::{Class, State, spreads};
use crate::portfolio::{LONGEST_NAME, Record};
use crate::ui::app::EaselApp;
use crate::ui::class::{Lesson, Only, Sort};
use crate::ui::screens::picture::within;
use crate::ui::text::{Table, fill};
use crate::ui::theme::{self, BODY, GAP, SMALL, bold, look};
use crate::ui::widgets::{
    Button, Icon, body, card, choice, field, heading, muted, page, ring, row, section, small,
};

/// From this width on, in points at the middle size of text, rows show all nine scores.
const NINE: f32 = 900.0;
/// How many small copies are asked for at a time.
const AT_ONCE: usize = 24;
/// How round a row is.
const ROUND: u8 = 12;

pub(super) fn table_ui(ui: &mut Ui, app: &EaselApp, ask: Asks<'_>) {
    let t = app.words();
    let Some(class) = &app.class.open else { return };
    page(ui, "class", 1080.0, |ui| {
        heading(ui, &title(t, class));
        card(ui, |ui| queue_ui(ui, app, ask));
        if app.class.records.is_none() {
            muted(ui, t.portfolio_wait);
            return;
        }
        if !app.class.records().is_empty() {
            card(ui, |ui| {
                order_ui(ui, app, ask);
                ui.add_space(GAP / 2.0);
                rows_ui(ui, app, ask);
            });
            card(ui, |ui| means_ui(ui, t, app.class.records()));
            card(ui, |ui| files_ui(ui, app, None, ask));
        }
        card(ui, |ui| rename_ui(ui, app, class, ask));
        delete_ui(ui, app, ask);
    });
}

/// The class's name, to be changed.
fn rename_ui(ui: &mut Ui, app: &EaselApp, class: &Class, ask: Asks<'_>) {
    let c = &app.words().class;
    small(ui, c.name);
    let typed = &app.class.name;
    let (name, entered) = field(ui, c.name, typed, LONGEST_NAME, 420.0);
    if let Some(name) = name {
        ask(Lesson::Name(name));
    }
    let other = !typed.trim().is_empty() && typed.trim() != class.name;
    let button = |ui: &mut Ui| ui.add(Button::plain(c.rename).icon(Icon::Check));
    let pressed = ui.add_enabled_ui(other, button).inner.clicked();
    if other && (pressed || entered) {
        ask(Lesson::Rename);
    }
}

/// Taking in and looking at.
fn queue_ui(ui: &mut Ui, app: &EaselApp, ask: Asks<'_>) {
    let (t, state) = (app.words(), &app.class);
    let c = &t.class;
    let ours = state.queue.class == state.open.as_ref().map(|class| class.id);
    let count = |only| state.records().iter().filter(|one| Only::of(one) == only).count();
    let [waiting, failed, approved] = [Only::Waiting, Only::Failed, Only::Approved].map(count);
    let all = state.records().len();
    let looked = all - waiting - failed;
    let counts = [looked, all].map(|count| count.to_string());
    let said = body(ui, &fill(c.looked_at, &[&counts[0], &counts[1]]));
    ui.ctx().accesskit_node_builder(said.id, |node| node.set_live(egui::accesskit::Live::Polite));
    if all > 0 {
        bar_ui(ui, (all - waiting) as f32 / all as f32);
    }
    if failed > 0 {
        small(ui, &fill(c.failed_count, &[&failed.to_string()]));
    }
    if approved > 0 {
        small(ui, &fill(c.approved_count, &[&approved.to_string()]));
    }
    if let Some(done) = state.queue.taken_in().filter(|_| ours) {
        muted(ui, &fill(c.taking_in, &[&done.to_string(), &state.queue.all.to_string()]));
    }
    if state.known > 0 {
        small(ui, &fill(c.known, &[&state.known.to_string()]));
    }
    let present = state.queue.present.id.filter(|_| ours);
    let present = present.and_then(|id| state.records().iter().find(|record| record.id == id));
    if let Some(record) = present {
        muted(ui, &fill(c.looking, &[app.portfolio.name_of(record.pupil)]));
    } else if all > 0 && waiting == 0 {
        muted(ui, c.all_done);
    } else if ours && state.queue.running && state.queue.elsewhere {
        muted(ui, c.elsewhere);
    } else if looked > 0 && waiting > 0 && !state.queue.running {
        muted(ui, c.paused);
    }
    row(ui, |ui| {
        if state.queue.running && ours {
            if ui.add(Button::primary(c.pause).icon(Icon::Pause)).clicked() {
                ask(Lesson::Run(false));
            }
        } else if waiting > 0 {
            let text = if looked == 0 { c.go } else { c.go_on };
            if ui.add(Button::primary(text).icon(Icon::Eye)).clicked() {
                ask(Lesson::Run(true));
            }
        }
        for (text, icon, folder) in
            [(c.add_files, Icon::Picture, false), (c.add_folder, Icon::Folder, true)]
        {
            let there = !folder || app.platform.has_folders();
            if there && ui.add(Button::plain(text).icon(icon)).clicked() {
                ask(Lesson::Choose { folder });
            }
        }
    });
    small(ui, c.add_more);
}

/// How much is done.
fn bar_ui(ui: &mut Ui, part: f32) {
    let palette = look(ui).palette;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 10.0), Sense::hover());
    ui.painter().rect_filled(rect, 5.0, palette.accent_wash);
    let filled = rect.with_max_x(rect.left() + (rect.width() * part).max(10.0).min(rect.width()));
    if part > 0.0 {
        ui.painter().rect_filled(filled, 5.0, palette.accent);
    }
}

/// Which rows, and in which order.
fn order_ui(ui: &mut Ui, app: &EaselApp, ask: Asks<'_>) {
    let (t, state) = (app.words(), &app.class);
    let c = &t.class;
    small(ui, c.find);
    if let Some(find) = field(ui, c.find, &state.find, 80, 420.0).0 {
        ask(Lesson::Find(find));
    }
    small(ui, c.only);
    let only = [
        (Only::All, c.only_all),
        (Only::Waiting, c.only_waiting),
        (Only::Scored, c.only_scored),
        (Only::Approved, c.only_approved),
        (Only::Failed, c.only_failed),
    ];
    if let Some(only) = choice(ui, state.only, &only) {
        ask(Lesson::Only(only));
    }
    small(ui, c.sort);
    let by = match state.sort {
        Sort::Attribute(_) => Sort::Attribute(Attribute::Realism),
        other => other,
    };
    let sorts = [
        (Sort::Time, c.sort_time),
        (Sort::Name, c.sort_name),
        (Sort::State, c.sort_state),
        (Sort::Attribute(Attribute::Realism), c.sort_attribute),
    ];
    if let Some(sort) = choice(ui, by, &sorts) {
        ask(Lesson::Sort(sort));
    }
    if let Sort::Attribute(attribute) = state.sort {
        let all = Attribute::ALL.map(|one| (one, t.of(one).short));
        if let Some(attribute) = choice(ui, attribute, &all) {
            ask(Lesson::Sort(Sort::Attribute(attribute)));
        }
    }
}

/// Which scores a row shows.
fn columns(ui: &Ui, sort: Sort) -> Vec<Attribute> {
    match sort {
        _ if ui.available_width() >= NINE * look(ui).scale => Attribute::ALL.into(),
        Sort::Attribute(attribute) => vec![attribute],
        _ => Vec::new(),
    }
}

fn rows_ui(ui: &mut Ui, app: &EaselApp, ask: Asks<'_>) {
    let t = app.words();
    let rows = app.class_rows();
    if rows.is_empty() {
        muted(ui, t.class.nothing_fits);
        return;
    }
    let columns = columns(ui, app.class.sort);
    if columns.len() > 1 {
        heads_ui(ui, t, &columns);
    }
    ui.spacing_mut().item_spacing.y = 4.0;
    let height = 62.0 * look(ui).scale;
    let mut missing = Vec::new();
    for record in rows {
        let size = vec2(ui.available_width(), height);
        // Rows that nobody sees take their room and nothing else.
        let place = Rect::from_min_size(ui.cursor().min, size);
        if !ui.is_rect_visible(place) {
            ui.allocate_space(size);
            continue;
        }
        if !app.class.small.contains_key(&record.id) && missing.len() < AT_ONCE {
            missing.push(record.id);
        }
        row_ui(ui, app, record, (size, &columns), ask);
    }
    if !missing.is_empty() {
        ask(Lesson::Small(missing));
    }
}

/// The width of a column, and where the first one begins.
fn cells(ui: &Ui, width: f32, columns: usize) -> (f32, f32) {
    let cell = if columns > 1 { width * 0.082 } else { 72.0 * look(ui).scale };
    (cell, width - 8.0 - cell * columns as f32)
}

fn heads_ui(ui: &mut Ui, t: &Table, columns: &[Attribute]) {
    let look = look(ui);
    let width = ui.available_width();
    let (cell, first) = cells(ui, width, columns.len());
    let font = FontId::proportional(SMALL * 0.9 * look.scale);
    let heads: Vec<_> = columns
        .iter()
        .map(|one| {
            let text = t.of(*one).short.to_owned();
            ui.painter().layout(text, font.clone(), look.palette.muted, cell - 6.0)
        })
        .collect();
    let height = heads.iter().map(|head| head.size().y).fold(0.0, f32::max) + 4.0;
    let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    for (at, head) in heads.into_iter().enumerate() {
        let middle = rect.left() + first + cell * (at as f32 + 0.5);
        let place = pos2(middle - head.size().x / 2.0, rect.bottom() - head.size().y);
        ui.painter().galley(place, head, look.palette.muted);
    }
}

/// A line that ends in dots where it is too long.
fn line(ui: &Ui, text: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap.max_width = width;
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    ui.painter().layout_job(job)
}

fn row_ui(
    ui: &mut Ui,
    app: &EaselApp,
    record: &Record,
    (size, columns): (Vec2, &[Attribute]),
    ask: Asks<'_>,
) {
    let (t, look) = (app.words(), look(ui));
    let palette = look.palette;
    let name = app.portfolio.name_of(record.pupil);
    let file = record.class.as_ref().map(|seat| seat.file.as_str()).unwrap_or_default();
    let state = standing(t, record);
    let mut said = fill(t.class.row, &[name, file, &state]);
    for attribute in columns {
        if let Some(score) = record.judged().get(*attribute) {
            let level = format!("{:.1}", score.expected());
            said.push_str("; ");
            said.push_str(&fill(t.score_of, &[t.of(*attribute).name, &level]));
        }
    }
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let id = ui.scope_id().with(("row", record.id.0));
    let response = ui.interact(rect, id, Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &said));
    let (fill_color, edge) = match response.hovered() {
        true => (palette.accent_wash, palette.accent),
        false => (palette.card, palette.line),
    };
    let stroke = egui::Stroke::new(1.0, edge);
    ui.painter().rect(rect, ROUND, fill_color, stroke, StrokeKind::Inside);
    let (cell, first) = cells(ui, rect.width(), columns.len());
    let dot = pos2(rect.left() + 18.0, rect.center().y);
    let color = match Only::of(record) {
        Only::Approved | Only::All => palette.leaf,
        Only::Scored => palette.sky,
        Only::Waiting => palette.edge,
        Only::Failed => palette.sun,
    };
    ui.painter().circle_filled(dot, 6.0, color);
    let side = rect.height() - 12.0;
    let place = Rect::from_center_size(
        pos2(rect.left() + 34.0 + side / 2.0, rect.center().y),
        Vec2::splat(side),
    );
    match app.class.small.get(&record.id) {
        Some(Some(picture)) => within(ui, picture, place),
        _ => {
            ui.painter().rect_filled(place, ROUND / 2, palette.line);
        }
    }
    let (left, room) = (place.right() + 10.0, first - side - 54.0);
    let size = BODY * 0.95 * look.scale;
    let (strong, font) = (bold(size), theme::strong(name, size));
    let weak = FontId::proportional(SMALL * 0.95 * look.scale);
    let name = line(ui, name, font, palette.ink, room);
    let below = match &record.class {
        Some(seat) if matches!(seat.state, State::Failed(_)) || !state.is_empty() => {
            format!("{state} · {file}")
        }
        _ => file.to_owned(),
    };
    let below = line(ui, &below, weak.clone(), palette.muted, room);
    let top = rect.center().y - (name.size().y + below.size().y) / 2.0;
    let second = top + name.size().y;
    ui.painter().galley(pos2(left, top), name, palette.ink);
    ui.painter().galley(pos2(left, second), below, palette.muted);
    for (at, attribute) in columns.iter().enumerate() {
        let middle = pos2(rect.left() + first + cell * (at as f32 + 0.5), rect.center().y);
        let model = record.assessment.get(*attribute).map(Score::expected);
        let model = model.map_or_else(|| "–".to_owned(), |level| format!("{level:.1}"));
        match record.own(*attribute) {
            None => {
                ui.painter().text(
                    middle,
                    Align2::CENTER_CENTER,
                    model,
                    strong.clone(),
                    palette.ink,
                );
            }
            // The teacher's above the model's, which stays.
            Some(own) => {
                let own = own.to_string();
                let ink = palette.accent;
                ui.painter().text(middle, Align2::CENTER_BOTTOM, own, strong.clone(), ink);
                ui.painter().text(middle, Align2::CENTER_TOP, model, weak.clone(), palette.muted);
            }
        }
    }
    ring(ui, &response, ROUND);
    if response.clicked() {
        ask(Lesson::Drawing(record.id));
    }
}

/// Means and deviations, each with the number behind it.
fn means_ui(ui: &mut Ui, t: &Table, records: &[Record]) {
    let look = look(ui);
    section(ui, t.class.means, look.palette.ink);
    small(ui, t.class.means_more);
    for spread in spreads(records.iter()) {
        let name = t.of(spread.attribute).name;
        let mean = format!("{:.2}", spread.mean);
        let deviation = spread.deviation.map(|value| format!("{value:.2}"));
        let deviation = deviation.unwrap_or_else(|| t.class.none.to_owned());
        let said = fill(t.class.mean_of, &[name, &mean, &deviation, &spread.count.to_string()]);
        body(ui, &said);
    }
}
