//! The curves of a run as an SVG picture: the loss above, the evaluation below, over the steps.

mod series;

use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use self::series::{Line, loss_range, smoothed, thinned};
use super::{EvalRecord, OutputError, StepRecord};

/// Width and height in pixels.
const SIZE: (u32, u32) = (960, 720);
/// Height of the title's band.
const TITLE: u32 = 52;
/// More marks on a line would run into each other.
const MOST_MARKS: usize = 120;
const FONT: &str = "sans-serif";

const INK: RGBColor = RGBColor(45, 49, 58);
const FAINT: RGBColor = RGBColor(98, 104, 116);
const GRID: RGBColor = RGBColor(228, 231, 236);
const RAW: RGBColor = RGBColor(178, 198, 228);
const LOSS: RGBColor = RGBColor(38, 88, 166);
const PEARSON: RGBColor = RGBColor(0, 125, 103);
const SPEARMAN: RGBColor = RGBColor(196, 98, 22);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Axes = Cartesian2d<RangedCoordf64, RangedCoordf64>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Axes>;
type Failure = DrawingAreaErrorKind<std::io::Error>;

/// A correlation that is drawn, told apart by colour and by its marks.
struct Metric {
    name: &'static str,
    color: RGBColor,
    is_filled: bool,
    value: fn(&EvalRecord) -> Option<f64>,
}

const METRICS: [Metric; 2] = [
    Metric { name: "Pearson", color: PEARSON, is_filled: true, value: |eval| eval.pearson },
    Metric { name: "Spearman", color: SPEARMAN, is_filled: false, value: |eval| eval.spearman },
];

/// Draws the steps of a run; without any, empty axes.
///
/// # Errors
/// When the drawing library fails.
pub fn curves_svg(title: &str, records: &[StepRecord]) -> Result<String, OutputError> {
    let mut svg = String::new();
    draw(title, records, &mut svg).map_err(|error| OutputError::Curves(error.to_string()))?;
    Ok(svg)
}

fn draw(title: &str, records: &[StepRecord], svg: &mut String) -> Result<(), Failure> {
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let (band, rest) = root.split_vertically(TITLE);
    let style = (FONT, 22).into_font().color(&INK);
    band.draw(&Text::new(title.to_owned(), (24, 20), style))?;
    let (above, below) = rest.split_vertically((SIZE.1 - TITLE) / 2);
    let last = records.last().map_or(1, |record| record.step.max(1)) as f64;
    draw_loss(&above, records, last)?;
    draw_evaluations(&below, records, last)?;
    root.present()
}

/// The upper panel: the loss of each step, and its smoothed course.
fn draw_loss(area: &Area<'_>, records: &[StepRecord], last: f64) -> Result<(), Failure> {
    let points = records.iter().map(|record| (record.step as f64, record.loss));
    let raw: Line = points.filter(|point| point.1.is_finite()).collect();
    let smooth = smoothed(&raw);
    let range = loss_range(&raw, &smooth);
    let top = range.end;
    let within = |line: &Line| thinned(line).into_iter().map(move |(x, y)| (x, y.min(top)));
    let mut chart = axes(area, last, range, "training loss")?;
    chart
        .draw_series(LineSeries::new(within(&raw), RAW.stroke_width(1)))?
        .label("each step")
        .legend(|at| dash(at, RAW));
    if let Some((_, value)) = smooth.last() {
        chart
            .draw_series(LineSeries::new(within(&smooth), LOSS.stroke_width(2)))?
            .label(format!("smoothed, {value:.4} at the end"))
            .legend(|at| dash(at, LOSS));
    }
    legend(&mut chart, SeriesLabelPosition::UpperRight)
}

/// The lower panel: the correlations with the labels at each evaluation.
fn draw_evaluations(area: &Area<'_>, records: &[StepRecord], last: f64) -> Result<(), Failure> {
    let lines = METRICS.map(|Metric { name, color, is_filled, value }| {
        let point = |record: &StepRecord| {
            let value = record.eval.as_ref().and_then(value).filter(|value| value.is_finite());
            value.map(|value| (record.step as f64, value))
        };
        let line: Line = records.iter().filter_map(point).collect();
        (name, color, is_filled, line)
    });
    let values = lines.iter().flat_map(|line| &line.3).map(|point| point.1);
    let lowest = values.fold(0.0, f64::min);
    let low = if lowest < 0.0 { lowest - 0.05 } else { 0.0 };
    let mut chart = axes(area, last, low..1.0, "correlation with the labels")?;
    for (name, color, is_filled, line) in lines {
        let higher =
            |best: (f64, f64), point: (f64, f64)| if point.1 > best.1 { point } else { best };
        let Some((step, value)) = line.iter().copied().reduce(higher) else { continue };
        let line = thinned(&line);
        chart
            .draw_series(LineSeries::new(line.clone(), color.stroke_width(2)))?
            .label(format!("{name}, best {value:.3} at step {step}"))
            .legend(move |(x, y)| mark((x + 9, y), is_filled, 4, color));
        if line.len() > MOST_MARKS {
            continue;
        }
        // Rings are empty: the line does not run through them.
        chart.draw_series(line.iter().map(|&point| mark(point, true, 3, WHITE)))?;
        chart.draw_series(line.iter().map(|&point| mark(point, is_filled, 3, color)))?;
    }
    legend(&mut chart, SeriesLabelPosition::LowerRight)
}

/// A panel's frame, grid and names.
fn axes<'a, 'b>(
    area: &Area<'b>,
    last: f64,
    range: Range<f64>,
    name: &str,
) -> Result<Chart<'a, 'b>, Failure> {
    let mut chart = ChartBuilder::on(area)
        .margin_top(14)
        .margin_left(20)
        .margin_right(28)
        .margin_bottom(8)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..last, range.clone())?;
    let digits = if range.end < 0.02 { 4 } else { 2 };
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(FAINT)
        .label_style((FONT, 13).into_font().color(&FAINT))
        .axis_desc_style((FONT, 14).into_font().color(&INK))
        .x_labels(10)
        .y_labels(6)
        .x_label_formatter(&|step| whole(*step))
        .y_label_formatter(&move |value| format!("{value:.digits$}"))
        .x_desc("optimiser step")
        .y_desc(name)
        .draw()?;
    Ok(chart)
}

/// A step as text; nothing between two steps, where a short run's axis has marks too.
fn whole(step: f64) -> String {
    if (step - step.round()).abs() < 1e-6 { format!("{step:.0}") } else { String::new() }
}

/// The box that names the lines, if there are any.
fn legend<'a, 'b: 'a>(
    chart: &mut Chart<'a, 'b>,
    position: SeriesLabelPosition,
) -> Result<(), Failure> {
    chart
        .configure_series_labels()
        .position(position)
        .margin(12)
        .legend_area_size(26)
        .background_style(WHITE.mix(0.9))
        .border_style(GRID)
        .label_font((FONT, 14).into_font().color(&INK))
        .draw()
}

/// A short line for the legend.
fn dash((x, y): (i32, i32), color: RGBColor) -> PathElement<(i32, i32)> {
    PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2))
}

/// A disc or a ring.
fn mark<C>(at: C, is_filled: bool, size: i32, color: RGBColor) -> Circle<C, i32> {
    Circle::new(at, size, if is_filled { color.filled() } else { color.stroke_width(2) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(steps: u64) -> Vec<StepRecord> {
        let record = |step: u64| {
            let t = step as f64;
            let noise = (t * 12.9898).sin() * 0.3;
            let eval = step.is_multiple_of(25).then(|| EvalRecord {
                pearson: Some(0.85 - (-t / 90.0).exp()),
                spearman: Some(0.8 - 1.05 * (-t / 90.0).exp()),
                ..EvalRecord::default()
            });
            StepRecord {
                attribute: "realism".into(),
                step,
                epoch: 1,
                loss: 0.35 + 1.8 * (-t / 60.0).exp() * (1.0 + noise) + noise.abs() * 0.4,
                grad_norm: 1.0,
                learning_rate: 1e-5,
                seconds: 1.0,
                eval,
            }
        };
        (1..=steps).map(record).collect()
    }

    #[test]
    fn both_panels_and_the_best_evaluation_are_named() {
        let svg = curves_svg("realism, <demo> & more", &records(500)).unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        for text in ["training loss", "correlation with the labels", "optimiser step"] {
            assert!(svg.contains(text), "{text}");
        }
        assert!(svg.contains("Pearson, best 0.846 at step 500"));
        assert!(svg.contains("realism, &lt;demo&gt; &amp; more"));
    }

    #[test]
    fn runs_without_steps_or_evaluations_or_with_broken_losses_are_drawn() {
        assert!(curves_svg("none", &[]).unwrap().contains("training loss"));
        let one = curves_svg("one", &records(1)).unwrap();
        assert!(one.contains("each step") && !one.contains("best") && !one.contains("0.1\n"));
        let mut broken = records(3);
        broken[1].loss = f64::NAN;
        broken[2].eval = Some(EvalRecord { pearson: Some(-0.5), ..EvalRecord::default() });
        let svg = curves_svg("broken", &broken).unwrap();
        assert!(!svg.contains("NaN") && svg.contains("best -0.500 at step 3"));
    }

    #[test]
    fn a_long_run_stays_a_small_file() {
        assert!(curves_svg("long", &records(50_000)).unwrap().len() < 300_000);
    }
}
