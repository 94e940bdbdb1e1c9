//! The labelled pictures of a run.

use std::path::{Path, PathBuf};

use easel_core::rubric::Attribute;
use easel_core::train::data::{DataOptions, DataReport, Dataset};
use easel_core::train::examples::examples;
use easel_core::train::run::Job;
use easel_core::train::settings::TrainSettings;
use easel_core::train::{Data, TrainError};
use serde::{Deserialize, Serialize};

/// Where labels, pictures and comments lie.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DataFiles {
    /// The sheet of scores.
    pub sheet: PathBuf,
    /// The folder of the pictures.
    pub images: PathBuf,
    /// A sheet to validate on; without it, a part of the other.
    pub valid: Option<PathBuf>,
    /// Teachers' comments.
    pub comments: Option<PathBuf>,
    /// Whether rows without a picture are left out.
    pub skip_missing: bool,
    /// What blanks count as; `None` skips them.
    pub blank_as: Option<f64>,
}

/// The sheets of a run, read and checked.
#[derive(Debug)]
pub struct Sheets {
    files: DataFiles,
    train: Dataset,
    rows: Vec<usize>,
    valid: Option<Dataset>,
    valid_rows: Vec<usize>,
}

impl Sheets {
    /// Reads the sheets; `tell` hears what each holds.
    ///
    /// # Errors
    /// When a sheet, a picture or a comment cannot be used.
    pub fn read(
        files: &DataFiles,
        settings: &TrainSettings,
        jobs: &[Job],
        tell: &mut dyn FnMut(&DataReport),
    ) -> Result<Self, TrainError> {
        let attributes: Vec<Attribute> = jobs.iter().flat_map(Job::attributes).collect();
        let train = dataset(&files.sheet, files, &attributes)?;
        let lie = files.clone();
        tell(train.report());
        if let Some(sheet) = &files.valid {
            let valid = dataset(sheet, files, &attributes)?;
            tell(valid.report());
            let rows = (0..train.rows().len()).collect();
            let valid_rows = (0..valid.rows().len()).collect();
            return Ok(Self { files: lie, train, rows, valid: Some(valid), valid_rows });
        }
        let (rows, valid_rows) = train.split(settings.train_fraction, settings.seed)?;
        Ok(Self { files: lie, train, rows, valid: None, valid_rows })
    }

    /// Where they lie.
    #[must_use]
    pub const fn files(&self) -> &DataFiles {
        &self.files
    }

    /// What some jobs train on.
    #[must_use]
    pub fn data(&self, jobs: &[Job]) -> Data {
        let attributes: Vec<Attribute> = jobs.iter().flat_map(Job::attributes).collect();
        Data {
            train: examples(&self.train, &self.rows, &attributes),
            valid: examples(self.validation().0, &self.valid_rows, &attributes),
        }
    }

    /// The sheet that is trained on.
    #[must_use]
    pub const fn training(&self) -> &Dataset {
        &self.train
    }

    /// The sheet that is validated on, and its rows.
    #[must_use]
    pub fn validation(&self) -> (&Dataset, &[usize]) {
        (self.valid.as_ref().unwrap_or(&self.train), &self.valid_rows)
    }
}

/// Reads a sheet and looks at every picture.
///
/// # Errors
/// When a sheet, a picture or a comment cannot be used.
pub fn dataset(
    sheet: &Path,
    files: &DataFiles,
    attributes: &[Attribute],
) -> Result<Dataset, TrainError> {
    let options = DataOptions {
        attributes: attributes.to_vec(),
        blank_as: files.blank_as,
        skip_missing: files.skip_missing,
        comments: files.comments.clone(),
    };
    let dataset = Dataset::from_csv(sheet, &files.images, &options)?;
    dataset.check_pictures()?;
    Ok(dataset)
}
