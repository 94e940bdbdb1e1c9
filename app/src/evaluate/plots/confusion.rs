//! Rounded predictions counted over rounded originals.

use easel::evaluation::{Confusion, confusions, number};
use plotters::prelude::{Color, IntoFont, RGBColor, Rectangle, Text, WHITE};

use super::figure::{CENTRED, Drawn, FONT, INK, TEAL, axes, sheet};
use crate::evaluate::Evaluated;

/// A panel an attribute that has pairs of scores.
pub fn draw(model: &Evaluated) -> Drawn<Option<String>> {
    let summary = &model.summary;
    let panels = confusions(&model.loaded.table);
    let subtitle = "rounded scores; the shade is the share of the teacher's score (column)";
    sheet(&model.loaded.name, subtitle, &panels, |panel, area| {
        let Confusion { attribute, counts } = panel;
        let found = summary.attributes.get(attribute);
        let name = attribute.name().replace('_', " ");
        let qwk = number(found.and_then(|found| found.qwk.value));
        let caption = format!("{name} · QWK {qwk}");
        let mut chart = axes(area, &caption, 0.5..5.5, 5, ["teacher", "model"])?;
        for (row, predicted) in (1_u8..).zip(counts) {
            for (column, count) in (1_u8..).zip(predicted) {
                let (x, y) = (f64::from(column), f64::from(row));
                let share = panel.share(usize::from(row) - 1, usize::from(column) - 1);
                let square = [(x - 0.48, y - 0.48), (x + 0.48, y + 0.48)];
                chart.draw_series([Rectangle::new(square, shade(share).filled())])?;
                let ink = if share > 0.6 { WHITE } else { INK };
                let words = (FONT, 13).into_font().color(&ink).pos(CENTRED);
                if *count > 0 {
                    chart.draw_series([Text::new(count.to_string(), (x, y), words)])?;
                }
            }
        }
        Ok(())
    })
}

/// From nearly white to the full colour.
fn shade(share: f64) -> RGBColor {
    let mix = |full: u8| {
        let (full, pale) = (f64::from(full), 243.0);
        (pale + (full - pale) * share).round() as u8
    };
    RGBColor(mix(TEAL.0), mix(TEAL.1), mix(TEAL.2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::samples;

    #[test]
    fn the_shade_runs_from_pale_to_full() {
        assert_eq!(shade(0.0), RGBColor(243, 243, 243));
        assert_eq!(shade(1.0), TEAL);
    }

    #[test]
    fn every_attribute_has_its_panel() {
        let svg = draw(&samples::two()[0]).unwrap().unwrap();
        assert_eq!(svg.matches("QWK").count(), 9);
        assert!(svg.matches("<rect").count() > 9 * 25, "too few squares");
    }
}
