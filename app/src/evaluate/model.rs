//! One model: a row an attribute, and what else is known of it.

use easel_core::metrics::raters::Mean;
use easel_core::metrics::{Agreement, Summary};

use super::Evaluated;
use super::layout::Section;
use easel::evaluation::{cells, measure_heads, number, with_interval};

/// A model's table.
pub fn section(model: &Evaluated) -> Section {
    let Evaluated { loaded, summary } = model;
    let row = |name: &str, agreement: &Agreement| {
        let mut row = vec![name.replace('_', " "), agreement.n.to_string()];
        row.extend(cells(agreement.measures()));
        row
    };
    let attributes = summary.attributes.iter();
    let mut rows: Vec<_> =
        attributes.map(|(attribute, agreement)| row(attribute.name(), agreement)).collect();
    rows.push(row("overall", &summary.overall));
    let mut head = vec!["attribute".to_owned(), "n".to_owned()];
    head.extend(measure_heads());
    let title = format!("{}: {} pictures", loaded.name, summary.images);
    Section { title, head, rows, notes: notes(summary) }
}

fn notes(summary: &Summary) -> Vec<String> {
    let mut notes = vec![format!("RV {}", with_interval(summary.rv))];
    if summary.overall.blanks > 0 {
        let blanks = summary.overall.blanks;
        notes.push(format!("Blanks that were left out: {blanks}"));
    }
    if let Some(calibration) = &summary.overall.calibration {
        notes.push(format!(
            "Calibration over {} scores: expected calibration error {:.3}, CRPS {:.3} points, \
             {:.1}% of the originals inside 80% intervals",
            calibration.n,
            calibration.ece,
            calibration.crps,
            calibration.coverage * 100.0
        ));
    }
    if let Some(raters) = &summary.raters {
        let mean = |mean: Mean| format!("SC {}, QWK {}", number(mean.sc), number(mean.qwk));
        notes.push(format!(
            "Teachers with each other: {}; the model with each of them: {}",
            mean(raters.between),
            mean(raters.with_model)
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::samples;

    #[test]
    fn a_row_an_attribute_and_one_for_all() {
        let models = samples::two();
        let full = section(&models[0]);
        assert_eq!(full.title, "raft: 60 pictures");
        assert_eq!(full.rows.len(), 10);
        assert!(full.rows.iter().all(|row| row.len() == full.head.len()));
        assert_eq!(full.rows[3][0], "color richness");
        assert_eq!(full.rows[9][..2], ["overall", "537"]);
        assert!(full.rows[9][2].contains(" ["), "{:?}", full.rows[9]);
        let bare = section(&models[1]);
        assert_eq!(bare.rows.len(), 2);
        assert_eq!(bare.rows[0][2..], bare.rows[1][2..]);
    }

    #[test]
    fn notes_tell_what_there_is() {
        let models = samples::two();
        let notes = section(&models[0]).notes;
        assert!(notes[0].starts_with("RV 0."), "{notes:?}");
        assert_eq!(notes[1], "Blanks that were left out: 3");
        assert!(notes[2].starts_with("Calibration over 537 scores"), "{notes:?}");
        assert!(notes[3].starts_with("Teachers with each other: SC 0."), "{notes:?}");
        assert_eq!(section(&models[1]).notes.len(), 1);
    }
}
