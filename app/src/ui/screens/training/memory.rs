//! What a run will take, beside what there is; and its beginning.

use egui::Ui;

use super::Pen;
use crate::training::Memory;
use crate::ui::amounts::bytes;
use crate::ui::platform::Place;
use crate::ui::text::fill;
use crate::ui::theme::look;
use crate::ui::training::{Act, Tab, Training};
use crate::ui::widgets::{Button, Icon, body, card, muted, row, section, small, wash};

/// From this part of a machine's memory on, it is tight.
const TIGHT: f64 = 0.7;

pub(super) fn memory_ui(ui: &mut Ui, pen: &mut Pen<'_>) {
    let t = pen.words();
    let training = pen.training;
    card(ui, |ui| {
        pen.place(ui, t.place_out, Place::Out);
        if let Err(wrong) = training.draft.settings() {
            let names: Vec<&str> = wrong.into_iter().collect();
            body(ui, &fill(t.settings_wrong, &[&names.join(", ")]));
        }
        if training.checked.is_none() {
            muted(ui, t.data_first);
            pen.button(ui, Button::plain(t.tab_data).icon(Icon::Back), Act::Tab(Tab::Data));
            return;
        }
        if training.planning {
            muted(ui, t.memory_wait);
        } else {
            pen.button_if(
                ui,
                can_begin(training),
                Button::plain(t.memory).icon(Icon::Info),
                Act::Memory,
            );
        }
        match &training.memory {
            None => {}
            Some(Err(why)) => pen.failed(ui, why),
            Some(Ok(memory)) => plan_ui(ui, pen, memory),
        }
    });
}

fn can_begin(training: &Training) -> bool {
    training.draft.settings().is_ok() && !training.place(Place::Out).trim().is_empty()
}

fn plan_ui(ui: &mut Ui, pen: &mut Pen<'_>, memory: &Memory) {
    let t = pen.words();
    let planned = &memory.planned;
    let plan = &planned.plan;
    let named = pen.table().named;
    section(ui, t.memory_title, look(ui).palette.ink);
    let parts = [
        (t.memory_text, plan.text),
        (t.memory_vision, plan.vision),
        (t.memory_head, plan.head),
        (t.memory_trained, plan.trained),
        (t.memory_activations, plan.activations),
        (t.memory_scratch, plan.scratch),
    ];
    for (name, size) in parts {
        small(ui, &fill(named, &[name, &bytes(size as u64)]));
    }
    body(ui, &fill(named, &[t.memory_total, &bytes(plan.total() as u64)]));
    for (precision, total) in &planned.others {
        small(ui, &fill(named, &[&precision.to_string(), &bytes(*total as u64)]));
    }
    let palette = look(ui).palette;
    let (ground, text) = match memory.machine {
        None => (palette.sky_wash, t.memory_unknown.to_owned()),
        Some(machine) => {
            let part = plan.total() / machine as f64;
            let (ground, text) = match part {
                ..TIGHT => (palette.leaf_wash, t.memory_fits),
                ..1.0 => (palette.sun_wash, t.memory_tight),
                _ => (palette.sun_wash, t.memory_too_much),
            };
            (ground, fill(text, &[&bytes(machine)]))
        }
    };
    wash(ui, ground, |ui| body(ui, &text));
    let labels = planned.labels.map(|count| count.to_string());
    muted(ui, &fill(t.labels, &[&labels[0], &labels[1], &planned.steps.to_string()]));
    row(ui, |ui| {
        pen.button_if(
            ui,
            !pen.training.is_busy() && can_begin(pen.training),
            Button::primary(t.start).icon(Icon::Growth),
            Act::Start,
        );
    });
}
