//! Runs side by side: curves over one another, the best correlation, settings that differ.

use egui::Ui;

use super::run::draw;
use super::{Pen, chip, chips, runs_ui};
use crate::training::{Curve, Found};
use crate::ui::charts::{Course, colour};
use crate::ui::text::fill;
use crate::ui::theme::look;
use crate::ui::widgets::{body, card, muted, section, small};

pub(super) fn compare_ui(ui: &mut Ui, pen: &mut Pen<'_>) {
    let t = pen.words();
    card(ui, |ui| runs_ui(ui, pen));
    let chosen = pen.training.chosen();
    if chosen.is_empty() {
        return;
    }
    card(ui, |ui| {
        for (at, run) in chosen.iter().enumerate() {
            let color = colour(ui, at);
            section(ui, &run.name(), color);
            for curve in &run.curves {
                let best = match curve.best() {
                    Some([step, best]) => {
                        fill(t.best, &[&format!("{best:.3}"), &format!("{step:.0}")])
                    }
                    None => t.best_none.to_owned(),
                };
                small(ui, &fill(pen.table().named, &[&pen.job(&curve.job), &best]));
            }
        }
    });
    let kinds: [(&str, &str, Values); 2] = [
        ("compared pearson", t.pearson, |curve| &curve.pearson),
        ("compared loss", t.loss, |curve| &curve.loss),
    ];
    for (id, title, of) in kinds {
        card(ui, |ui| {
            section(ui, title, look(ui).palette.ink);
            draw(ui, pen, id, &courses(pen, &chosen, of));
        });
    }
    card(ui, |ui| differ_ui(ui, pen, &chosen));
}

/// Which of a curve's values are drawn.
type Values = fn(&Curve) -> &Vec<[f64; 2]>;

/// A line for each job of each run.
fn courses(pen: &Pen<'_>, chosen: &[&Found], of: Values) -> Vec<Course> {
    let lines = chosen.iter().flat_map(|run| {
        let several = run.curves.len() > 1;
        run.curves.iter().map(move |curve| {
            let name = match several {
                true => format!("{}, {}", run.name(), pen.job(&curve.job)),
                false => run.name(),
            };
            Course { name, points: of(curve).clone() }
        })
    });
    lines.filter(|course| !course.points.is_empty()).collect()
}

/// The settings that are not the same in all.
fn differ_ui(ui: &mut Ui, pen: &Pen<'_>, chosen: &[&Found]) {
    let t = pen.words();
    section(ui, t.differ, look(ui).palette.ink);
    if chosen.len() < 2 {
        muted(ui, t.pick_two);
        return;
    }
    let entries: Vec<_> = chosen.iter().map(|run| run.look.settings.entries()).collect();
    let differ: Vec<usize> = (0..entries[0].len())
        .filter(|&at| entries.iter().any(|entry| entry[at].1 != entries[0][at].1))
        .collect();
    if differ.is_empty() {
        muted(ui, t.differ_none);
    }
    let palette = look(ui).palette;
    for at in differ {
        let key = entries[0][at].0;
        body(ui, &format!("{} ({key})", t.settings[at].name));
        chips(ui, |ui| {
            for (run, entry) in chosen.iter().zip(&entries) {
                let value = entry[at].1.as_deref().unwrap_or(t.not_set).replace('"', "");
                chip(ui, &format!("{}: {value}", run.name()), palette.accent_wash);
            }
        });
    }
}
