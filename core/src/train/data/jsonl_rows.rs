//! Sheets as JSON lines: one object a line.

use serde_json::{Map, Value};

use super::sheet::{Field, Sheet};

/// Reads the rows of a sheet; a label that is not there counts as blank.
pub(super) fn read(text: &str, sheet: &mut Sheet<'_>) {
    let mut seen: Vec<Field> = Vec::new();
    let mut last = 0;
    for (index, text) in text.lines().enumerate() {
        if text.trim().is_empty() {
            continue;
        }
        let line = index as u64 + 1;
        last = line;
        let object = match serde_json::from_str::<Map<String, Value>>(text) {
            Ok(object) => object,
            Err(error) => {
                // The reader's own line is always 1 here.
                let message = error.to_string();
                let message = message.replace(" at line 1 column ", " at column ");
                sheet.problem(line, format!("expected a JSON object: {message}"));
                continue;
            }
        };
        let mut fields = Vec::new();
        let mut cells = Vec::new();
        for (key, value) in &object {
            let Some(field) = sheet.field(key) else { continue };
            fields.push(field);
            match cell(value) {
                Ok(text) => cells.push((field, text)),
                Err(found) => {
                    let title = sheet.title(field);
                    sheet.problem(line, format!("{title} is {found}; expected text or a number"));
                }
            }
        }
        if let Some(twice) = sheet.twice(&fields) {
            sheet.problem(line, format!("{twice} is there twice; expected it once"));
        } else if cells.len() == fields.len() {
            sheet.add(line, cells.iter().map(|(field, text)| (*field, text.as_str())));
        }
        seen.extend(fields);
        seen.sort_unstable();
        seen.dedup();
    }
    // A name that is missing has been noted row by row.
    seen.push(Field::Name);
    if let Some(missing) = sheet.missing(&seen).filter(|_| last > 0) {
        sheet.problem(last, format!("no row up to here has a value for {missing}"));
    }
}

/// A value as a cell of a table holds it.
fn cell(value: &Value) -> Result<String, &'static str> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(kind(other)),
    }
}

/// What a value is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rubric::Attribute;
    use crate::train::data::Split;

    const WANTED: [Attribute; 2] = [Attribute::Realism, Attribute::Imagination];

    #[test]
    fn objects_become_rows() {
        let mut sheet = Sheet::new(&WANTED);
        let text = "{\"name\": \"a\", \"realism\": 3, \"imagination\": null, \"split\": \"val\"}\r\n\
                    \n{\"imagination\": \"2.5\", \"name\": \"b\", \"age\": [1], \"split\": \"train\"}";
        read(text, &mut sheet);
        sheet.check_splits();
        assert_eq!(sheet.problems, []);
        let [a, b] = sheet.rows.as_slice() else { panic!() };
        assert_eq!(
            (a.line, a.split, b.line, b.split),
            (1, Some(Split::Valid), 3, Some(Split::Train))
        );
        assert_eq!(a.labels[..3], [Some(3.0), None, None]);
        assert_eq!(b.labels[..3], [None, None, Some(2.5)]);
    }

    #[test]
    fn what_is_no_row_is_a_problem() {
        let mut sheet = Sheet::new(&WANTED);
        read("[1]\n{\"name\": \"a\", \"realism\": true}\n{\"realism\": 9}\n{\"name\"", &mut sheet);
        let found: Vec<String> =
            sheet.problems.iter().map(|p| format!("{}: {}", p.line, p.message)).collect();
        assert!(found[0].starts_with("1: expected a JSON object: invalid type"), "{found:?}");
        assert_eq!(found[1], "2: realism is true or false; expected text or a number");
        assert_eq!(found[2], "3: realism is '9'; expected a number from 1 to 5");
        assert_eq!(found[3], "3: the name is empty; expected a picture's file name");
        assert!(found[4].starts_with("4: expected a JSON object: EOF"), "{found:?}");
        assert_eq!(found[5], "4: no row up to here has a value for imagination");
        assert_eq!(found.len(), 6);
    }
}
