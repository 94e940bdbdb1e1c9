//! The models that the named files hold.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use easel_core::metrics::{Predictions, Table};

use crate::failure::Failure;
use crate::file;

/// The largest file of predictions, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// A model as a file holds it.
#[derive(Debug)]
pub struct Loaded {
    /// Its name; with the file's where several have one name.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// Its scores and the teachers'.
    pub table: Table,
}

/// All models of all files in their order.
pub fn all(files: &[PathBuf]) -> Result<Vec<Loaded>, Failure> {
    let mut models = Vec::new();
    let mut seen = Vec::new();
    for file in files {
        let real = fs::canonicalize(file).map_err(Failure::io(file, "cannot be read"))?;
        if seen.contains(&real) {
            return Err(Failure::file(file, "the file is named twice"));
        }
        seen.push(real);
        models.extend(read(file)?);
    }
    let short = |file: &Path| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    tell_apart(&mut models, |model| format!("{} ({})", model.name, short(&model.file)));
    // Files of one name in two folders.
    tell_apart(&mut models, |model| format!("{} ({})", model.name, model.file.display()));
    Ok(models)
}

fn read(file: &Path) -> Result<Vec<Loaded>, Failure> {
    let bytes = file::read(file, "JSON", MAX_BYTES)?;
    let models = Predictions::from_json(&bytes)
        .map_err(|error| Failure::file(file, error.to_string()))?
        .models;
    if models.is_empty() {
        return Err(Failure::file(file, "expected a model under 'ArtEdu', found none"));
    }
    let loaded = models.into_iter().map(|(name, table)| {
        let pairs: usize = table.attributes().iter().map(|a| table.pairs(*a).count()).sum();
        if pairs == 0 {
            let message = format!(
                "model '{name}': expected pictures with 'original' and 'predicted', found \
                 none among {}",
                table.len()
            );
            return Err(Failure::file(file, message));
        }
        Ok(Loaded { name, file: file.to_owned(), table })
    });
    loaded.collect()
}

/// Gives models that share a name another one.
fn tell_apart(models: &mut [Loaded], name: impl Fn(&Loaded) -> String) {
    let mut counts = BTreeMap::new();
    for model in models.iter() {
        *counts.entry(model.name.clone()).or_insert(0) += 1;
    }
    for model in models {
        if counts.get(&model.name).is_some_and(|count| *count > 1) {
            model.name = name(model);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(model: &str) -> String {
        format!(r#""{model}": {{"a.png": {{"realism": {{"original": 4, "predicted": 3.62}}}}}}"#)
    }

    fn write(path: &Path, models: &[&str]) -> PathBuf {
        let models: Vec<_> = models.iter().map(|model| entry(model)).collect();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{{\"ArtEdu\": {{{}}}}}", models.join(", "))).unwrap();
        path.to_owned()
    }

    #[test]
    fn models_of_one_name_get_their_files_names() {
        let folder = tempfile::tempdir().unwrap();
        let a = write(&folder.path().join("a.json"), &["m", "n"]);
        let b = write(&folder.path().join("b.json"), &["m"]);
        let names = |files: &[PathBuf]| -> Vec<String> {
            all(files).unwrap().into_iter().map(|model| model.name).collect()
        };
        assert_eq!(names(std::slice::from_ref(&a)), ["m", "n"]);
        assert_eq!(names(&[a.clone(), b]), ["m (a.json)", "n", "m (b.json)"]);
        let other = write(&folder.path().join("sub/a.json"), &["n"]);
        let names = names(&[a, other]);
        assert!(names[1].starts_with("n (a.json) (/") && names[2].contains("sub/a.json)"));
    }

    #[test]
    fn what_is_wrong_is_told_with_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let image = |entry: &str| format!("{{\"ArtEdu\": {{\"m\": {{\"a.png\": {entry}}}}}}}");
        for (text, expected) in [
            ("Dear diary", "expected JSON: "),
            ("{}", "expected {\"ArtEdu\": {MODEL: {IMAGE: "),
            ("{\"ArtEdu\": {}}", "expected a model under 'ArtEdu', found none"),
            ("{\"ArtEdu\": {\"m\": {}}}", "model 'm': expected pictures with 'original'"),
            (&image("{}"), "found none among 1"),
            (&image("{\"realism\": {\"original\": 4}}"), "found none among 1"),
            (&image("{\"mood\": {}}"), "model 'm', image 'a.png': 'mood' is no attribute"),
            (&image("{\"realism\": {\"original\": 7}}"), "the original is 7; expected 1 to 5"),
        ] {
            fs::write(&path, text).unwrap();
            let message = all(std::slice::from_ref(&path)).unwrap_err().to_string();
            assert!(message.starts_with(&path.display().to_string()), "{message}");
            assert!(message.contains(expected) && !message.contains('\n'), "{message}");
        }
        let missing = all(&[folder.path().join("b.json")]).unwrap_err().to_string();
        assert!(missing.contains("b.json: cannot be read: "), "{missing}");
        let none = all(&[folder.path().to_owned()]).unwrap_err().to_string();
        assert!(none.contains("expected a JSON file, and this is none"), "{none}");
    }

    #[test]
    fn a_file_that_is_named_twice_is_a_mistake() {
        let folder = tempfile::tempdir().unwrap();
        let a = write(&folder.path().join("a.json"), &["m"]);
        let again = folder.path().join(".").join("a.json");
        let message = all(&[a, again]).unwrap_err().to_string();
        assert!(message.ends_with("the file is named twice"), "{message}");
    }
}
