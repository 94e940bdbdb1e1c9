//! The model card of a trained adapter.

use easel_core::train::data::Dataset;
use easel_core::train::output::{DataCounts, MetricsLog, ModelCard, Scores, write_atomic};
use easel_core::train::run::{Job, RunFolder};
use easel_core::train::settings::TrainSettings;
use easel_core::train::{Data, TrainError};

/// What a card says that is known before training.
pub(super) struct Facts {
    data: DataCounts,
    settings: TrainSettings,
    base_model: String,
}

impl Facts {
    /// Counts the data.
    pub(super) fn new(sheet: &Dataset, data: &Data, settings: &TrainSettings, model: &str) -> Self {
        let report = sheet.report();
        let counts = DataCounts {
            name: report.file.clone(),
            train: data.train.len(),
            validation: data.valid.len(),
            blanks: report.attributes.iter().map(|counts| counts.blanks).sum(),
            blank_as: report.blank_as.map(|label| label as u8),
            missing_pictures: report.missing.len(),
        };
        Self { data: counts, settings: settings.clone(), base_model: model.to_owned() }
    }

    /// Writes the card beside each adapter of the job.
    ///
    /// # Errors
    /// When the log cannot be read, or a card not be written.
    pub(super) fn write(&self, run: &RunFolder, job: &Job) -> Result<(), TrainError> {
        let records = MetricsLog::read(&run.metrics(), job.name())?;
        let evals = records.iter().filter_map(|record| Some((record.step, record.eval.as_ref()?)));
        let rows: Vec<Vec<String>> = evals
            .map(|(step, eval)| {
                let shown = |value: Option<f64>| {
                    value.map_or("undefined".to_owned(), |value| format!("{value:.3}"))
                };
                vec![
                    step.to_string(),
                    shown(eval.pearson),
                    shown(eval.spearman),
                    shown(eval.qwk),
                    format!("{:.3}", eval.accuracy),
                    format!("{:.3}", eval.mse),
                ]
            })
            .collect();
        let header = ["step", "Pearson", "Spearman", "QWK", "accuracy", "MSE"];
        let scores = (!rows.is_empty()).then(|| Scores {
            measured_on: format!("{} validation labels", self.data.validation),
            header: header.map(str::to_owned).to_vec(),
            rows,
        });
        let settings = self.settings.to_toml();
        let settings = settings.lines().filter(|line| !line.starts_with('#'));
        let settings = settings.filter_map(|line| line.split_once(" = "));
        let card = ModelCard {
            title: format!("Easel adapter: {}", job.name().replace('_', " ")),
            base_model: self.base_model.clone(),
            attributes: job.attributes(),
            license: None,
            is_demo: false,
            data: self.data.clone(),
            settings: settings.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            scores,
        };
        for attribute in job.attributes() {
            let path = run.adapters().join(attribute.name()).join("README.md");
            write_atomic(&path, card.to_markdown().as_bytes())?;
        }
        Ok(())
    }
}
