//! The comments' file: `{"ArtEdu": {MODEL: {IMAGE: {"generated_comment_1": "…", …}}}}`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::jsonl_rows::kind;
use super::{DataError, Row, read_text};

/// The name that the published file has at its top.
const TOP: &str = "ArtEdu";

/// Gives rows their comments, in the order of models and keys; returns how many of the file's
/// images are not in the sheet.
///
/// # Errors
/// When the file cannot be read or has another structure.
pub(super) fn attach(rows: &mut [Row], folder: &Path, file: &Path) -> Result<usize, DataError> {
    let text = read_text(file)?;
    let json: Value = serde_json::from_str(&text).map_err(|error| DataError::CommentsJson {
        file: file.display().to_string(),
        message: error.to_string(),
    })?;
    let comments = collect(&file.display().to_string(), &json)?;
    let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        // With the ending that the sheet may leave out.
        let found = row.picture.strip_prefix(folder).unwrap_or(&row.picture);
        by_name.insert(found.to_string_lossy().into_owned(), index);
    }
    by_name.extend(rows.iter().enumerate().map(|(index, row)| (row.name.clone(), index)));
    let mut strangers = 0;
    for (image, texts) in comments {
        match by_name.get(image.as_str()).and_then(|&index| rows.get_mut(index)) {
            Some(row) => row.comments.extend(texts),
            None => strangers += 1,
        }
    }
    Ok(strangers)
}

/// All comments of each image.
fn collect(file: &str, json: &Value) -> Result<BTreeMap<String, Vec<String>>, DataError> {
    let mut comments: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let top = object(file, &[], json)?;
    let models = match top.get(TOP) {
        Some(models) => sorted(object(file, &[TOP], models)?),
        None => return Err(wrong(file, &[], "an object without \"ArtEdu\"", "that name")),
    };
    for (model, images) in models {
        for (image, entry) in sorted(object(file, &[TOP, model], images)?) {
            let texts = comments.entry(image.clone()).or_default();
            for (key, value) in sorted(object(file, &[TOP, model, image], entry)?) {
                let text = match value {
                    Value::String(text) => text.trim(),
                    // Others may keep a number there.
                    _ if key == "gold_label" => continue,
                    _ if !is_comment(key) => continue,
                    Value::Null => continue,
                    other => {
                        return Err(wrong(file, &[TOP, model, image, key], kind(other), "text"));
                    }
                };
                if is_comment(key) && !text.is_empty() {
                    texts.push(text.to_owned());
                }
            }
        }
    }
    Ok(comments)
}

/// Whether a member holds a comment; the teacher's own, the published code calls `gold_label`.
fn is_comment(key: &str) -> bool {
    key.starts_with("generated_comment") || matches!(key, "comment" | "gold_label")
}

/// Members in the order of their names, whatever order the reader keeps.
fn sorted(object: &Map<String, Value>) -> BTreeMap<&String, &Value> {
    object.iter().collect()
}

fn object<'a>(
    file: &str,
    place: &[&str],
    value: &'a Value,
) -> Result<&'a Map<String, Value>, DataError> {
    value.as_object().ok_or_else(|| wrong(file, place, kind(value), "an object"))
}

fn wrong(file: &str, place: &[&str], found: &'static str, expected: &'static str) -> DataError {
    let place = if place.is_empty() { "the top".to_owned() } else { place.join(" / ") };
    let place = place.replace(char::is_control, " ");
    DataError::Comments { file: file.to_owned(), place, found, expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect_text(text: &str) -> Result<BTreeMap<String, Vec<String>>, DataError> {
        collect("c.json", &serde_json::from_str(text).unwrap())
    }

    #[test]
    fn comments_come_in_the_order_of_their_keys() {
        let text = r#"{"ArtEdu": {"M": {
            "a.png": {"generated_comment_2": "two", "gold_label": "teacher",
                      "generated_comment_1": " one ", "score": 3, "generated_comment_3": null},
            "b.png": {"gold_label": 4, "comment": "own", "generated_comment": ""}}}}"#;
        let comments = collect_text(text).unwrap();
        assert_eq!(comments["a.png"], ["one", "two", "teacher"]);
        assert_eq!(comments["b.png"], ["own"]);
    }

    #[test]
    fn another_structure_is_named_with_its_place() {
        let message = |text| collect_text(text).unwrap_err().to_string();
        assert_eq!(message("[]"), "c.json: the top is a list; expected an object");
        assert_eq!(
            message("{}"),
            "c.json: the top is an object without \"ArtEdu\"; expected that name"
        );
        assert_eq!(
            message(r#"{"ArtEdu": {"M": {"a": "text"}}}"#),
            "c.json: ArtEdu / M / a is text; expected an object"
        );
        assert_eq!(
            message(r#"{"ArtEdu": {"M": {"a": {"generated_comment_1": 5}}}}"#),
            "c.json: ArtEdu / M / a / generated_comment_1 is a number; expected text"
        );
    }
}
