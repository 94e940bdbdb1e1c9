//! The papers, and where the program looked: found by those who look for them, and complete.

use easel::papers::{Block, Paper};
use easel::ui::{Ask, Command, Fault, FaultKind, Settings, View};
use easel_core::Attribute;
use easel_core::prompt::Language;
use egui_kittest::kittest::Queryable;

use crate::fake::{harness, last};

fn teacher() -> Settings {
    let language = Some(Language::En);
    Settings { language, view: View::Teacher, reduced_motion: true, ..Settings::default() }
}

#[test]
fn papers_are_reached_from_the_settings_and_left_again() {
    let (mut harness, _) = harness([820.0, 6000.0], &teacher());
    harness.run();
    harness.get_by_label("Settings").click();
    harness.run();
    harness.get_by_label("About Easel").click();
    harness.run();
    for (button, paper) in [
        ("For parents", Paper::Parent),
        ("For children", Paper::Child),
        ("For schools", Paper::School),
        ("The model", Paper::Model),
    ] {
        // The first that a teacher is shown.
        if paper != Paper::Parent {
            harness.get_by_label(button).click();
            harness.run();
        }
        for block in paper.blocks(Language::En) {
            let (Block::Title(text)
            | Block::Section(text)
            | Block::Paragraph(text)
            | Block::Item(text)) = block;
            assert!(harness.query_all_by_label(text).next().is_some(), "{paper:?}: {text}");
        }
    }
    harness.get_by_label("Back").click();
    harness.run();
    harness.get_by_label("Language");
    harness.get_by_label("Back").click();
    harness.run();
    harness.get_by_label("Show me a drawing");
}

#[test]
fn a_pupil_is_first_shown_the_page_in_a_childs_words() {
    let settings = Settings { view: View::Student, ..teacher() };
    let (mut harness, _) = harness([820.0, 6000.0], &settings);
    harness.run();
    harness.get_by_label("Settings").click();
    harness.run();
    harness.get_by_label("About Easel").click();
    harness.run();
    harness.get_by_label(Paper::Child.title(Language::En));
}

#[test]
fn where_it_looked_is_shown_when_it_is_asked_for() {
    let (mut harness, script) = harness([820.0, 6000.0], &teacher());
    for command in [Command::Sample(1), Command::Look] {
        harness.run();
        harness.state_mut().command(command);
    }
    harness.run();
    assert_eq!(last(&script, |ask| matches!(ask, Ask::Occlude { .. })), None, "only when asked");
    harness.get_by_label("Where did it look?: Realism").click();
    harness.run();
    harness.get_by_label("Your picture with sixteen squares over it");
    harness.get_by_label(
        "What counts most here: row 2 from the top, square 3 from the left. \
                          Without it, the score is 0.9 points lower.",
    );
    assert!(harness.query_all_by_label_contains("does not prove").next().is_some());

    // Where no part stands out, that is what is said.
    harness.get_by_label("Where did it look?: Imagination").click();
    harness.run();
    harness.get_by_label_contains("No part stands out");

    // Another look is at another drawing.
    harness.state_mut().command(Command::Look);
    harness.run();
    harness.get_by_label("Where did it look?: Realism");
}

#[test]
fn one_part_is_looked_at_after_another_and_a_failure_is_told() {
    let (mut harness, script) = harness([820.0, 6000.0], &teacher());
    for command in [Command::Sample(1), Command::Look] {
        harness.run();
        harness.state_mut().command(command);
    }
    harness.run();
    // Two questions in one frame: the second waits for nobody, it is dropped.
    harness.state_mut().command(Command::WhereLooked(Attribute::Realism));
    harness.state_mut().command(Command::WhereLooked(Attribute::Imagination));
    harness.run();
    let asked = |ask: &Ask| matches!(ask, Ask::Occlude { .. });
    let count = script.borrow().requests.iter().filter(|request| asked(&request.ask)).count();
    assert_eq!(count, 1);
    let fault = Fault::new(FaultKind::Computing, "the device was lost");
    script.borrow_mut().occlusion_fault = Some(fault);
    harness.state_mut().command(Command::WhereLooked(Attribute::Imagination));
    harness.run();
    harness.get_by_label_contains("Something went wrong while computing.");
    // It can be asked again.
    harness.get_by_label("Where did it look?: Imagination");
}
