//! What goes wrong is told in one sentence, with a way on, and the drawing stays.

use easel::ui::{
    Arrival, Ask, Begun, Change, Command, EaselApp, Event, Fault, FaultKind, ModelChoice, Screen,
    Settings, Step, Tell, Writing,
};
use easel_core::prompt::Language;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use crate::fake::{Shared, assessment, harness, last, words};

const SIZE: [f32; 2] = [820.0, 1180.0];

fn still() -> Settings {
    Settings { reduced_motion: true, ..Settings::default() }
}

#[test]
fn a_file_that_is_no_picture_is_told_and_the_next_one_opens() {
    let (mut harness, script) = harness(SIZE, &still());
    let name = "diary.txt".to_owned();
    let diary = Arrival::Picture { name, path: None, bytes: b"Dear diary".to_vec() };
    script.borrow_mut().arrivals.push_back(diary);
    harness.run();
    harness.get_by_label_contains("is not a picture that Easel can open");
    harness.get_by_label("Close this message").click();
    harness.run();
    assert!(harness.query_by_label_contains("is not a picture").is_none());
    harness.get_by_label("Sample drawing 1").click();
    harness.run();
    assert_eq!(harness.state().screen(), Screen::Preview { cropping: false });
}

#[test]
fn a_device_that_fails_keeps_the_drawing_and_is_tried_again() {
    let (mut harness, script) = harness(SIZE, &still());
    harness.state_mut().command(Command::Sample(0));
    harness.run();
    script.borrow_mut().stop_at = Some(Tell::Step(Step::Looking));
    harness.get_by_label("Look at my drawing").click();
    harness.run();
    let id = last(&script, |ask| matches!(ask, Ask::Assess { .. })).unwrap();
    let fault = Fault::new(FaultKind::Computing, "the device was lost");
    script.borrow_mut().events.push_back(Event { id, tell: Tell::Failed(fault) });
    script.borrow_mut().stop_at = None;
    harness.run();
    harness.get_by_label("Something went wrong while computing. Your drawing is still here.");
    harness.get_by_label("In detail: the device was lost");
    harness.get_by_label("Try again").click();
    harness.run();
    assert_eq!(harness.state().screen(), Screen::Result);
}

/// A window that is about to hear, in the middle of a comment, that the device is lost.
fn broken_off() -> (Harness<'static, EaselApp>, Shared) {
    let (mut harness, script) = harness(SIZE, &still());
    harness.state_mut().command(Command::Sample(0));
    harness.run();
    script.borrow_mut().stop_at = Some(words("a "));
    harness.get_by_label("Look at my drawing").click();
    harness.run();
    let id = last(&script, |ask| matches!(ask, Ask::Assess { .. })).unwrap();
    let fault = Fault::new(FaultKind::Stopped, "the graphics processor was lost");
    script.borrow_mut().events.push_back(Event { id, tell: Tell::Failed(fault) });
    (harness, script)
}

#[test]
fn a_comment_that_is_broken_off_goes_on_after_its_words() {
    let (mut harness, script) = broken_off();
    harness.run();
    // The worker begins with its steps, so that nothing more is told here.
    script.borrow_mut().stop_at = Some(Tell::Step(Step::Reading));
    harness.get_by_label("Try again").click();
    harness.run();
    harness.get_by_label("I see a");
    let asked = script.borrow().requests.last().unwrap().clone();
    let Ask::Assess { begun: Some(begun), .. } = asked.ask else { panic!("{:?}", asked.ask) };
    assert_eq!(begun, Begun { assessment: assessment(), written: vec![2, 4, 2] });
    let more = Event { id: asked.id, tell: words("house.") };
    let done = Event { id: asked.id, tell: Tell::Done };
    script.borrow_mut().events.extend([more, done]);
    harness.run();
    harness.get_by_label("I see a house.");
    assert_eq!(harness.state().current().unwrap().writing, Writing::Done);
}

#[test]
fn a_comment_of_another_language_begins_anew() {
    let (mut harness, script) = broken_off();
    harness.state_mut().command(Command::Set(Change::Language(Language::Zh)));
    harness.run();
    harness.state_mut().command(Command::Again);
    harness.run();
    let asked = script.borrow().requests.last().unwrap().ask.clone();
    assert!(matches!(asked, Ask::Assess { begun: None, language: Language::Zh, .. }), "{asked:?}");
}

#[test]
fn a_model_that_does_not_load_offers_the_demo() {
    let (mut harness, script) = harness(SIZE, &still());
    let fault = Fault::new(FaultKind::Model, "models/x/config.json: there is no such file");
    script.borrow_mut().model_fault = Some(fault);
    script.borrow_mut().arrivals.push_back(Arrival::Model("models/x".to_owned()));
    harness.run();
    harness.get_by_label("The model could not be loaded.");
    harness.get_by_label("In detail: models/x/config.json: there is no such file");
    let saved = Settings::from_json(script.borrow().saved.as_deref().unwrap());
    assert_eq!(saved.model, ModelChoice::Demo, "what failed is not tried again at the next start");
    harness.get_by_label("Use the demo model").click();
    harness.run();
    assert!(harness.query_by_label("The model could not be loaded.").is_none());
    assert!(last(&script, |ask| *ask == Ask::Load(ModelChoice::Demo)).is_some_and(|id| id > 2));
}

#[test]
fn a_clipboard_without_a_picture_is_told() {
    let (mut harness, _) = harness(SIZE, &still());
    harness.event(egui::Event::Paste("words".to_owned()));
    harness.run();
    harness.get_by_label_contains("There is no picture to paste.");
}
