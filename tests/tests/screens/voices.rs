//! The two voices: words for the child, numbers and doubts for the grown-ups.

use easel::ui::{Command, EaselApp, Screen, Settings, View};
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use crate::fake::{Shared, harness};

fn result(view: View, released: bool) -> (Harness<'static, EaselApp>, Shared) {
    let settings =
        Settings { reduced_motion: true, view, numbers_released: released, ..Settings::default() };
    let (mut harness, script) = harness([1280.0, 4000.0], &settings);
    harness.state_mut().command(Command::Sample(0));
    harness.run();
    harness.state_mut().command(Command::Look);
    harness.run();
    assert_eq!(harness.state().screen(), Screen::Result);
    (harness, script)
}

/// All that a screen says.
fn said(harness: &Harness<'_, EaselApp>) -> Vec<String> {
    let mut all = Vec::new();
    let mut nodes = vec![harness.root()];
    while let Some(node) = nodes.pop() {
        all.extend(node.accesskit_node().label());
        all.extend(node.accesskit_node().value());
        nodes.extend(node.children());
    }
    all
}

#[test]
fn a_child_sees_no_number_until_a_teacher_shares_them() {
    let (harness, _) = result(View::Student, false);
    let words = said(&harness);
    let numbers: Vec<_> =
        words.iter().filter(|text| text.chars().any(|c| c.is_ascii_digit())).collect();
    assert!(numbers.is_empty(), "{numbers:?}");
    let (harness, _) = result(View::Student, true);
    harness.get_by_label("Your teacher shared these numbers");
    harness.get_by_label("Colour contrast: 4.9 of 5");
}

#[test]
fn teachers_see_scores_distributions_doubts_and_limits() {
    let (mut harness, script) = result(View::Teacher, false);
    harness.get_by_label("Colour contrast: 4.9 of 5");
    harness.get_by_label("Radar chart of the nine attributes");
    assert_eq!(harness.query_all_by_label_contains("How likely each level is").count(), 9);
    harness.get_all_by_label("The program is quite sure of this level.").next().unwrap();
    harness
        .get_all_by_label("The program is unsure: it could be off by more than a level.")
        .next()
        .unwrap();
    harness.get_by_label("Model: Demo model (built in)");
    harness.get_by_label_contains("no assessment of a child");
    harness.get_by_label_contains("It can be wrong, and it is not a grade.");
    harness.get_by_label("Show all levels: Realism").click();
    harness.run();
    harness.get_by_label_contains("5  Form, detail and light");
    harness.get_by_label("Show these numbers to the student").click();
    harness.run();
    let saved = Settings::from_json(script.borrow().saved.as_deref().unwrap());
    assert!(saved.numbers_released);
}

#[test]
fn everything_that_can_be_pressed_has_a_name() {
    for view in [View::Student, View::Teacher] {
        let (harness, _) = result(view, true);
        let mut nodes = vec![harness.root()];
        while let Some(node) = nodes.pop() {
            let inner = node.accesskit_node();
            let pressed = matches!(
                inner.role(),
                Role::Button | Role::CheckBox | Role::RadioButton | Role::Slider | Role::Image
            );
            let named = !pressed || inner.label().is_some_and(|name| !name.is_empty());
            assert!(named, "{view:?}: {:?} at {:?}", inner.role(), node.rect());
            nodes.extend(node.children());
        }
    }
}
