//! Reading the published file, so that what is wrong is told by model, image and attribute.

use super::node::Node;
use super::predictions::ROOT;
use super::{Entry, Table, TableError};
use crate::rubric::{Attribute, SCALE};

/// How far from 1 the sum of five rounded probabilities may be.
const SUM_TOLERANCE: f64 = 0.01;

const FILE: &str =
    r#"{"ArtEdu": {MODEL: {IMAGE: {ATTRIBUTE: {"original": 4, "predicted": 3.62}}}}}"#;

/// The models of a file in their order.
pub(super) fn models(bytes: &[u8]) -> Result<Vec<(String, Table)>, TableError> {
    // Some editors put a mark before the text.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let file: Node = serde_json::from_slice(bytes).map_err(|error| {
        let python = bytes.windows(3).any(|word| word == b"NaN");
        let hint = if python { "; NaN is no JSON, a blank is null" } else { "" };
        TableError::Json(format!("{error}{hint}"))
    })?;
    let (found, entries) = (file.to_string(), entries(file, "", FILE)?);
    let Some((_, root)) = entries.into_iter().find(|(name, _)| name == ROOT) else {
        return Err(shape("", FILE, found));
    };
    let mut models: Vec<(String, Table)> = Vec::new();
    for (model, images) in self::entries(root, "", FILE)? {
        if models.iter().any(|(there, _)| *there == model) {
            return Err(twice("", model));
        }
        let table = table(images, &format!("model '{model}'"))?;
        models.push((model, table));
    }
    Ok(models)
}

fn table(images: Node, place: &str) -> Result<Table, TableError> {
    let mut table = Table::new();
    for (image, scores) in entries(images, place, "{IMAGE: {ATTRIBUTE: ..}}")? {
        if !table.add(&image) {
            return Err(twice(place, image));
        }
        let place = format!("{place}, image '{image}'");
        for (name, scores) in entries(scores, &place, "{ATTRIBUTE: {\"original\": 4, ..}}")? {
            let attribute: Attribute = name
                .parse()
                .map_err(|error| TableError::Attribute { place: before(&place), error })?;
            let entry = entry(scores, &format!("{place}, attribute '{name}'"))?;
            if table.set(&image, attribute, entry).is_some() {
                return Err(twice(&place, name));
            }
        }
    }
    Ok(table)
}

fn entry(scores: Node, place: &str) -> Result<Entry, TableError> {
    let mut entry = Entry::default();
    for (name, value) in entries(scores, place, "{\"original\": 4, \"predicted\": 3.62}")? {
        match name.as_str() {
            "original" => entry.original = label(&value, place, "the original")?,
            "predicted" => {
                entry.predicted = number(&value, place, "a number or null as 'predicted'")?;
            }
            "probabilities" => entry.probabilities = probabilities(&value, place)?,
            "raters" if value != Node::Null => {
                for (rater, value) in entries(value, place, "{RATER: 4, ..} as 'raters'")? {
                    let score = label(&value, place, &format!("the score by '{rater}'"))?;
                    entry.raters.extend(score.map(|score| (rater, score)));
                }
            }
            _ => {}
        }
    }
    Ok(entry)
}

/// A teacher's score.
fn label(value: &Node, place: &str, what: &str) -> Result<Option<f64>, TableError> {
    let score = number(value, place, "a number from 1 to 5 or null as a teacher's score")?;
    let scale = f64::from(*SCALE.start())..=f64::from(*SCALE.end());
    match score {
        Some(value) if !scale.contains(&value) => {
            Err(TableError::Label { place: before(place), what: what.to_owned(), value })
        }
        score => Ok(score),
    }
}

fn number(value: &Node, place: &str, expected: &'static str) -> Result<Option<f64>, TableError> {
    match value {
        Node::Null => Ok(None),
        Node::Number(value) => Ok(Some(*value)),
        other => Err(shape(place, expected, other.to_string())),
    }
}

fn probabilities(value: &Node, place: &str) -> Result<Option<[f64; 5]>, TableError> {
    const EXPECTED: &str = "5 probabilities with the sum 1";
    let items = match value {
        Node::Null => return Ok(None),
        Node::List(items) => items,
        other => return Err(shape(place, EXPECTED, other.to_string())),
    };
    let numbers: Option<Vec<f64>> = items
        .iter()
        .map(|item| match item {
            Node::Number(value) if *value >= 0.0 => Some(*value),
            _ => None,
        })
        .collect();
    let Some(Ok(numbers)) = numbers.map(<[f64; 5]>::try_from) else {
        return Err(shape(place, EXPECTED, value.to_string()));
    };
    let sum: f64 = numbers.iter().sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(shape(place, EXPECTED, format!("the sum {sum:.3}")));
    }
    Ok(Some(numbers))
}

fn entries(
    node: Node,
    place: &str,
    expected: &'static str,
) -> Result<Vec<(String, Node)>, TableError> {
    match node {
        Node::Map(entries) => Ok(entries),
        other => Err(shape(place, expected, other.to_string())),
    }
}

fn shape(place: &str, expected: &'static str, found: String) -> TableError {
    TableError::Shape { place: before(place), expected, found }
}

fn twice(place: &str, name: String) -> TableError {
    TableError::Twice { place: before(place), name }
}

/// A place as a message begins with it.
fn before(place: &str) -> String {
    if place.is_empty() { String::new() } else { format!("{place}: ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(entry: &str) -> String {
        format!(r#"{{"ArtEdu": {{"m": {{"a.png": {{"realism": {entry}}}}}}}}}"#)
    }

    fn message(json: &str) -> String {
        models(json.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn blanks_null_or_left_out_are_none_and_other_names_are_passed_over() {
        let json = r#"{"note": 1, "ArtEdu": {"b": {"z": {}, "a": {
            "realism": {"original": 4, "predicted": 3.62, "reason": "bold"},
            "Line Texture": {"original": null},
            "deformation": {"predicted": 7, "raters": null, "probabilities": null}}}, "a": {}}}"#;
        let models = models(format!("\u{feff}{json}").as_bytes()).unwrap();
        let names: Vec<_> = models.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["b", "a"]);
        let table = &models[0].1;
        assert_eq!(table.images().collect::<Vec<_>>(), ["a", "z"]);
        let entry = |attribute| table.get("a", attribute).cloned();
        assert_eq!(entry(Attribute::Realism), Some(Entry::new(Some(4.0), Some(3.62))));
        assert_eq!(entry(Attribute::LineTexture), Some(Entry::default()));
        assert_eq!(entry(Attribute::Deformation), Some(Entry::new(None, Some(7.0))));
        assert_eq!(entry(Attribute::Imagination), None);
    }

    #[test]
    fn messages_name_the_place_and_what_was_expected() {
        let place = "model 'm', image 'a.png', attribute 'realism': ";
        for (entry, expected) in [
            (r#"{"original": 6}"#, "the original is 6; expected 1 to 5, or null for a blank"),
            (r#"{"original": 0.5}"#, "the original is 0.5; expected 1 to 5"),
            (r#"{"original": "4"}"#, "expected a number from 1 to 5 or null as a teacher's score"),
            (r#"{"predicted": "4"}"#, "expected a number or null as 'predicted', found the text"),
            (r#"{"probabilities": [1, 0]}"#, "with the sum 1, found a list of 2"),
            (r#"{"probabilities": [1, 0, 0, 0, 1]}"#, "with the sum 1, found the sum 2.000"),
            (r#"{"probabilities": [2, -1, 0, 0, 0]}"#, "with the sum 1, found a list of 5"),
            (r#"{"raters": {"anna": 9}}"#, "the score by 'anna' is 9; expected 1 to 5"),
            (r#"{"raters": [4]}"#, "expected {RATER: 4, ..} as 'raters', found a list of 1"),
            ("3.5", r#"expected {"original": 4, "predicted": 3.62}, found 3.5"#),
        ] {
            let message = message(&wrapped(entry));
            assert!(message.starts_with(place) && message.contains(expected), "{message}");
        }
    }

    #[test]
    fn other_shapes_and_names_are_told() {
        for (json, expected) in [
            ("", "expected JSON: EOF"),
            ("{\"ArtEdu\": {", "expected JSON: EOF"),
            (r#"{"ArtEdu": NaN}"#, "NaN is no JSON, a blank is null"),
            ("[]", "predicted\": 3.62}}}}}, found a list of 0"),
            ("{\"artedu\": {}}", "3.62}}}}}, found an object that begins with 'artedu'"),
            (r#"{"ArtEdu": 3}"#, "3.62}}}}}, found 3"),
            (r#"{"ArtEdu": {"m": 3}}"#, "model 'm': expected {IMAGE: {ATTRIBUTE: ..}}, found 3"),
            (r#"{"ArtEdu": {"m": {"a": 3}}}"#, "image 'a': expected {ATTRIBUTE: "),
            (r#"{"ArtEdu": {"m": {"a": {"mood": {}}}}}"#, "image 'a': 'mood' is no attribute"),
            (r#"{"ArtEdu": {"m": {}, "m": {}}}"#, "'m' is there twice"),
            (r#"{"ArtEdu": {"m": {"a": {}, "a": {}}}}"#, "model 'm': 'a' is there twice"),
            (
                r#"{"ArtEdu": {"m": {"a": {"realism": {}, "Realism": {}}}}}"#,
                "model 'm', image 'a': 'Realism' is there twice",
            ),
        ] {
            let message = message(json);
            assert!(message.contains(expected), "{message}");
            assert!(!message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn a_deep_file_is_an_error_and_no_overflow() {
        assert!(message(&"[".repeat(1 << 20)).starts_with("expected JSON: recursion limit"));
    }
}
