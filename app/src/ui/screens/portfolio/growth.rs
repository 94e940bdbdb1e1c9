//! A pupil's change over time, for teachers and parents.

use egui::{Ui, vec2};

use easel_core::Attribute;

use crate::portfolio::{Record, changes};
use crate::ui::app::EaselApp;
use crate::ui::charts::{Moment, growth};
use crate::ui::text::{Table, fill};
use crate::ui::theme::{GAP, look};
use crate::ui::widgets::{body, card, heading, muted, page, section, small};

pub(super) fn growth_ui(ui: &mut Ui, app: &EaselApp) {
    let t = app.words();
    page(ui, "growth", 1080.0, |ui| {
        let name = app.portfolio.pupil().map(|group| group.pupil.name.as_str());
        heading(ui, &fill(t.growth_of, &[name.unwrap_or_default()]));
        body(ui, t.growth_more);
        match app.portfolio.records.as_deref() {
            None => {
                muted(ui, t.portfolio_wait);
            }
            Some([newest, .., oldest]) => {
                let dates = [oldest.when.date(), newest.when.date()];
                muted(ui, &fill(t.growth_span, &[&dates[0], &dates[1]]));
                let records = app.portfolio.records.as_deref().unwrap_or_default();
                charts_ui(ui, t, records, oldest, newest);
            }
            Some(_) => {
                muted(ui, t.growth_few);
            }
        }
    });
}

/// A chart for each attribute that all of them may have, in as many columns as fit.
fn charts_ui(ui: &mut Ui, t: &Table, records: &[Record], oldest: &Record, newest: &Record) {
    let width = ui.available_width();
    let columns = ((width / (300.0 * look(ui).scale.max(1.0))) as usize).clamp(1, 3);
    let column = (width - GAP * (columns - 1) as f32) / columns as f32;
    for line in Attribute::ALL.chunks(columns) {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            for &attribute in line {
                ui.allocate_ui(vec2(column, 0.0), |ui| {
                    ui.vertical(|ui| {
                        ui.set_width(column);
                        card(ui, |ui| chart_ui(ui, t, attribute, records, [oldest, newest]));
                    });
                });
            }
        });
    }
}

fn chart_ui(
    ui: &mut Ui,
    t: &Table,
    attribute: Attribute,
    records: &[Record],
    [oldest, newest]: [&Record; 2],
) {
    section(ui, t.of(attribute).name, look(ui).palette.ink);
    let moment = |record: &Record| {
        let score = record.assessment.get(attribute)?;
        let (level, spread) = (score.expected(), score.std());
        Some(Moment { ms: record.when.ms, level, spread })
    };
    let moments: Vec<_> = records.iter().rev().filter_map(moment).collect();
    let level = |at: Option<&Moment>| format!("{:.1}", at.map_or(0.0, |moment| moment.level));
    let (name, ends) = (t.of(attribute).name, [moments.first(), moments.last()].map(level));
    growth(ui, &moments, &fill(t.change_from_to, &[name, &ends[0], &ends[1]]));
    let change = changes(&oldest.assessment, &newest.assessment);
    let change = change.iter().find(|change| change.attribute == attribute);
    small(
        ui,
        match change {
            Some(change) if change.is_clear() && change.points > 0.0 => t.growth_up,
            Some(change) if change.is_clear() => t.growth_down,
            _ => t.growth_same,
        },
    );
}
