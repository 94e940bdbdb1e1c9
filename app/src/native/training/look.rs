//! What needs no model to be loaded: data sets, plans, runs and small pictures.

use std::path::PathBuf;

use easel_core::Image;
use easel_core::assess::read_config;
use easel_core::prompt::{MAX_TOKENIZER, Tokenizer};
use easel_core::rubric::Attribute;
use easel_core::train::TrainError;
use easel_core::train::data::{DataError, DataOptions, Dataset, Problem};
use easel_core::train::look::Look;
use pollster::block_on;

use crate::native::{memory, model};
use crate::training::{
    Ask, Checked, DataFiles, Found, Memory, Order, PickedRow, Sheets, Tail, Tell, Wanted, planned,
    remembered,
};
use crate::ui::Preview;

/// The longest side of a small picture, in pixels.
const SMALL: u32 = 160;

/// The thread's state: the run that is followed.
#[derive(Default)]
pub(super) struct Lookout {
    followed: Option<(PathBuf, Tail, Option<Look>)>,
}

impl Lookout {
    pub(super) fn answer(&mut self, ask: &Ask, tell: &mut dyn FnMut(Tell)) {
        match ask {
            Ask::Check(files) => tell(Tell::Checked(check(files))),
            Ask::Memory(wanted) => tell(Tell::Memory(plan(wanted))),
            Ask::Find(folder) => {
                let found = Look::all(folder).into_iter().map(|look| {
                    let mut tail = Tail::new(&look.metrics());
                    tail.look();
                    found(look, &tail)
                });
                tell(Tell::Found(found.collect()));
            }
            Ask::Follow(path) => {
                let tail = Tail::new(&path.join("metrics.jsonl"));
                self.followed = Some((path.clone(), tail, None));
                self.again(tell);
            }
            _ => {}
        }
    }

    /// Tells of the run that is followed, where it changed.
    pub(super) fn again(&mut self, tell: &mut dyn FnMut(Tell)) {
        let Some((path, tail, before)) = &mut self.followed else { return };
        let now = Look::at(path);
        let grown = tail.look();
        if let Some(look) = now.clone().filter(|_| grown || now != *before) {
            tell(Tell::Followed(Box::new(found(look, tail))));
        }
        *before = now;
    }
}

fn found(look: Look, tail: &Tail) -> Found {
    let files = remembered(&look.path).filter(|files| files.sheet.is_file());
    Found { look, curves: tail.curves().to_vec(), files }
}

/// Reads a sheet so that missing pictures and blanks are seen, whatever a run would make of them.
fn check(files: &DataFiles) -> Result<Checked, String> {
    let mut options = DataOptions {
        skip_missing: true,
        comments: files.comments.clone(),
        ..DataOptions::default()
    };
    let mut read = Dataset::from_csv(&files.sheet, &files.images, &options);
    if let Err(DataError::Problems { problems, .. }) = &read
        && let Some(there) = columns_there(problems)
    {
        options.attributes = there;
        read = Dataset::from_csv(&files.sheet, &files.images, &options);
    }
    let sheet = match read {
        Ok(sheet) => sheet,
        Err(DataError::Problems { problems, .. }) => {
            return Ok(Checked { report: None, rows: Vec::new(), problems });
        }
        Err(error) => return Err(error.to_string()),
    };
    let problems = match sheet.check_pictures() {
        Ok(()) => Vec::new(),
        Err(DataError::Problems { problems, .. }) => problems,
        Err(error) => return Err(error.to_string()),
    };
    let rows = sheet.rows().iter().map(|row| PickedRow {
        name: row.name.clone(),
        picture: row.picture.clone(),
        labels: Attribute::ALL.map(|attribute| row.label(attribute)),
    });
    Ok(Checked { report: Some(sheet.report().clone()), rows: rows.collect(), problems })
}

/// The attributes that a sheet has columns for, where it lacks some: one is enough to train.
fn columns_there(problems: &[Problem]) -> Option<Vec<Attribute>> {
    let [problem] = problems else { return None };
    let (missing, _) = problem.message.strip_prefix("no column for ")?.split_once(';')?;
    let missing: Vec<&str> = missing.split(", ").collect();
    let there = Attribute::ALL.into_iter().filter(|attribute| !missing.contains(&attribute.name()));
    let there: Vec<_> = there.collect();
    (!there.is_empty() && !missing.contains(&"name")).then_some(there)
}

/// Reads the sheets as the run will, and plans it.
fn plan(wanted: &Wanted) -> Result<Memory, String> {
    let order = order(wanted).map_err(|error| error.to_string())?;
    order.check().map_err(|error| error.to_string())?;
    let files = model::files(&wanted.base.model).map_err(|fault| fault.message)?;
    let of_core = |error: easel_core::Error| error.to_string();
    let config = block_on(read_config(files.model.as_ref())).map_err(of_core)?;
    let bytes = block_on(files.model.read_all("tokenizer.json", MAX_TOKENIZER));
    let bytes = bytes.map_err(|error| error.to_string())?;
    let tokenizer = Tokenizer::from_bytes(&bytes).map_err(|error| error.to_string())?;
    let data = order.sheets.data(&order.jobs);
    let planned = planned(&config, &tokenizer, &order.settings, &data, files.weights);
    let planned = planned.map_err(|error| error.to_string())?;
    Ok(Memory { planned, machine: memory::total() })
}

/// The run that is wanted, with its sheets read.
pub(super) fn order(wanted: &Wanted) -> Result<Order, TrainError> {
    let Wanted { files, settings, jobs, base, out, resume } = wanted;
    settings.validate()?;
    let jobs = jobs.list(settings);
    let sheets = Sheets::read(files, settings, &jobs, &mut |_| {})?;
    let model = match &base.model {
        crate::ui::ModelChoice::Demo => easel_core::demo::NAME.to_owned(),
        crate::ui::ModelChoice::Folder(folder) => folder.clone(),
        crate::ui::ModelChoice::Hub { id, .. } => id.clone(),
    };
    let (settings, out, resume) = (settings.clone(), out.clone(), *resume);
    Ok(Order { settings, jobs, sheets, model, out, resume })
}

/// Decodes a picture and makes it small.
pub(super) fn small(ask: &Ask, tell: &mut dyn FnMut(Tell)) {
    if let Ask::Small(path) = ask {
        tell(Tell::Small(path.clone(), shrunk(path)));
    }
}

fn shrunk(path: &std::path::Path) -> Option<Preview> {
    let image = Image::decode(&std::fs::read(path).ok()?).ok()?;
    let longest = image.width().max(image.height());
    let side = |side: u32| (u64::from(side) * u64::from(SMALL) / u64::from(longest)).max(1) as u32;
    let image = match longest > SMALL {
        true => image.resize(side(image.width()), side(image.height())).ok()?,
        false => image,
    };
    let (width, height) = (image.width(), image.height());
    Some(Preview { width, height, rgb: image.into_rgb() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use easel_core::drawings::write_dataset;

    fn checked(change: impl FnOnce(&std::path::Path)) -> Result<Checked, String> {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        write_dataset(&data, 4, 1, &mut |_| {}).unwrap();
        change(&data);
        check(&DataFiles {
            sheet: data.join("annotations.csv"),
            images: data.join("images"),
            ..DataFiles::default()
        })
    }

    fn sheet(data: &std::path::Path, change: impl Fn(&str) -> String) {
        let path = data.join("annotations.csv");
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.lines().map(change).collect();
        std::fs::write(path, lines.join("\n") + "\n").unwrap();
    }

    #[test]
    fn blanks_and_missing_pictures_are_seen() {
        let found = checked(|data| {
            let picture = std::fs::read_dir(data.join("images")).unwrap().next().unwrap().unwrap();
            std::fs::remove_file(picture.path()).unwrap();
            // The label of the first attribute goes away in every row.
            sheet(data, |line| {
                let cells: Vec<_> = line.split(',').collect();
                match cells[0] {
                    "name" => line.to_owned(),
                    name => [&[name, ""], &cells[2..]].concat().join(","),
                }
            });
        })
        .unwrap();
        assert_eq!((found.rows.len(), found.problems.len()), (3, 0));
        assert_eq!(found.report.unwrap().missing.len(), 1);
        assert!(found.rows.iter().all(|row| row.has_blank() && row.labels[0].is_none()));
        let small = shrunk(&found.rows[0].picture);
        assert!(small.is_none(), "the folder is gone");
    }

    #[test]
    fn a_sheet_of_one_attribute_will_do_and_what_is_wrong_is_named() {
        let found = checked(|data| {
            sheet(data, |line| line.split(',').take(2).collect::<Vec<_>>().join(","));
        });
        assert_eq!(found.unwrap().report.unwrap().attributes.len(), 1);
        let found = checked(|data| sheet(data, |line| line.replace(',', ",9"))).unwrap();
        assert!(found.report.is_none() && !found.problems.is_empty(), "{found:?}");
        let missing = checked(|data| std::fs::remove_dir_all(data).unwrap()).unwrap_err();
        assert!(missing.contains("annotations.csv: cannot be read"), "{missing}");
    }
}
