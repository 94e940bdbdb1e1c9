//! Runs that are cut short and go on: nothing tells them from unbroken ones.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::*;

/// Steps enough that every kill is in the middle, and checkpoints that are rarer than steps.
const LONG: &str = "learning_rate = 0.001\nwarmup_steps = 2\neval_steps = 8\nsave_steps = 3\n\
                    max_steps = 60\nbatch_size = 2\naccumulation = 1\npatience = 0\n";

const STEPS: usize = 60;

/// A shorter run, which sees other pictures in each epoch. Its best Pearson is no round number.
const CHANGED: &str = "learning_rate = 0.001\nwarmup_steps = 2\neval_steps = 8\nsave_steps = 3\n\
                       max_steps = 20\nbatch_size = 2\naccumulation = 1\npatience = 0\n\
                       augment = [\"rotate\", \"blur\", \"flip\", \"jitter\"]\n";

const KILLS: u64 = 10;

/// What must be equal byte for byte in the end.
const FILES: [&str; 4] = [
    "adapters/realism/adapter_model.safetensors",
    "adapters/realism/adapter_config.json",
    "jobs/realism/checkpoint.safetensors",
    "config.toml",
];

#[test]
fn a_run_that_was_killed_ten_times_equals_the_unbroken_one() {
    let bench = Bench::new();
    bench.write("config.toml", LONG);
    // A fixed seed: how far apart the kills are.
    let mut seed = 20_260_101_u64;
    let mut chance = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for kill in 0..KILLS {
        // New steps each time, and then a part of one: it computes, evaluates or saves.
        let step = logged(&bench) + 1 + chance(3);
        let mut child = started(&bench);
        wait_for(&bench, step, &mut child);
        let seconds = bench.steps("RUN").last().unwrap()["seconds"].as_f64().unwrap();
        sleep(Duration::from_secs_f64(seconds * chance(100) as f64 / 100.0));
        child.kill().unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(9), "kill {kill}, step {step}: it had ended before");
    }
    bench.works(&with(TRAIN, "--resume"));
    equal(&bench, STEPS);
}

#[test]
fn an_interrupted_run_saves_and_goes_on() {
    let bench = Bench::new();
    bench.write("config.toml", CHANGED);
    let mut child = started(&bench);
    // Behind an evaluation, and not where a checkpoint is due anyway.
    wait_for(&bench, 10, &mut child);
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("stopped as asked; --resume goes on with RUN"), "{said}");
    let steps = bench.steps("RUN").len();
    assert!((10..20).contains(&steps), "{steps}");

    let before = bench.listing();
    let refused = bench.ran(TRAIN);
    assert_eq!(refused.status, 1, "{}", refused.err);
    let last = refused.err.lines().last().unwrap_or_default();
    let checkpoint = "easel: RUN/jobs/realism/checkpoint.safetensors: ";
    let says = format!("{checkpoint}holds a run at step {steps}; --resume goes on with it");
    assert!(last.starts_with(&says), "{last}");
    assert_eq!(bench.listing(), before);

    let ran = bench.works(&with(TRAIN, "--resume"));
    let says = format!("realism: going on after step {steps}");
    assert!(ran.err.contains(&says), "{}", ran.err);
    equal(&bench, 20);
}

#[test]
fn two_processes_do_not_train_one_attribute_at_once() {
    let bench = Bench::new();
    bench.write("config.toml", LONG);
    let mut child = started(&bench);
    wait_for(&bench, 1, &mut child);
    let refused = bench.ran(&with(TRAIN, "--resume"));
    let (status, last) = (refused.status, refused.err.lines().last().unwrap_or_default());
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(status, 1, "{}", refused.err);
    let says = "easel: RUN/jobs/realism: is being trained by another process; expected that one to \
                end first";
    assert_eq!(last, says);
    // A kill leaves no lock.
    bench.works(&with(TRAIN, "--resume"));
    equal(&bench, STEPS);
}

#[test]
fn a_finished_run_says_so() {
    let bench = Bench::new();
    bench.works(TRAIN);
    let before = bench.listing();
    // Its settings need not be named again.
    for line in [with(TRAIN, "--resume"), with(TRAIN, "--config - --resume")] {
        let ran = bench.works(&line);
        assert!(ran.err.contains("realism: was finished before"), "{}", ran.err);
        assert!(bench.listing() == before, "a finished run was changed");
    }
}

fn started(bench: &Bench) -> Child {
    let mut command = bench.command(&with(TRAIN, "--resume"));
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The last step in the log; 0 where there is none.
fn logged(bench: &Bench) -> u64 {
    let log = bench.path("RUN/metrics.jsonl");
    let steps = if log.exists() { bench.steps("RUN") } else { Vec::new() };
    steps.last().map_or(0, |step| step["step"].as_u64().unwrap())
}

/// Waits until the log has the step, in a whole line.
fn wait_for(bench: &Bench, step: u64, child: &mut Child) {
    let began = Instant::now();
    let found = format!("\"step\":{step},");
    let log = bench.path("RUN/metrics.jsonl");
    let has = |text: String| text.lines().any(|line| line.contains(&found) && line.ends_with('}'));
    while !fs::read_to_string(&log).is_ok_and(has) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before step {step}");
        assert!(began.elapsed() < Duration::from_secs(120), "no step {step} in two minutes");
        sleep(Duration::from_millis(3));
    }
}

/// Compares the run with one that nothing broke.
fn equal(bench: &Bench, steps: usize) {
    bench.works(&with(TRAIN, "--out UNBROKEN"));
    for name in FILES {
        let [broken, unbroken] =
            ["RUN", "UNBROKEN"].map(|run| bench.read(&format!("{run}/{name}")));
        assert!(broken == unbroken, "{name} differs");
    }
    let [broken, unbroken] = ["RUN", "UNBROKEN"].map(|run| {
        let mut steps = bench.steps(run);
        for step in &mut steps {
            step["seconds"] = Value::Null;
            if let Some(seconds) = step.pointer_mut("/eval/seconds") {
                *seconds = Value::Null;
            }
        }
        steps
    });
    assert_eq!(broken.len(), steps);
    assert_eq!(broken, unbroken);
    let partial = bench.listing().into_keys().filter(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().contains("partial"))
    });
    assert_eq!(Vec::from_iter(partial), Vec::<PathBuf>::new());
}
