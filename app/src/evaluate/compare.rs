//! Models side by side.

use easel_core::Attribute;

use super::Evaluated;
use super::layout::Section;
use easel::evaluation::{NONE, cells, measure_heads, number, with_interval};

/// A row a model: overall, then Spearman's correlation by attribute.
pub fn sections(models: &[Evaluated]) -> Vec<Section> {
    vec![overall(models), by_attribute(models)]
}

fn overall(models: &[Evaluated]) -> Section {
    let calibrated = models.iter().any(|model| model.summary.overall.calibration.is_some());
    let mut head = vec!["model".to_owned(), "pictures".to_owned(), "n".to_owned()];
    head.extend(measure_heads());
    head.push("RV".to_owned());
    if calibrated {
        head.extend(["ECE", "CRPS", "in 80%"].map(str::to_owned));
    }
    let row = |model: &Evaluated| {
        let summary = &model.summary;
        let (pictures, n) = (summary.images.to_string(), summary.overall.n.to_string());
        let mut row = vec![model.loaded.name.clone(), pictures, n];
        row.extend(cells(summary.overall.measures()));
        row.push(with_interval(summary.rv));
        if calibrated {
            let calibration = summary.overall.calibration;
            row.push(number(calibration.map(|c| c.ece)));
            row.push(number(calibration.map(|c| c.crps)));
            row.push(number(calibration.map(|c| c.coverage)));
        }
        row
    };
    let rows = models.iter().map(row).collect();
    let mut notes = Vec::new();
    if !same_pictures(models) {
        notes.push(
            "The models were not asked about the same pictures and attributes: compare with care."
                .to_owned(),
        );
    }
    if calibrated {
        notes.push(
            "ECE: expected calibration error; CRPS: continuous ranked probability score in points; \
             in 80%: share of originals inside 80% intervals."
                .to_owned(),
        );
    }
    Section { title: "Overall".to_owned(), head, rows, notes }
}

/// Whether all models have scores of the same pictures and attributes.
fn same_pictures(models: &[Evaluated]) -> bool {
    let asked = |model: &Evaluated| -> Vec<(Attribute, Vec<bool>)> {
        let table = &model.loaded.table;
        let there = |attribute| {
            let column = table.column(attribute);
            (attribute, column.map(|entry| entry.is_some_and(|e| e.pair().is_some())).collect())
        };
        table.attributes().into_iter().map(there).collect()
    };
    models.windows(2).all(|pair| {
        let [a, b] = [&pair[0], &pair[1]];
        a.loaded.table.images().eq(b.loaded.table.images()) && asked(a) == asked(b)
    })
}

fn by_attribute(models: &[Evaluated]) -> Section {
    let mut head = vec!["model".to_owned()];
    head.extend(Attribute::ALL.map(|attribute| attribute.name().replace('_', " ")));
    let row = |model: &Evaluated| {
        let mut row = vec![model.loaded.name.clone()];
        row.extend(Attribute::ALL.map(|attribute| {
            let agreement = model.summary.attributes.get(&attribute);
            agreement.map_or_else(|| NONE.to_owned(), |found| with_interval(found.sc))
        }));
        row
    };
    let rows = models.iter().map(row).collect();
    Section { title: "SC by attribute".to_owned(), head, rows, notes: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::samples;
    use easel_core::metrics::bootstrap::Bootstrap;

    #[test]
    fn a_row_a_model_in_both_blocks() {
        let models = samples::two();
        let [overall, by_attribute] = sections(&models).try_into().unwrap();
        for section in [&overall, &by_attribute] {
            assert_eq!(section.rows.len(), 2);
            assert!(section.rows.iter().all(|row| row.len() == section.head.len()));
        }
        assert_eq!(overall.rows[0][..3], ["raft", "60", "537"]);
        assert!(overall.rows[0][10].starts_with("0."), "{:?}", overall.rows[0]);
        assert_eq!(overall.rows[1][11..], [NONE; 3]);
        assert_eq!(by_attribute.rows[1][2..], [NONE; 8]);
        assert_eq!(by_attribute.rows[1][1], overall.rows[1][3]);
        assert!(overall.notes[0].contains("not asked about the same pictures"));
    }

    #[test]
    fn the_better_model_has_the_better_numbers_and_the_same_pictures_need_no_warning() {
        let none = Bootstrap { resamples: 0, seed: 0 };
        let of = |skill| samples::evaluated("m", samples::table(skill), &none);
        let models = [of(0.2), of(0.8)];
        assert!(same_pictures(&models));
        let overall = overall(&models);
        assert!(!overall.notes.iter().any(|note| note.contains("with care")));
        let sc: Vec<f64> = overall.rows.iter().map(|row| row[3].parse().unwrap()).collect();
        assert!(sc[0] < sc[1], "{sc:?}");
        assert!(!overall.head.is_empty() && !same_pictures(&samples::two()));
    }
}
