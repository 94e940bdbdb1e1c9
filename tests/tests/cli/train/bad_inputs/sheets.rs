//! Sheets of scores.

use super::*;

#[test]
fn a_bad_sheet_is_named_with_its_line() {
    every(&Bench::new(), TRAIN, 1, SHEETS);
}

#[test]
fn every_problem_is_told_at_once() {
    let bench = Bench::new();
    bench.lines(SHEET, |lines| {
        lines[1] = "0000.png,0,4,3,2,3,4,4,2,3".into();
        lines[4] = lines[3].clone();
        lines[7] = "0099.png,1,2,2,2,2,2,2,2,2".into();
    });
    let ran = bench.ran(TRAIN);
    let says = [
        "easel: data/annotations.csv: 3 problems, 1 of them missing pictures",
        "line 2: realism is '0'; expected a number from 1 to 5",
        "line 5: the name '0002.png' is already in line 4",
        "line 8: the picture '0099.png' is not in data/images",
    ];
    assert_eq!(answered(&ran, 1, &says), Ok(()), "{}", ran.err);
}

/// What can only be known of a job; the run's settings may be there already.
#[test]
fn a_job_without_labels_that_differ_is_refused() {
    let rows: [(&str, &[&str]); 2] = [
        ("3", &["easel: realism: every label of the validation part is 3", "undefined", "mse"]),
        ("", &["easel: realism: no picture of the training part has a label"]),
    ];
    for (label, says) in rows {
        let bench = Bench::new();
        bench.lines(SHEET, |lines| {
            for line in lines.iter_mut().skip(1) {
                let cells: Vec<&str> = line.split(',').collect();
                *line = format!("{},{label},{}", cells[0], cells[2..].join(","));
            }
        });
        let ran = bench.ran(TRAIN);
        assert_eq!(answered(&ran, 1, says), Ok(()), "{}", ran.err);
        assert!(!bench.path("RUN/adapters").exists() && !bench.path("RUN/jobs").exists());
    }
}

/// The first drawing's line with another first label.
fn label(bench: &Bench, text: &str) {
    bench.lines(SHEET, |lines| lines[1] = format!("0000.png,{text},4,3,2,3,4,4,2,3"));
}

const SHEETS: &[Row] = &[
    ("missing", |_| {}, "--data none.csv", &["easel: none.csv: cannot be read: No such file"]),
    ("a folder", |_| {}, "--data data", &["easel: data: cannot be read: it is not a file"]),
    (
        "no attribute",
        |bench| bench.lines(SHEET, |lines| lines[0] = lines[0].replace("realism", "realsm")),
        "",
        &["easel: data/annotations.csv: line 1: no column for realism; found the columns"],
    ),
    (
        "no names",
        |bench| bench.lines(SHEET, |lines| lines[0] = lines[0].replace("name", "file")),
        "",
        &["easel: data/annotations.csv: line 1: no column for name"],
    ),
    (
        "a column twice",
        |bench| bench.lines(SHEET, |lines| lines[0] = lines[0].replace("deformation", "realism")),
        "",
        &["easel: data/annotations.csv: line 1: ", "realism"],
    ),
    (
        "empty",
        |bench| bench.write(SHEET, ""),
        "",
        &["easel: data/annotations.csv: there is no row; expected at least one row"],
    ),
    (
        "a header only",
        |bench| bench.lines(SHEET, |lines| lines.truncate(1)),
        "",
        &["easel: data/annotations.csv: there is no row; expected at least one row"],
    ),
    (
        "no UTF-8",
        |bench| bench.write(SHEET, b"\xff\xfen\0a\0"),
        "",
        &["easel: data/annotations.csv: line 1: not UTF-8 text; expected plain text"],
    ),
    (
        "a label above 5",
        |bench| label(bench, "9"),
        "",
        &["easel: data/annotations.csv: line 2: realism is '9'; expected a number from 1 to 5"],
    ),
    (
        "a label of 0",
        |bench| label(bench, "0"),
        "",
        &["easel: data/annotations.csv: line 2: ", "'0'"],
    ),
    (
        "a negative label",
        |bench| label(bench, "-3"),
        "",
        &["easel: data/annotations.csv: line 2: realism is '-3'; expected a number from 1 to 5"],
    ),
    (
        "a word for a label",
        |bench| label(bench, "good"),
        "",
        &["easel: data/annotations.csv: line 2: realism is 'good'; expected a number from 1 to 5"],
    ),
    (
        "a label that is no number",
        |bench| label(bench, "NaN"),
        "",
        &["easel: data/annotations.csv: line 2: realism is 'NaN'; expected a number from 1 to 5"],
    ),
    (
        "a name twice",
        |bench| bench.lines(SHEET, |lines| lines[2] = lines[1].clone()),
        "",
        &["easel: data/annotations.csv: line 3: the name '0000.png' is already in line 2"],
    ),
    (
        "too many cells",
        |bench| bench.lines(SHEET, |lines| lines[2].push_str(",1,1")),
        "",
        &["easel: data/annotations.csv: line 3: 12 cells; expected 10, as in the header"],
    ),
    (
        "a name that leads elsewhere",
        |bench| bench.lines(SHEET, |lines| lines[1] = format!("../{}", lines[1])),
        "",
        &["easel: data/annotations.csv: line 2: the name '../0000.png' leads out of"],
    ),
    (
        "a split of training only",
        |bench| bench.write(SHEET, "name,realism,split\n0000.png,1,train\n0001.png,2,train\n"),
        "",
        &["easel: data/annotations.csv: the valid part of the split is empty", "train 2, valid 0"],
    ),
    (
        "a split of tests only",
        |bench| bench.write(SHEET, "name,realism,split\n0000.png,1,test\n0001.png,2,test\n"),
        "",
        &["easel: data/annotations.csv: the train part of the split is empty", "test 2"],
    ),
    (
        "a split that is none",
        |bench| bench.write(SHEET, "name,realism,split\n0000.png,1,trian\n0001.png,2,valid\n"),
        "",
        &["easel: data/annotations.csv: line 2: ", "'trian'; expected"],
    ),
    (
        "one row",
        |bench| bench.write(SHEET, "name,realism\n0000.png,1\n"),
        "",
        &["easel: data/annotations.csv: the train part of the split is empty", "1 rows"],
    ),
    (
        "lines that are no JSON",
        |bench| bench.write("lines.jsonl", "{\"name\": \"0000.png\", \"realism\": 3}\nnope\n"),
        "--data lines.jsonl",
        &["easel: lines.jsonl: line 2: expected a JSON object"],
    ),
    (
        "a label above 5 in lines",
        |bench| bench.write("lines.jsonl", "{\"name\": \"0000.png\", \"realism\": 7}\n"),
        "--data lines.jsonl",
        &["easel: lines.jsonl: line 1: realism is '7'; expected a number from 1 to 5"],
    ),
    (
        "a bad sheet for validation",
        |bench| bench.write("valid.csv", "name,realism\n0000.png,six\n"),
        "--valid valid.csv",
        &["easel: valid.csv: line 2: realism is 'six'; expected a number from 1 to 5"],
    ),
];
