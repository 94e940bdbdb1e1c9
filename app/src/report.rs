//! One picture's result in each output format.

use std::fmt::Write;

use easel_core::assess::Occlusion;
use easel_core::{Assessment, Attribute, Score};
use serde::Serialize;

/// What became of one picture.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The picture's path, as it was given or found.
    pub image: String,
    /// Its scores.
    #[serde(flatten)]
    pub assessment: Option<Assessment>,
    /// The comment, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Where one attribute's score comes from, where that was asked for.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub occlusion: Option<Occlusion>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether the demo model speaks, which is no assessment of a child.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
}

/// What every table ends with.
pub const NOTICE: &str =
    "Scores run from 1 to 5. A program made them; they are no grade and no judgement of a child.\n";

impl Report {
    /// A picture that was scored.
    pub const fn scored(image: String, assessment: Assessment, comment: Option<String>) -> Self {
        let assessment = Some(assessment);
        Self { image, assessment, comment, occlusion: None, error: None, demo: false }
    }

    /// A picture that failed.
    pub const fn failed(image: String, error: String) -> Self {
        let error = Some(error);
        Self { image, assessment: None, comment: None, occlusion: None, error, demo: false }
    }

    /// One JSON object in one line.
    pub fn json(&self) -> String {
        // Strings and numbers only: this cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// For people: a line an attribute, with the distribution in percent.
    pub fn table(&self) -> String {
        let mut text = format!("{}\n", self.image);
        if let Some(error) = &self.error {
            let _ = writeln!(text, "  {error}");
        }
        if let Some(assessment) = &self.assessment {
            let _ = writeln!(
                text,
                "  {:<22}{:>5}{:>7}     1    2    3    4    5",
                "attribute", "score", "spread"
            );
            for (attribute, score) in assessment.iter() {
                let name = attribute.name().replace('_', " ");
                let _ = write!(text, "  {name:<22}{:>5.2}{:>7.2} ", score.expected(), score.std());
                for p in score.probs {
                    let _ = write!(text, "{:>4.0}%", p * 100.0);
                }
                text.push('\n');
            }
        }
        if let Some(Occlusion { attribute, falls, .. }) = &self.occlusion {
            let name = attribute.name().replace('_', " ");
            let _ = writeln!(text, "\n  points that {name} falls by where a part is covered");
            for row in falls {
                let cells: String = row.iter().map(|fall| format!("{fall:>8.2}")).collect();
                let _ = writeln!(text, "  {cells}");
            }
            text.push_str(
                "  This is how the model reacts, no proof of why the score is what it is.\n",
            );
        }
        if let Some(comment) = &self.comment {
            let _ = writeln!(text, "\n  {}", comment.trim().replace('\n', "\n  "));
        }
        text.push('\n');
        text
    }

    /// The head of a CSV file.
    pub fn csv_header() -> Vec<String> {
        let mut fields = vec!["image".to_owned()];
        fields.extend(Attribute::ALL.map(|attribute| attribute.name().to_owned()));
        fields.extend(Attribute::ALL.map(|attribute| format!("{attribute}_std")));
        fields.extend(["comment".to_owned(), "error".to_owned()]);
        fields
    }

    /// One record of a CSV file.
    pub fn csv_record(&self) -> Vec<String> {
        let numbers = |of: fn(&Score) -> f64| {
            let assessment = self.assessment.as_ref();
            Attribute::ALL.map(|attribute| {
                let score = assessment.and_then(|assessment| assessment.get(attribute));
                score.map_or_else(String::new, |score| of(score).to_string())
            })
        };
        let mut fields = vec![self.image.clone()];
        fields.extend(numbers(Score::expected));
        fields.extend(numbers(Score::std));
        fields.push(self.comment.clone().unwrap_or_default());
        fields.push(self.error.clone().unwrap_or_default());
        fields
    }
}

/// Some records as CSV text.
pub fn csv(records: &[Vec<String>]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        // Writing to memory, and all records have one length: this cannot fail.
        let _ = writer.write_record(record);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let score = Score { probs: [0.0, 0.0, 0.5, 0.5, 0.0] };
        let assessment = Assessment::new([(Attribute::Realism, score)].into());
        Report::scored("a, b.png".into(), assessment, Some("Bold!\nTry blue.".into()))
    }

    #[test]
    fn json_is_one_line() {
        let expected = concat!(
            r#"{"image":"a, b.png","scores":{"realism":{"score":3.5,"std":0.5,"#,
            r#""probabilities":[0.0,0.0,0.5,0.5,0.0]}},"comment":"Bold!\nTry blue."}"#
        );
        assert_eq!(report().json(), expected);
        let failed = Report::failed("x".into(), "why".into());
        assert_eq!(failed.json(), r#"{"image":"x","error":"why"}"#);
    }

    #[test]
    fn where_a_score_comes_from_is_told_to_programs_and_people() {
        let falls = [[0.0; 4], [0.0, 1.25, -0.5, 0.0], [0.0; 4], [0.0; 4]];
        let occlusion = Occlusion { attribute: Attribute::LineTexture, score: 3.5, falls };
        let report = Report { occlusion: Some(occlusion), ..report() };
        let json = report.json();
        let expected = concat!(
            r#""where":{"attribute":"line_texture","score":3.5,"#,
            r#""falls":[[0.0,0.0,0.0,0.0],[0.0,1.25,-0.5,0.0],"#
        );
        assert!(json.contains(expected), "{json}");
        let table = report.table();
        assert!(table.contains("points that line texture falls by"), "{table}");
        assert!(table.contains("    0.00    1.25   -0.50    0.00\n"), "{table}");
    }

    #[test]
    fn csv_has_a_field_for_every_head() {
        let text = csv(&[Report::csv_header(), report().csv_record()]);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let record = reader.records().next().unwrap().unwrap();
        assert_eq!(&record[0], "a, b.png");
        assert_eq!(&record[1], "3.5");
        assert_eq!(&record[2], "");
        assert_eq!(&record[10], "0.5");
        assert_eq!(&record[19], "Bold!\nTry blue.");
    }

    #[test]
    fn the_table_shows_score_spread_and_distribution() {
        let table = report().table();
        assert!(
            table.contains("realism                3.50   0.50    0%   0%  50%  50%   0%"),
            "{table}"
        );
    }
}
