//! The models' screen: what can be used, what is kept here, and how to have more.

use egui::accesskit::Live;
use egui::{CornerRadius, Sense, Ui, vec2};

use super::offers::offer_ui;
use crate::ui::amounts::{bytes, left};
use crate::ui::app::EaselApp;
use crate::ui::command::{Command, Deed};
use crate::ui::offers::OFFERS;
use crate::ui::protocol::{Item, Kept, ModelChoice, Stock};
use crate::ui::shelf::{Job, JobKind};
use crate::ui::text::fill;
use crate::ui::theme::look;
use crate::ui::widgets::{
    Button, Icon, body, card, heading, icon_section, muted, page, row, section, small, wash,
};

pub(super) fn models_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let t = app.words();
    page(ui, "models", 760.0, |ui| {
        heading(ui, t.models);
        muted(ui, t.models_more);
        let Some(stock) = &app.shelf.stock else {
            muted(ui, t.models_wait);
            return;
        };
        device_ui(ui, app, stock);
        demo_ui(ui, app, commands);
        let real = |item: &Item| OFFERS.iter().any(|offer| is_of(item, offer.model.id()));
        for kept in stock.kept.iter().filter(|kept| !real(&kept.item)) {
            kept_ui(ui, app, kept, commands);
        }
        for job in app.shelf.jobs.iter().filter(|job| !real(&job.item)) {
            if !stock.kept.iter().any(|kept| kept.item == job.item) {
                coming_ui(ui, app, job, commands);
            }
        }
        for offer in OFFERS.iter() {
            offer_ui(ui, app, stock, offer, commands);
        }
        more_ui(ui, app, stock, commands);
    });
}

/// Whether an item is the model of the hub with this id.
pub(super) fn is_of(item: &Item, id: &str) -> bool {
    matches!(item, Item::Hub(of) if of == id)
}

/// What this device grants.
fn device_ui(ui: &mut Ui, app: &EaselApp, stock: &Stock) {
    let t = app.words();
    if stock.grant.small_page {
        wash(ui, look(ui).palette.sky_wash, |ui| body(ui, t.small_page));
        return;
    }
    match stock.grant.memory {
        Some(memory) => muted(ui, &fill(t.device_memory, &[&bytes(memory)])),
        None => muted(ui, t.device_memory_unknown),
    };
}

fn demo_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let t = app.words();
    card(ui, |ui| {
        section(ui, t.model_demo, look(ui).palette.ink);
        small(ui, t.model_demo_more);
        let used = app.model.choice == ModelChoice::Demo;
        row(ui, |ui| use_ui(ui, app, t.model_demo, used, ModelChoice::Demo, commands));
    });
}

/// A pack or a folder that is here.
fn kept_ui(ui: &mut Ui, app: &EaselApp, kept: &Kept, commands: &mut Vec<Command>) {
    let t = app.words();
    let name = kept.item.name().to_owned();
    card(ui, |ui| {
        section(ui, &name, look(ui).palette.ink);
        if kept.bytes > 0 {
            let told = if kept.whole { t.kept_here } else { t.kept_part };
            small(ui, &fill(told, &[&bytes(kept.bytes)]));
        }
        if let Item::Pack(place) | Item::Folder(place) = &kept.item
            && !place.starts_with("kept:")
        {
            small(ui, &fill(t.source, &[place]));
        }
        state_ui(ui, app, &kept.item, commands, |ui, commands| {
            let choice = app.choice_of(&kept.item);
            if kept.whole {
                use_ui(ui, app, &name, app.uses(&kept.item), choice, commands);
            } else if matches!(&kept.item, Item::Pack(place) if !place.starts_with("kept:")) {
                deed_ui(ui, (t.resume, &name), Icon::Get, Deed::Get(kept.item.clone()), commands);
            }
            kept_deeds_ui(ui, app, kept, &name, commands);
        });
    });
}

/// What can be done with a model that is here.
pub(super) fn kept_deeds_ui(
    ui: &mut Ui,
    app: &EaselApp,
    kept: &Kept,
    name: &str,
    commands: &mut Vec<Command>,
) {
    let t = app.words();
    if kept.checkable && kept.whole {
        let deed = Deed::Verify(kept.item.clone());
        deed_ui(ui, (t.verify, name), Icon::Check, deed, commands);
    }
    if let Item::Folder(folder) = &kept.item {
        let deed = Deed::Forget(folder.clone());
        deed_ui(ui, (t.forget, name), Icon::Close, deed, commands);
    } else if kept.bytes > 0 {
        deed_ui(ui, (t.delete, name), Icon::Bin, Deed::Delete(kept.item.clone()), commands);
    }
}

/// A model that is on its way and not yet among those kept.
fn coming_ui(ui: &mut Ui, app: &EaselApp, job: &Job, commands: &mut Vec<Command>) {
    card(ui, |ui| {
        section(ui, job.item.name(), look(ui).palette.ink);
        state_ui(ui, app, &job.item, commands, |_, _| {});
    });
}

/// What goes on with a model, or what it is asked about, or else what can be done.
pub(super) fn state_ui(
    ui: &mut Ui,
    app: &EaselApp,
    item: &Item,
    commands: &mut Vec<Command>,
    deeds: impl FnOnce(&mut Ui, &mut Vec<Command>),
) {
    let t = app.words();
    if let Some(job) = app.shelf.job(item) {
        job_ui(ui, app, job, commands);
        return;
    }
    if app.shelf.asking.as_ref() == Some(item) {
        wash(ui, look(ui).palette.sun_wash, |ui| {
            body(ui, &fill(t.delete_sure, &[item.name()]));
            if matches!(item, Item::Hub(_)) {
                small(ui, t.delete_shared);
            }
            row(ui, |ui| {
                if ui.add(Button::plain(t.delete_yes).icon(Icon::Bin)).clicked() {
                    commands.push(Command::Shelf(Deed::Confirm(true)));
                }
                if ui.add(Button::quiet(t.delete_no)).clicked() {
                    commands.push(Command::Shelf(Deed::Confirm(false)));
                }
            });
        });
        return;
    }
    match &app.shelf.checked {
        Some((checked, 0)) if checked == item => {
            let palette = look(ui).palette;
            icon_section(ui, (Icon::Check, palette.leaf), t.checked, palette.ink);
        }
        Some((checked, damaged)) if checked == item => {
            wash(ui, look(ui).palette.sun_wash, |ui| {
                body(ui, &fill(t.checked_damaged, &[&damaged.to_string()]));
            });
        }
        _ => {}
    }
    row(ui, |ui| deeds(ui, commands));
}

/// A job: what, how far, how fast, and how to stop it.
fn job_ui(ui: &mut Ui, app: &EaselApp, job: &Job, commands: &mut Vec<Command>) {
    let t = app.words();
    let percent = format!("{:.0}", job.pace.part() * 100.0);
    let of = |text| {
        let moved = job.pace.moved.unwrap_or(crate::ui::Moved { done: 0, total: 0 });
        fill(text, &[&bytes(moved.done), &bytes(moved.total)])
    };
    let said = match (job.kind, job.pace.moved) {
        _ if job.stopping => t.job_stopping.to_owned(),
        (JobKind::Deleting, _) => t.job_deleting.to_owned(),
        (_, None) => t.job_waiting.to_owned(),
        (JobKind::Checking, _) => fill(t.job_checking, &[&percent]),
        (JobKind::Getting, _) => of(t.job_getting),
        (JobKind::Importing, _) => of(t.job_importing),
    };
    let said = body(ui, &said);
    if job.pace.moved.is_none() || job.stopping {
        // What changes all the time would only be noise.
        ui.ctx().accesskit_node_builder(said.id, |node| node.set_live(Live::Polite));
    }
    bar_ui(ui, job.pace.part());
    if let (Some(rate), Some(seconds), false) = (job.pace.rate(), job.pace.left(), job.stopping) {
        small(ui, &fill(t.rate, &[&bytes(rate as u64), &left(t, seconds)]));
    }
    let text = if job.kind == JobKind::Getting { t.pause } else { t.cancel };
    if job.kind != JobKind::Deleting && !job.stopping {
        let icon = if job.kind == JobKind::Getting { Icon::Pause } else { Icon::Close };
        let deed = Deed::Pause(job.item.clone());
        row(ui, |ui| deed_ui(ui, (text, job.item.name()), icon, deed, commands));
    }
}

/// A bar for eyes; the words beside it say the same.
fn bar_ui(ui: &mut Ui, part: f32) {
    let palette = look(ui).palette;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 12.0), Sense::hover());
    let radius = CornerRadius::same(6);
    ui.painter().rect_filled(rect, radius, palette.accent_wash);
    let mut done = rect;
    done.set_width((rect.width() * part).max(if part > 0.0 { 12.0 } else { 0.0 }));
    ui.painter().rect_filled(done, radius, palette.accent);
}

/// The button that takes a model, or that it is the one in use.
pub(super) fn use_ui(
    ui: &mut Ui,
    app: &EaselApp,
    name: &str,
    used: bool,
    choice: ModelChoice,
    commands: &mut Vec<Command>,
) {
    let t = app.words();
    match (used, app.model.loading) {
        (true, Some(part)) => {
            muted(ui, &t.loading(part));
        }
        (true, None) if app.model.info.is_some() => {
            let palette = look(ui).palette;
            icon_section(ui, (Icon::Check, palette.leaf), t.in_use, palette.leaf);
        }
        _ => {
            let name = format!("{}: {name}", t.use_model);
            let button = Button::primary(t.use_model).name(&name).icon(Icon::Eye);
            if ui.add(button).clicked() {
                commands.push(Command::Model(choice));
            }
        }
    }
}

/// A button whose name says which model it is about.
pub(super) fn deed_ui(
    ui: &mut Ui,
    (text, model): (&str, &str),
    icon: Icon,
    deed: Deed,
    commands: &mut Vec<Command>,
) {
    let name = format!("{text}: {model}");
    if ui.add(Button::plain(text).name(&name).icon(icon)).clicked() {
        commands.push(Command::Shelf(deed));
    }
}

/// Other ways to a model.
fn more_ui(ui: &mut Ui, app: &EaselApp, stock: &Stock, commands: &mut Vec<Command>) {
    let t = app.words();
    card(ui, |ui| {
        section(ui, t.models_other, look(ui).palette.ink);
        small(ui, if stock.hub { t.import_more } else { t.import_more_page });
        row(ui, |ui| {
            if ui.add(Button::plain(t.import).icon(Icon::Folder)).clicked() {
                commands.push(Command::ChooseModel);
            }
            if !stock.hub && ui.add(Button::plain(t.address).icon(Icon::Get)).clicked() {
                commands.push(Command::Shelf(Deed::Address));
            }
        });
    });
}
