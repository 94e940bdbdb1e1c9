//! Data sets: a sheet of labels (CSV or JSON lines), a folder of pictures, and comments.
//!
//! Everything is checked before anything is returned, and all that is wrong is said at once, with
//! line numbers. Pictures are looked for, but not decoded here.

mod cells;
mod comments;
mod csv_rows;
mod error;
mod jsonl_rows;
mod pictures;
pub(crate) mod random;
mod report;
mod sheet;
mod split;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

pub use cells::Split;
pub use error::{DataError, Problem};
pub use report::{AttributeCounts, DataReport};
use sheet::Sheet;

use crate::rubric::Attribute;

/// The largest sheet or comments' file that is read, in bytes.
const MAX_BYTES: u64 = 512 << 20;

/// What to read and how.
#[derive(Debug, Clone, PartialEq)]
pub struct DataOptions {
    /// The attributes whose columns must be there; other columns are not read.
    pub attributes: Vec<Attribute>,
    /// The label that blanks count as (the published code's is 3); `None` leaves them blank.
    pub blank_as: Option<f64>,
    /// Whether rows without a picture are left out; otherwise they are an error.
    pub skip_missing: bool,
    /// The comments' file.
    pub comments: Option<PathBuf>,
}

impl Default for DataOptions {
    /// All nine attributes, blanks skipped, missing pictures an error, no comments.
    fn default() -> Self {
        let attributes = Attribute::ALL.to_vec();
        Self { attributes, blank_as: None, skip_missing: false, comments: None }
    }
}

/// A label that one of several raters gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rating {
    /// Of which attribute.
    pub attribute: Attribute,
    /// Who: an index into [`Dataset::raters`].
    pub rater: usize,
    /// From 1 to 5.
    pub label: f64,
}

/// One drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The name as the sheet spells it.
    pub name: String,
    /// The line of the sheet, from 1.
    pub line: u64,
    /// The picture's file.
    pub picture: PathBuf,
    /// The part of the split, where the sheet says it.
    pub split: Option<Split>,
    /// What was written about it, if anything.
    pub comments: Vec<String>,
    /// What single raters said, where the sheet has it (columns `ATTRIBUTE@RATER`).
    pub ratings: Vec<Rating>,
    /// By attribute, in the published order.
    labels: [Option<f64>; Attribute::ALL.len()],
}

impl Row {
    /// The label of an attribute, from 1 to 5; `None` where it is blank or was not asked for.
    pub fn label(&self, attribute: Attribute) -> Option<f64> {
        self.labels[attribute as usize]
    }
}

/// Drawings with labels, all checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    rows: Vec<Row>,
    raters: Vec<String>,
    report: DataReport,
}

impl Dataset {
    /// Reads a sheet: JSON lines where the file's name ends in `.jsonl`, else CSV with a header.
    ///
    /// # Errors
    /// When a file cannot be read, or with every problem of the sheet at once.
    pub fn from_csv(csv: &Path, images: &Path, options: &DataOptions) -> Result<Self, DataError> {
        let file = csv.display().to_string();
        if let Some(found) = options.blank_as.filter(|&label| !cells::is_label(label)) {
            return Err(DataError::BlankAs { found });
        }
        let text = read_text(csv)?;
        if !images.is_dir() {
            return Err(DataError::NoFolder { folder: images.display().to_string() });
        }
        let mut sheet = Sheet::new(&options.attributes);
        match csv.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("jsonl")) {
            true => jsonl_rows::read(&text, &mut sheet),
            false => csv_rows::read(&text, &mut sheet),
        }
        sheet.check_splits();
        let Sheet { mut rows, raters, mut problems, .. } = sheet;
        let missing = pictures::locate(&mut rows, images, options.skip_missing, &mut problems);
        refuse(&file, problems)?;
        if rows.is_empty() {
            let found = match missing.is_empty() {
                true => "there is no row",
                false => "none of its pictures is there",
            };
            return Err(DataError::NoRows { file, found });
        }
        let strangers = match &options.comments {
            Some(comments) => comments::attach(&mut rows, images, comments)?,
            None => 0,
        };
        let counts = |&attribute: &Attribute| AttributeCounts::of(attribute, &rows);
        let report = DataReport {
            file,
            rows: rows.len(),
            missing,
            attributes: options.attributes.iter().map(counts).collect(),
            blank_as: options.blank_as,
            commented: rows.iter().filter(|row| !row.comments.is_empty()).count(),
            strangers,
        };
        for row in &mut rows {
            for &attribute in &options.attributes {
                let label = &mut row.labels[attribute as usize];
                *label = label.or(options.blank_as);
            }
        }
        Ok(Self { rows, raters, report })
    }

    /// Checks by their headers that all pictures can be read; cheap, and sees no damage beyond.
    ///
    /// # Errors
    /// With every picture that is none, or is too large.
    pub fn check_pictures(&self) -> Result<(), DataError> {
        refuse(self.file(), self.rows.iter().filter_map(pictures::look).collect())
    }

    /// The sheet's file.
    pub fn file(&self) -> &str {
        &self.report.file
    }

    /// All drawings, in the sheet's order.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// A row's label; `None` too where there is no such row.
    pub fn label(&self, row: usize, attribute: Attribute) -> Option<f64> {
        self.rows.get(row).and_then(|row| row.label(attribute))
    }

    /// The rows that have a label for an attribute, as indices.
    pub fn rows_with(&self, attribute: Attribute) -> Vec<usize> {
        (0..self.rows.len()).filter(|&row| self.label(row, attribute).is_some()).collect()
    }

    /// The names of single raters; empty where the sheet has none.
    pub fn raters(&self) -> &[String] {
        &self.raters
    }

    /// Whether the sheet has a column `split`.
    pub fn has_split(&self) -> bool {
        self.rows.iter().any(|row| row.split.is_some())
    }

    /// Counts of what was read.
    pub fn report(&self) -> &DataReport {
        &self.report
    }
}

/// An error with these problems, by line, if there are any.
fn refuse(file: &str, mut problems: Vec<Problem>) -> Result<(), DataError> {
    problems.sort_by_key(|problem| problem.line);
    match problems.is_empty() {
        true => Ok(()),
        false => Err(DataError::Problems { file: file.to_owned(), problems }),
    }
}

/// The text of a file, without a byte-order mark.
fn read_text(path: &Path) -> Result<String, DataError> {
    let file = || path.display().to_string();
    let failed = |error| DataError::Io { file: file(), error };
    let found = fs::metadata(path).map_err(failed)?;
    if !found.is_file() {
        // Reading a pipe would wait for a writer.
        let error = std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a file");
        return Err(failed(error));
    }
    if found.len() > MAX_BYTES {
        return Err(DataError::TooLarge { file: file(), bytes: found.len(), limit: MAX_BYTES });
    }
    let text = String::from_utf8(fs::read(path).map_err(failed)?).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
        let message = "not UTF-8 text; expected plain text, saved as UTF-8".to_owned();
        let problems = vec![Problem { line, message, missing_picture: false }];
        DataError::Problems { file: file(), problems }
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}
