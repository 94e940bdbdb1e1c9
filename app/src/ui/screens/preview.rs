//! The picture before it is looked at: turned, straightened and cut by hand.

use egui::{Color32, Id, Rect, Stroke, Ui, vec2};

use super::picture::{kept_ui, whole_ui};
use crate::ui::app::{Drawing, EaselApp};
use crate::ui::command::Command;
use crate::ui::drawing::Edit;
use crate::ui::straight::MOST_TILT;
use crate::ui::text::fill;
use crate::ui::theme::TWO_COLUMNS;
use crate::ui::widgets::{
    Button, Column, Icon, card, crop_frame, heading, muted, page, row, slider, small, split,
};

pub(super) fn preview_ui(ui: &mut Ui, app: &EaselApp, cropping: bool, commands: &mut Vec<Command>) {
    let Some(drawing) = &app.drawing else { return };
    let wide = ui.available_width() >= TWO_COLUMNS;
    let height = ui.available_height();
    page(ui, "preview", 1000.0, |ui| {
        if wide {
            let height = (height - 80.0).max(240.0);
            split(ui, 0.6, |ui, column| match column {
                Column::Left => canvas_ui(ui, app, drawing, cropping, height, commands),
                Column::Right => actions_ui(ui, app, cropping, commands),
            });
        } else {
            canvas_ui(ui, app, drawing, cropping, (height * 0.38).max(180.0), commands);
            actions_ui(ui, app, cropping, commands);
        }
    });
}

fn canvas_ui(
    ui: &mut Ui,
    app: &EaselApp,
    drawing: &Drawing,
    cropping: bool,
    height: f32,
    commands: &mut Vec<Command>,
) {
    let t = app.words();
    card(ui, |ui| {
        // Room for the handles beyond the picture's edges.
        let most = vec2(ui.available_width(), height - 40.0);
        if !cropping {
            kept_ui(ui, drawing, most, t.your_picture);
            return;
        }
        let place = whole_ui(ui, drawing, most - vec2(24.0, 24.0), t.your_picture);
        let Some(place) = place else { return };
        if let Some(edit) = crop_frame(ui, place, &drawing.edit, t.crop_frame) {
            commands.push(Command::Edit(edit));
        }
        if ui.data(|data| data.get_temp(straightening())).unwrap_or(false) {
            grid_ui(ui, place);
        }
    });
}

/// Whether the picture is being straightened, from one frame to the next.
fn straightening() -> Id {
    Id::unique("straightening")
}

/// Level and upright lines over a picture.
fn grid_ui(ui: &Ui, place: Rect) {
    let count = 8.0;
    let painter = ui.painter();
    for (color, width) in [(Color32::from_black_alpha(120), 3.0), (Color32::WHITE, 1.0)] {
        let stroke = Stroke::new(width, color);
        for line in 1..8_u8 {
            let part = f32::from(line) / count;
            painter.hline(place.x_range(), place.top() + part * place.height(), stroke);
            painter.vline(place.left() + part * place.width(), place.y_range(), stroke);
        }
    }
}

/// The slider of a few degrees.
fn straighten_ui(ui: &mut Ui, app: &EaselApp, commands: &mut Vec<Command>) {
    let Some(edit) = app.drawing.as_ref().map(|drawing| drawing.edit) else { return };
    let said = format!("{}\u{b0}", edit.tilt);
    let range = -MOST_TILT..=MOST_TILT;
    let name = app.words().straighten;
    let shown = fill(app.words().named, &[name, &said]);
    let (tilt, used) = slider(ui, [name, &said, &shown], edit.tilt, range, 0.5);
    ui.data_mut(|data| data.insert_temp(straightening(), used));
    if let Some(tilt) = tilt {
        commands.push(Command::Edit(Edit { tilt, ..edit }));
    }
}

fn actions_ui(ui: &mut Ui, app: &EaselApp, cropping: bool, commands: &mut Vec<Command>) {
    let t = app.words();
    heading(ui, t.preview);
    if cropping {
        straighten_ui(ui, app, commands);
    }
    let mut press = |ui: &mut Ui, button: Button<'_>, command: Command| {
        if ui.add(button).clicked() {
            commands.push(command);
        }
    };
    if cropping {
        muted(ui, t.crop_hint);
        row(ui, |ui| {
            press(ui, Button::primary(t.crop_done).icon(Icon::Check), Command::Crop(false));
            let turns = app.drawing.as_ref().map_or(0, |drawing| drawing.edit.turns);
            let whole = Edit { turns, ..Edit::default() };
            press(ui, Button::plain(t.crop_reset).icon(Icon::Picture), Command::Edit(whole));
        });
        return;
    }
    muted(ui, t.preview_more);
    // On a phone the button that goes on must not be out of sight.
    let words = ui.available_width() >= 340.0;
    row(ui, |ui| {
        let turn = |text, icon| Button::plain(if words { text } else { "" }).name(text).icon(icon);
        press(ui, turn(t.turn_left, Icon::TurnLeft), Command::Turn { clockwise: false });
        press(ui, turn(t.turn_right, Icon::TurnRight), Command::Turn { clockwise: true });
        press(ui, Button::plain(t.crop).icon(Icon::Crop), Command::Crop(true));
    });
    press(ui, Button::primary(t.look).icon(Icon::Eye).wide(), Command::Look);
    press(ui, Button::quiet(t.another).icon(Icon::Picture), Command::Home);
    if let Some(part) = app.model.loading {
        small(ui, &t.loading(part));
    }
}
