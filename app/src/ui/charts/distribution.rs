//! How likely each of the five levels is, as egui_plot's bars.

use egui::accesskit::Role;
use egui::{RichText, Ui, WidgetInfo};
use egui_plot::{Bar, BarChart, Plot, PlotBounds, PlotPoint, Text};

use easel_core::{Attribute, Score};

use crate::ui::text::{Table, fill};
use crate::ui::theme::{SMALL, look};

/// Shows the distribution of one attribute.
pub fn distribution(ui: &mut Ui, t: &Table, attribute: Attribute, score: &Score) {
    let look = look(ui);
    let palette = look.palette;
    let nearest = score.expected().round();
    let bars = score.probs.iter().enumerate().map(|(at, &share)| {
        let level = (at + 1) as f64;
        let fill = if level == nearest { palette.accent } else { palette.edge };
        Bar::new(level, share).width(0.62).fill(fill).stroke(egui::Stroke::NONE)
    });
    let chart = BarChart::new(t.distribution, bars.collect());
    let size = SMALL * look.scale;
    let height = 80.0 + 2.0 * size;
    // Room for the numbers, below the bars.
    let below = 1.6 * size / (height - 1.6 * size);
    let response = Plot::new(("distribution", attribute))
        .height(height)
        .show_background(false)
        .show_grid(false)
        .show_axes(false)
        .show_x(false)
        .show_y(false)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .sense(egui::Sense::hover())
        .show(ui, |plot| {
            let bounds = PlotBounds::from_min_max([0.5, -f64::from(below)], [5.5, 1.0]);
            plot.set_plot_bounds(bounds);
            plot.bar_chart(chart);
            for level in 1_u8..=5 {
                let number = RichText::new(level.to_string()).size(size).color(palette.muted);
                let place = PlotPoint::new(level, -f64::from(below) / 2.0);
                plot.text(Text::new("", place, number));
            }
        })
        .response;
    let said: Vec<String> = score
        .probs
        .iter()
        .zip(1..)
        .map(|(share, level): (_, u8)| {
            fill(t.share, &[&level.to_string(), &format!("{:.0}", share * 100.0)])
        })
        .collect();
    let said = format!("{}. {}", t.distribution, said.join(", "));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, said.clone()));
}
