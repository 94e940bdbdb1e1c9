//! Killed at any moment, a program loses nothing that it said was kept.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use easel::native::FILE;
use easel::portfolio::{Id, Pupil, Sqlite, Store};
use pollster::block_on;

use crate::{Dice, entry};

/// Names the folder to the child, which is this test again.
const FOLDER: &str = "EASEL_CRASH_FOLDER";

/// Keeps drawings, and deletes every third again, until it is killed; says what it did.
fn child(folder: &str) {
    let store = Sqlite::open(&std::path::Path::new(folder).join(FILE)).unwrap();
    let mut say = std::io::stdout();
    block_on(store.put_pupil(&Pupil { id: Id(1), name: "Mia".to_owned() })).unwrap();
    let newest = block_on(store.records(Id(1), 1)).unwrap();
    let mut id = newest.first().map_or(1, |record| record.id.0 + 1);
    loop {
        block_on(store.put(&entry(id, 1, 60))).unwrap();
        if writeln!(say, "kept {id}").and_then(|()| say.flush()).is_err() {
            crate::orphaned();
        }
        if id.is_multiple_of(3) {
            block_on(store.delete(Id(id))).unwrap();
            if writeln!(say, "deleted {id}").and_then(|()| say.flush()).is_err() {
                crate::orphaned();
            }
        }
        id += 1;
    }
}

#[test]
fn killed_at_any_moment_what_was_kept_is_there() {
    if let Ok(folder) = std::env::var(FOLDER) {
        return child(&folder);
    }
    let times = std::env::var("EASEL_KILLS").ok().and_then(|times| times.parse().ok());
    let times: u32 = times.unwrap_or(10);
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice(u64::from(std::process::id()));
    let (mut kept, mut deleted) = (Vec::new(), Vec::new());
    for round in 0..times {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::killed_at_any_moment_what_was_kept_is_there", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut take = |line: String| {
            // The test's own harness says a word before the child does.
            let words: Vec<_> = line.split_whitespace().collect();
            if let [.., what @ ("kept" | "deleted"), id] = *words {
                let id = id.parse::<u64>().unwrap();
                // A child takes the number behind the newest: one that was deleted comes again.
                deleted.retain(|gone| *gone != id);
                let list = if what == "kept" { &mut kept } else { &mut deleted };
                list.push(id);
                return true;
            }
            false
        };
        // It has begun, and then any moment.
        while !take(lines.next().unwrap().unwrap()) {}
        std::thread::sleep(Duration::from_micros(dice.next() % 120_000));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.map_while(Result::ok) {
            take(line);
        }

        let store = Sqlite::open(&folder.path().join(FILE)).unwrap();
        let there = block_on(store.records(Id(1), u32::MAX)).unwrap();
        let there: Vec<u64> = there.iter().rev().map(|record| record.id.0).collect();
        let last = *kept.last().unwrap();
        for id in &kept {
            // The last one may have been deleted without a word about it.
            let gone = deleted.contains(id) || *id == last && id.is_multiple_of(3);
            assert!(there.contains(id) || gone, "round {round}: {id} is lost");
        }
        for id in &there {
            assert!(*id <= last + 1, "round {round}: {id} was never said to be kept");
            assert!(!deleted.contains(id), "round {round}: {id} came back");
            let whole = block_on(store.entry(Id(*id))).unwrap();
            assert_eq!(whole.as_ref(), Some(&entry(*id, 1, 60)), "round {round}");
        }
        let page = block_on(store.page(Id(1), 0, 5)).unwrap();
        assert_eq!(page.total, there.len() as u64);
    }
    println!("{times} times killed, {} drawings kept", kept.len());
}
