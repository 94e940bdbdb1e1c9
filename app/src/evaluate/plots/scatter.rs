//! Predictions over the teachers' scores.

use easel::evaluation::{RANGE, Scatter, number, scatters};
use plotters::prelude::{Circle, Color, LineSeries};

use super::figure::{CORAL, Drawn, FAINT, TEAL, axes, sheet};
use crate::evaluate::Evaluated;

/// A panel an attribute that has pairs of scores.
pub fn draw(model: &Evaluated) -> Drawn<Option<String>> {
    let summary = &model.summary;
    let panels = scatters(&model.loaded.table);
    let subtitle =
        "predicted over the teacher's score; points are moved aside a little; rings are means";
    sheet(&model.loaded.name, subtitle, &panels, |panel, area| {
        let Scatter { attribute, points, means } = panel;
        let sc = summary.attributes.get(attribute).and_then(|found| found.sc.value);
        let name = attribute.name().replace('_', " ");
        let caption = format!("{name} · SC {}", number(sc));
        let mut chart = axes(area, &caption, RANGE, 5, ["teacher", "model"])?;
        chart.draw_series(LineSeries::new(
            [(RANGE.start, RANGE.start), (RANGE.end, RANGE.end)],
            FAINT,
        ))?;
        let ink = panel.ink();
        chart.draw_series(points.iter().map(|&at| Circle::new(at, 3, TEAL.mix(ink).filled())))?;
        chart.draw_series(means.iter().map(|&at| Circle::new(at, 5, CORAL.stroke_width(2))))?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::samples;

    #[test]
    fn every_attribute_has_its_panel_and_every_pair_its_point() {
        let models = samples::two();
        let svg = draw(&models[0]).unwrap().unwrap();
        assert!(svg.contains("picture organization · SC 0."), "no panel");
        assert!(svg.matches("<circle").count() >= 537, "too few points");
        assert!(draw(&models[1]).unwrap().unwrap().contains("zero-shot | bare"));
    }
}
