//! What happens while a drawing is looked at.

use std::time::Duration;

use egui::accesskit::{Live, Role};
use egui::{Align2, Color32, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::picture::card_ui;
use crate::ui::app::EaselApp;
use crate::ui::command::Command;
use crate::ui::protocol::Step;
use crate::ui::run::Run;
use crate::ui::text::{Table, fill};
use crate::ui::theme::{BODY, TWO_COLUMNS, bold, look};
use crate::ui::widgets::{Button, Column, Icon, card, heading, page, paint_icon, small, split};

/// From one position of the dots to the next.
const BEAT: Duration = Duration::from_millis(66);

pub(super) fn working_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let (Some(drawing), Some(run)) = (&app.drawing, &app.run) else { return };
    let t = app.words();
    let wide = ui.available_width() >= TWO_COLUMNS;
    let height = ui.available_height();
    page(ui, "working", 1000.0, |ui| {
        let picture = |ui: &mut Ui, height: f32| card_ui(ui, drawing, height, t.your_picture);
        let mut steps = |ui: &mut Ui| {
            heading(ui, t.working);
            card(ui, |ui| steps_ui(ui, app, run));
            if app.model.info.as_ref().is_some_and(|info| info.no_webgpu) {
                small(ui, t.no_webgpu);
            }
            if ui.add(Button::plain(t.cancel).icon(Icon::Close)).clicked() {
                commands.push(Command::Cancel);
            }
        };
        if wide {
            split(ui, 0.55, |ui, column| match column {
                Column::Left => picture(ui, (height - 120.0).max(200.0)),
                Column::Right => steps(ui),
            });
        } else {
            picture(ui, (height * 0.24).max(140.0));
            steps(ui);
        }
    });
}

/// Where a step stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stand {
    Done,
    Now,
    Later,
}

fn steps_ui(ui: &mut Ui, app: &EaselApp, run: &Run) {
    let t = app.words();
    let stand = |step: Step| match run.step {
        Some(now) if step < now => Stand::Done,
        Some(now) if step == now => Stand::Now,
        _ => Stand::Later,
    };
    match (run.step, app.model.loading) {
        (None, Some(part)) => step_ui(ui, t, &t.loading(part), Stand::Now),
        (None, None) => step_ui(ui, t, t.step_model, Stand::Now),
        (Some(_), _) => step_ui(ui, t, t.step_model, Stand::Done),
    }
    step_ui(ui, t, t.step_reading, stand(Step::Reading));
    step_ui(ui, t, t.step_looking, stand(Step::Looking));
    let thinking = stand(Step::Thinking);
    let now = ui.input(|input| input.time);
    let of = match thinking {
        Stand::Now => {
            let attribute = run.thinking_of(now, look(ui).still);
            fill(t.thinking_of, &[t.of(attribute).thinking])
        }
        _ => t.step_thinking.to_owned(),
    };
    step_ui(ui, t, &of, thinking);
    step_ui(ui, t, t.step_writing, stand(Step::Writing));
}

fn step_ui(ui: &mut Ui, t: &Table, text: &str, stand: Stand) {
    let look = look(ui);
    let palette = look.palette;
    let color = if stand == Stand::Later { palette.muted } else { palette.ink };
    let size = BODY * look.scale;
    let font = if stand == Stand::Now { bold(size) } else { egui::FontId::proportional(size) };
    let wrap = ui.available_width() - 42.0;
    let galley = ui.painter().layout(text.to_owned(), font, color, wrap);
    let height = galley.size().y.max(28.0) + 8.0;
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let said = match stand {
        Stand::Done => fill(t.step_done, &[text]),
        Stand::Now => fill(t.step_now, &[text]),
        Stand::Later => fill(t.step_later, &[text]),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, said.clone()));
    if stand == Stand::Now {
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(Live::Polite));
    }
    let center = rect.left_center() + vec2(14.0, 0.0);
    let painter = ui.painter();
    match stand {
        Stand::Done => {
            painter.circle_filled(center, 13.0, palette.leaf_wash);
            let square = egui::Rect::from_center_size(center, vec2(16.0, 16.0));
            paint_icon(painter, square, Icon::Check, palette.leaf);
        }
        Stand::Now if look.still => {
            painter.circle_filled(center, 13.0, palette.accent_wash);
            painter.circle_filled(center, 6.0, palette.accent);
        }
        Stand::Now => {
            let time = ui.input(|input| input.time);
            painter.circle_filled(center, 13.0, palette.accent_wash);
            for dot in 0_u8..3 {
                let beat = (time * 4.0 - f64::from(dot) * 0.9).sin().max(0.0) as f32;
                let at = center + vec2((f32::from(dot) - 1.0) * 7.0, -2.5 * beat);
                painter.circle_filled(at, 2.4, palette.accent);
            }
            // Not at every frame of the screen: what paints may be what computes.
            ui.ctx().request_repaint_after(BEAT);
        }
        Stand::Later => {
            painter.circle_stroke(center, 9.0, Stroke::new(2.0, palette.edge));
        }
    }
    let place =
        Align2::LEFT_CENTER.anchor_size(rect.left_center() + vec2(42.0, 0.0), galley.size());
    ui.painter().galley(place.min, galley, Color32::PLACEHOLDER);
}
