//! All numbers for other programs: JSON and CSV.

use easel_core::Attribute;
use easel_core::metrics::bootstrap::Bootstrap;
use easel_core::metrics::{Agreement, Estimate, MEASURES, Summary};
use serde::Serialize;

use super::Evaluated;
use crate::report::csv;

/// One object: the settings, then the models with everything that was measured.
pub fn json(models: &[Evaluated], bootstrap: &Bootstrap) -> String {
    #[derive(Serialize)]
    struct File<'a> {
        bootstrap: u32,
        seed: u64,
        models: Vec<Model<'a>>,
    }
    #[derive(Serialize)]
    struct Model<'a> {
        model: &'a str,
        file: String,
        #[serde(flatten)]
        summary: &'a Summary,
    }
    let models = models
        .iter()
        .map(|Evaluated { loaded, summary }| Model {
            model: &loaded.name,
            file: loaded.file.display().to_string(),
            summary,
        })
        .collect();
    let file = File { bootstrap: bootstrap.resamples, seed: bootstrap.seed, models };
    // Names and numbers only: this cannot fail.
    serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
}

/// A row a model and attribute, `overall` the last of each model.
pub fn csv_by_attribute(models: &[Evaluated]) -> String {
    let mut head: Vec<String> =
        ["model", "file", "attribute"].into_iter().map(str::to_owned).collect();
    head.extend(agreement_head());
    let mut records = vec![head];
    for Evaluated { loaded, summary } in models {
        let mut record = |name: &str, agreement: &Agreement, rv: Estimate| {
            let file = loaded.file.display().to_string();
            let mut record = vec![loaded.name.clone(), file, name.to_owned()];
            record.extend(agreement_fields(agreement, rv));
            records.push(record);
        };
        for (attribute, agreement) in &summary.attributes {
            record(attribute.name(), agreement, Estimate::default());
        }
        record("overall", &summary.overall, summary.rv);
    }
    csv(&records)
}

/// A row a model: its overall numbers, then Spearman's correlation of each attribute.
pub fn csv_by_model(models: &[Evaluated]) -> String {
    let mut head: Vec<String> =
        ["model", "file", "pictures"].into_iter().map(str::to_owned).collect();
    head.extend(agreement_head());
    head.extend(
        Attribute::ALL.iter().flat_map(|attribute| estimate_head(&format!("SC_{attribute}"))),
    );
    let mut records = vec![head];
    for Evaluated { loaded, summary } in models {
        let file = loaded.file.display().to_string();
        let mut record = vec![loaded.name.clone(), file, summary.images.to_string()];
        record.extend(agreement_fields(&summary.overall, summary.rv));
        record.extend(Attribute::ALL.iter().flat_map(|attribute| {
            let agreement = summary.attributes.get(attribute);
            estimate_fields(agreement.map_or_else(Estimate::default, |found| found.sc))
        }));
        records.push(record);
    }
    csv(&records)
}

fn agreement_head() -> Vec<String> {
    let mut head = vec!["n".to_owned(), "blanks".to_owned()];
    head.extend(MEASURES.into_iter().chain(["RV"]).flat_map(estimate_head));
    head.extend(["ECE", "CRPS", "coverage80"].map(str::to_owned));
    head
}

fn agreement_fields(agreement: &Agreement, rv: Estimate) -> Vec<String> {
    let mut fields = vec![agreement.n.to_string(), agreement.blanks.to_string()];
    fields.extend(agreement.measures().into_iter().chain([rv]).flat_map(estimate_fields));
    let calibration = agreement.calibration;
    fields.push(field(calibration.map(|c| c.ece)));
    fields.push(field(calibration.map(|c| c.crps)));
    fields.push(field(calibration.map(|c| c.coverage)));
    fields
}

fn estimate_head(name: &str) -> [String; 3] {
    [name.to_owned(), format!("{name}_low"), format!("{name}_high")]
}

fn estimate_fields(estimate: Estimate) -> [String; 3] {
    let [low, high] = [0, 1].map(|end| estimate.interval.map(|interval| interval[end]));
    [field(estimate.value), field(low), field(high)]
}

fn field(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::samples;

    fn records(text: &str) -> Vec<csv::StringRecord> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        reader.records().map(Result::unwrap).collect()
    }

    #[test]
    fn json_holds_settings_and_models() {
        let models = samples::two();
        let text = json(&models, &Bootstrap { resamples: 50, seed: 3 });
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&value["bootstrap"], &value["seed"]), (&50.into(), &3.into()));
        let [first, second] = [&value["models"][0], &value["models"][1]];
        assert_eq!(first["file"], "raft.json");
        assert_eq!(first["overall"]["SC"]["value"], models[0].summary.overall.sc.value.unwrap());
        assert_eq!(first["overall"]["SC"]["interval"].as_array().unwrap().len(), 2);
        assert!(first["attributes"]["realism"]["calibration"]["ECE"].is_number());
        assert!(first["raters"]["between"]["SC"].is_number());
        assert!(second.get("raters").is_none() && second["attributes"].get("realism").is_some());
    }

    #[test]
    fn csv_has_a_row_an_attribute() {
        let models = samples::two();
        let records = records(&csv_by_attribute(&models));
        assert_eq!(records.len(), 1 + 10 + 2);
        let column = |name: &str| records[0].iter().position(|head| head == name).unwrap();
        assert_eq!(&records[10][2], "overall");
        let rv = models[0].summary.rv;
        assert_eq!(records[10][column("RV")], rv.value.unwrap().to_string());
        assert_eq!(records[10][column("RV_low")], rv.interval.unwrap()[0].to_string());
        assert_eq!(&records[1][column("RV")], "");
        assert_eq!(&records[3][column("blanks")], "3");
        assert_eq!(&records[11][column("ECE")], "");
    }

    #[test]
    fn csv_has_a_row_a_model() {
        let models = samples::two();
        let records = records(&csv_by_model(&models));
        assert_eq!(records.len(), 3);
        let column = |name: &str| records[0].iter().position(|head| head == name).unwrap();
        let realism = column("SC_realism");
        assert_eq!(records[2][realism], records[2][column("SC")]);
        assert_eq!(&records[2][column("SC_transformation_high")], "");
        assert_ne!(&records[1][column("SC_transformation_high")], "");
    }
}
