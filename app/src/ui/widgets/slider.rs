//! A value between two others: pulled, or moved by arrows.

use std::ops::RangeInclusive;

use egui::{Slider, Ui};

use super::button::ring;
use super::words::small;

/// Shows a slider as wide as there is room, below what is `shown`, its name and the value in words;
/// returns the new value where it changed, and whether it is in use.
pub fn slider(
    ui: &mut Ui,
    [name, said, shown]: [&str; 3],
    value: f32,
    range: RangeInclusive<f32>,
    step: f64,
) -> (Option<f32>, bool) {
    let mut new = value;
    let response = ui
        .scope(|ui| {
            // Room for the ring around it.
            ui.spacing_mut().item_spacing.y = 8.0;
            small(ui, shown);
            ui.spacing_mut().slider_width = ui.available_width();
            ui.add(Slider::new(&mut new, range).show_value(false).step_by(step))
        })
        .inner;
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_label(name);
        node.set_value(said);
    });
    ring(ui, &response, 0);
    ((new != value).then_some(new), response.dragged() || response.has_focus())
}
