//! The same way with the real demo model on its thread, on the processor.

use std::sync::Arc;
use std::time::{Duration, Instant};

use easel::native::ModelThread;
use easel::ui::{Command, EaselApp, Screen, Settings, View, Writing};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use crate::fake::{Shared, harness_of};

/// Runs frames until something holds; no frame may wait for the model.
fn until(harness: &mut Harness<'_, EaselApp>, what: &str, holds: impl Fn(&EaselApp) -> bool) {
    let start = Instant::now();
    while !holds(harness.state()) {
        assert!(start.elapsed() < Duration::from_secs(180), "waited too long until {what}");
        harness.step();
        std::thread::sleep(Duration::from_millis(5));
    }
    harness.step();
}

#[test]
fn a_sample_is_scored_and_told_about_by_the_demo() {
    let settings = Settings { reduced_motion: true, view: View::Teacher, ..Settings::default() };
    let script = Shared::default();
    script.borrow_mut().saved = Some(settings.to_json());
    let worker = ModelThread::start(Arc::new(|| {}));
    let mut harness = harness_of([1280.0, 4000.0], Box::new(worker), script);
    harness.state_mut().command(Command::Sample(0));
    until(&mut harness, "it is opened", |app| app.screen() != Screen::Welcome);
    harness.get_by_label("Look at my drawing").click();
    harness.step();
    until(&mut harness, "it is scored", |app| app.screen() == Screen::Result);
    until(&mut harness, "the comment ends", |app| {
        app.current().is_some_and(|run| run.writing == Writing::Done)
    });
    let run = harness.state().current().unwrap();
    let (assessment, _) = run.scored.as_ref().unwrap();
    assert_eq!(assessment.iter().count(), 9);
    assert!(run.words.len() > 40, "{}", run.words);
    assert_eq!(harness.query_all_by_label_contains("How likely each level is").count(), 9);
    harness.get_by_label("Model: Demo model (built in)");

    // A second run is given up while it goes on.
    harness.state_mut().command(Command::Look);
    harness.step();
    harness.step();
    harness.state_mut().command(Command::Cancel);
    harness.step();
    harness.step();
    let screen = harness.state().screen();
    assert!(matches!(screen, Screen::Preview { .. } | Screen::Result), "{screen:?}");
}
