//! Rows as they are gathered from a file, whatever its format, with all that is wrong in them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::cells::{check_name, read_label, read_split};
use super::error::{Problem, Shown};
use super::{Rating, Row};
use crate::rubric::Attribute;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    /// The picture's name.
    Name,
    /// The part of the split.
    Split,
    /// The labels of a wanted attribute.
    Label(Attribute),
    /// The labels that one rater gave; raters are counted in the order of their appearance.
    Rating(Attribute, usize),
}

/// The rows so far.
pub(super) struct Sheet<'a> {
    wanted: &'a [Attribute],
    pub rows: Vec<Row>,
    pub raters: Vec<String>,
    pub problems: Vec<Problem>,
    lines: BTreeMap<String, u64>,
}

impl<'a> Sheet<'a> {
    pub fn new(wanted: &'a [Attribute]) -> Self {
        let (rows, raters, problems) = (Vec::new(), Vec::new(), Vec::new());
        Self { wanted, rows, raters, problems, lines: BTreeMap::new() }
    }

    /// What the column of this title holds; `None` for one that is not read.
    pub fn field(&mut self, title: &str) -> Option<Field> {
        let title = title.trim();
        if title.eq_ignore_ascii_case("name") {
            return Some(Field::Name);
        } else if title.eq_ignore_ascii_case("split") {
            return Some(Field::Split);
        }
        let (attribute, rater) = match title.split_once('@') {
            Some((attribute, rater)) => (attribute, Some(rater.replace(char::is_control, " "))),
            None => (title, None),
        };
        let attribute = attribute.parse().ok().filter(|found| self.wanted.contains(found))?;
        let Some(rater) = rater else { return Some(Field::Label(attribute)) };
        let rater = Some(rater.trim()).filter(|rater| !rater.is_empty())?;
        let known = self.raters.iter().position(|name| name == rater);
        let index = known.unwrap_or_else(|| {
            self.raters.push(rater.to_owned());
            self.raters.len() - 1
        });
        Some(Field::Rating(attribute, index))
    }

    /// The title of a column, for messages.
    pub fn title(&self, field: Field) -> String {
        match field {
            Field::Name => "name".to_owned(),
            Field::Split => "split".to_owned(),
            Field::Label(attribute) => attribute.to_string(),
            Field::Rating(attribute, rater) => {
                format!("{attribute}@{}", self.raters.get(rater).map_or("", |name| name.as_str()))
            }
        }
    }

    /// The name and the wanted labels that are not among the columns; `None` if all are there.
    pub fn missing(&self, found: &[Field]) -> Option<String> {
        let labels = self.wanted.iter().map(|&attribute| Field::Label(attribute));
        let needed: Vec<Field> = [Field::Name].into_iter().chain(labels).collect();
        let missing: Vec<String> = needed
            .into_iter()
            .filter(|field| !found.contains(field))
            .map(|field| self.title(field))
            .collect();
        (!missing.is_empty()).then(|| missing.join(", "))
    }

    /// The title of a column that is there twice, if one is.
    pub fn twice(&self, found: &[Field]) -> Option<String> {
        let again = |(at, field): (usize, &Field)| found[..at].contains(field).then_some(*field);
        found.iter().enumerate().find_map(again).map(|field| self.title(field))
    }

    /// Notes what is wrong in a line.
    pub fn problem(&mut self, line: u64, message: String) {
        self.problems.push(Problem { line, message, missing_picture: false });
    }

    /// Takes the cells of one row.
    pub fn add<'t>(&mut self, line: u64, cells: impl IntoIterator<Item = (Field, &'t str)>) {
        let mut row = Row {
            name: String::new(),
            line,
            picture: PathBuf::new(),
            split: None,
            comments: Vec::new(),
            ratings: Vec::new(),
            labels: [None; Attribute::ALL.len()],
        };
        let mut wrong = Vec::new();
        for (field, text) in cells {
            let read = match field {
                Field::Name => {
                    row.name = text.trim().to_owned();
                    Ok(())
                }
                Field::Split => read_split(text).map(|split| row.split = Some(split)),
                Field::Label(attribute) => read_label(attribute.name(), text)
                    .map(|label| row.labels[attribute as usize] = label),
                Field::Rating(attribute, rater) => {
                    read_label(&self.title(field), text).map(|label| {
                        let rating = label.map(|label| Rating { attribute, rater, label });
                        row.ratings.extend(rating);
                    })
                }
            };
            wrong.extend(read.err());
        }
        let name = check_name(&row.name).and_then(|()| self.is_new(&row.name, line));
        match name {
            // Even where labels are wrong: its picture is looked for, to report all at once.
            Ok(()) => self.rows.push(row),
            Err(message) => wrong.push(message),
        }
        for message in wrong {
            self.problem(line, message);
        }
    }

    /// Refuses a name that came before.
    fn is_new(&mut self, name: &str, line: u64) -> Result<(), String> {
        match self.lines.get(name) {
            Some(first) => Err(format!("the name {} is already in line {first}", Shown(name))),
            None => {
                self.lines.insert(name.to_owned(), line);
                Ok(())
            }
        }
    }

    /// Refuses a sheet in which some rows say their part of the split and others do not.
    pub fn check_splits(&mut self) {
        if self.rows.iter().all(|row| row.split.is_none()) {
            return;
        }
        // A part that could not be read has been noted.
        let noted: BTreeSet<u64> = self.problems.iter().map(|problem| problem.line).collect();
        let without = |row: &&Row| row.split.is_none() && !noted.contains(&row.line);
        let lines: Vec<u64> = self.rows.iter().filter(without).map(|row| row.line).collect();
        for line in lines {
            self.problem(line, "split is missing, and other rows have one".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_read_in_any_case_and_unknown_ones_left_out() {
        let wanted = [Attribute::Realism, Attribute::ColorContrast];
        let mut sheet = Sheet::new(&wanted);
        assert_eq!(sheet.field(" Name "), Some(Field::Name));
        assert_eq!(sheet.field("Color Contrast"), Some(Field::Label(Attribute::ColorContrast)));
        assert_eq!(sheet.field("realism@Li"), Some(Field::Rating(Attribute::Realism, 0)));
        assert_eq!(sheet.field("realism@Wu"), Some(Field::Rating(Attribute::Realism, 1)));
        assert_eq!(
            sheet.field("color_contrast@Li"),
            Some(Field::Rating(Attribute::ColorContrast, 0))
        );
        assert_eq!(sheet.field("realism@ "), None);
        assert_eq!(sheet.field("imagination"), None);
        assert_eq!(sheet.field("age"), None);
        assert_eq!(sheet.title(Field::Rating(Attribute::Realism, 1)), "realism@Wu");
    }

    #[test]
    fn all_that_is_wrong_in_a_row_is_noted() {
        let wanted = [Attribute::Realism];
        let mut sheet = Sheet::new(&wanted);
        let label = Field::Label(Attribute::Realism);
        sheet.add(2, [(Field::Name, "a"), (label, "7"), (Field::Split, "x")]);
        sheet.add(3, [(Field::Name, "a"), (label, "")]);
        sheet.add(4, [(Field::Name, "b"), (label, "2"), (Field::Split, "val")]);
        sheet.add(5, [(Field::Name, "c"), (label, "2")]);
        sheet.check_splits();
        let found: Vec<(u64, &str)> =
            sheet.problems.iter().map(|p| (p.line, p.message.as_str())).collect();
        assert_eq!(
            found,
            [
                (2, "realism is '7'; expected a number from 1 to 5"),
                (2, "split is 'x'; expected train, valid or test"),
                (3, "the name 'a' is already in line 2"),
                (5, "split is missing, and other rows have one"),
            ]
        );
        assert_eq!(sheet.rows.len(), 3);
    }

    #[test]
    fn missing_and_doubled_columns_are_named() {
        let wanted = [Attribute::Realism, Attribute::Imagination];
        let sheet = Sheet::new(&wanted);
        let found = [Field::Label(Attribute::Realism), Field::Split];
        assert_eq!(sheet.missing(&found).unwrap(), "name, imagination");
        assert_eq!(sheet.twice(&found), None);
        assert_eq!(sheet.twice(&[Field::Split, Field::Name, Field::Split]).unwrap(), "split");
    }
}
