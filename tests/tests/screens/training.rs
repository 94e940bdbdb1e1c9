//! The Train tab: from a data check to an adapter, with the demo model on its thread, and runs that
//! the tab and the command line take from each other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use easel::native::TrainingDesk;
use easel::ui::{Act, Command, EaselApp, Place, Screen, Settings, Tab, Training, View};
use easel_core::device::Choice;
use easel_core::drawings::write_dataset;
use easel_core::train::End;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use tempfile::TempDir;

use crate::fake::{self, harness_around};

/// What differs from the published settings: enough steps to be broken off.
const CHANGED: [(&str, &str); 8] = [
    ("patience", "0"),
    ("learning_rate", "0.001"),
    ("warmup_steps", "2"),
    ("eval_steps", "8"),
    ("save_steps", "3"),
    ("max_steps", "60"),
    ("batch_size", "2"),
    ("accumulation", "1"),
];

/// What must be equal byte for byte.
const FILES: [&str; 4] = [
    "adapters/realism/adapter_model.safetensors",
    "adapters/realism/adapter_config.json",
    "jobs/realism/checkpoint.safetensors",
    "config.toml",
];

/// A folder with drawings, and room for runs.
struct Bench(TempDir);

impl Bench {
    fn new(drawings: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_dataset(&folder.path().join("data"), drawings, 3, &mut |_| {}).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn runs(&self) -> PathBuf {
        self.path("runs")
    }

    /// The interface with threads of its own behind the tab, which is open.
    fn tab(&self) -> Harness<'static, EaselApp> {
        let settings =
            Settings { reduced_motion: true, view: View::Teacher, ..Settings::default() };
        let desk = TrainingDesk::with_runs(Arc::new(|| {}), Some(self.runs()));
        let (mut harness, _) = harness_around([1100.0, 6000.0], &settings, Box::new(desk));
        harness.run();
        harness.get_by_label("Settings").click();
        harness.run();
        harness.get_by_role_and_label(Role::Button, "Train adapters").click();
        harness.run();
        harness
    }

    /// `easel train` with these drawings and further arguments.
    fn train(&self, out: &str, more: &[&str]) -> Process {
        let mut command = Process::new(env!("CARGO_BIN_EXE_easel"));
        let data = self.path("data");
        command.arg("train").arg("--data").arg(data.join("annotations.csv"));
        command.arg("--images").arg(data.join("images")).arg("--out").arg(self.runs().join(out));
        command.args(["--attribute", "realism", "--model", "demo", "--device", "cpu"]).args(more);
        command.env_remove("DISPLAY").stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// The lines of a run's log.
    fn steps(&self, run: &str) -> usize {
        let log = fs::read_to_string(self.runs().join(run).join("metrics.jsonl"));
        log.map_or(0, |log| log.lines().count())
    }

    /// Compares two runs.
    fn equal(&self, [broken, unbroken]: [&str; 2]) {
        for name in FILES {
            let [a, b] = [broken, unbroken].map(|run| {
                fs::read(self.runs().join(run).join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
            });
            assert!(a == b, "{name} differs");
        }
        assert_eq!(self.steps(broken), self.steps(unbroken));
    }
}

fn succeed(mut command: Process) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn interrupt(child: Child) {
    let sent = Process::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Runs frames until something holds of the tab; no frame may wait for its threads.
fn until(harness: &mut Harness<'_, EaselApp>, what: &str, holds: impl Fn(&Training) -> bool) {
    let start = Instant::now();
    while !holds(harness.state().training().unwrap()) {
        let ended = harness.state().training().unwrap().ended();
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "waited too long until {what}: {ended:?}"
        );
        harness.step();
        std::thread::sleep(Duration::from_millis(5));
    }
    harness.step();
}

fn act(harness: &mut Harness<'_, EaselApp>, act: Act) {
    harness.state_mut().command(Command::Train(act));
    harness.step();
}

fn press(harness: &mut Harness<'_, EaselApp>, button: &str) {
    harness.get_by_role_and_label(Role::Button, button).click();
    harness.step();
    harness.step();
}

/// Types into a line.
fn write(harness: &mut Harness<'_, EaselApp>, line: &str, text: &Path) {
    harness.get_by_role_and_label(Role::TextInput, line).focus();
    harness.step();
    harness.get_by_role_and_label(Role::TextInput, line).type_text(text.to_str().unwrap());
    harness.step();
    harness.step();
}

/// Chooses the data and checks them.
fn check(harness: &mut Harness<'_, EaselApp>, bench: &Bench) {
    write(harness, "Sheet of scores (CSV or JSON lines)", &bench.path("data/annotations.csv"));
    write(harness, "Folder of the pictures", &bench.path("data/images"));
    press(harness, "Check the data");
    until(harness, "the data are checked", |training| training.checked().is_some());
}

fn change(harness: &mut Harness<'_, EaselApp>) {
    for (key, value) in CHANGED {
        act(harness, Act::Set(key, value.to_owned()));
    }
    act(harness, Act::Device(Choice::Cpu));
}

#[test]
fn from_the_data_check_to_an_adapter_that_scores() {
    let bench = Bench::new(12);
    let mut harness = bench.tab();
    check(&mut harness, &bench);
    let checked = harness.state().training().unwrap().checked().unwrap().as_ref().unwrap();
    assert_eq!((checked.rows.len(), checked.problems.len()), (12, 0));
    harness.get_by_label("No label is blank.");
    let name = checked.rows[0].name.clone();
    harness.get_by_label(&format!("Picture of {name}"));

    press(&mut harness, "Settings");
    // What will not do is said at its field, and nothing can be begun with it.
    act(&mut harness, Act::Set("rank", "0".to_owned()));
    harness.step();
    harness.get_by_label("This value will not do: 0; expected a whole number from 1 to 1024");
    act(&mut harness, Act::Set("rank", "4".to_owned()));
    change(&mut harness);
    act(&mut harness, Act::Set("max_steps", "8".to_owned()));
    act(&mut harness, Act::Set("eval_steps", "4".to_owned()));
    harness.step();
    press(&mut harness, "Check the memory");
    until(&mut harness, "the run is planned", |training| training.memory().is_some());
    harness.get_by_label_contains("Steps: 8.");
    press(&mut harness, "Start training");
    until(&mut harness, "it ends", |training| training.ended().is_some());
    let training = harness.state().training().unwrap();
    assert_eq!(training.ended(), Some(&Ok(End::Complete)));
    let run = bench.runs().join("run-1");
    for name in FILES {
        assert!(run.join(name).is_file(), "{name}");
    }
    assert!(run.join("adapters/realism/README.md").is_file());
    until(&mut harness, "its end is followed", |training| {
        training.followed().is_some_and(|run| run.curves.iter().any(|curve| curve.step() == 8))
    });
    harness.get_by_label("All steps are done.");
    harness.get_by_label_contains("Loss by step. Realism:");

    // The same adapter is held against the labels, and then tried on a drawing.
    until(&mut harness, "the run is listed", |_| true);
    act(&mut harness, Act::Tab(Tab::Judge));
    act(&mut harness, Act::Find);
    for _ in 0..100 {
        harness.step();
        std::thread::sleep(Duration::from_millis(5));
    }
    harness.get_by_role_and_label(Role::CheckBox, "run-1").click();
    harness.step();
    harness.step();
    press(&mut harness, "Evaluate the chosen runs");
    until(&mut harness, "it is judged", |training| training.judged().is_some());
    let judged = harness.state().training().unwrap().judged().unwrap().as_ref().unwrap();
    assert_eq!(
        judged.iter().map(|model| model.run.as_deref()).collect::<Vec<_>>(),
        [None, Some("run-1")]
    );
    assert!(
        judged
            .iter()
            .all(|model| model.summary.overall.n > 0 && model.summary.attributes.len() == 1)
    );
    assert!(harness.query_all_by_label_contains("Scatter, ").count() >= 2);

    harness.state_mut().command(Command::Sample(0));
    for _ in 0..20 {
        harness.step();
    }
    assert!(matches!(harness.state().screen(), Screen::Preview { .. }));
    act(&mut harness, Act::Tab(Tab::Try));
    harness.step();
    press(&mut harness, "Score it");
    until(&mut harness, "it is scored", |training| training.scored().is_some());
    let scores = harness.state().training().unwrap().scored().unwrap().as_ref().unwrap();
    assert_eq!((scores.before.len(), scores.after.len()), (1, 1));
    assert_ne!(scores.before.values().next(), scores.after.values().next());
    harness.get_by_label_contains("before");
}

#[test]
fn a_run_of_the_tab_goes_on_at_the_command_line_bit_for_bit() {
    let bench = Bench::new(12);
    let mut harness = bench.tab();
    check(&mut harness, &bench);
    act(&mut harness, Act::Tab(Tab::Settings));
    change(&mut harness);
    act(&mut harness, Act::Start);
    until(&mut harness, "some steps are taken", |_| bench.steps("run-1") >= 5);
    press(&mut harness, "Pause");
    until(&mut harness, "it pauses", |training| training.ended().is_some());
    let training = harness.state().training().unwrap();
    assert_eq!(training.ended(), Some(&Ok(End::Stopped)));
    assert!((5..60).contains(&bench.steps("run-1")));
    harness.get_by_label("Paused, with a checkpoint.");
    succeed(bench.train("run-1", &["--resume"]));
    let config = bench.runs().join("run-1/config.toml");
    succeed(bench.train("unbroken", &["--config", config.to_str().unwrap()]));
    bench.equal(["run-1", "unbroken"]);
}

#[test]
fn a_run_of_the_command_line_is_followed_and_goes_on_in_the_tab_bit_for_bit() {
    let bench = Bench::new(12);
    let config = bench.path("config.toml");
    let lines: Vec<_> = CHANGED.map(|(key, value)| format!("{key} = {value}\n")).to_vec();
    fs::write(&config, lines.concat()).unwrap();
    let config = ["--config", config.to_str().unwrap()];
    let child = bench.train("line", &config).spawn().unwrap();
    let mut harness = bench.tab();
    until(&mut harness, "the first steps", |_| bench.steps("line") >= 3);
    act(&mut harness, Act::Follow(bench.runs().join("line")));
    until(&mut harness, "another process is seen at work", |training| {
        training.followed().is_some_and(|run| run.look.is_trained() && !run.curves.is_empty())
    });
    harness.get_by_label("It is being trained by another process.");
    assert!(harness.query_by_label("Go on").is_none());
    interrupt(child);
    until(&mut harness, "it stands", |training| {
        training.followed().is_some_and(|run| !run.look.is_trained())
    });
    assert!((3..60).contains(&bench.steps("line")));
    act(&mut harness, Act::Device(Choice::Cpu));
    // A folder of an earlier version does not tell where its data lies.
    let data = bench.runs().join("line/data.json");
    let told = fs::read(&data).unwrap();
    fs::remove_file(&data).unwrap();
    let follow = |harness: &mut Harness<'_, EaselApp>, tells: bool| {
        act(harness, Act::Follow(bench.runs().join("line")));
        until(harness, "its folder is read again", |training| {
            training.followed().is_some_and(|run| run.files.is_some() == tells)
        });
        let button = harness.get_by_role_and_label(Role::Button, "Go on");
        assert_eq!(button.accesskit_node().is_disabled(), !tells);
    };
    follow(&mut harness, false);
    fs::write(&data, told).unwrap();
    follow(&mut harness, true);
    harness.get_by_label_contains("It goes on with the data that it began with: ");
    press(&mut harness, "Go on");
    until(&mut harness, "it ends", |training| training.ended().is_some());
    assert_eq!(harness.state().training().unwrap().ended(), Some(&Ok(End::Complete)));
    succeed(bench.train("unbroken", &config));
    bench.equal(["line", "unbroken"]);
}

#[test]
fn children_see_no_door_to_it() {
    let settings = Settings { view: View::Student, ..Settings::default() };
    let (mut harness, _) = fake::harness([1100.0, 3000.0], &settings);
    harness.state_mut().command(Command::Settings(true));
    harness.run();
    assert!(harness.query_by_label("Train adapters").is_none());
}

/// Brings the tab to one of the screens of which pictures are made.
pub fn go(screen: &str, harness: &mut Harness<'static, EaselApp>) {
    let folder = crate::desk::data();
    let typed = |place, path: &str| Act::Typed(place, folder.join(path).display().to_string());
    let runs = ["run-1", "run-2"].map(|name| Path::new("/home/dev/runs").join(name));
    let mut acts = vec![
        Act::Open,
        typed(Place::Sheet, "annotations.csv"),
        typed(Place::Images, "images"),
        Act::Check,
    ];
    match screen {
        "train-settings" => {
            acts.extend([Act::Tab(Tab::Settings), Act::Set("rank", "0".to_owned())]);
        }
        "train-memory" => acts.extend([Act::Tab(Tab::Settings), Act::Memory]),
        "train-run" => acts.extend([Act::Start]),
        "train-paused" => acts.extend([Act::Follow(runs[0].clone())]),
        "train-compare" | "train-judge" => {
            acts.extend(runs.map(|run| Act::Pick(run, true)));
            acts.push(Act::Tab(Tab::Compare));
            if screen == "train-judge" {
                acts.extend([Act::Tab(Tab::Judge), Act::Judge]);
            }
        }
        "train-try" => {
            harness.state_mut().command(Command::Sample(1));
            harness.run();
            acts.extend([Act::Follow(runs[0].clone()), Act::Score, Act::Tab(Tab::Try)]);
        }
        _ => {}
    }
    for act in acts {
        harness.state_mut().command(Command::Train(act));
        harness.run();
    }
}
