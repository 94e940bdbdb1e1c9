//! Portfolios on the screen: drawings are kept, found again, compared and deleted.

use std::collections::BTreeMap;

use easel::portfolio::{Ask, Id, Tell as Told};
use easel::ui::{
    Command, EaselApp, Edit, Fault, FaultKind, Keeping, Screen, Settings, Source, Tell, View, Where,
};
use easel_core::prompt::Language;
use easel_core::{Assessment, Attribute, Score};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use crate::fake::{COMMENT, COMMENT_ZH, Shared, harness};
use crate::keyboard;
use crate::portfolios::Portfolios;

const SIZE: [f32; 2] = [1280.0, 1900.0];

/// Names of all lengths.
const NAMES: [&str; 4] = ["Amélie", "Christopher Alexander Montgomery-Fitzgerald", "Mia", "小明"];

/// Scores that go up with time, some clearly and some not.
fn scores(step: usize) -> Assessment {
    let score = |attribute: Attribute| {
        let mut probs = [0.02; 5];
        let level = match attribute as usize {
            3 | 4 => 1 + step,
            7 => 4 - step.min(3),
            _ => 2,
        };
        probs[level.min(4)] = 0.92;
        if attribute as usize % 4 == 1 {
            probs = [0.1, 0.2, 0.3, 0.25, 0.15];
        }
        (attribute, Score { probs })
    };
    Assessment::new(Attribute::ALL.map(score).into_iter().collect::<BTreeMap<_, _>>())
}

fn sample(number: usize) -> Source {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/samples");
    let bytes = std::fs::read(format!("{folder}/{number}.png")).unwrap();
    Source::File { name: "a.png".to_owned(), bytes }
}

/// Pupils, and drawings of the third.
fn fill(script: &Shared, drawings: usize, comment: &str) -> (Id, Vec<Id>) {
    let mut script = script.borrow_mut();
    let portfolios = script.portfolios.get_or_insert_with(Portfolios::new);
    let pupils = NAMES.map(|name| match portfolios.answer(Ask::Add(name.to_owned())) {
        Tell::Portfolio(Told::Added(id)) => id,
        other => panic!("{other:?}"),
    });
    let keep = |number: usize| {
        let ask = Ask::Keep {
            pupil: pupils[2],
            source: sample(number % 6 + 1),
            edit: Edit::default(),
            assessment: scores(number),
            comment: comment.to_owned(),
            model: String::new(),
        };
        match portfolios.answer(ask) {
            Tell::Portfolio(Told::Kept { record, .. }) => record.id,
            other => panic!("{other:?}"),
        }
    };
    (pupils[2], (0..drawings).map(keep).collect())
}

/// Brings the interface to one of the portfolios' screens.
pub fn go(screen: &str, harness: &mut Harness<'static, EaselApp>, script: &Shared) {
    let zh = harness.state().settings().language == Some(Language::Zh);
    let (pupil, drawings) = fill(script, 5, if zh { COMMENT_ZH } else { COMMENT });
    let keeping: Vec<Keeping> = match screen {
        "keep" | "kept" => {
            for command in [Command::Sample(1), Command::Look] {
                harness.state_mut().command(command);
                harness.run();
            }
            let choose = Keeping::Choose(true);
            if screen == "keep" { vec![choose] } else { vec![choose, Keeping::Keep(pupil)] }
        }
        "pupils" => vec![Keeping::Show],
        "drawings" => vec![Keeping::Pupil(pupil)],
        "pick" => {
            vec![Keeping::Pupil(pupil), Keeping::Pick(true), Keeping::Picked(drawings[2])]
        }
        "drawing" | "drawing-teacher" => {
            vec![Keeping::Pupil(pupil), Keeping::Drawing(drawings[2])]
        }
        "compare" => vec![Keeping::Pupil(pupil), Keeping::Compare([drawings[4], drawings[0]])],
        _ => vec![Keeping::Pupil(pupil), Keeping::Growth],
    };
    for keeping in keeping {
        harness.state_mut().command(Command::Portfolio(keeping));
        harness.run();
    }
}

fn start(view: View) -> (Harness<'static, EaselApp>, Shared) {
    let settings = Settings { reduced_motion: true, view, ..Settings::default() };
    harness(SIZE, &settings)
}

fn press(harness: &mut Harness<'_, EaselApp>, label: &str) {
    harness.get_by_label(label).click();
    harness.run();
}

/// What is typed into: its name stands above it, too.
fn field<'h>(harness: &'h Harness<'_, EaselApp>, label: &'h str) -> egui_kittest::Node<'h> {
    let typed = [Role::TextInput, Role::MultilineTextInput];
    let mut all = harness.query_all_by_label(label);
    all.find(|node| typed.contains(&node.accesskit_node().role())).unwrap()
}

fn type_into(harness: &mut Harness<'_, EaselApp>, label: &str, text: &str) {
    field(harness, label).focus();
    harness.run();
    field(harness, label).type_text(text);
    harness.run();
}

/// All that a screen says.
fn said(harness: &Harness<'_, EaselApp>) -> Vec<String> {
    let mut all = Vec::new();
    let mut nodes = vec![harness.root()];
    while let Some(node) = nodes.pop() {
        all.extend(node.accesskit_node().label());
        nodes.extend(node.children());
    }
    all
}

/// The parts of the portfolios that were asked for.
fn pages(script: &Shared) -> Vec<u64> {
    let of = |request: &easel::ui::Request| match request.ask {
        easel::ui::Ask::Portfolio(Ask::Page { from, .. }) => Some(from),
        _ => None,
    };
    script.borrow().requests.iter().filter_map(of).collect()
}

#[test]
fn a_drawing_is_kept_for_a_new_name_and_found_again() {
    let (mut harness, script) = start(View::Student);
    press(&mut harness, "Sample drawing 3");
    press(&mut harness, "Turn right");
    press(&mut harness, "Look at my drawing");
    harness.get_by_role_and_label(Role::Button, "Keep this drawing").click();
    harness.run();
    harness.get_by_label("Whose drawing is it?");
    type_into(&mut harness, "Name", "  Mia ");
    press(&mut harness, "Add this name");
    harness.get_by_label("Kept for Mia.");
    harness.get_by_label("This is your first picture here.");
    // It is kept once, and as it was turned.
    let keeps = |script: &Shared| {
        let is_keep = |request: &&easel::ui::Request| matches!(&request.ask, easel::ui::Ask::Portfolio(Ask::Keep { edit, .. }) if edit.turns == 1);
        script.borrow().requests.iter().filter(is_keep).count()
    };
    assert_eq!(keeps(&script), 1);
    press(&mut harness, "Open the portfolio");
    assert_eq!(harness.state().portfolio().place(), Where::Drawings);
    press(&mut harness, "Drawing of 2026-09-08");
    harness.get_by_label("Mia, 2026-09-08");
    harness.get_by_label(COMMENT);
    for place in [Where::Drawings, Where::Pupils] {
        press(&mut harness, "Back");
        assert_eq!(harness.state().portfolio().place(), place);
    }
    harness.get_by_label("Drawings: 1. The last one: 2026-09-08");
    press(&mut harness, "Back");
    assert_eq!(harness.state().screen(), Screen::Result, "back where the person came from");
    // Another look at it is another drawing to keep.
    harness.state_mut().command(Command::Look);
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Keep this drawing").click();
    harness.run();
    press(&mut harness, "Mia");
    harness.get_by_label("Nothing stands out as different. Each picture goes its own way.");
    assert_eq!(keeps(&script), 2);
}

#[test]
fn a_child_reads_what_is_new_and_no_number() {
    let (mut harness, script) = start(View::Student);
    let (pupil, drawings) = fill(&script, 3, COMMENT);
    for keeping in [Keeping::Pupil(pupil), Keeping::Drawing(drawings[2])] {
        harness.state_mut().command(Command::Portfolio(keeping));
        harness.run();
    }
    harness.get_by_label("New since your last picture");
    harness.get_by_label("More colours found their way in.");
    harness.get_by_label("Your colours stand out from each other more.");
    press(&mut harness, "Compare with the one before");
    harness.get_by_label("Two drawings side by side");
    harness.get_by_label("More colours found their way in.");
    let all = said(&harness);
    // Days have digits; nothing else has.
    let number =
        |text: &&String| text.chars().any(|c| c.is_ascii_digit()) && !text.contains("2026-");
    let numbers: Vec<_> = all.iter().filter(number).collect();
    assert!(numbers.is_empty(), "{numbers:?}");
    for hidden in ["Note", "Delete this drawing", "Change over time"] {
        assert!(harness.query_by_label(hidden).is_none(), "{hidden}");
    }
    press(&mut harness, "Back");
    for hidden in ["Change over time", "Delete Mia and all drawings"] {
        assert!(harness.query_by_label(hidden).is_none(), "{hidden}");
    }
}

#[test]
fn a_teacher_sees_change_with_its_uncertainty() {
    let (mut harness, script) = start(View::Teacher);
    let (pupil, _) = fill(&script, 4, COMMENT);
    harness.state_mut().command(Command::Portfolio(Keeping::Pupil(pupil)));
    harness.run();
    press(&mut harness, "Change over time");
    harness.get_by_label("Mia: change over time");
    harness.get_by_label("From 2026-09-08 to 2026-12-22");
    assert_eq!(harness.query_all_by_label_contains(": from ").count(), 9);
    harness.get_by_role_and_label(Role::Image, "Colour richness: from 2.1 to 4.8");
    let more = "Clearly more in the last drawing than in the first.";
    assert_eq!(harness.query_all_by_label(more).count(), 2);
    assert_eq!(
        harness.query_all_by_label("Clearly less in the last drawing than in the first.").count(),
        1
    );
    assert_eq!(harness.query_all_by_label("No clear change.").count(), 6);
}

#[test]
fn a_note_is_kept_when_a_teacher_leaves() {
    let (mut harness, script) = start(View::Teacher);
    let (pupil, drawings) = fill(&script, 1, COMMENT);
    let open = || [Keeping::Pupil(pupil), Keeping::Drawing(drawings[0])];
    for keeping in open() {
        harness.state_mut().command(Command::Portfolio(keeping));
        harness.run();
    }
    type_into(&mut harness, "Note", "Her dog");
    press(&mut harness, "Save the note");
    harness.get_by_label("The note is saved.");
    type_into(&mut harness, "Note", ", and the cat");
    press(&mut harness, "Back");
    for keeping in open() {
        harness.state_mut().command(Command::Portfolio(keeping));
        harness.run();
    }
    let note = field(&harness, "Note").accesskit_node().value();
    assert_eq!(note.as_deref(), Some("Her dog, and the cat"));
}

#[test]
fn a_note_is_kept_when_nothing_more_is_typed_and_when_the_window_closes() {
    let (mut harness, script) = start(View::Teacher);
    let (pupil, drawings) = fill(&script, 1, COMMENT);
    for keeping in [Keeping::Pupil(pupil), Keeping::Drawing(drawings[0])] {
        harness.state_mut().command(Command::Portfolio(keeping));
        harness.run();
    }
    let kept = || match script.borrow().portfolios.as_ref().unwrap().answer(Ask::Open(drawings[0]))
    {
        Tell::Portfolio(Told::Opened { record, .. }) => record.note,
        other => panic!("{other:?}"),
    };
    type_into(&mut harness, "Note", "Her dog");
    assert_eq!(kept(), "", "somebody types");
    // Of the harness's own clock.
    harness.run_steps(40);
    harness.get_by_label("The note is saved.");
    assert_eq!(kept(), "Her dog");
    type_into(&mut harness, "Note", ", and the cat");
    assert_eq!(kept(), "Her dog");
    let ctx = harness.ctx.clone();
    harness.state_mut().close();
    assert!(harness.state_mut().is_saved(&ctx));
    assert_eq!(kept(), "Her dog, and the cat");
    // A store that is gone is told once, and not at every moment.
    let fault = Fault::new(FaultKind::Portfolio, "it is gone");
    script.borrow_mut().portfolio_fault = Some(fault);
    type_into(&mut harness, "Note", "!");
    let notes = || {
        let script = script.borrow();
        let note = |ask: &easel::ui::Ask| matches!(ask, easel::ui::Ask::Portfolio(Ask::Note(..)));
        script.requests.iter().filter(|request| note(&request.ask)).count()
    };
    let before = notes();
    harness.run_steps(200);
    assert_eq!(notes(), before + 1);
}

#[test]
fn deleting_asks_once_and_deletes() {
    let (mut harness, script) = start(View::Teacher);
    let (pupil, drawings) = fill(&script, 2, COMMENT);
    for keeping in [Keeping::Pupil(pupil), Keeping::Drawing(drawings[0])] {
        harness.state_mut().command(Command::Portfolio(keeping));
        harness.run();
    }
    press(&mut harness, "Delete this drawing");
    harness.get_by_label("Delete this drawing for good? It cannot be brought back.");
    press(&mut harness, "Do not delete");
    assert!(harness.query_by_label_contains("for good?").is_none());
    press(&mut harness, "Delete this drawing");
    press(&mut harness, "Delete for good");
    assert_eq!(harness.state().portfolio().place(), Where::Drawings);
    assert!(harness.query_by_label("Drawing of 2026-09-08").is_none());
    harness.get_by_label("Drawing of 2026-10-13");
    press(&mut harness, "Delete Mia and all drawings");
    harness
        .get_by_label("Delete Mia for good, with all drawings (1)? They cannot be brought back.");
    press(&mut harness, "Delete for good");
    assert_eq!(harness.state().portfolio().place(), Where::Pupils);
    assert!(harness.query_by_label("Mia").is_none());
    harness.get_by_label("Amélie");
}

#[test]
fn two_drawings_are_chosen_by_keys_alone() {
    let (mut harness, script) = start(View::Teacher);
    let (pupil, _) = fill(&script, 3, COMMENT);
    harness.state_mut().command(Command::Portfolio(Keeping::Pupil(pupil)));
    harness.run();
    for label in ["Compare two", "Drawing of 2026-11-17", "Drawing of 2026-09-08"] {
        keyboard::press(&mut harness, label);
    }
    harness.get_by_label("Two drawings side by side");
    harness.get_by_label("Colour richness: from 2.1 to 3.9");
    // One choice of a key goes back one step.
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.state().portfolio().place(), Where::Drawings);
}

#[test]
fn of_many_drawings_only_those_near_the_screen_are_asked_for() {
    let (mut harness, script) = start(View::Student);
    let (pupil, _) = fill(&script, 200, "");
    harness.state_mut().command(Command::Portfolio(Keeping::Pupil(pupil)));
    harness.run();
    let begun = pages(&script);
    assert!(begun.len() <= 5 && begun.starts_with(&[0, 24]), "{begun:?}");
    let shown = harness.query_all_by_label_contains("Drawing of").count();
    assert!((24..100).contains(&shown), "{shown}");
    // Far down, and what lies there is asked for.
    harness.event(egui::Event::PointerMoved(egui::pos2(640.0, 900.0)));
    harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, -1e6),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: egui::Modifiers::NONE,
    });
    harness.run();
    harness.get_by_label("Drawing of 2026-09-08");
    assert!(pages(&script).contains(&192));
}

#[test]
fn another_name_and_everything_to_a_file() {
    let (mut harness, script) = start(View::Teacher);
    let (pupil, _) = fill(&script, 1, COMMENT);
    harness.state_mut().command(Command::Portfolio(Keeping::Pupil(pupil)));
    harness.run();
    type_into(&mut harness, "Name", "Mia L.");
    press(&mut harness, "Change the name");
    harness.get_by_role_and_label(Role::Heading, "Mia L.");
    press(&mut harness, "Settings");
    press(&mut harness, "Export everything");
    press(&mut harness, "Import");
    assert_eq!(script.borrow().asked, ["export easel-portfolios.zip", "import"]);
}

#[test]
fn portfolios_that_cannot_be_opened_are_told_and_nothing_is_asked_again_and_again() {
    let (mut harness, script) = start(View::Student);
    let newer = "portfolios.sqlite: these portfolios have version 2";
    script.borrow_mut().portfolio_fault = Some(Fault::new(FaultKind::Portfolio, newer));
    press(&mut harness, "Portfolios");
    harness.get_by_label("That did not work with the portfolios.");
    harness.get_by_label(&format!("In detail: {newer}"));
    let asked = script.borrow().requests.len();
    harness.run();
    assert_eq!(script.borrow().requests.len(), asked);
    press(&mut harness, "Close this message");
    press(&mut harness, "Back");
    assert_eq!(harness.state().screen(), Screen::Welcome);
}
