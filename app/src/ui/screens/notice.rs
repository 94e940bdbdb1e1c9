//! What went wrong, in one sentence with a way on.

use egui::{Align, Layout, Rect, Ui, UiBuilder, vec2};

use crate::ui::app::{EaselApp, Screen};
use crate::ui::command::Command;
use crate::ui::protocol::{Fault, FaultKind, ModelChoice};
use crate::ui::text::{Table, fill};
use crate::ui::theme::{GAP, PAGE, look};
use crate::ui::widgets::{Button, Icon, body, row, small, wash};

pub(super) fn notice_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let Some(fault) = &app.notice else { return };
    let t = app.words();
    let width = (ui.available_width() - 2.0 * GAP).min(PAGE);
    let left = ui.cursor().left() + (ui.available_width() - width) / 2.0;
    let area = Rect::from_min_size(egui::pos2(left, ui.cursor().top()), vec2(width, 0.0));
    let builder = UiBuilder::new().max_rect(area).layout(Layout::top_down(Align::Min));
    let used = ui.scope_builder(builder, |ui| {
        ui.set_width(width);
        wash(ui, look(ui).palette.sun_wash, |ui| {
            let mut text = sentence(t, fault).to_owned();
            if app.drawing.is_some() && app.screen != Screen::Welcome {
                text = format!("{text} {}", t.kept);
            }
            let said = body(ui, &text);
            // Read out as soon as it is there.
            ui.ctx().accesskit_node_builder(said.id, |node| {
                node.set_role(egui::accesskit::Role::Alert);
                node.set_label(text.as_str());
                node.set_live(egui::accesskit::Live::Assertive);
            });
            if !fault.message.is_empty() {
                small(ui, &fill(t.details, &[&fault.message]));
            }
            row(ui, |ui| ways_on_ui(ui, app, fault, commands));
        });
    });
    ui.advance_cursor_after_rect(used.response.rect);
    ui.add_space(GAP / 2.0);
}

fn ways_on_ui(ui: &mut Ui, app: &EaselApp, fault: &Fault, commands: &mut Vec<Command>) {
    let t = app.words();
    let mut offer = |ui: &mut Ui, text: &str, icon: Icon, command: Command| {
        if ui.add(Button::plain(text).icon(icon)).clicked() {
            commands.push(command);
        }
    };
    match fault.kind {
        FaultKind::Model | FaultKind::Device if app.model.choice != ModelChoice::Demo => {
            offer(ui, t.use_demo, Icon::Easel, Command::Model(ModelChoice::Demo));
        }
        FaultKind::Model | FaultKind::Device => {
            let choice = app.model.choice.clone();
            offer(ui, t.again, Icon::TurnRight, Command::Model(choice));
        }
        FaultKind::Computing | FaultKind::Stopped if app.drawing.is_some() => {
            offer(ui, t.again, Icon::TurnRight, Command::Again);
        }
        FaultKind::Clipboard | FaultKind::Shelf | FaultKind::Portfolio => {}
        _ => offer(ui, t.choose, Icon::Picture, Command::Choose),
    }
    if ui.add(Button::quiet(t.dismiss).icon(Icon::Close)).clicked() {
        commands.push(Command::Dismiss);
    }
}

/// What people read about a fault.
pub(in crate::ui) const fn sentence(t: &Table, fault: &Fault) -> &'static str {
    match fault.kind {
        FaultKind::Picture => t.fault_picture,
        FaultKind::Format => t.fault_format,
        FaultKind::TooLarge => t.fault_too_large,
        FaultKind::Shape => t.fault_shape,
        FaultKind::File => t.fault_file,
        FaultKind::Model => t.fault_model,
        FaultKind::Device => t.fault_device,
        FaultKind::Computing => t.fault_computing,
        FaultKind::Stopped => t.fault_stopped,
        FaultKind::Clipboard => t.fault_clipboard,
        FaultKind::Camera => t.fault_camera,
        FaultKind::Shelf => t.fault_shelf,
        FaultKind::Portfolio => t.fault_portfolio,
    }
}
