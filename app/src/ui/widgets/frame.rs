//! The frame of the part that is kept: pulled at its corners, or moved by keys.

use egui::accesskit::Role;
use egui::{
    Color32, CursorIcon, EventFilter, Key, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};

use super::button::ring;
use crate::ui::drawing::Edit;
use crate::ui::theme::look;

/// How far a key moves the frame, as a part of the picture's sides.
const STEP: f32 = 0.05;
/// The size of a corner's handle for fingers, in points.
const HANDLE: f32 = 44.0;

/// Shows the frame over the picture and returns the edit where it changed.
pub fn crop_frame(ui: &mut Ui, picture: Rect, edit: &Edit, name: &str) -> Option<Edit> {
    let palette = look(ui).palette;
    let mut new = *edit;
    let place = |edit: &Edit| {
        let [left, top, right, bottom] = edit.keep;
        Rect::from_min_max(
            picture.min + vec2(left, top) * picture.size(),
            picture.min + vec2(right, bottom) * picture.size(),
        )
    };
    let kept = place(edit);

    // The whole frame moves; it has the keyboard.
    let id = ui.make_persistent_id("crop frame");
    let whole = ui.interact(kept, id, Sense::click_and_drag());
    whole.widget_info(|| WidgetInfo::labeled(Role::Slider, true, name));
    let percent = edit.keep.map(|side| (side * 100.0).round());
    ui.ctx().accesskit_node_builder(id, |node| {
        let [left, top, right, bottom] = percent;
        node.set_value(format!("{left}, {top}, {right}, {bottom} %"));
    });
    let drag = whole.drag_delta() / picture.size();
    new.shift(drag.x, drag.y);
    if whole.has_focus() {
        let arrows = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, arrows));
        move_by_keys(ui, &mut new);
    }

    let corners = [kept.left_top(), kept.right_top(), kept.right_bottom(), kept.left_bottom()];
    for (corner, at) in corners.into_iter().enumerate() {
        let handle = Rect::from_center_size(at, Vec2::splat(HANDLE));
        let response = ui.interact(handle, id.with(corner), Sense::drag());
        let cursor = if corner % 2 == 0 { CursorIcon::ResizeNwSe } else { CursorIcon::ResizeNeSw };
        let response = response.on_hover_cursor(cursor);
        if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged()) {
            let part = (pointer - picture.min) / picture.size();
            new.pull(corner, part.x, part.y);
        }
    }

    let kept = place(&new);
    let painter = ui.painter();
    let shade = Color32::from_black_alpha(150);
    for part in around(picture, kept) {
        painter.rect_filled(part, 0.0, shade);
    }
    painter.rect_stroke(kept, 0.0, Stroke::new(4.0, Color32::BLACK), StrokeKind::Middle);
    painter.rect_stroke(kept, 0.0, Stroke::new(2.0, Color32::WHITE), StrokeKind::Middle);
    for at in [kept.left_top(), kept.right_top(), kept.right_bottom(), kept.left_bottom()] {
        painter.circle(at, 10.0, palette.accent, Stroke::new(2.0, Color32::WHITE));
    }
    ring(ui, &whole, 0);
    (new != *edit).then_some(new)
}

/// What lies around the kept part.
fn around(picture: Rect, kept: Rect) -> [Rect; 4] {
    [
        Rect::from_min_max(picture.min, pos2(picture.right(), kept.top())),
        Rect::from_min_max(pos2(picture.left(), kept.bottom()), picture.max),
        Rect::from_min_max(pos2(picture.left(), kept.top()), kept.left_bottom()),
        Rect::from_min_max(kept.right_top(), pos2(picture.right(), kept.bottom())),
    ]
}

fn move_by_keys(ui: &Ui, edit: &mut Edit) {
    let (x, y, resize) = ui.input(|input| {
        let pressed = |key| f32::from(u8::from(input.key_pressed(key)));
        let x = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
        let y = pressed(Key::ArrowDown) - pressed(Key::ArrowUp);
        (x * STEP, y * STEP, input.modifiers.shift)
    });
    match resize {
        true => edit.pull(2, edit.keep[2] + x, edit.keep[3] + y),
        false => edit.shift(x, y),
    }
}
