//! Predictions over the teachers' scores.

use easel_core::Attribute;
use plotters::prelude::{Circle, Color, LineSeries};

use super::figure::{CORAL, Drawn, FAINT, TEAL, axes, sheet};
use crate::evaluate::Evaluated;
use crate::evaluate::layout::number;

/// What the axes show: the scale and a little room for the jitter.
const RANGE: std::ops::Range<f64> = 0.5..5.5;

/// A panel an attribute that has pairs of scores.
pub fn draw(model: &Evaluated) -> Drawn<Option<String>> {
    let (table, summary) = (&model.loaded.table, &model.summary);
    let panels: Vec<(Attribute, Vec<(f64, f64)>)> = table
        .attributes()
        .into_iter()
        .map(|attribute| (attribute, table.pairs(attribute).collect::<Vec<_>>()))
        .filter(|(_, pairs)| !pairs.is_empty())
        .collect();
    let subtitle =
        "predicted over the teacher's score; points are moved aside a little; rings are means";
    sheet(&model.loaded.name, subtitle, &panels, |(attribute, pairs), area| {
        let sc = summary.attributes.get(attribute).and_then(|found| found.sc.value);
        let name = attribute.name().replace('_', " ");
        let caption = format!("{name} · SC {}", number(sc));
        let mut chart = axes(area, &caption, RANGE, 5, ["teacher", "model"])?;
        chart.draw_series(LineSeries::new(
            [(RANGE.start, RANGE.start), (RANGE.end, RANGE.end)],
            FAINT,
        ))?;
        // Many points need less ink each.
        let ink = (8.0 / (pairs.len() as f64).sqrt()).clamp(0.2, 0.7);
        let points = pairs.iter().enumerate().map(|(index, pair)| place(index, *pair));
        chart.draw_series(points.map(|at| Circle::new(at, 3, TEAL.mix(ink).filled())))?;
        let means = means(pairs).into_iter();
        chart.draw_series(means.map(|at| Circle::new(at, 5, CORAL.stroke_width(2))))?;
        Ok(())
    })
}

/// Where a pair is drawn: aside by less than the space between scores, the same in each run.
fn place(index: usize, (original, predicted): (f64, f64)) -> (f64, f64) {
    // Multiples of these fill the square evenly (Roberts, 2018).
    let aside = |step: f64| (index as f64 * step).fract() - 0.5;
    let (x, y) = (original + 0.5 * aside(0.754_877_666), predicted + 0.14 * aside(0.569_840_29));
    (x, y.clamp(RANGE.start, RANGE.end))
}

/// The mean prediction at each whole score that a teacher gave.
fn means(pairs: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let at = |score: f64| {
        let here = pairs.iter().filter(|pair| pair.0 == score).map(|pair| pair.1);
        let (sum, count) = here.fold((0.0, 0_u32), |(sum, count), y| (sum + y, count + 1));
        (count > 0).then(|| (score, (sum / f64::from(count)).clamp(RANGE.start, RANGE.end)))
    };
    [1.0, 2.0, 3.0, 4.0, 5.0].into_iter().filter_map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::samples;

    #[test]
    fn points_stay_beside_their_score_and_inside_the_frame() {
        for index in 0..1000 {
            let (x, y) = place(index, (4.0, 3.0));
            assert!((x - 4.0).abs() < 0.26 && (y - 3.0).abs() < 0.08, "{x}, {y}");
            assert_eq!(place(index, (4.0, 99.0)).1, 5.5);
        }
        assert_ne!(place(1, (4.0, 3.0)), place(2, (4.0, 3.0)));
    }

    #[test]
    fn means_are_taken_score_by_score() {
        let pairs = [(1.0, 2.0), (4.0, 3.0), (1.0, 3.0), (2.5, 5.0)];
        assert_eq!(means(&pairs), [(1.0, 2.5), (4.0, 3.0)]);
    }

    #[test]
    fn every_attribute_has_its_panel_and_every_pair_its_point() {
        let models = samples::two();
        let svg = draw(&models[0]).unwrap().unwrap();
        assert!(svg.contains("picture organization · SC 0."), "no panel");
        assert!(svg.matches("<circle").count() >= 537, "too few points");
        assert!(draw(&models[1]).unwrap().unwrap().contains("zero-shot | bare"));
    }
}
