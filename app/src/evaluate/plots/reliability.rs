//! How often the likeliest digit is right, over how likely it is said to be.

use easel::evaluation::{Reliability, number, reliabilities};
use easel_core::metrics::calibration::Bin;
use plotters::prelude::{Circle, Color, LineSeries};

use super::figure::{Drawn, FAINT, TEAL, axes, sheet};
use crate::evaluate::Evaluated;

/// A panel an attribute that has probabilities.
pub fn draw(model: &Evaluated) -> Drawn<Option<String>> {
    let summary = &model.summary;
    let panels = reliabilities(&model.loaded.table);
    let subtitle = "share of right digits over the confidence in them; larger points, more scores";
    sheet(&model.loaded.name, subtitle, &panels, |Reliability { attribute, bins }, area| {
        let calibration = summary.attributes.get(attribute).and_then(|found| found.calibration);
        let ece = number(calibration.map(|calibration| calibration.ece));
        let caption = format!("{} · ECE {ece}", attribute.name().replace('_', " "));
        let mut chart = axes(area, &caption, 0.0..1.0, 6, ["confidence", "right"])?;
        chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], FAINT))?;
        let at = |bin: &Bin| (bin.confidence, bin.hits);
        chart.draw_series(LineSeries::new(bins.iter().map(at), TEAL.stroke_width(2)))?;
        let most = bins.iter().map(|bin| bin.n).max().unwrap_or(1) as f64;
        let points = bins.iter().map(|bin| {
            let size = 2.5 + 6.0 * (bin.n as f64 / most).sqrt();
            Circle::new(at(bin), size, TEAL.mix(0.75).filled())
        });
        chart.draw_series(points)?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::samples;

    #[test]
    fn there_is_a_panel_where_there_are_probabilities() {
        let models = samples::two();
        let svg = draw(&models[0]).unwrap().unwrap();
        assert_eq!(svg.matches("ECE").count(), 9);
        assert_eq!(draw(&models[1]).unwrap(), None);
    }
}
