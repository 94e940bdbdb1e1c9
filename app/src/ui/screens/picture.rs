//! The drawing on the screen.

use egui::accesskit::Role;
use egui::epaint::{RectShape, Vertex};
use egui::{
    Color32, ColorImage, Context, CornerRadius, Mesh, Pos2, Rect, Sense, TextureHandle,
    TextureOptions, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use easel_core::Image;

use crate::ui::app::{Drawing, EaselApp};
use crate::ui::drawing::Edit;
use crate::ui::samples::SAMPLES;
use crate::ui::straight::{before, inner};
use crate::ui::widgets::card;

/// Brings what is to be shown to the screen's memory, once.
pub(super) fn prepare(ctx: &Context, app: &mut EaselApp) {
    if app.samples.is_empty() {
        let decoded = SAMPLES.iter().filter_map(|bytes| Image::decode(bytes).ok());
        app.samples = decoded.map(|image| texture(ctx, "sample", &image)).collect();
    }
    let Some(drawing) = &mut app.drawing else { return };
    let turns = drawing.edit.turns;
    if drawing.shown.as_ref().is_none_or(|(shown, _)| *shown != turns) {
        let turned = Edit { turns, ..Edit::default() }.apply(&drawing.small);
        // A turn of a picture that is there cannot fail; were it to, the old one stays.
        if let Ok(turned) = turned {
            drawing.shown = Some((turns, texture(ctx, "drawing", &turned)));
        }
    }
}

pub(in crate::ui) fn texture(ctx: &Context, name: &str, image: &Image) -> TextureHandle {
    let size = [image.width() as usize, image.height() as usize];
    ctx.load_texture(name, ColorImage::from_rgb(size, image.rgb()), TextureOptions::LINEAR)
}

/// Shows the whole straightened picture and returns where, for a frame above it.
pub(super) fn whole_ui(ui: &mut Ui, drawing: &Drawing, most: Vec2, name: &str) -> Option<Rect> {
    show(ui, drawing, Edit::WHOLE, most, name, 4)
}

/// Shows the part that is kept, and returns where.
pub(super) fn kept_ui(ui: &mut Ui, drawing: &Drawing, most: Vec2, name: &str) -> Option<Rect> {
    show(ui, drawing, drawing.edit.keep, most, name, 14)
}

/// The same in a card, at most so high.
pub(super) fn card_ui(ui: &mut Ui, drawing: &Drawing, height: f32, name: &str) {
    card(ui, |ui| kept_ui(ui, drawing, vec2(ui.available_width(), height), name));
}

fn show(
    ui: &mut Ui,
    drawing: &Drawing,
    keep: [f32; 4],
    most: Vec2,
    name: &str,
    radius: u8,
) -> Option<Rect> {
    let (_, texture) = drawing.shown.as_ref()?;
    let tilt = drawing.edit.tilt;
    let sides = texture.size_vec2();
    let straight = inner([sides.x, sides.y], tilt);
    let [left, top, right, bottom] = keep;
    let pixels = vec2(straight[0] * (right - left), straight[1] * (bottom - top));
    // Small pictures grow, but not until their pixels are all that is seen.
    let factor = (most.x / pixels.x).min(most.y / pixels.y).min(3.0);
    let size = pixels * factor;
    let (area, response) =
        ui.allocate_exact_size(vec2(ui.available_width().min(most.x), size.y), Sense::hover());
    let place = Rect::from_center_size(area.center(), size);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    if tilt == 0.0 {
        let uv = Rect::from_min_max(pos2(left, top), pos2(right, bottom));
        let shape = RectShape::filled(place, CornerRadius::same(radius), Color32::WHITE);
        ui.painter().add(shape.with_texture(texture.id(), uv));
        return Some(place);
    }
    // The screen's place in the straightened picture, from there in the one before.
    let middle = vec2((left + right - 1.0) * straight[0], (top + bottom - 1.0) * straight[1]) / 2.0;
    let mut mesh = Mesh::with_texture(texture.id());
    for at in outline(place, f32::from(radius)) {
        let at_picture = (at - place.center()) / factor + middle;
        let [x, y] = before([at_picture.x, at_picture.y], tilt);
        let uv = pos2(x / sides.x + 0.5, y / sides.y + 0.5);
        mesh.vertices.push(Vertex { pos: at, uv, color: Color32::WHITE });
    }
    let corners = mesh.vertices.len() as u32;
    (2..corners).for_each(|at| mesh.add_triangle(0, at - 1, at));
    ui.painter().add(mesh);
    Some(place)
}

/// Shows a small picture, whole, in the middle of a square.
pub(super) fn within(ui: &Ui, picture: &TextureHandle, square: Rect) {
    let size = picture.size_vec2();
    let size = size * (square.width() / size.x.max(size.y).max(1.0));
    let place = Rect::from_center_size(square.center(), size);
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    ui.painter().image(picture.id(), place, whole, Color32::WHITE);
}

/// The corners of a rectangle with round corners, clockwise.
fn outline(place: Rect, radius: f32) -> Vec<Pos2> {
    const STEPS: u8 = 8;
    let inner = place.shrink(radius);
    let middles = [inner.right_bottom(), inner.left_bottom(), inner.left_top(), inner.right_top()];
    let arcs = middles.into_iter().enumerate().flat_map(|(quarter, middle)| {
        (0..=STEPS).map(move |step| {
            let turn = quarter as f32 + f32::from(step) / f32::from(STEPS);
            middle + Vec2::angled(turn * std::f32::consts::FRAC_PI_2) * radius
        })
    });
    arcs.collect()
}
