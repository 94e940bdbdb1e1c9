//! The sheet that all plots share: a heading, and panels in rows.

use std::ops::Range;

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::{
    Cartesian2d, Color, DrawingArea, DrawingBackend, IntoDrawingArea, IntoFont, RGBColor,
    SVGBackend, TRANSPARENT, Text, WHITE,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// What a drawing function answers.
pub type Drawn<T = ()> =
    Result<T, DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>>;

/// A panel's place on the sheet.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A panel with its two axes.
pub type Chart<'a, 'b> =
    ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Words.
pub const INK: RGBColor = RGBColor(38, 50, 56);
/// Axes, and the line where both agree.
pub const FAINT: RGBColor = RGBColor(176, 190, 197);
/// Points and squares.
pub const TEAL: RGBColor = RGBColor(0, 121, 140);
/// What stands out against them.
pub const CORAL: RGBColor = RGBColor(216, 96, 62);

/// The typeface of all words.
pub const FONT: &str = "sans-serif";

/// A panel's side in pixels.
const SIDE: u32 = 300;
/// The heading's height in pixels.
const HEADING: u32 = 76;

/// Draws a sheet with a panel for each of `panels`; `None` where there is none.
pub fn sheet<T>(
    title: &str,
    subtitle: &str,
    panels: &[T],
    mut draw: impl FnMut(&T, &Area<'_>) -> Drawn,
) -> Drawn<Option<String>> {
    if panels.is_empty() {
        return Ok(None);
    }
    let columns = match panels.len() {
        few @ 1..=3 => few,
        4 => 2,
        _ => 3,
    };
    let rows = panels.len().div_ceil(columns);
    // A single panel is widened for the words above it.
    let width = (columns as u32 * SIDE).max(2 * SIDE);
    let mut svg = String::new();
    {
        let backend = SVGBackend::with_string(&mut svg, (width, rows as u32 * SIDE + HEADING));
        let root = backend.into_drawing_area();
        root.fill(&WHITE)?;
        let (heading, body) = root.split_vertically(HEADING);
        let centre = (width / 2) as i32;
        let words = |size: u32| (FONT, size).into_font().color(&INK).pos(CENTRED);
        heading.draw(&Text::new(shortened(title, width), (centre, 28), words(20)))?;
        heading.draw(&Text::new(subtitle.to_owned(), (centre, 54), words(14)))?;
        for (panel, area) in panels.iter().zip(body.split_evenly((rows, columns))) {
            draw(panel, &area)?;
        }
        root.present()?;
    }
    Ok(Some(svg))
}

/// Words that are centred on their place.
pub const CENTRED: Pos = Pos { h_pos: HPos::Center, v_pos: VPos::Center };

/// A name as long as a sheet's heading has room for.
fn shortened(name: &str, width: u32) -> String {
    let room = (width / 11) as usize;
    if name.chars().count() <= room {
        return name.to_owned();
    }
    name.chars().take(room - 1).chain(['…']).collect()
}

/// The axes of one panel, both over `range` with a label at each of about `labels` round numbers.
pub fn axes<'a, 'b>(
    area: &'a Area<'b>,
    caption: &str,
    range: Range<f64>,
    labels: usize,
    names: [&str; 2],
) -> Drawn<Chart<'a, 'b>> {
    let mut chart = ChartBuilder::on(area)
        .caption(caption, (FONT, 14).into_font().color(&INK))
        .margin(8)
        .x_label_area_size(36)
        .y_label_area_size(40)
        .build_cartesian_2d(range.clone(), range)?;
    let decimals = usize::from(labels > 5);
    let label = |value: &f64| format!("{value:.decimals$}");
    chart
        .configure_mesh()
        .axis_style(FAINT)
        .bold_line_style(FAINT.mix(0.35))
        .light_line_style(TRANSPARENT)
        .x_labels(labels)
        .y_labels(labels)
        .x_label_formatter(&label)
        .y_label_formatter(&label)
        .x_desc(names[0])
        .y_desc(names[1])
        .label_style((FONT, 12).into_font().color(&INK))
        .axis_desc_style((FONT, 12).into_font().color(&INK))
        .draw()?;
    Ok(chart)
}
