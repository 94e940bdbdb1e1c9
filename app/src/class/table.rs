//! A class as a table and as JSON, for other programs.

use std::collections::BTreeMap;

use easel_core::{Attribute, Score};
use serde::Serialize;

use super::{Class, Spread, State, spreads};
use crate::portfolio::{Id, Record};

/// A class as CSV (RFC 4180) for spreadsheets: a line a drawing, in the order in which they came. It
/// begins with the mark by which Excel knows UTF-8.
#[must_use]
pub fn csv(records: &[Record], names: &BTreeMap<Id, String>) -> String {
    let mut lines = String::from("\u{feff}");
    let mut heads: Vec<String> =
        ["pupil", "file", "date", "state", "approved", "accepted"].map(str::to_owned).into();
    for attribute in Attribute::ALL {
        heads.extend(["", "_spread", "_teacher"].map(|end| format!("{attribute}{end}")));
    }
    heads.extend(["comment", "comment_model", "model"].map(str::to_owned));
    line(&mut lines, &heads);
    for record in records {
        line(&mut lines, &cells(record, names));
    }
    lines
}

fn cells(record: &Record, names: &BTreeMap<Id, String>) -> Vec<String> {
    let name = names.get(&record.pupil).cloned().unwrap_or_default();
    let seat = record.class.as_ref();
    let yes = |on: bool| if on { "yes" } else { "no" }.to_owned();
    let mut cells = vec![
        safe(name),
        safe(seat.map(|seat| seat.file.clone()).unwrap_or_default()),
        record.when.date(),
        safe(match seat.map(|seat| &seat.state) {
            Some(State::Waiting) => "waiting".to_owned(),
            Some(State::Failed(why)) => format!("failed: {why}"),
            Some(State::Scored) | None => "scored".to_owned(),
        }),
        yes(!record.is_hidden()),
        yes(seat.is_some_and(|seat| seat.accepted)),
    ];
    for attribute in Attribute::ALL {
        let score = record.assessment.get(attribute);
        let number =
            |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.2}"));
        cells.push(number(score.map(Score::expected)));
        cells.push(number(score.map(Score::std)));
        cells.push(record.own(attribute).map_or(String::new(), |level| level.to_string()));
    }
    cells
        .extend([record.words(), &record.comment, &record.model].map(|text| safe(text.to_owned())));
    cells
}

/// A cell that no spreadsheet takes for a formula (OWASP, "CSV Injection").
fn safe(text: String) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        true => format!("'{text}"),
        false => text,
    }
}

fn line(lines: &mut String, cells: &[String]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            lines.push(',');
        }
        match cell.contains([',', '"', '\n', '\r']) {
            true => {
                lines.push('"');
                lines.push_str(&cell.replace('"', "\"\""));
                lines.push('"');
            }
            false => lines.push_str(cell),
        }
    }
    lines.push_str("\r\n");
}

#[derive(Serialize)]
struct Everything<'a> {
    class: &'a Class,
    /// Means and spread, with the teacher's own levels in place of the model's.
    attributes: Vec<Spread>,
    drawings: Vec<Named<'a>>,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    #[serde(flatten)]
    record: &'a Record,
}

/// A class as JSON: its means, and of each drawing all that is known.
#[must_use]
pub fn json<'a>(
    class: &'a Class,
    records: &'a [Record],
    names: &'a BTreeMap<Id, String>,
) -> String {
    let named = |record: &'a Record| Named {
        name: names.get(&record.pupil).map_or("", String::as_str),
        record,
    };
    let drawings = records.iter().map(named);
    let attributes = spreads(records.iter());
    let everything = Everything { class, attributes, drawings: drawings.collect() };
    // Strings and numbers only: this cannot fail.
    serde_json::to_string_pretty(&everything).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::Seat;
    use crate::portfolio::When;
    use easel_core::Assessment;

    fn record(id: u64, comment: &str) -> Record {
        let score = Score { probs: [0.0, 0.0, 0.5, 0.5, 0.0] };
        Record {
            id: Id(id),
            pupil: Id(7),
            when: When { ms: 0, ahead: 0 },
            assessment: Assessment::new([(Attribute::Realism, score)].into()),
            comment: comment.to_owned(),
            note: String::new(),
            model: String::new(),
            class: Some(Box::new(Seat {
                state: State::Scored,
                scores: [(Attribute::Realism, 2)].into(),
                ..Seat::new(Id(3), "a, b.png".to_owned())
            })),
        }
    }

    #[test]
    fn cells_are_quoted_and_no_formulas() {
        let names = BTreeMap::from([(Id(7), "=HYPERLINK(\"http://x\")".to_owned())]);
        let said = record(1, "It says \"hi\",\nand goes on.");
        let mut waiting = record(2, "");
        waiting.assessment = Assessment::default();
        waiting.class = Some(Box::new(Seat::new(Id(3), "小明.png".to_owned())));
        let text = csv(&[said, waiting], &names);
        assert!(text.starts_with("\u{feff}pupil,file,date,state,approved,accepted,realism,"));
        let lines: Vec<_> = text.split("\r\n").collect();
        let begin =
            "\"'=HYPERLINK(\"\"http://x\"\")\",\"a, b.png\",1970-01-01,scored,no,no,3.50,0.50,2,";
        assert!(lines[1].starts_with(begin), "{}", lines[1]);
        assert!(lines[1].contains("\"It says \"\"hi\"\",\nand goes on.\""), "{}", lines[1]);
        assert!(lines[2].contains(",小明.png,1970-01-01,waiting,no,no,,,,"), "{}", lines[2]);
        // As many cells in each line, by a reader that is not ours.
        let mut reader = csv_reader(&text);
        let lengths: Vec<_> = reader.records().map(|line| line.unwrap().len()).collect();
        assert_eq!(lengths, [6 + 27 + 3; 2]);
    }

    fn csv_reader(text: &str) -> ::csv::Reader<&[u8]> {
        ::csv::Reader::from_reader(text.as_bytes())
    }

    #[test]
    fn json_has_both_scores_and_the_number_behind_a_mean() {
        let names = BTreeMap::from([(Id(7), "Mia".to_owned())]);
        let class = Class { id: Id(3), name: "4b".to_owned(), when: When { ms: 0, ahead: 0 } };
        let one = record(1, "Said.");
        let value: serde_json::Value = serde_json::from_str(&json(&class, &[one], &names)).unwrap();
        assert_eq!(value["class"]["name"], "4b");
        assert_eq!(value["attributes"][0]["mean"], 2.0, "the teacher's");
        assert_eq!(value["attributes"][0]["count"], 1);
        assert_eq!(value["drawings"][0]["name"], "Mia");
        assert_eq!(value["drawings"][0]["scores"]["realism"]["score"], 3.5, "the model's");
        assert_eq!(value["drawings"][0]["class"]["scores"]["realism"], 2);
    }
}
