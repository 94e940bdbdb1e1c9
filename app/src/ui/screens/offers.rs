//! The card of a published model: what it is, what it takes, and how to have it.

use easel_core::Precision;
use easel_core::model::Published;
use egui::Ui;

use super::models::{deed_ui, is_of, kept_deeds_ui, state_ui, use_ui};
use crate::ui::amounts::bytes;
use crate::ui::app::EaselApp;
use crate::ui::command::{Command, Deed};
use crate::ui::offers::{Fit, Offer, fitting};
use crate::ui::protocol::{Item, Kept, ModelChoice, Stock};
use crate::ui::text::{Table, fill};
use crate::ui::theme::look;
use crate::ui::widgets::{Button, Icon, body, card, choice, section, small, wash};

pub(super) fn offer_ui(
    ui: &mut Ui,
    app: &EaselApp,
    stock: &Stock,
    offer: &Offer,
    commands: &mut Vec<Command>,
) {
    let t = app.words();
    let (name, id) = (offer.model.name(), offer.model.id());
    let kept = stock.kept.iter().find(|kept| is_of(&kept.item, id));
    let weights = app.shelf.weights(offer.model);
    card(ui, |ui| {
        section(ui, name, look(ui).palette.ink);
        small(ui, &fill(t.download_size, &[&bytes(offer.download)]));
        let (licence, terms) = licence(t, offer.model);
        small(ui, &fill(t.licence, &[licence, terms]));
        small(ui, &fill(t.source, &[&format!("huggingface.co/{id}")]));
        small(ui, t.bare_limits);
        let options = [(Precision::Q4, t.weights_4), (Precision::Q8, t.weights_8)];
        if let Some(weights) = choice(ui, weights, &options) {
            commands.push(Command::Shelf(Deed::Weights(offer.model, weights)));
        }
        let Some(variant) = offer.variants.iter().find(|variant| variant.weights == weights) else {
            return;
        };
        let fit = variant.fit(&stock.grant);
        let memory = bytes(variant.memory);
        match fit {
            Fit::Fits => body(ui, &fill(t.needs_fits, &[&memory])),
            Fit::Tight => body(ui, &fill(t.needs_tight, &[&memory])),
            Fit::Unknown => body(ui, &fill(t.needs_unknown, &[&memory])),
            Fit::TooLarge => {
                let smaller = match fitting(&stock.grant) {
                    Some((model, weights)) => {
                        let bits = if weights == Precision::Q8 { t.weights_8 } else { t.weights_4 };
                        fill(t.needs_other, &[model.name(), bits])
                    }
                    None => t.needs_demo.to_owned(),
                };
                let said = format!("{} {smaller}", fill(t.needs_too_much, &[&memory]));
                wash(ui, look(ui).palette.sun_wash, |ui| body(ui, &said))
            }
        };
        if !stock.hub {
            if fit != Fit::TooLarge {
                small(ui, t.offer_page);
            }
            return;
        }
        let item = Item::Hub(id.to_owned());
        if let Some(part) = kept.filter(|kept| kept.bytes > 0 && !kept.whole)
            && app.shelf.job(&item).is_none()
        {
            small(ui, &fill(t.kept_part, &[&bytes(part.bytes)]));
        }
        state_ui(ui, app, &item, commands, |ui, commands| {
            here_ui(ui, app, (offer.model, weights), fit, kept, commands);
        });
    });
}

/// What can be done with it on a device that fetches from the hub.
fn here_ui(
    ui: &mut Ui,
    app: &EaselApp,
    (model, weights): (Published, Precision),
    fit: Fit,
    kept: Option<&Kept>,
    commands: &mut Vec<Command>,
) {
    let t = app.words();
    let name = model.name();
    let item = Item::Hub(model.id().to_owned());
    match kept {
        Some(kept) if kept.whole => {
            let choice = ModelChoice::Hub { id: model.id().to_owned(), weights };
            if fit != Fit::TooLarge {
                use_ui(ui, app, name, app.model.choice == choice, choice, commands);
            }
            kept_deeds_ui(ui, app, kept, name, commands);
        }
        Some(kept) if kept.bytes > 0 => {
            if fit != Fit::TooLarge {
                let label = format!("{}: {name}", t.resume);
                let button = Button::primary(t.resume).name(&label).icon(Icon::Get);
                if ui.add(button).clicked() {
                    commands.push(Command::Shelf(Deed::Get(item)));
                }
            }
            kept_deeds_ui(ui, app, kept, name, commands);
        }
        _ if fit == Fit::TooLarge => {}
        _ if app.model.loading.is_none() && fit == Fit::Fits => {
            let label = format!("{}: {name}", t.get);
            if ui.add(Button::primary(t.get).name(&label).icon(Icon::Get)).clicked() {
                commands.push(Command::Shelf(Deed::Get(item)));
            }
        }
        _ => deed_ui(ui, (t.get, name), Icon::Get, Deed::Get(item), commands),
    }
}

/// Under which licence a published model may be used, and what that means.
const fn licence(t: &Table, model: Published) -> (&'static str, &'static str) {
    match model {
        Published::ThreeB => ("Qwen Research License", t.licence_research),
        Published::SevenB => ("Apache-2.0", t.licence_free),
    }
}
