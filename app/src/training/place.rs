//! Where a run's data lies, as its folder tells.

use std::io;
use std::path::{Path, PathBuf, absolute};

use easel_core::train::TrainError;
use easel_core::train::output::write_atomic;
use easel_core::train::run::RunFolder;

use super::data::DataFiles;

/// The file in a run's folder. Earlier runs have none.
const FILE: &str = "data.json";

/// Writes down in a run's folder where its data lies, with whole paths: whoever goes on with it may
/// stand elsewhere.
///
/// # Errors
/// When the file cannot be written.
pub fn remember(run: &RunFolder, files: &DataFiles) -> Result<(), TrainError> {
    let whole = |path: &Path| -> io::Result<PathBuf> { absolute(path) };
    let refuse = |error: io::Error| TrainError::Run {
        path: run.path().join(FILE),
        reason: format!("cannot be written: {error}"),
    };
    let some = |path: &Option<PathBuf>| path.as_deref().map(whole).transpose();
    let files = DataFiles {
        sheet: whole(&files.sheet).map_err(refuse)?,
        images: whole(&files.images).map_err(refuse)?,
        valid: some(&files.valid).map_err(refuse)?,
        comments: some(&files.comments).map_err(refuse)?,
        ..files.clone()
    };
    if remembered(run.path()).as_ref() == Some(&files) {
        // Jobs of one run share its folder, and mostly its data.
        return Ok(());
    }
    // Paths, flags and numbers only; a path that is no Unicode is not written.
    let Ok(json) = serde_json::to_vec_pretty(&files) else { return Ok(()) };
    Ok(write_atomic(&run.path().join(FILE), &json)?)
}

/// Where the data of a run lies; `None` where its folder does not tell.
#[must_use]
pub fn remembered(run: &Path) -> Option<DataFiles> {
    serde_json::from_slice(&std::fs::read(run.join(FILE)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use easel_core::train::settings::TrainSettings;

    #[test]
    fn whole_paths_are_remembered_and_what_is_no_such_file_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::open(folder.path(), &TrainSettings::default()).unwrap();
        assert_eq!(remembered(run.path()), None);
        let mut files = DataFiles {
            sheet: "sheet.csv".into(),
            images: folder.path().join("pictures"),
            comments: Some("./said.json".into()),
            blank_as: Some(3.0),
            ..DataFiles::default()
        };
        remember(&run, &files).unwrap();
        let here = std::env::current_dir().unwrap();
        let found = remembered(run.path()).unwrap();
        assert_eq!((found.sheet, found.images), (here.join("sheet.csv"), files.images.clone()));
        assert_eq!((found.comments, found.valid), (Some(here.join("said.json")), None));
        assert_eq!((found.blank_as, found.skip_missing), (Some(3.0), false));
        files.sheet = "/elsewhere/sheet.csv".into();
        remember(&run, &files).unwrap();
        assert_eq!(remembered(run.path()).unwrap().sheet, files.sheet);
        // It is a run's folder still.
        RunFolder::open(folder.path(), &TrainSettings::default()).unwrap();
        std::fs::write(folder.path().join(FILE), "{").unwrap();
        assert_eq!(remembered(run.path()), None);
    }
}
