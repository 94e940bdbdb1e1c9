//! A run: where it stands, its curves, and how to pause it, end it and go on with it.

use egui::Ui;
use egui::accesskit::Live;

use easel_core::train::End;

use super::{Pen, bar};
use crate::training::{Curve, Found, State};
use crate::ui::amounts::left;
use crate::ui::charts::{Course, curves};
use crate::ui::platform::Place;
use crate::ui::text::fill;
use crate::ui::theme::look;
use crate::ui::training::{Act, Ending, Going, Tab};
use crate::ui::widgets::{Button, Icon, body, card, muted, row, section, small, wash};

pub(super) fn run_ui(ui: &mut Ui, pen: &mut Pen<'_>) {
    let t = pen.words();
    let training = pen.training;
    let followed = training.followed.as_ref();
    if let Some((end, ending)) = &training.ended {
        ended_ui(ui, pen, end, *ending);
    }
    if let Some(going) = &training.going {
        card(ui, |ui| going_ui(ui, pen, going, followed));
    }
    match followed {
        None if training.going.is_none() => {
            muted(ui, t.run_none);
        }
        None => {}
        Some(run) => {
            if training.going.is_none() {
                card(ui, |ui| standing_ui(ui, pen, run));
            }
            card(ui, |ui| {
                section(ui, t.loss, look(ui).palette.ink);
                curves_ui(ui, pen, "loss", run, |curve| &curve.loss);
            });
            card(ui, |ui| {
                section(ui, t.pearson, look(ui).palette.ink);
                curves_ui(ui, pen, "pearson", run, |curve| &curve.pearson);
                best_ui(ui, pen, run);
            });
        }
    }
    if training.going.is_none() {
        card(ui, |ui| others_ui(ui, pen));
    }
}

/// A run that is trained here.
fn going_ui(ui: &mut Ui, pen: &mut Pen<'_>, going: &Going, followed: Option<&Found>) {
    let (t, table) = (pen.words(), pen.table());
    let name = going.wanted.out.file_name().unwrap_or_default().to_string_lossy().into_owned();
    section(ui, &name, look(ui).palette.ink);
    match (&going.state, &going.step) {
        (Some(state @ (State::Loading(_) | State::Encoded(..))), _) => {
            pen.state(ui, Some(state), t.state_here);
        }
        (_, Some((record, total))) => {
            let job = pen.job(&record.attribute);
            let numbers = [record.step, *total, record.epoch].map(|number| number.to_string());
            body(ui, &fill(t.stepping, &[&job, &numbers[0], &numbers[1], &numbers[2]]));
            bar(ui, record.step as f32 / (*total).max(1) as f32);
            let pace = followed.and_then(|run| {
                run.curves.iter().find(|curve| curve.job == record.attribute)?.pace()
            });
            let pace = pace.unwrap_or(record.seconds);
            let rate = record.learning_rate;
            let numbers =
                [format!("{:.4}", record.loss), format!("{rate:.2e}"), format!("{pace:.2}")];
            small(ui, &fill(t.pace, &[&numbers[0], &numbers[1], &numbers[2]]));
            let still = total.saturating_sub(record.step);
            if still > 0 {
                small(ui, &left(table, pace * still as f64));
            }
        }
        _ => {
            muted(ui, t.state_here);
        }
    }
    if let Some(step) = going.saved {
        small(ui, &fill(t.saved, &[&step.to_string()]));
    }
    if let Some(why) = &going.not_saved {
        wash(ui, look(ui).palette.sun_wash, |ui| body(ui, &fill(t.not_saved, &[why])));
    }
    match going.ending {
        Some(Ending::Pause) => live(ui, t.pausing),
        Some(Ending::Stop) => live(ui, t.stopping),
        None => row(ui, |ui| {
            pen.button(ui, Button::primary(t.pause).icon(Icon::Pause), Act::Pause);
            pen.button(ui, Button::plain(t.stop).icon(Icon::Close), Act::Stop);
        }),
    }
}

/// Words that are read out when they come.
fn live(ui: &mut Ui, text: &str) {
    let said = body(ui, text);
    ui.ctx().accesskit_node_builder(said.id, |node| node.set_live(Live::Polite));
}

/// How the last run ended here.
fn ended_ui(ui: &mut Ui, pen: &Pen<'_>, end: &Result<End, String>, ending: Option<Ending>) {
    let t = pen.words();
    let adapters = pen.training.followed.as_ref().map(|run| run.look.path.join("adapters"));
    let adapters = adapters.map_or_else(String::new, |path| pen.path(&path));
    let text = match end {
        Err(why) => {
            pen.failed(ui, why);
            return;
        }
        Ok(End::Complete) => t.ended_complete.to_owned(),
        Ok(End::Early) => t.ended_early.to_owned(),
        Ok(End::AlreadyDone) => t.ended_before.to_owned(),
        Ok(End::Stopped) if ending == Some(Ending::Stop) => fill(t.ended_stopped, &[&adapters]),
        Ok(End::Stopped) => t.ended_paused.to_owned(),
    };
    wash(ui, look(ui).palette.leaf_wash, |ui| live(ui, &text));
}

/// A run that is not trained here: where it stands, and what can be done.
fn standing_ui(ui: &mut Ui, pen: &mut Pen<'_>, run: &Found) {
    let (t, table) = (pen.words(), pen.table());
    section(ui, &run.name(), look(ui).palette.ink);
    small(ui, &pen.path(&run.look.path));
    let trained = run.look.is_trained();
    let finished = !run.look.jobs.is_empty() && run.look.jobs.iter().all(|job| job.finished);
    let saved = run.look.jobs.iter().map(|job| job.saved).max().unwrap_or(0);
    let text = match (trained, finished, saved) {
        (true, ..) => t.state_elsewhere.to_owned(),
        (_, true, _) => t.state_finished.to_owned(),
        (_, _, 0) => t.state_new.to_owned(),
        _ => fill(t.state_paused, &[&saved.to_string()]),
    };
    live(ui, &text);
    for curve in &run.curves {
        course_ui(ui, pen, run, curve);
    }
    if trained {
        let still =
            run.curves.last().and_then(|curve| Some((curve.pace()?, total(run, curve)?, curve)));
        if let Some((pace, total, curve)) = still {
            small(ui, &left(table, pace * total.saturating_sub(curve.step()) as f64));
        }
        return;
    }
    if !finished {
        row(ui, |ui| {
            pen.button_if(
                ui,
                (run.files.is_some() || pen.training.checked.is_some()) && !pen.training.is_busy(),
                Button::primary(t.resume).icon(Icon::TurnRight),
                Act::Resume,
            );
        });
        match &run.files {
            Some(files) => small(ui, &fill(t.resume_with, &[&pen.path(&files.sheet)])),
            None => small(ui, t.resume_more),
        };
    }
    if saved > 0 {
        row(ui, |ui| {
            pen.button(ui, Button::plain(t.tab_try).icon(Icon::Eye), Act::Tab(Tab::Try));
        });
    }
}

/// How far a job is that is followed by its log.
fn course_ui(ui: &mut Ui, pen: &Pen<'_>, run: &Found, curve: &Curve) {
    let t = pen.words();
    let Some(record) = &curve.last else { return };
    let (job, step) = (pen.job(&curve.job), record.step.to_string());
    let epoch = record.epoch.to_string();
    match total(run, curve) {
        Some(total) => {
            muted(ui, &fill(t.stepping, &[&job, &step, &total.to_string(), &epoch]));
            bar(ui, record.step as f32 / total.max(1) as f32);
        }
        None => {
            muted(ui, &fill(t.step_at, &[&job, &step, &epoch]));
        }
    }
}

/// The steps of a job in all, where settings or log tell.
fn total(run: &Found, curve: &Curve) -> Option<u64> {
    let settings = &run.look.settings;
    settings.max_steps.or_else(|| Some(curve.per_epoch? * settings.epochs))
}

fn curves_ui<'a>(
    ui: &mut Ui,
    pen: &Pen<'_>,
    id: &str,
    run: &'a Found,
    of: impl Fn(&'a Curve) -> &'a Vec<[f64; 2]>,
) {
    let courses: Vec<Course> = run
        .curves
        .iter()
        .map(|curve| Course { name: pen.job(&curve.job), points: of(curve).clone() })
        .filter(|course| !course.points.is_empty())
        .collect();
    draw(ui, pen, id, &courses);
}

/// Draws curves with what they end in, for screen readers.
pub(super) fn draw(ui: &mut Ui, pen: &Pen<'_>, id: &str, courses: &[Course]) {
    let t = pen.words();
    if courses.is_empty() {
        muted(ui, t.curve_wait);
        return;
    }
    let last = |course: &Course| {
        let [step, value] = course.points.last().copied().unwrap_or_default();
        fill(t.curve_last, &[&course.name, &format!("{value:.3}"), &format!("{step:.0}")])
    };
    let falls = id.contains("loss");
    let title = if falls { t.loss } else { t.pearson };
    let said = courses.iter().map(last).collect::<Vec<_>>().join("; ");
    curves(ui, (id, falls), t.step, courses, &format!("{title}. {said}"));
}

fn best_ui(ui: &mut Ui, pen: &Pen<'_>, run: &Found) {
    let t = pen.words();
    if run.curves.iter().all(|curve| curve.best().is_none()) {
        small(ui, t.best_none);
    }
    for curve in &run.curves {
        if let Some([step, best]) = curve.best() {
            let text = fill(t.best, &[&format!("{best:.3}"), &format!("{step:.0}")]);
            small(ui, &fill(pen.table().named, &[&pen.job(&curve.job), &text]));
        }
    }
}

/// Runs that can be followed, those of the command line too.
fn others_ui(ui: &mut Ui, pen: &mut Pen<'_>) {
    let t = pen.words();
    pen.place(ui, t.place_runs, Place::Runs);
    row(ui, |ui| pen.button(ui, Button::plain(t.find).icon(Icon::Eye), Act::Find));
    let training = pen.training;
    let found = training.found.as_deref();
    if found.is_some_and(<[_]>::is_empty) {
        muted(ui, t.found_none);
    }
    for run in found.unwrap_or_default() {
        let name = fill(pen.table().named, &[t.follow, &run.name()]);
        let button = Button::plain(&name).icon(Icon::Growth);
        pen.button(ui, button, Act::Follow(run.look.path.clone()));
    }
}
