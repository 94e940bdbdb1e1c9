//! The suite that both stores pass: `fixtures/portfolio/suite.json`, as messages. The browser's runs
//! in `browser/portfolio.test.mjs`.
//!
//! A case begins with nothing kept. A step asks and says what is told: of an object the named fields,
//! of `{"length": n}` a list of n, of `"$name"` whatever is there, and the same again where the name
//! comes back. `#` counts the repetitions of a step. What is asked may name a file of this repository,
//! as `@app/assets/samples/1.png`, and one that is written, as `!cards.pdf`.

use std::collections::BTreeMap;
use std::path::Path;

use easel::native::{FILE, desk};
use easel::portfolio::{Desk, Sqlite};
use easel::ui::{Ask, Event, Fault, FaultKind, Request, Tell};
use easel::wire::{pack_event, unpack_request};
use easel_tests::golden::root;
use pollster::block_on;
use serde_json::{Value, json};
use tempfile::TempDir;

/// What runs a case.
struct Runner {
    folder: TempDir,
    /// Zips, which outlive a store.
    zips: TempDir,
    desk: Option<Desk>,
    known: BTreeMap<String, Value>,
}

impl Runner {
    fn new() -> Self {
        let folder = || tempfile::tempdir().unwrap();
        Self { folder: folder(), zips: folder(), desk: None, known: BTreeMap::new() }
    }

    fn run(&mut self, step: &Value, number: u64) {
        let step = self.filled(step, number);
        match step["do"].as_str() {
            Some("reopen") => self.desk = None,
            Some("fresh") => {
                self.desk = None;
                self.folder = tempfile::tempdir().unwrap();
            }
            Some("newer") => self.newer(),
            Some(other) => panic!("{other}"),
            None => {
                let told = self.ask(&self.question(&step), step["picture"].as_str());
                self.check(&step, &told);
            }
        }
    }

    /// Names that are known, and the number of the repetition.
    fn filled(&self, value: &Value, number: u64) -> Value {
        match value {
            Value::String(text) => {
                let text = text.replace('#', &number.to_string());
                let place = text.strip_prefix('@').map(|path| root().join(path));
                let place =
                    place.or_else(|| text.strip_prefix('!').map(|to| self.zips.path().join(to)));
                if let Some(place) = place {
                    return json!(place);
                }
                self.known.get(&text).cloned().unwrap_or(Value::String(text))
            }
            Value::Array(list) => list.iter().map(|value| self.filled(value, number)).collect(),
            Value::Object(fields) => {
                let fields = fields.iter();
                fields.map(|(name, value)| (name.clone(), self.filled(value, number))).collect()
            }
            other => other.clone(),
        }
    }

    fn question(&self, step: &Value) -> Value {
        let zip = |name: &str| match name.contains('/') || name.ends_with(".md") {
            true => root().join(name),
            false => self.zips.path().join(format!("{name}.zip")),
        };
        match (step["export"].as_str(), step["import"].as_str()) {
            (Some(name), _) => json!({ "Export": zip(name) }),
            (_, Some(name)) => json!({ "Import": zip(name) }),
            _ => step["ask"].clone(),
        }
    }

    fn ask(&mut self, ask: &Value, picture: Option<&str>) -> Tell {
        let head = json!({ "id": 1, "ask": { "Portfolio": ask } }).to_string();
        let body = picture.map(|path| std::fs::read(root().join(path)).unwrap());
        let Request { ask: Ask::Portfolio(ask), .. } =
            unpack_request(&head, body.unwrap_or_default()).unwrap()
        else {
            panic!("{head}")
        };
        let desk = match self.desk.take() {
            Some(desk) => desk,
            None => match desk(self.folder.path()) {
                Ok(desk) => desk,
                Err(error) => return Tell::Failed(error.into()),
            },
        };
        let told = block_on(self.desk.insert(desk).answer(ask));
        told.map_or_else(Tell::Failed, Tell::Portfolio)
    }

    fn check(&mut self, step: &Value, told: &Tell) {
        let head = pack_event(Event { id: 1, tell: told.clone() }).0;
        let event: Value = serde_json::from_str(&head).unwrap();
        let mut told = event["tell"].clone();
        let wanted = match (&step["tell"], &step["failed"]) {
            (Value::Null, Value::Object(fault)) => {
                // Of a message the part that is named.
                let part = fault["message"].as_str().unwrap();
                let message = told["Failed"]["message"].as_str().unwrap_or_default();
                assert!(message.contains(part) && !message.contains('\n'), "{told}, not {part}");
                told["Failed"]["message"] = json!(part);
                json!({ "Failed": fault })
            }
            (tell, _) => json!({ "Portfolio": tell }),
        };
        self.fits(&wanted, &told).unwrap_or_else(|what| panic!("{what}\nin {told}\nfor {step}"));
    }

    fn fits(&mut self, wanted: &Value, told: &Value) -> Result<(), String> {
        let fails = || Err(format!("expected {wanted}, found {told}"));
        match wanted {
            Value::String(name) if name.starts_with('$') => {
                let known = self.known.entry(name.clone()).or_insert_with(|| told.clone());
                if known != told || told.is_null() { fails() } else { Ok(()) }
            }
            Value::Object(fields) => match (fields.get("length"), told) {
                (Some(length), Value::Array(list)) => {
                    if *length == json!(list.len()) {
                        Ok(())
                    } else {
                        fails()
                    }
                }
                _ => fields.iter().try_for_each(|(name, value)| self.fits(value, &told[name])),
            },
            Value::Array(list) => match told.as_array() {
                Some(found) if found.len() == list.len() => {
                    list.iter().zip(found).try_for_each(|(value, told)| self.fits(value, told))
                }
                _ => fails(),
            },
            Value::Number(number) => {
                let near = told.as_f64().zip(number.as_f64()).map(|(a, b)| (a - b).abs() < 1e-9);
                if near == Some(true) { Ok(()) } else { fails() }
            }
            other if other == told => Ok(()),
            _ => fails(),
        }
    }

    /// A store of a version to come, where this one was.
    fn newer(&mut self) {
        self.desk = None;
        let path = self.folder.path().join(FILE);
        drop(Sqlite::open(&path).unwrap());
        let file = rusqlite::Connection::open(&path).unwrap();
        file.pragma_update(None, "user_version", 99).unwrap();
    }
}

#[test]
fn every_case_of_the_suite_holds_in_a_file() {
    let suite = root().join("tests/fixtures/portfolio/suite.json");
    let suite: Value = serde_json::from_slice(&std::fs::read(suite).unwrap()).unwrap();
    let cases = suite.as_array().unwrap();
    assert!(cases.len() >= 12, "{}", cases.len());
    for case in cases {
        println!("{}", case["name"]);
        let mut runner = Runner::new();
        for step in case["steps"].as_array().unwrap() {
            for number in 0..step["repeat"].as_u64().unwrap_or(1) {
                runner.run(step, number);
            }
        }
        let everything = runner.zips.path().join("everything.zip");
        if let (Ok(to), true) = (std::env::var("EASEL_KEEP_ZIP"), everything.exists()) {
            std::fs::copy(everything, Path::new(&to)).unwrap();
        }
    }
}

#[test]
fn a_suite_that_expects_something_else_is_refused() {
    let mut runner = Runner::new();
    let told = json!({ "a": [1, { "b": "x" }], "c": null });
    for wrong in [
        json!({ "a": [1] }),
        json!({ "a": [2, {}] }),
        json!({ "a": [1, { "b": "y" }] }),
        json!({ "a": { "length": 3 } }),
        json!({ "c": 1 }),
        json!({ "d": 1 }),
        json!({ "c": "$nothing" }),
    ] {
        assert!(runner.fits(&wrong, &told).is_err(), "{wrong}");
    }
    assert!(runner.fits(&json!({ "a": [1, { "b": "$b" }], "c": null }), &told).is_ok());
    assert!(runner.fits(&json!({ "a": { "length": 2 } }), &told).is_ok());
    assert!(runner.fits(&json!("$b"), &json!("y")).is_err());
    let fault = Tell::Failed(Fault::new(FaultKind::Portfolio, "gone"));
    runner.check(&json!({ "failed": { "kind": "Portfolio", "message": "on" } }), &fault);
}
