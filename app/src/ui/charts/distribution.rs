//! How likely each of the five levels is, as egui_plot's bars.

use egui::accesskit::Role;
use egui::{Ui, WidgetInfo};
use egui_plot::{AxisHints, Bar, BarChart, Plot, PlotBounds};

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
    let text = egui::FontId::proportional(SMALL * look.scale);
    let axis = AxisHints::new_x()
        .formatter(|mark, _| if mark.value.fract() == 0.0 { format!("{}", mark.value) } else { String::new() })
        .min_thickness(SMALL * look.scale * 1.6);
    let shown = ui.scope(|ui| {
        ui.style_mut().text_styles.insert(egui::TextStyle::Body, text.clone());
        ui.style_mut().text_styles.insert(egui::TextStyle::Small, text);
        Plot::new(("distribution", attribute))
            .height(96.0 + SMALL * look.scale)
            .show_background(false)
            .show_grid(false)
            .show_axes([true, false])
            .custom_x_axes(vec![axis])
            .x_grid_spacer(|_| {
                (1..=5)
                    .map(|level| egui_plot::GridMark { value: f64::from(level), step_size: 1.0 })
                    .collect()
            })
            .show_x(false)
            .show_y(false)
            .allow_drag(false)
            .allow_zoom(false)
            .allow_scroll(false)
            .allow_boxed_zoom(false)
            .allow_double_click_reset(false)
            .sense(egui::Sense::hover())
            .show(ui, |plot| {
                plot.set_plot_bounds(PlotBounds::from_min_max([0.5, 0.0], [5.5, 1.0]));
                plot.bar_chart(chart);
            })
            .response
    });
    let said: Vec<String> = score
        .probs
        .iter()
        .zip(1..)
        .map(|(share, level): (_, u8)| {
            fill(t.share, &[&level.to_string(), &format!("{:.0}", share * 100.0)])
        })
        .collect();
    let said = format!("{}. {}", t.distribution, said.join(", "));
    shown.inner.widget_info(|| WidgetInfo::labeled(Role::Image, true, said.clone()));
}
