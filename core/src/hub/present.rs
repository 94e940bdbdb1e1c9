//! Whether a snapshot on the disk holds all that is wanted, without asking the hub.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::HubError;
use super::layout::{Layout, write_aside};
use super::listing::check_name;
use super::wanted::{ADAPTER_DEPTH, ADAPTER_FILES};

const SINGLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";

/// All files of one commit, as the hub listed them; a commit's never change.
#[derive(Serialize, Deserialize)]
struct Record {
    files: Vec<RecordedFile>,
}

#[derive(Serialize, Deserialize)]
struct RecordedFile {
    name: String,
    size: u64,
}

/// Writes the record of a commit's files, all of them, wanted now or not.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write_record(
    layout: &Layout,
    commit: &str,
    files: Vec<(String, u64)>,
) -> Result<(), HubError> {
    let files = files.into_iter().map(|(name, size)| RecordedFile { name, size }).collect();
    let path = layout.record(commit);
    let json = serde_json::to_vec(&Record { files })
        .map_err(|error| HubError::Io { path: path.clone(), source: error.into() })?;
    write_aside(&path, &json)
}

/// Checks that the snapshot of `commit` holds all `wanted` files.
///
/// With a record of the commit's files that is certain. Without, as when Python fetched it, a
/// base model needs its configuration, its tokenizer and its weights, and adapters both files of
/// each; `offline` does with a little less, since asking the hub is no choice.
///
/// # Errors
/// What is missing, in words.
pub(super) fn check(
    layout: &Layout,
    commit: &str,
    wanted: &dyn Fn(&str) -> bool,
    offline: bool,
) -> Result<(), String> {
    let snapshot = layout.snapshot(commit);
    let missing = match read_record(layout, commit) {
        Some(record) => {
            let files: Vec<_> = record.files.iter().filter(|file| wanted(&file.name)).collect();
            if files.is_empty() {
                return Err("any file that Easel reads".to_owned());
            }
            let is_missing =
                |file: &&&RecordedFile| size_of(&snapshot.join(&file.name)) != Some(file.size);
            files.iter().filter(is_missing).map(|file| file.name.clone()).collect()
        }
        None if ["config.json", SINGLE].into_iter().any(wanted) => {
            missing_of_model(&snapshot, wanted, offline)
        }
        // An adapter folder that Python left out cannot be seen from here.
        None if offline => missing_of_adapters(&snapshot, wanted),
        None => return Err("the list of its files".to_owned()),
    };
    if missing.is_empty() { Ok(()) } else { Err(missing.join(", ")) }
}

fn read_record(layout: &Layout, commit: &str) -> Option<Record> {
    let record: Record = serde_json::from_slice(&fs::read(layout.record(commit)).ok()?).ok()?;
    record.files.iter().all(|file| check_name(&file.name).is_ok()).then_some(record)
}

/// The size behind a link; `None` for a link that leads nowhere.
pub(super) fn size_of(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|data| data.len())
}

fn missing_of_model(snapshot: &Path, wanted: &dyn Fn(&str) -> bool, offline: bool) -> Vec<String> {
    let mut needed = vec!["config.json".to_owned(), "tokenizer.json".to_owned()];
    if !offline {
        needed.push("preprocessor_config.json".to_owned());
    }
    if size_of(&snapshot.join(SINGLE)).is_none() {
        needed.extend(shards(&snapshot.join(INDEX)).unwrap_or_else(|| vec![SINGLE.to_owned()]));
    }
    needed.retain(|name| wanted(name) && size_of(&snapshot.join(name)).is_none());
    needed
}

/// The weight files that a `model.safetensors.index.json` names.
fn shards(index: &Path) -> Option<Vec<String>> {
    let index: serde_json::Value = serde_json::from_slice(&fs::read(index).ok()?).ok()?;
    let map = index.get("weight_map")?.as_object()?;
    let mut shards =
        map.values().map(|name| Some(name.as_str()?.to_owned())).collect::<Option<Vec<_>>>()?;
    shards.sort();
    shards.dedup();
    (!shards.is_empty() && shards.iter().all(|name| check_name(name).is_ok())).then_some(shards)
}

fn missing_of_adapters(snapshot: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut missing = Vec::new();
    let mut found = false;
    let mut folders = vec![(String::new(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let names = ADAPTER_FILES.map(|file| format!("{folder}{file}"));
        let here = names.iter().filter(|name| wanted(name));
        let (there, gone): (Vec<_>, Vec<_>) =
            here.partition(|name| size_of(&snapshot.join(name)).is_some());
        if !there.is_empty() {
            found = true;
            missing.extend(gone.into_iter().cloned());
        }
        if depth < ADAPTER_DEPTH {
            let subfolders = subfolders(&snapshot.join(&folder));
            folders.extend(subfolders.map(|name| (format!("{folder}{name}/"), depth + 1)));
        }
    }
    if !found {
        missing.push("any file that Easel reads".to_owned());
    }
    missing
}

fn subfolders(folder: &Path) -> impl Iterator<Item = String> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| entry.file_name().into_string().ok())
}

#[cfg(test)]
mod tests {
    use super::super::{wanted_for_adapters, wanted_for_model};
    use super::*;

    struct Snapshot {
        layout: Layout,
        cache: tempfile::TempDir,
    }

    fn snapshot(files: &[(&str, &str)]) -> Snapshot {
        let cache = tempfile::tempdir().unwrap();
        let layout = Layout::new(cache.path(), &"o/n".parse().unwrap());
        for (name, content) in files {
            let path = layout.snapshot("c1").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        Snapshot { layout, cache }
    }

    const SHARDED: &str = r#"{"weight_map":{"a":"m-2.safetensors","b":"m-1.safetensors",
        "c":"m-2.safetensors"}}"#;

    #[test]
    fn a_snapshot_by_python_is_complete_with_its_shards() {
        let mut files = vec![
            ("config.json", "{}"),
            ("tokenizer.json", "{}"),
            (INDEX, SHARDED),
            ("m-1.safetensors", "1"),
        ];
        let check_it =
            |files: &[_], offline| check(&snapshot(files).layout, "c1", &wanted_for_model, offline);
        assert_eq!(check_it(&files, true), Err("m-2.safetensors".to_owned()));
        files.push(("m-2.safetensors", "2"));
        assert_eq!(check_it(&files, true), Ok(()));
        assert_eq!(check_it(&files, false), Err("preprocessor_config.json".to_owned()));
        files.push(("preprocessor_config.json", "{}"));
        assert_eq!(check_it(&files, false), Ok(()));
        let none = check_it(&[], true);
        assert_eq!(none, Err(format!("config.json, tokenizer.json, {SINGLE}")));
    }

    #[test]
    fn an_index_that_names_files_elsewhere_does_not_count() {
        let bad = r#"{"weight_map":{"a":"../../m.safetensors"}}"#;
        let files = [("config.json", "{}"), ("tokenizer.json", "{}"), (INDEX, bad)];
        let found = check(&snapshot(&files).layout, "c1", &wanted_for_model, true);
        assert_eq!(found, Err(SINGLE.to_owned()));
    }

    #[test]
    fn adapters_need_both_files_of_each() {
        let mut files = vec![
            ("realism/adapter_config.json", "{}"),
            ("realism/adapter_model.safetensors", "1"),
            ("x/y/z/adapter_config.json", "{}"),
        ];
        let check_it =
            |files: &[_]| check(&snapshot(files).layout, "c1", &wanted_for_adapters, true);
        assert_eq!(check_it(&files), Err("x/y/z/adapter_model.safetensors".to_owned()));
        files.push(("x/y/z/adapter_model.safetensors", "1"));
        assert_eq!(check_it(&files), Ok(()));
        assert!(check_it(&[]).is_err());
        let online = check(&snapshot(&files).layout, "c1", &wanted_for_adapters, false);
        assert!(online.is_err(), "a folder left out could not be seen");
    }

    #[test]
    fn a_record_tells_for_any_choice_of_files_and_by_size() {
        let files = [("a", "1"), ("b", "22")];
        let Snapshot { layout, cache: _cache } = snapshot(&files);
        let sizes = vec![("a".to_owned(), 1), ("b".to_owned(), 3), ("c".to_owned(), 1)];
        write_record(&layout, "c1", sizes).unwrap();
        assert_eq!(check(&layout, "c1", &|name| name == "a", false), Ok(()));
        assert_eq!(check(&layout, "c1", &|_| true, false), Err("b, c".to_owned()));
        assert!(check(&layout, "c1", &|_| false, false).is_err());
    }
}
