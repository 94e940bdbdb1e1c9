//! Bad pictures, models, adapters and arguments: each is answered in one line that names the file
//! and says what is wrong with it, and nothing is left behind.

mod adapters;
mod config;
mod files;
mod hub;
mod line;
mod pictures;
mod weights;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use easel_tests::golden::own;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde_json::Value;
use tempfile::TempDir;

use crate::run::{Ran, command};

const SCORE: &str = "score picture.png --model model --adapters adapters --device cpu";
const ASK: &str = "ask picture.png --prompt Why? --model model --device cpu";

const WEIGHTS: &str = "model/model.safetensors";

/// A name, what makes the situation, and what the message must have, the file's name first.
type Row = (&'static str, fn(&Bench), &'static [&'static str]);

/// Lines that stand beside the one about the failure.
const ASIDES: [&str; 3] =
    ["easel: no adapters: ", "easel: fetching ", "easel: 1 of 1 pictures could not be scored"];

/// What no message has: it would be a bug that shows.
const NEVER: [&str; 4] = ["panicked", "internal error", "backtrace", "overflowed its stack"];

/// A folder of its own with a picture, a model and adapters to spoil.
struct Bench {
    root: TempDir,
    folder: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        // Deep enough that no tokenizer.json around the temporary folder is taken.
        let folder = root.path().join("a/b/c");
        let case = own();
        copy(&case.model(), &folder.join("model"));
        copy(&case.adapters(), &folder.join("adapters"));
        fs::copy(case.folder.join("drawing_2.png"), folder.join("picture.png")).unwrap();
        Self { root, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), bytes).unwrap();
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// Leaves the first `bytes` of a file.
    fn cut(&self, name: &str, bytes: usize) {
        self.write(name, &self.read(name)[..bytes]);
    }

    /// Sets the value at a JSON pointer of a file; `null` where there was none makes it.
    fn set(&self, name: &str, pointer: &str, value: Value) {
        self.edit(name, |json| {
            let (parent, field) = pointer.rsplit_once('/').unwrap();
            json.pointer_mut(parent).unwrap()[field] = value;
        });
    }

    fn edit(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut json = serde_json::from_slice(&self.read(name)).unwrap();
        change(&mut json);
        self.write(name, json.to_string());
    }

    /// Changes the header of a safetensors file and leaves the data as they are.
    fn header(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let bytes = self.read(name);
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let (header, data) = bytes[8..].split_at(length);
        let mut json = serde_json::from_slice(header).unwrap();
        change(&mut json);
        self.write_safetensors(name, &json.to_string(), data);
    }

    fn write_safetensors(&self, name: &str, header: &str, data: &[u8]) {
        let length = (header.len() as u64).to_le_bytes();
        self.write(name, [&length, header.as_bytes(), data].concat());
    }

    /// Changes the tensors of a safetensors file.
    fn tensors(&self, name: &str, change: impl FnOnce(&mut Tensors)) {
        let bytes = self.read(name);
        let read = SafeTensors::deserialize(&bytes).unwrap();
        let own = |(name, view): (&str, TensorView<'_>)| {
            (name.to_owned(), (view.dtype(), view.shape().to_vec(), view.data().to_vec()))
        };
        let mut tensors: Tensors = read.iter().map(own).collect();
        change(&mut tensors);
        let views = tensors.iter().map(|(name, (dtype, shape, data))| {
            (name, TensorView::new(*dtype, shape.clone(), data).unwrap())
        });
        self.write(name, serialize(views, None).unwrap());
    }

    /// `easel` in this folder, without a cache or hub of its own.
    fn command(&self, line: &str) -> Command {
        let mut command = command(line.split_whitespace());
        command.current_dir(&self.folder).env("HF_HOME", self.root.path().join("home"));
        command
    }

    /// Every file with its length, and every folder.
    fn listing(&self) -> BTreeMap<PathBuf, u64> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let length = if path.is_file() { fs::metadata(&path).unwrap().len() } else { 0 };
                if path.is_dir() && !path.is_symlink() {
                    folders.push(path.clone());
                }
                found.insert(path, length);
            }
        }
        found
    }
}

/// Type, shape and bytes by name.
type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

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

/// Runs every row and fails with all that went wrong.
fn every(line: &str, status: i32, rows: &[Row]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(name, spoil, says)| {
            let bench = Bench::new();
            spoil(&bench);
            complaint(&bench, line, status, says).map(|wrong| format!("{name}: {wrong}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// What is wrong with how a line is answered in a spoilt folder.
fn complaint(bench: &Bench, line: &str, status: i32, says: &[&str]) -> Option<String> {
    let before = bench.listing();
    let ran = Ran::of(&mut bench.command(line));
    let wrong = answered(&ran, status, says).err();
    let left = (bench.listing() != before).then(|| "a file was left or changed".to_owned());
    let out = (!ran.out.is_empty()).then(|| format!("standard output: {}", ran.out));
    wrong.or(left).or(out)
}

/// That a run failed in one line, or in clap's words where the arguments are no good.
fn answered(ran: &Ran, status: i32, says: &[&str]) -> Result<(), String> {
    let said = &ran.err;
    let check = |good: bool, wrong: String| if good { Ok(()) } else { Err(wrong + ": " + said) };
    check(ran.status == status, format!("expected status {status}, found {}", ran.status))?;
    if status != 2 || said.starts_with("easel: ") {
        let aside = |line: &&str| ASIDES.iter().any(|aside| line.starts_with(aside));
        let lines: Vec<_> = said.lines().filter(|line| !aside(line)).collect();
        let one = lines.len() == 1 && lines[0].starts_with("easel: ");
        check(one, "expected one line".to_owned())?;
    }
    for word in says {
        check(said.contains(word), format!("expected '{word}'"))?;
    }
    for word in NEVER {
        check(!said.contains(word), format!("found '{word}'"))?;
    }
    Ok(())
}
