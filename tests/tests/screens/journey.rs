//! The way of a drawing, from the first screen to the words.

use easel::ui::{Arrival, Ask, Command, Screen, Settings, Step, Tell, View, Writing};
use egui_kittest::kittest::Queryable;

use crate::fake::{COMMENT, assessment, harness, last, words};

/// Tall enough that nothing has to be scrolled to.
const SIZE: [f32; 2] = [1280.0, 1600.0];

fn still() -> Settings {
    Settings { reduced_motion: true, ..Settings::default() }
}

#[test]
fn a_sample_is_opened_looked_at_and_told_about() {
    let (mut harness, script) = harness(SIZE, &still());
    harness.get_by_label("Sample drawing 2").click();
    harness.run();
    assert_eq!(harness.state().screen(), Screen::Preview { cropping: false });
    harness.get_by_label("Look at my drawing").click();
    harness.run();
    assert_eq!(harness.state().screen(), Screen::Result);
    harness.get_by_label(COMMENT);
    harness.get_by_label("This works well");
    harness.get_by_label("Try this next");
    harness.get_by_label_contains("not a grade");
    assert_eq!(harness.state().current().unwrap().writing, Writing::Done);
    harness.get_by_label("Another picture").click();
    harness.run();
    assert_eq!(harness.state().screen(), Screen::Welcome);
    assert!(last(&script, |ask| matches!(ask, Ask::Cancel(_))).is_none(), "nothing was given up");
}

#[test]
fn steps_are_told_while_they_happen_and_can_be_given_up() {
    let (mut harness, script) = harness(SIZE, &still());
    script.borrow_mut().stop_at = Some(Tell::Step(Step::Thinking));
    harness.get_by_label("Sample drawing 1").click();
    harness.run();
    harness.get_by_label("Look at my drawing").click();
    harness.run();
    assert_eq!(harness.state().screen(), Screen::Working);
    harness.get_by_label("Reading the picture: done");
    harness.get_by_label("Looking at it: done");
    harness.get_by_label("Thinking of how things really look: now");
    harness.get_by_label("Writing to you: later");
    let request = last(&script, |ask| matches!(ask, Ask::Assess { .. })).unwrap();
    harness.get_by_label("Cancel").click();
    harness.run();
    assert_eq!(harness.state().screen(), Screen::Preview { cropping: false });
    let cancelled = last(&script, |ask| *ask == Ask::Cancel(request));
    assert!(cancelled.is_some());
    // What comes late changes nothing.
    let late = easel::ui::Event { id: request, tell: Tell::Scored(assessment()) };
    script.borrow_mut().events.push_back(late);
    harness.run();
    assert_eq!(harness.state().screen(), Screen::Preview { cropping: false });
}

#[test]
fn a_comment_streams_and_stops_where_it_is_told_to() {
    let (mut harness, script) = harness(SIZE, &still());
    script.borrow_mut().stop_at = Some(words("a "));
    harness.get_by_label("Sample drawing 1").click();
    harness.run();
    harness.get_by_label("Look at my drawing").click();
    harness.run();
    harness.get_by_label("I see a");
    harness.get_by_label("Stop writing").click();
    harness.run();
    harness.get_by_label("The writing was stopped.");
    let id = last(&script, |ask| matches!(ask, Ask::Assess { .. })).unwrap();
    let late = easel::ui::Event { id, tell: words("late") };
    script.borrow_mut().events.push_back(late);
    harness.run();
    harness.get_by_label("I see a");
    assert!(harness.query_by_label_contains("late").is_none());
}

#[test]
fn another_picture_gives_up_what_is_written_about_the_last() {
    let (mut harness, script) = harness(SIZE, &still());
    script.borrow_mut().stop_at = Some(words("a "));
    harness.state_mut().command(Command::Sample(0));
    harness.run();
    harness.state_mut().command(Command::Look);
    harness.run();
    let request = last(&script, |ask| matches!(ask, Ask::Assess { .. })).unwrap();
    harness.state_mut().command(Command::Sample(1));
    harness.run();
    assert_eq!(harness.state().screen(), Screen::Preview { cropping: false });
    assert!(last(&script, |ask| *ask == Ask::Cancel(request)).is_some());
}

#[test]
fn settings_are_kept_for_the_next_day() {
    let (mut harness, script) = harness(SIZE, &still());
    harness.get_by_label("Settings").click();
    harness.run();
    harness.get_by_label("Dark").click();
    harness.get_by_label("Large").click();
    harness.run();
    harness.get_by_label("For teachers and parents").click();
    harness.run();
    let saved = Settings::from_json(script.borrow().saved.as_deref().unwrap());
    assert_eq!(saved.theme, easel::ui::Theme::Dark);
    assert_eq!(saved.text_size, easel::ui::TextSize::Large);
    assert_eq!(saved.view, View::Teacher);
    harness.get_by_label("Done").click();
    harness.run();
    harness.get_by_label("Show me a drawing");
}

#[test]
fn the_other_language_is_one_press_away() {
    let (mut harness, script) = harness(SIZE, &still());
    harness.get_by_label("Switch to Chinese").click();
    harness.run();
    harness.get_by_label("给我看看你的画吧");
    harness.state_mut().command(Command::Sample(0));
    harness.run();
    harness.get_by_label("看看我的画").click();
    harness.run();
    harness.get_by_label("这里画得有意思");
    let requests = &script.borrow().requests;
    let chinese = easel_core::prompt::Language::Zh;
    assert!(
        requests
            .iter()
            .any(|r| matches!(&r.ask, Ask::Assess { language, .. } if *language == chinese))
    );
}

#[test]
fn buttons_ask_the_platform() {
    let (mut harness, script) = harness(SIZE, &still());
    harness.get_by_label("Choose a picture").click();
    harness.run();
    harness.get_by_label("Settings").click();
    harness.run();
    harness.get_by_label("Choose a model folder").click();
    harness.run();
    assert_eq!(script.borrow().asked, ["picture", "model"]);
}

#[test]
fn a_picture_that_comes_at_once_after_another_picture_is_opened() {
    let (mut harness, script) = harness(SIZE, &still());
    harness.get_by_label("Sample drawing 1").click();
    harness.run();
    harness.get_by_label("Look at my drawing").click();
    harness.run();
    harness.get_by_label("Another picture").click();
    // The frame that meets the press; what it asks for is carried out in the next one, in which the
    // picture comes, too.
    harness.step();
    assert_eq!(harness.state().screen(), Screen::Result);
    let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/samples/2.png"));
    let picture =
        Arrival::Picture { name: "next.png".to_owned(), path: None, bytes: bytes.unwrap() };
    script.borrow_mut().arrivals.push_back(picture);
    harness.run();
    assert_eq!(harness.state().screen(), Screen::Preview { cropping: false });
    let opened = last(&script, |ask| matches!(ask, Ask::Open(_))).unwrap();
    assert!(last(&script, |ask| *ask == Ask::Cancel(opened)).is_none(), "it was put away");
}
