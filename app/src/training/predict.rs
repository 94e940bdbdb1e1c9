//! Scores of a sheet's pictures beside the teachers'.

use std::path::Path;

use easel_core::Image;
use easel_core::metrics::{Entry, Table};
use easel_core::rubric::Attribute;
use easel_core::train::data::Dataset;
use easel_core::train::objective::Prediction;
use easel_core::train::{Predictor, TrainError};

/// Scores some rows of a sheet, `together` pictures at once through the vision tower. `image` reads
/// a picture, `reading` says what of a prediction counts, `scored` hears each name that is done.
///
/// # Errors
/// As `image`, or when a picture does not suit the model or the device fails.
pub fn predict<E: From<TrainError>>(
    predictor: &mut Predictor,
    (sheet, rows): (&Dataset, &[usize]),
    together: usize,
    image: &dyn Fn(&Path) -> Result<Image, E>,
    reading: &dyn Fn(&Prediction) -> f64,
    scored: &mut dyn FnMut(&str),
) -> Result<Table, E> {
    let mut table = Table::new();
    for part in rows.chunks(together.max(1)) {
        let part: Vec<_> = part.iter().map(|&row| &sheet.rows()[row]).collect();
        let images = part.iter().map(|row| image(&row.picture)).collect::<Result<Vec<_>, _>>()?;
        let encoded = predictor.encode(&images).map_err(|(at, error)| match error {
            TrainError::Model(easel_core::Error::Image(error)) => {
                let path = part[at].picture.clone();
                TrainError::Picture { path, reason: error.to_string() }
            }
            other => other,
        })?;
        for (row, picture) in part.into_iter().zip(&encoded) {
            table.add(&row.name);
            for (attribute, prediction) in predictor.predict(picture)? {
                let ratings = row.ratings.iter().filter(|rating| rating.attribute == attribute);
                let raters = ratings.map(|r| (sheet.raters()[r.rater].clone(), r.label)).collect();
                let entry = Entry {
                    original: row.label(attribute),
                    predicted: Some(reading(&prediction)),
                    probabilities: prediction.probs,
                    raters,
                };
                table.set(&row.name, attribute, entry);
            }
            scored(&row.name);
        }
    }
    Ok(table)
}

/// A table with some attributes alone.
pub(crate) fn only(table: &Table, attributes: &[Attribute]) -> Table {
    let mut less = Table::new();
    for image in table.images() {
        less.add(image);
        for &attribute in attributes {
            if let Some(entry) = table.get(image, attribute) {
                less.set(image, attribute, entry.clone());
            }
        }
    }
    less
}
