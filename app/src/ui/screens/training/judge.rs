//! Runs held against the labels: the measures of `easel evaluate`, and its plots.

use std::collections::BTreeMap;

use easel_core::Attribute;
use easel_core::metrics::{Agreement, MEASURES};
use egui::{Grid, RichText, Ui, vec2};

use super::{Pen, chip, chips, runs_ui};
use crate::evaluation::{cells, confusions, number, reliabilities, scatters, with_interval};
use crate::training::Judged;
use crate::ui::charts::{confusion, reliability, scatter};
use crate::ui::text::fill;
use crate::ui::theme::{GAP, SMALL, bold, look};
use crate::ui::training::{Act, Plot};
use crate::ui::widgets::{Button, Icon, body, card, choice, muted, section, small};

/// From this width on, measures are a table; below, they wrap.
const TABLE: f32 = 900.0;

pub(super) fn judge_ui(ui: &mut Ui, pen: &mut Pen<'_>) {
    let t = pen.words();
    let training = pen.training;
    card(ui, |ui| {
        runs_ui(ui, pen);
        small(ui, t.judge_more);
        if training.checked.is_none() {
            muted(ui, t.data_first);
        } else if training.judging {
            pen.state(ui, training.state.as_ref(), t.scoring);
        } else if training.is_busy() {
            muted(ui, t.judge_busy);
        } else {
            pen.button_if(
                ui,
                !training.chosen().is_empty(),
                Button::primary(t.judge).icon(Icon::Check),
                Act::Judge,
            );
        }
    });
    match &training.judged {
        None => {}
        Some(Err(why)) => pen.failed(ui, why),
        Some(Ok(judged)) => {
            for model in judged {
                card(ui, |ui| measures_ui(ui, pen, model));
            }
            small(ui, t.legend);
            card(ui, |ui| plots_ui(ui, pen, judged));
        }
    }
}

fn name(pen: &Pen<'_>, model: &Judged) -> String {
    model.run.clone().unwrap_or_else(|| pen.words().base_alone.to_owned())
}

fn measures_ui(ui: &mut Ui, pen: &Pen<'_>, model: &Judged) {
    let (t, table) = (pen.words(), pen.table());
    section(ui, &name(pen, model), look(ui).palette.ink);
    let mut rows: Vec<(&str, &Agreement)> = model
        .summary
        .attributes
        .iter()
        .map(|(attribute, agreement)| (table.of(*attribute).name, agreement))
        .collect();
    if rows.len() > 1 {
        rows.push((t.overall, &model.summary.overall));
    }
    let look = look(ui);
    if ui.available_width() >= TABLE * look.scale.max(1.0) - 60.0 {
        Grid::new(("measures", &model.run)).spacing(vec2(GAP, 6.0)).striped(true).show(ui, |ui| {
            let size = SMALL * look.scale;
            for head in [t.attribute, t.scores_n].into_iter().chain(MEASURES) {
                ui.label(RichText::new(head).font(bold(size)).color(look.palette.ink));
            }
            ui.end_row();
            for (name, agreement) in &rows {
                let numbers = cells(agreement.measures());
                for cell in [(*name).to_owned(), agreement.n.to_string()].into_iter().chain(numbers)
                {
                    ui.label(RichText::new(cell).size(size).color(look.palette.ink));
                }
                ui.end_row();
            }
        });
    } else {
        for (name, agreement) in &rows {
            body(ui, name);
            chips(ui, |ui| {
                chip(ui, &format!("{} {}", t.scores_n, agreement.n), look.palette.sky_wash);
                for (measure, cell) in MEASURES.into_iter().zip(cells(agreement.measures())) {
                    chip(ui, &format!("{measure} {cell}"), look.palette.accent_wash);
                }
            });
        }
    }
    small(ui, &fill(t.rv, &[&with_interval(model.summary.rv)]));
}

fn plots_ui(ui: &mut Ui, pen: &mut Pen<'_>, judged: &[Judged]) {
    let t = pen.words();
    section(ui, t.plots, look(ui).palette.ink);
    let plot = pen.training.plot;
    let kinds = [
        (Plot::Scatter, t.plot_scatter),
        (Plot::Confusion, t.plot_confusion),
        (Plot::Reliability, t.plot_reliability),
    ];
    pen.acts.extend(choice(ui, plot, &kinds).map(Act::Plot));
    let (title, more) = match plot {
        Plot::Scatter => (t.plot_scatter, t.plot_scatter_more),
        Plot::Confusion => (t.plot_confusion, t.plot_confusion_more),
        Plot::Reliability => (t.plot_reliability, t.plot_reliability_more),
    };
    small(ui, more);
    for model in judged {
        let mut panels = panels(pen, model, plot);
        body(ui, &name(pen, model));
        if panels.is_empty() {
            muted(ui, t.plot_none);
        }
        let columns = ((ui.available_width() / 280.0) as usize).clamp(1, 3);
        let width = (ui.available_width() - GAP * (columns - 1) as f32) / columns as f32;
        while !panels.is_empty() {
            let rest = panels.split_off(columns.min(panels.len()));
            let line = std::mem::replace(&mut panels, rest);
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = GAP;
                for (caption, draw) in line {
                    ui.allocate_ui(vec2(width, 0.0), |ui| {
                        ui.vertical(|ui| {
                            ui.set_width(width);
                            small(ui, &caption);
                            draw(ui, &format!("{title}, {}: {caption}", name(pen, model)));
                        });
                    });
                }
            });
        }
    }
}

/// What draws one panel; the words are for screen readers.
type Draw<'a> = Box<dyn Fn(&mut Ui, &str) + 'a>;

/// A caption and a drawing for each attribute.
fn panels(pen: &Pen<'_>, model: &Judged, plot: Plot) -> Vec<(String, Draw<'static>)> {
    let table = pen.table();
    let found: &BTreeMap<Attribute, Agreement> = &model.summary.attributes;
    let caption = |attribute: Attribute, measure: &str, of: fn(&Agreement) -> Option<f64>| {
        format!(
            "{} · {measure} {}",
            table.of(attribute).name,
            number(found.get(&attribute).and_then(of))
        )
    };
    match plot {
        Plot::Scatter => scatters(&model.table)
            .into_iter()
            .map(|found| {
                let draw: Draw<'_> = Box::new({
                    let found = found.clone();
                    move |ui, said| scatter(ui, &found, said)
                });
                (caption(found.attribute, "SC", |a| a.sc.value), draw)
            })
            .collect(),
        Plot::Confusion => confusions(&model.table)
            .into_iter()
            .map(|found| {
                let attribute = found.attribute;
                let draw: Draw<'_> = Box::new(move |ui, said| confusion(ui, &found, said));
                (caption(attribute, "QWK", |a| a.qwk.value), draw)
            })
            .collect(),
        Plot::Reliability => reliabilities(&model.table)
            .into_iter()
            .map(|found| {
                let attribute = found.attribute;
                let draw: Draw<'_> = Box::new(move |ui, said| reliability(ui, &found, said));
                (caption(attribute, "ECE", |a| a.calibration.map(|c| c.ece)), draw)
            })
            .collect(),
    }
}
