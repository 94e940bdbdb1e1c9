//! A run's course: a line for each job, by step.

use egui::accesskit::Role;
use egui::{Color32, Ui, WidgetInfo};
use egui_plot::{Corner, Legend, Line, Plot, PlotPoints, Points};

use crate::ui::theme::look;

/// One line of [`curves`].
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// What it is called.
    pub name: String,
    /// Step and value.
    pub points: Vec<[f64; 2]>,
}

/// The colour of a line, by its number.
#[must_use]
pub fn colour(ui: &Ui, at: usize) -> Color32 {
    let palette = look(ui).palette;
    [palette.accent, palette.sky, palette.leaf, palette.sun, palette.ink][at % 5]
}

/// Draws them over one another, with room for their names where they `fall` or rise from; `said` is
/// what screen readers say.
pub fn curves(ui: &mut Ui, (id, fall): (&str, bool), step: &str, courses: &[Course], said: &str) {
    let corner = if fall { Corner::RightTop } else { Corner::RightBottom };
    let mut plot = Plot::new(("curves", id))
        .height(220.0)
        .show_background(false)
        .grid_color(look(ui).palette.edge)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .x_axis_label(step)
        .set_margin_fraction(egui::vec2(0.03, 0.1));
    if courses.len() > 1 {
        plot = plot.legend(Legend::default().position(corner).follow_insertion_order(true));
    }
    let mut lines: Vec<_> =
        courses.iter().enumerate().map(|(at, course)| (course, colour(ui, at))).collect();
    // A legend at the bottom is written from there upwards.
    if !fall {
        lines.reverse();
    }
    let response = plot
        .show(ui, |plot| {
            for (course, colour) in lines {
                let points = PlotPoints::from(course.points.clone());
                plot.line(Line::new(&course.name, points).color(colour).width(2.0));
                // Few points are no line that is seen.
                if course.points.len() < 40 {
                    let points = PlotPoints::from(course.points.clone());
                    plot.points(Points::new(&course.name, points).color(colour).radius(3.5));
                }
            }
        })
        .response;
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, said));
}
