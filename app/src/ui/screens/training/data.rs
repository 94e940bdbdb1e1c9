//! The data set: where it lies, what it holds, row by row.

use egui::accesskit::Role;
use egui::{CornerRadius, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use easel_core::Attribute;
use easel_core::train::data::DataReport;

use super::{Pen, chip, chips};
use crate::training::{Checked, PickedRow};
use crate::ui::platform::Place;
use crate::ui::screens::picture::within;
use crate::ui::text::fill;
use crate::ui::theme::look;
use crate::ui::training::{Act, PAGE, Tab, Toggle};
use crate::ui::widgets::{Button, Icon, body, card, check, muted, row, section, small, wash};

/// The side of a small picture, in points.
const SIDE: f32 = 72.0;

/// The most problems, and missing names, that are listed.
const MOST: usize = 12;

pub(super) fn data_ui(ui: &mut Ui, pen: &mut Pen<'_>) {
    let t = pen.words();
    let training = pen.training;
    card(ui, |ui| {
        pen.place(ui, t.place_sheet, Place::Sheet);
        pen.place(ui, t.place_images, Place::Images);
        pen.place(ui, t.place_comments, Place::Comments);
        pen.place(ui, t.place_valid, Place::Valid);
        let toggles = [
            (Toggle::SkipMissing, training.skip_missing, t.skip_missing),
            (Toggle::BlankAs, training.blank_as, t.blank_as),
        ];
        for (toggle, on, text) in toggles {
            pen.acts.extend(check(ui, on, text).map(|on| Act::Toggle(toggle, on)));
        }
        if training.checking {
            muted(ui, t.checking);
        } else {
            let ready =
                [Place::Sheet, Place::Images].map(|place| !training.place(place).is_empty());
            pen.button_if(
                ui,
                ready == [true; 2],
                Button::primary(t.check).icon(Icon::Check),
                Act::Check,
            );
        }
    });
    match &training.checked {
        None => {
            muted(ui, t.data_first);
        }
        Some(Err(why)) => pen.failed(ui, why),
        Some(Ok(checked)) => {
            checked_ui(ui, pen, checked);
            if let Some(report) = &checked.report {
                card(ui, |ui| counts_ui(ui, pen, report));
                card(ui, |ui| rows_ui(ui, pen));
                pen.button(
                    ui,
                    Button::primary(t.tab_settings).icon(Icon::Settings),
                    Act::Tab(Tab::Settings),
                );
            }
        }
    }
}

/// Totals, and what is wrong.
fn checked_ui(ui: &mut Ui, pen: &Pen<'_>, checked: &Checked) {
    let t = pen.words();
    if let Some(report) = &checked.report {
        let counts = [report.rows, report.commented].map(|count| count.to_string());
        body(ui, &fill(t.rows, &[&counts[0], &counts[1]]));
        let blanks: usize = report.attributes.iter().map(|counts| counts.blanks).sum();
        match blanks {
            0 => body(ui, t.no_blanks),
            _ => body(ui, &fill(t.blanks, &[&blanks.to_string()])),
        };
        if !report.missing.is_empty() {
            wash(ui, look(ui).palette.sun_wash, |ui| {
                body(ui, &fill(t.missing, &[&report.missing.len().to_string()]));
                small(ui, &listed(t.more_of_these, &report.missing));
                if !pen.training.skip_missing {
                    body(ui, t.missing_stop);
                }
            });
        }
    }
    if !checked.problems.is_empty() {
        wash(ui, look(ui).palette.sun_wash, |ui| {
            body(ui, &fill(t.problems, &[&checked.problems.len().to_string()]));
            for problem in checked.problems.iter().take(MOST) {
                small(ui, &fill(t.problem, &[&problem.line.to_string(), &problem.message]));
            }
            if checked.problems.len() > MOST {
                let more = checked.problems.len() - MOST;
                small(ui, &fill(t.more_of_these, &[&more.to_string()]));
            }
        });
    }
}

/// The first names, and how many more there are.
fn listed(more: &str, names: &[String]) -> String {
    let mut text = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > MOST {
        text = format!("{text}, {}", fill(more, &[&(names.len() - MOST).to_string()]));
    }
    text
}

/// How often each label is there, attribute by attribute.
fn counts_ui(ui: &mut Ui, pen: &Pen<'_>, report: &DataReport) {
    let (t, table) = (pen.words(), pen.table());
    let palette = look(ui).palette;
    section(ui, t.counts, palette.ink);
    for counts in &report.attributes {
        small(ui, table.of(counts.attribute).name);
        chips(ui, |ui| {
            for (level, count) in (1..).zip(counts.labels) {
                chip(ui, &format!("{level}: {count}"), palette.accent_wash);
            }
            if counts.blanks > 0 {
                let blanks = fill(table.named, &[t.blank, &counts.blanks.to_string()]);
                chip(ui, &blanks, palette.sun_wash);
            }
        });
    }
}

/// One page of the rows.
fn rows_ui(ui: &mut Ui, pen: &mut Pen<'_>) {
    let t = pen.words();
    let training = pen.training;
    let blanks = check(ui, training.only_blanks, t.only_blanks);
    pen.acts.extend(blanks.map(|on| Act::Toggle(Toggle::OnlyBlanks, on)));
    let (rows, total) = training.rows();
    let first = training.page * PAGE;
    let numbers = [first + usize::from(total > 0), first + rows.len(), total];
    let numbers = numbers.map(|number| number.to_string());
    muted(ui, &fill(t.page, &[&numbers[0], &numbers[1], &numbers[2]]));
    for shown in rows {
        row_ui(ui, pen, shown);
    }
    row(ui, |ui| {
        let act = Act::Page(training.page.saturating_sub(1));
        pen.button_if(ui, training.page > 0, Button::plain(t.page_before).icon(Icon::Back), act);
        pen.button_if(
            ui,
            first + PAGE < total,
            Button::plain(t.page_after),
            Act::Page(training.page + 1),
        );
    });
}

fn row_ui(ui: &mut Ui, pen: &Pen<'_>, shown: &PickedRow) {
    let (t, table) = (pen.words(), pen.table());
    let palette = look(ui).palette;
    ui.horizontal_top(|ui| {
        small_ui(ui, pen, shown);
        let width = ui.available_width();
        ui.vertical(|ui| {
            ui.set_max_width(width);
            body(ui, &shown.name);
            chips(ui, |ui| {
                for (attribute, label) in Attribute::ALL.into_iter().zip(shown.labels) {
                    let name = table.of(attribute).short;
                    match label {
                        Some(label) => chip(ui, &format!("{name} {label}"), palette.accent_wash),
                        None => chip(ui, &fill(table.named, &[name, t.blank]), palette.sun_wash),
                    }
                }
            });
        });
    });
}

/// The picture, whole; an empty frame until it is there.
fn small_ui(ui: &mut Ui, pen: &Pen<'_>, shown: &PickedRow) {
    let t = pen.words();
    let palette = look(ui).palette;
    let (rect, response) = ui.allocate_exact_size(vec2(SIDE, SIDE), Sense::hover());
    let known = pen.training.small.get(&shown.picture);
    let said = match known {
        Some(None) => format!("{}: {}", shown.name, t.picture_broken),
        _ => fill(t.picture_of, &[&shown.name]),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &said));
    let ground = if known == Some(&None) { palette.sun_wash } else { palette.card };
    let radius = CornerRadius::same(6);
    ui.painter().rect(rect, radius, ground, Stroke::new(1.0, palette.line), StrokeKind::Inside);
    if let Some(Some(texture)) = known {
        within(ui, texture, rect);
    }
}
