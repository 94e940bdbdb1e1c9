//! Sheets as comma-separated values (RFC 4180).

use super::error::Shown;
use super::sheet::{Field, Sheet};

/// Reads the rows of a sheet whose first line has the columns' titles.
pub(super) fn read(text: &str, sheet: &mut Sheet<'_>) {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut lines = Lines { text, offset: 0, line: 1 };
    let mut fields: Option<Vec<Option<Field>>> = None;
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                let line = lines.at(reader.position().byte());
                return sheet.problem(line, format!("not a row of cells: {error}"));
            }
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        let Some(fields) = &fields else {
            match header(line, &record, sheet) {
                Some(found) => fields = Some(found),
                None => return,
            }
            continue;
        };
        if record.len() != fields.len() {
            let (found, expected) = (record.len(), fields.len());
            let cells = if found == 1 { "cell" } else { "cells" };
            let message = format!("{found} {cells}; expected {expected}, as in the header");
            sheet.problem(line, message);
            continue;
        }
        let cells = fields.iter().zip(&record);
        sheet.add(line, cells.filter_map(|(field, cell)| field.map(|field| (field, cell))));
    }
}

/// The columns' meaning; `None`, with problems noted, where the rows cannot be read.
fn header(
    line: u64,
    record: &csv::StringRecord,
    sheet: &mut Sheet<'_>,
) -> Option<Vec<Option<Field>>> {
    let fields: Vec<Option<Field>> = record.iter().map(|title| sheet.field(title)).collect();
    let found: Vec<Field> = fields.iter().flatten().copied().collect();
    let before = sheet.problems.len();
    let separator = record.get(0).filter(|_| record.len() == 1);
    let separator = separator.and_then(|cell| cell.chars().find(|c| matches!(c, ';' | '\t')));
    if let Some(separator) = separator {
        let name = if separator == ';' { "semicolons" } else { "tabs" };
        sheet.problem(line, format!("columns are separated by {name}; expected commas"));
        return None;
    }
    if let Some(missing) = sheet.missing(&found) {
        let first: Vec<&str> = record.iter().take(12).map(str::trim).collect();
        let first = first.join(", ");
        let message = format!("no column for {missing}; found the columns {}", Shown(&first));
        sheet.problem(line, message);
    }
    if let Some(twice) = sheet.twice(&found) {
        sheet.problem(line, format!("the column {twice} is there twice; expected it once"));
    }
    (sheet.problems.len() == before).then_some(fields)
}

/// Counts lines up to growing offsets. The reader's own count stays behind at empty lines.
struct Lines<'a> {
    text: &'a str,
    offset: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line, from 1, of the first character that is no line break at or after this byte.
    fn at(&mut self, byte: u64) -> u64 {
        let bytes = self.text.as_bytes();
        let target = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(&found) = bytes.get(self.offset) {
            let is_break = matches!(found, b'\r' | b'\n');
            if self.offset >= target && !is_break {
                break;
            }
            // A carriage return counts alone, and with its line feed once.
            let pair = found == b'\r' && bytes.get(self.offset + 1) == Some(&b'\n');
            self.line += u64::from(is_break && !pair);
            self.offset += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rubric::Attribute;

    const WANTED: [Attribute; 1] = [Attribute::Realism];

    type Found = (Vec<(u64, String, Option<f64>)>, Vec<(u64, String)>);

    fn read_all(text: &str) -> Found {
        let mut sheet = Sheet::new(&WANTED);
        read(text, &mut sheet);
        let rows = sheet.rows.into_iter().map(|row| {
            let label = row.label(Attribute::Realism);
            (row.line, row.name, label)
        });
        (rows.collect(), sheet.problems.into_iter().map(|p| (p.line, p.message)).collect())
    }

    #[test]
    fn quotes_line_ends_and_empty_lines_are_read_and_lines_counted() {
        for end in ["\n", "\r\n", "\r"] {
            let text = [
                "realism,note,name",
                "",
                "3,\"a, b\",x.png",
                "",
                "",
                ",,",
                "4,\"two",
                "lines\",y",
                "1,,z",
                "",
            ];
            let (rows, problems) = read_all(&text.join(end));
            let (x, y, z) = ("x.png".to_owned(), "y".to_owned(), "z".to_owned());
            assert_eq!(rows, [(3, x, Some(3.0)), (7, y, Some(4.0)), (9, z, Some(1.0))]);
            assert_eq!(problems, []);
        }
    }

    #[test]
    fn rows_of_another_length_are_problems() {
        let (rows, problems) = read_all("name,realism\na,1\nb\nc,2,3\nd,4\n");
        assert_eq!(rows.len(), 2);
        assert_eq!(
            problems,
            [
                (3, "1 cell; expected 2, as in the header".to_owned()),
                (4, "3 cells; expected 2, as in the header".to_owned()),
            ]
        );
    }

    #[test]
    fn a_header_that_will_not_do_is_one_problem() {
        let message = |text: &str| {
            let (rows, problems) = read_all(text);
            assert_eq!(rows, []);
            let [(1, message)] = problems.as_slice() else { panic!("{problems:?}") };
            message.clone()
        };
        assert_eq!(
            message("file,age\na,2\n"),
            "no column for name, realism; found the columns 'file, age'"
        );
        assert_eq!(
            message("name;realism\na;2\n"),
            "columns are separated by semicolons; expected commas"
        );
        assert_eq!(message("name\trealism\n"), "columns are separated by tabs; expected commas");
        assert_eq!(
            message("name,realism,Realism\na,1,2\n"),
            "the column realism is there twice; expected it once"
        );
    }

    #[test]
    fn an_open_quote_does_not_swallow_rows_unseen() {
        let (rows, problems) = read_all("name,realism\n\"a,1\nb,2\n");
        assert_eq!(rows, []);
        assert_eq!(problems[0].0, 2);
    }
}
