//! The queue of a class, killed at any moment, goes on where it was and looks at no drawing twice.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use easel::class::{Ask, File, State, Tell};
use easel::native::{FILE, desk};
use easel::portfolio::{self, Record, Sqlite, Store, kept};
use easel_core::drawings::Drawing;
use pollster::block_on;

use crate::Dice;

/// Every drawing of the only class.
fn records(folder: &Path) -> Vec<Record> {
    let store = Sqlite::open(&folder.join(FILE)).unwrap();
    let classes = block_on(store.classes()).unwrap();
    assert!(classes.len() <= 1, "a class was begun twice");
    classes.first().map_or_else(Vec::new, |class| block_on(store.class_records(class.id)).unwrap())
}

fn easel(pictures: &Path, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_easel"));
    command.args(["class", "4b"]).arg(pictures).arg("--portfolios").arg(folder);
    command.args(["--device", "cpu"]);
    command
}

#[test]
fn a_class_that_is_killed_goes_on_and_no_drawing_is_looked_at_twice() {
    let count: u64 = 200;
    let home = tempfile::tempdir().unwrap();
    let (pictures, folder) = (home.path().join("4b"), home.path().join("portfolios"));
    std::fs::create_dir(&pictures).unwrap();
    for index in 0..count {
        let drawing = Drawing::generate(11, index);
        let picture = kept(&drawing.image).unwrap().picture;
        std::fs::write(pictures.join(format!("Pupil {} {index}.png", index % 25)), picture)
            .unwrap();
    }
    let mut dice = Dice(u64::from(std::process::id()));
    let (mut looked, mut known) = (Vec::new(), BTreeMap::new());
    let (mut kills, mut rounds) = (0, 0);
    loop {
        let mut child = easel(&pictures, &folder).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut ended = false;
        let mut take = |line: Option<String>| {
            match line {
                Some(line) if line.ends_with(".png") => looked.push(line),
                Some(line) => assert!(line.starts_with("4b: "), "{line}"),
                None => ended = true,
            }
            !ended
        };
        if kills < 6 {
            // In the first rounds while pictures are taken in, later while they are looked at.
            if rounds > 1 {
                take(lines.next());
            }
            std::thread::sleep(Duration::from_micros(dice.next() % 400_000));
            child.kill().unwrap();
            kills += 1;
        }
        while take(lines.next()) {}
        let status = child.wait().unwrap();
        rounds += 1;
        let there = records(&folder);
        let files: BTreeSet<_> = there.iter().map(|one| one.class.clone().unwrap().file).collect();
        assert_eq!(files.len(), there.len(), "round {rounds}: a picture was taken in twice");
        for record in there {
            let seat = record.class.clone().unwrap();
            if seat.state == State::Scored {
                assert_eq!(record.assessment.iter().count(), 9, "{}", seat.file);
                let before = known.entry(seat.file.clone()).or_insert_with(|| record.clone());
                assert_eq!(*before, record, "round {rounds}: {} changed", seat.file);
            }
        }
        for file in &looked {
            assert!(known.contains_key(file), "round {rounds}: {file} was said to be kept");
        }
        if status.success() {
            break;
        }
        assert!(rounds < 20, "it never ends: {status}");
    }
    let said: BTreeSet<_> = looked.iter().collect();
    assert_eq!(said.len(), looked.len(), "a drawing was looked at twice");
    assert_eq!(known.len() as u64, count);
    // Of the others the last word of a killed program is missing.
    assert!(looked.len() as u64 + kills >= count, "{} of {count}", looked.len());
    println!("{count} drawings, {kills} times killed, {} of {count} told", looked.len());
    // Once more there is nothing to do.
    let output = easel(&pictures, &folder).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, format!("4b: {count} of {count} drawings looked at\n"));
}

/// Takes generated drawings into a class, and looks at none.
fn enter(folder: &Path, pictures: &Path, count: u64) {
    let desk = desk(folder).unwrap();
    let ask = |ask| block_on(desk.answer(portfolio::Ask::Class(ask))).unwrap();
    let portfolio::Tell::Class(Tell::Added(class)) = ask(Ask::Add("4b".to_owned())) else {
        panic!()
    };
    for index in 0..count {
        let picture = kept(&Drawing::generate(12, index).image).unwrap().picture;
        let name = format!("{index}.png");
        let place = pictures.join(&name);
        std::fs::write(&place, picture).unwrap();
        let file = File { place: place.to_string_lossy().into_owned(), name };
        ask(Ask::Enter { class: class.id, file, unnamed: "No name".to_owned() });
    }
}

/// A worker on its way: what it says it looked at.
fn worker(folder: &Path) -> (Child, JoinHandle<Vec<String>>, Arc<AtomicUsize>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_easel"));
    command.args(["class", "4b", "--device", "cpu", "--portfolios"]).arg(folder);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let read = move || {
        let looked = lines.filter(|line| line.ends_with(".png"));
        looked.inspect(|_| _ = seen.fetch_add(1, Ordering::Relaxed)).collect()
    };
    (child, std::thread::spawn(read), count)
}

#[test]
fn two_workers_drain_one_queue_and_look_at_no_drawing_twice_also_where_one_is_killed() {
    const COUNT: u64 = 30;
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("portfolios");
    enter(&folder, home.path(), COUNT);
    let (mut first, told, count) = worker(&folder);
    let (mut second, others, _) = worker(&folder);
    // Killed in the middle of a drawing, most likely.
    while count.load(Ordering::Relaxed) < 4 {
        std::thread::sleep(Duration::from_millis(2));
    }
    first.kill().unwrap();
    first.wait().unwrap();
    let told = told.join().unwrap();
    // Another one takes its place, and both come to an end.
    let (mut third, more, _) = worker(&folder);
    for child in [&mut second, &mut third] {
        assert!(child.wait().unwrap().success());
    }
    let all = [told, others.join().unwrap(), more.join().unwrap()];
    assert!(all.iter().take(2).all(|one| !one.is_empty()), "one did all: {all:?}");
    let said: BTreeSet<_> = all.iter().flatten().collect();
    let looked = all.iter().map(Vec::len).sum::<usize>();
    assert_eq!(said.len(), looked, "a drawing was looked at twice: {all:?}");
    // The last word of the one that was killed may be missing.
    assert!((COUNT - 1..=COUNT).contains(&(looked as u64)), "{looked} of {COUNT}");
    let done = |record: &Record| record.class.as_ref().unwrap().state == State::Scored;
    let there = records(&folder);
    assert!(there.len() as u64 == COUNT && there.iter().all(done));
    let left = folder.join(format!("{FILE}.claims"));
    assert_eq!(std::fs::read_dir(left).unwrap().count(), 0, "claims are left");
}

#[test]
fn a_picture_that_is_none_is_told_and_the_others_are_looked_at() {
    let home = tempfile::tempdir().unwrap();
    let (pictures, folder) = (home.path().join("4b"), home.path().join("portfolios"));
    std::fs::create_dir(&pictures).unwrap();
    std::fs::write(pictures.join("noa.png"), "no picture").unwrap();
    let picture = kept(&Drawing::generate(11, 1).image).unwrap().picture;
    std::fs::write(pictures.join("mia.png"), picture).unwrap();
    let [csv, json, pdf, cards] =
        ["all.csv", "all.json", "all.pdf", "cards.pdf"].map(|name| home.path().join(name));
    let mut command = easel(&pictures, &folder);
    for out in [&csv, &json, &pdf] {
        command.arg("--out").arg(out);
    }
    let output = command.arg("--cards").arg(&cards).args(["--language", "zh"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let (said, told) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(said.ends_with("4b: 1 of 2 drawings looked at\n"), "{said}");
    assert!(told.contains("4b/noa.png: "), "{told}");
    let text = std::fs::read_to_string(csv).unwrap();
    assert!(text.lines().count() == 3 && text.contains("failed: "), "{text}");
    let value: serde_json::Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    assert_eq!(value["drawings"][0]["name"], "mia");
    assert_eq!(value["attributes"][0]["count"], 1);
    for pdf in [pdf, cards] {
        assert!(std::fs::read(pdf).unwrap().starts_with(b"%PDF-1."));
    }
    for (wrong, expected) in [("all.txt", ".csv, .json or .pdf"), ("all", ".csv, .json or .pdf")] {
        let output = easel(&pictures, &folder).args(["--out", wrong]).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains(wrong) && told.contains(expected), "{told}");
    }
}
