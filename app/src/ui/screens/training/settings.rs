//! How to train: the published values, with words and their source, and what is wrong at its field.

use easel_core::Attribute;
use easel_core::device::Choice;
use egui::Ui;

use super::{Pen, memory};
use crate::training::Jobs;
use crate::ui::protocol::ModelChoice;
use crate::ui::text::fill;
use crate::ui::theme::look;
use crate::ui::training::{Act, Kind, MAIN, Origin, Toggle, keys, kind, origin};
use crate::ui::widgets::{
    Button, Icon, body, card, check, choice, field, muted, row, section, small, wash,
};

/// The longest number that is typed.
const LONGEST: usize = 24;

pub(super) fn settings_ui(ui: &mut Ui, pen: &mut Pen<'_>) {
    let (t, table) = (pen.words(), pen.table());
    let training = pen.training;
    let ink = look(ui).palette.ink;
    card(ui, |ui| {
        section(ui, t.attribute, ink);
        let mut jobs: Vec<(Jobs, &str)> =
            Attribute::ALL.map(|one| (Jobs::One(one), table.of(one).name)).to_vec();
        jobs.push((Jobs::All, t.attribute_all));
        pen.acts.extend(choice(ui, training.jobs, &jobs).map(Act::Jobs));
        section(ui, t.base, ink);
        base_ui(ui, pen);
        section(ui, t.device, ink);
        let devices = [
            (Choice::Auto, t.device_auto),
            (Choice::Gpu, t.device_gpu),
            (Choice::Cpu, t.device_cpu),
        ];
        pen.acts.extend(choice(ui, training.device, &devices).map(Act::Device));
    });
    card(ui, |ui| {
        section(ui, t.tab_settings, ink);
        muted(ui, t.published);
        let all = check(ui, training.all_settings, t.all_settings);
        pen.acts.extend(all.map(|on| Act::Toggle(Toggle::AllSettings, on)));
        for (at, key) in keys().into_iter().enumerate() {
            // What will not do is seen, hidden or not.
            let seen = training.all_settings || MAIN.contains(&key);
            if seen || training.draft.wrong(key).is_some() {
                setting_ui(ui, pen, at, key);
            }
        }
        pen.button(ui, Button::plain(t.reset).icon(Icon::TurnLeft), Act::Reset);
    });
    memory::memory_ui(ui, pen);
}

fn base_ui(ui: &mut Ui, pen: &mut Pen<'_>) {
    let (t, table) = (pen.words(), pen.table());
    let model = &pen.app.model;
    if model.choice == ModelChoice::Demo {
        body(ui, table.model_demo);
        return;
    }
    let name = match (&model.info, &model.choice) {
        (Some(info), _) => info.name.clone(),
        (None, ModelChoice::Folder(place)) => place.clone(),
        (None, ModelChoice::Hub { id, .. }) => id.clone(),
        (None, ModelChoice::Demo) => String::new(),
    };
    let present = fill(t.base_present, &[&name]);
    let bases = [(false, present.as_str()), (true, table.model_demo)];
    let chosen = choice(ui, pen.training.demo, &bases);
    pen.acts.extend(chosen.map(|demo| Act::Toggle(Toggle::Demo, demo)));
}

fn setting_ui(ui: &mut Ui, pen: &mut Pen<'_>, at: usize, key: &'static str) {
    let t = pen.words();
    let draft = &pen.training.draft;
    let words = &t.settings[at];
    let name = format!("{} ({key})", words.name);
    ui.separator();
    body(ui, &name);
    let set = |text: String| Act::Set(key, text);
    match kind(key) {
        Kind::Number => {
            let (typed, _) = field(ui, &name, draft.text(key), LONGEST, 260.0);
            pen.acts.extend(typed.map(set));
        }
        Kind::Flag => {
            let changed = check(ui, draft.text(key) == "true", words.name);
            pen.acts.extend(changed.map(|on| set(on.to_string())));
        }
        Kind::One(names) => {
            let options: Vec<_> = names.iter().map(|&name| (name, name)).collect();
            let chosen = draft.text(key).trim_matches('"');
            let pressed = choice(ui, chosen, &options);
            pen.acts.extend(pressed.map(|name| set(format!("\"{name}\""))));
        }
        Kind::Some(names) => {
            let chosen = draft.names(key);
            row(ui, |ui| {
                for name in &names {
                    let on = chosen.iter().any(|known| known == name);
                    if let Some(on) = check(ui, on, name) {
                        let kept = |other: &&&str| {
                            if *other == name { on } else { chosen.iter().any(|c| c == **other) }
                        };
                        let kept: Vec<_> =
                            names.iter().filter(kept).map(|name| format!("\"{name}\"")).collect();
                        pen.acts.push(set(format!("[{}]", kept.join(", "))));
                    }
                }
            });
        }
    }
    if let Some(wrong) = draft.wrong(key) {
        let wrong = wrong.as_deref().unwrap_or(t.empty);
        wash(ui, look(ui).palette.sun_wash, |ui| body(ui, &fill(t.wrong, &[wrong])));
    }
    small(ui, words.about);
    let source = match origin(key) {
        Origin::Paper => t.source_paper,
        Origin::Transformers => t.source_transformers,
        Origin::Easel => t.source_easel,
    };
    let published = draft.published(key);
    let shown = match published.trim_matches('"') {
        "" => t.not_set,
        shown => shown,
    };
    small(ui, &fill(source, &[shown]));
}
