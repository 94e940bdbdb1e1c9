//! The teacher's and parents' result: nine scores with all that is known of them, and its limits.

use easel_core::{Assessment, Attribute, Score};
use egui::{Ui, vec2};

use super::keep::keep_ui;
use super::looked::looked_ui;
use super::picture::card_ui;
use super::result::comment_ui;
use crate::ui::app::EaselApp;
use crate::ui::charts::{bars, distribution, radar};
use crate::ui::command::{Change, Command};
use crate::ui::text::{Table, fill};
use crate::ui::theme::{GAP, LARGE, TITLE, TWO_COLUMNS, bold, look};
use crate::ui::widgets::{
    Button, Column, Icon, body, card, check, heading, muted, section, small, split, wash,
};

/// Below this standard deviation, in points, a level is told as sure.
const SURE: f64 = 0.7;
/// Below this one as fairly sure.
const FAIRLY: f64 = 1.1;

pub(super) fn teacher_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let (Some(drawing), Some(run)) = (&app.drawing, &app.run) else { return };
    let Some((assessment, _)) = &run.scored else { return };
    let t = app.words();
    let wide = ui.available_width() >= TWO_COLUMNS - 60.0;
    heading(ui, t.teacher_title);
    muted(ui, t.teacher_more);
    let picture = |ui: &mut Ui| card_ui(ui, drawing, 260.0, t.your_picture);
    if wide {
        split(ui, 0.42, |ui, column| match column {
            Column::Left => {
                picture(ui);
                comment_ui(ui, app, commands);
            }
            Column::Right => overview_ui(ui, t, assessment),
        });
    } else {
        picture(ui);
        overview_ui(ui, t, assessment);
        comment_ui(ui, app, commands);
    }
    section(ui, t.attributes_title, look(ui).palette.ink);
    attributes_ui(ui, app, assessment, commands);
    limits_ui(ui, app, commands);
    keep_ui(ui, app, commands);
    if ui.add(Button::primary(t.another).icon(Icon::Picture)).clicked() {
        commands.push(Command::Home);
    }
}

fn overview_ui(ui: &mut Ui, t: &Table, assessment: &Assessment) {
    card(ui, |ui| {
        section(ui, t.overview, look(ui).palette.ink);
        // Fewer than three axes are no shape.
        if assessment.iter().count() >= 3 {
            radar(ui, t, assessment);
        }
        bars(ui, t, assessment);
    });
}

/// A card for each attribute, in as many columns as fit.
fn attributes_ui(
    ui: &mut Ui,
    app: &EaselApp,
    assessment: &Assessment,
    commands: &mut Vec<Command>,
) {
    let look = look(ui);
    let now = ui.input(|input| input.time);
    let shown = match look.still {
        true => f32::INFINITY,
        false => app.run.as_ref().map_or(0.0, |run| run.shown(now)),
    };
    let width = ui.available_width();
    let columns = ((width / (310.0 * look.scale.max(1.0))) as usize).clamp(1, 3);
    let mut scores: Vec<(Attribute, &Score)> = assessment.iter().collect();
    let column = (width - GAP * (columns - 1) as f32) / columns as f32;
    let mut number = 0;
    while !scores.is_empty() {
        let rest = scores.split_off(columns.min(scores.len()));
        let line = std::mem::replace(&mut scores, rest);
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            for (attribute, score) in line {
                let opacity = (shown - number as f32).clamp(0.0, 1.0);
                number += 1;
                ui.allocate_ui(vec2(column, 0.0), |ui| {
                    ui.vertical(|ui| {
                        ui.set_width(column);
                        ui.set_opacity(opacity);
                        let unfolded = app.unfolded.contains(&attribute);
                        let how = [unfolded, app.doubt().is_some()];
                        attribute_ui(ui, app, attribute, score, how, commands);
                    });
                });
            }
        });
    }
    if shown < 10.0 {
        ui.ctx().request_repaint();
    }
}

fn attribute_ui(
    ui: &mut Ui,
    app: &EaselApp,
    attribute: Attribute,
    score: &Score,
    [unfolded, doubted]: [bool; 2],
    commands: &mut Vec<Command>,
) {
    let t = app.words();
    let look = look(ui);
    let palette = look.palette;
    let text = t.of(attribute);
    let nearest = (score.expected().round() as usize).clamp(1, 5);
    card(ui, |ui| {
        section(ui, text.name, palette.ink);
        small(ui, text.about);
        ui.horizontal_wrapped(|ui| {
            let number = format!("{:.1}", score.expected());
            let size = TITLE * look.scale;
            ui.label(egui::RichText::new(number).font(bold(size)).color(palette.accent));
            ui.label(egui::RichText::new(t.of_five).color(palette.muted));
            let level = egui::RichText::new(t.levels[nearest - 1]);
            ui.label(level.font(bold(LARGE * 0.9 * look.scale)).color(palette.ink));
        });
        distribution(ui, t, attribute, score);
        small(ui, if doubted { t.doubted } else { sureness(t, score) });
        if unfolded {
            for (at, level) in text.levels.iter().enumerate() {
                let line = format!("{}  {level}", at + 1);
                match at + 1 == nearest {
                    true => wash(ui, palette.accent_wash, |ui| body(ui, &line)),
                    false => muted(ui, &line),
                };
            }
        } else {
            body(ui, text.levels[nearest - 1]);
        }
        let button = if unfolded { t.fewer_levels } else { t.all_levels };
        let name = format!("{button}: {}", text.name);
        if ui.add(Button::quiet(button).name(&name)).clicked() {
            commands.push(Command::Levels(attribute));
        }
        looked_ui(ui, app, attribute, commands);
    });
}

/// How sure the model is, in words.
fn sureness(t: &Table, score: &Score) -> &'static str {
    match score.std() {
        spread if spread < SURE => t.sure,
        spread if spread < FAIRLY => t.fairly_sure,
        _ => t.unsure,
    }
}

fn limits_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let t = app.words();
    card(ui, |ui| {
        section(ui, t.model_title, look(ui).palette.ink);
        body(ui, t.by_program);
        if let Some(info) = &app.model.info {
            let name = if info.demo { t.model_demo } else { &info.name };
            muted(ui, &fill(t.model_name, &[name]));
            muted(ui, &fill(t.model_device, &[&info.device]));
            if info.no_webgpu {
                muted(ui, t.no_webgpu);
            }
            if info.demo {
                body(ui, t.demo_limits);
            } else if !info.adapters {
                body(ui, t.bare_limits);
            }
        }
        body(ui, t.limits);
    });
    card(ui, |ui| {
        if let Some(released) = check(ui, app.settings.numbers_released, t.release) {
            commands.push(Command::Set(Change::Released(released)));
        }
        muted(ui, t.release_more);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::text::table;
    use easel_core::prompt::Language;

    #[test]
    fn spread_is_told_in_words() {
        let t = table(Language::En);
        let told = |probs| sureness(t, &Score { probs });
        assert_eq!(told([0.0, 0.0, 1.0, 0.0, 0.0]), t.sure);
        assert_eq!(told([0.0, 0.25, 0.5, 0.15, 0.1]), t.fairly_sure);
        assert_eq!(told([0.2; 5]), t.unsure);
    }
}
