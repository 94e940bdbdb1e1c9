//! Training's commands as a person uses them: `drawings`, `train`, `predict` and `evaluate`.

mod bad_inputs;
mod flow;
#[cfg(unix)]
mod full_disk;
#[cfg(unix)]
mod resume;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use easel_tests::golden::own;
use serde_json::Value;
use tempfile::TempDir;

use crate::run::{Ran, command};

const DRAWINGS: &str = "drawings --count 12 --seed 3 --out data";

const TRAIN: &str = "train --data data/annotations.csv --images data/images --model model \
                     --comments data/comments.json --attribute realism --config config.toml \
                     --device cpu --out RUN";

const PREDICT: &str = "predict --data data/annotations.csv --images data/images --model model \
                       --adapters adapters --device cpu --out predictions.json";

const CONFIG: &str = "learning_rate = 0.001\nwarmup_steps = 2\neval_steps = 4\nsave_steps = 2\n\
                      max_steps = 10\nbatch_size = 2\naccumulation = 2\n";

/// A folder of its own with drawings, a model, its adapters and settings.
struct Bench {
    root: TempDir,
    folder: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let bench = Self::empty();
        bench.write("config.toml", CONFIG);
        let case = own();
        copy(&case.model(), &bench.path("model"));
        copy(&case.adapters(), &bench.path("adapters"));
        bench.works(DRAWINGS);
        bench
    }

    /// The same files in another folder.
    fn copied(&self) -> Self {
        let bench = Self::empty();
        copy(&self.folder, &bench.folder);
        bench
    }

    fn empty() -> Self {
        let root = tempfile::tempdir().unwrap();
        // Deep enough that no tokenizer.json around the temporary folder is taken.
        let folder = root.path().join("a/b/c");
        fs::create_dir_all(&folder).unwrap();
        Self { root, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Changes the lines of a text file.
    fn lines(&self, name: &str, change: impl FnOnce(&mut Vec<String>)) {
        let mut lines: Vec<String> = self.text(name).lines().map(str::to_owned).collect();
        change(&mut lines);
        self.write(name, lines.join("\n") + "\n");
    }

    /// `easel` in this folder, without a cache or hub of its own.
    fn command(&self, line: &str) -> Command {
        let mut command = command(line.split_whitespace());
        command.current_dir(&self.folder).env("HF_HOME", self.root.path().join("home"));
        command
    }

    fn ran(&self, line: &str) -> Ran {
        Ran::of(&mut self.command(line))
    }

    /// A run that must work.
    fn works(&self, line: &str) -> Ran {
        let ran = self.ran(line);
        assert_eq!(ran.status, 0, "{line}: {}", ran.err);
        ran
    }

    /// Every file with its bytes, and every folder.
    fn listing(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let bytes = if path.is_file() { Some(fs::read(&path).unwrap()) } else { None };
                if path.is_dir() {
                    folders.push(path.clone());
                }
                found.insert(path.strip_prefix(&self.folder).unwrap().to_owned(), bytes);
            }
        }
        found
    }

    /// The steps in a run's log.
    fn steps(&self, run: &str) -> Vec<Value> {
        let log = self.text(&format!("{run}/metrics.jsonl"));
        log.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }
}

/// A line with other values: `--key value` takes the place of the one before or is added, and a
/// value of `-` takes the key away.
fn with(line: &str, change: &str) -> String {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    let mut change = change.split_whitespace().peekable();
    while let Some(key) = change.next() {
        let value = change.next_if(|value| !value.starts_with("--"));
        match (words.iter().position(|word| *word == key), value) {
            (Some(at), Some("-")) => drop(words.drain(at..at + 2)),
            (Some(at), Some(value)) => words[at + 1] = value,
            (_, value) => words.extend([Some(key), value].into_iter().flatten()),
        }
    }
    words.join(" ")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        match path.is_dir() {
            true => copy(&path, &to.join(name)),
            false => drop(fs::copy(&path, to.join(name)).unwrap()),
        }
    }
}
