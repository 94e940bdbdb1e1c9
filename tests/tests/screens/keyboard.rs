//! The whole way by keyboard alone.

use easel::ui::{EaselApp, Screen, Settings};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use crate::fake::{COMMENT, harness};

/// Presses Tab until `label` has the keyboard, then Enter.
pub fn press(harness: &mut Harness<'_, EaselApp>, label: &str) {
    for _ in 0..40 {
        harness.key_press(Key::Tab);
        harness.run();
        if harness.get_by_label(label).is_focused() {
            harness.key_press(Key::Enter);
            harness.run();
            return;
        }
    }
    panic!("{label} is not reached");
}

#[test]
fn from_opening_to_the_result_without_a_pointer() {
    let settings = Settings { reduced_motion: true, ..Settings::default() };
    let (mut harness, script) = harness([820.0, 1180.0], &settings);
    press(&mut harness, "Sample drawing 3");
    press(&mut harness, "Turn right");
    press(&mut harness, "Cut or straighten");
    // The frame is the next thing to be reached: arrows change it.
    for _ in 0..20 {
        harness.key_press(Key::Tab);
        harness.run();
        if harness.get_by_label("Frame of the part that is kept").is_focused() {
            break;
        }
    }
    for _ in 0..4 {
        harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowLeft);
        harness.run();
    }
    press(&mut harness, "Keep this part");
    press(&mut harness, "Look at my drawing");
    assert_eq!(harness.state().screen(), Screen::Result);
    harness.get_by_label(COMMENT);
    let edit = script.borrow().requests.iter().find_map(|request| match &request.ask {
        easel::ui::Ask::Assess { edit, .. } => Some(*edit),
        _ => None,
    });
    let edit = edit.unwrap();
    assert_eq!(edit.turns, 1);
    assert!((edit.keep[2] - 0.8).abs() < 1e-3 && edit.keep[0] == 0.0, "{edit:?}");
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.state().screen(), Screen::Preview { cropping: false });
}

#[test]
fn a_picture_is_straightened_by_arrows() {
    let settings = Settings { reduced_motion: true, ..Settings::default() };
    let (mut harness, script) = harness([360.0, 740.0], &settings);
    press(&mut harness, "Sample drawing 2");
    press(&mut harness, "Cut or straighten");
    let arrows = |harness: &mut Harness<'_, EaselApp>, key, count| {
        for _ in 0..40 {
            harness.key_press(Key::Tab);
            harness.run();
            if harness.get_by_label("Straighten").is_focused() {
                for _ in 0..count {
                    harness.key_press(key);
                    harness.run();
                }
                return;
            }
        }
        panic!("the slider is not reached");
    };
    arrows(&mut harness, Key::ArrowLeft, 2);
    harness.get_by_label("Straighten: -1\u{b0}");
    // No farther than the end.
    arrows(&mut harness, Key::ArrowRight, 40);
    harness.get_by_label("Straighten: 15\u{b0}");
    press(&mut harness, "Whole picture");
    harness.get_by_label("Straighten: 0\u{b0}");
    arrows(&mut harness, Key::ArrowRight, 7);
    press(&mut harness, "Keep this part");
    press(&mut harness, "Look at my drawing");
    let edit = script.borrow().requests.iter().find_map(|request| match &request.ask {
        easel::ui::Ask::Assess { edit, .. } => Some(*edit),
        _ => None,
    });
    assert_eq!(edit, Some(easel::ui::Edit { tilt: 3.5, ..Default::default() }));
}

#[test]
fn control_and_o_chooses_a_picture() {
    let (mut harness, script) = harness([1280.0, 800.0], &Settings::default());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::O);
    harness.run_steps(3);
    assert_eq!(script.borrow().asked, ["picture"]);
}
