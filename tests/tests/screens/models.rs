//! The models' screen: what fits, and how a model is fetched, checked, deleted and taken in.

use easel::ui::{
    Arrival, Ask, Chore, EaselApp, Event, Fault, FaultKind, Grant, Item, ModelChoice, Moved,
    Settings, Stock, Tell, View,
};
use easel_core::Precision;
use easel_core::model::Published;
use easel_core::prompt::Language;
use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use crate::fake::{Shared, harness, last, window};
use crate::keyboard;

/// Tall enough that nothing has to be scrolled to.
const SIZE: [f32; 2] = [900.0, 3000.0];
const GB: u64 = 1_000_000_000;

fn hub(model: Published) -> Item {
    Item::Hub(model.id().to_owned())
}

/// The screen over this stock, reached from the first one.
fn open(stock: Stock) -> (Harness<'static, EaselApp>, Shared) {
    let settings = Settings { reduced_motion: true, ..Settings::default() };
    let (mut harness, script) = harness(SIZE, &settings);
    script.borrow_mut().stock = stock;
    harness.get_by_label("Get a real model").click();
    harness.run();
    harness.get_by_label("Models");
    (harness, script)
}

/// The last request of a chore.
fn chore(script: &Shared, chore: &Chore) -> Option<u64> {
    last(script, |ask| matches!(ask, Ask::Shelf(asked) if asked == chore))
}

fn tell(harness: &mut Harness<'_, EaselApp>, script: &Shared, id: u64, tell: Tell) {
    script.borrow_mut().events.push_back(Event { id, tell });
    harness.run();
}

fn press(harness: &mut Harness<'_, EaselApp>, label: &str) {
    harness.get_by_label(label).click();
    harness.run();
}

#[test]
fn it_is_reached_from_the_settings_too_and_left_by_escape() {
    let (mut harness, script) = open(window(16 * GB, 0));
    harness.key_press(Key::Escape);
    harness.run();
    harness.get_by_label("Show me a drawing");
    press(&mut harness, "Settings");
    press(&mut harness, "All models");
    harness.get_by_label("Demo model (built in)");
    harness.get_by_label("In use");
    let lists = script
        .borrow()
        .requests
        .iter()
        .filter(|request| matches!(request.ask, Ask::Shelf(Chore::List { .. })))
        .count();
    assert_eq!(lists, 2, "what is kept is asked anew");
    harness.key_press(Key::Escape);
    harness.run();
    harness.get_by_label("Size of text");
}

#[test]
fn one_button_gets_a_model_and_then_it_is_used() {
    let (mut harness, script) = open(window(16 * GB, 0));
    harness.get_by_label("Download: 7.5 GB");
    harness.get_by_label("Download: 17 GB");
    harness.get_by_label_contains("Qwen Research License");
    harness.get_by_label("From huggingface.co/Qwen/Qwen2.5-VL-3B-Instruct");
    press(&mut harness, "Get: Qwen2.5-VL 3B");
    let item = hub(Published::ThreeB);
    let id = chore(&script, &Chore::Get(item.clone())).unwrap();
    harness.get_by_label("About to begin");
    for done in 1..=4 {
        let moved = Moved { done: done * GB, total: 7_500_000_000 };
        script.borrow_mut().events.push_back(Event { id, tell: Tell::Moved(moved) });
        // A second each.
        harness.run_steps(20);
    }
    harness.get_by_label("Fetching: 4.0 GB of 7.5 GB");
    harness.get_by_label_contains("GB a second, ");
    harness.get_by_label_contains(" seconds left");
    script.borrow_mut().stock = window(16 * GB, 7_600_000_000);
    tell(&mut harness, &script, id, Tell::Got(item));
    let choice = ModelChoice::Hub { id: Published::ThreeB.id().to_owned(), weights: Precision::Q4 };
    assert!(last(&script, |ask| *ask == Ask::Load(choice.clone())).is_some());
    harness.get_by_label("In use");
    let saved = Settings::from_json(script.borrow().saved.as_deref().unwrap());
    assert_eq!(saved.model, choice);
}

#[test]
fn what_is_paused_goes_on_from_there() {
    let (mut harness, script) = open(window(16 * GB, 0));
    press(&mut harness, "Get: Qwen2.5-VL 3B");
    let item = hub(Published::ThreeB);
    let id = chore(&script, &Chore::Get(item.clone())).unwrap();
    tell(&mut harness, &script, id, Tell::Moved(Moved { done: GB, total: 7 * GB }));
    press(&mut harness, "Pause: Qwen2.5-VL 3B");
    assert!(last(&script, |ask| *ask == Ask::Cancel(id)).is_some());
    harness.get_by_label("About to stop");
    script.borrow_mut().stock = window(16 * GB, GB);
    tell(&mut harness, &script, id, Tell::Cancelled);
    harness.get_by_label("1.0 GB of it are here already");
    press(&mut harness, "Go on: Qwen2.5-VL 3B");
    assert!(chore(&script, &Chore::Get(item)).unwrap() > id);
}

#[test]
fn files_are_checked_and_what_was_found_is_told() {
    let (mut harness, script) = open(window(16 * GB, 7_600_000_000));
    for (damaged, told) in [
        (0, "Checked: every file is whole"),
        (2, "Damaged files that were found and removed: 2. They can be fetched again."),
    ] {
        press(&mut harness, "Check: Qwen2.5-VL 3B");
        let id = chore(&script, &Chore::Verify(hub(Published::ThreeB))).unwrap();
        let moved = Moved { done: 3 * GB, total: 4 * GB };
        tell(&mut harness, &script, id, Tell::Moved(moved));
        harness.get_by_label("Checking the files: 75 percent");
        tell(&mut harness, &script, id, Tell::Checked(damaged));
        harness.get_by_label(told);
    }
}

#[test]
fn deleting_asks_once_more_and_falls_back_on_the_demo() {
    let (mut harness, script) = open(window(16 * GB, 7_600_000_000));
    harness.get_all_by_label("8 bits, more exact").next().unwrap().click();
    harness.run();
    press(&mut harness, "Use: Qwen2.5-VL 3B");
    let item = hub(Published::ThreeB);
    let used = ModelChoice::Hub { id: Published::ThreeB.id().to_owned(), weights: Precision::Q8 };
    assert!(last(&script, |ask| *ask == Ask::Load(used.clone())).is_some());
    press(&mut harness, "Delete: Qwen2.5-VL 3B");
    harness.get_by_label("Really delete Qwen2.5-VL 3B from this device?");
    harness.get_by_label("Other programs that use the hub's cache lose it, too.");
    press(&mut harness, "Keep it");
    assert_eq!(chore(&script, &Chore::Delete(item.clone())), None);
    press(&mut harness, "Delete: Qwen2.5-VL 3B");
    press(&mut harness, "Yes, delete it");
    let id = chore(&script, &Chore::Delete(item)).unwrap();
    let demo = last(&script, |ask| *ask == Ask::Load(ModelChoice::Demo)).unwrap();
    assert_eq!(demo + 1, id, "nothing reads what is deleted");
    script.borrow_mut().stock = window(16 * GB, 0);
    tell(&mut harness, &script, id, Tell::Deleted);
    harness.get_by_label("Get: Qwen2.5-VL 3B");
}

#[test]
fn what_does_not_fit_is_not_offered_and_what_does_is_named() {
    let (mut harness, _) = open(window(4 * GB, 0));
    harness.get_by_label_contains("That is tight on this device");
    harness.get_by_label_contains("Qwen2.5-VL 3B fits, with 4 bits.");
    assert!(harness.query_by_label("Get: Qwen2.5-VL 7B").is_none());
    harness.get_by_label("Get: Qwen2.5-VL 3B");
    harness.get_all_by_label("8 bits, more exact").next().unwrap().click();
    harness.run();
    assert!(harness.query_by_label("Get: Qwen2.5-VL 3B").is_none());
    let (harness, _) = open(window(GB, 0));
    let told = "None of the real models does: stay with the demo model.";
    assert_eq!(harness.get_all_by_label_contains(told).count(), 2);
}

#[test]
fn a_page_takes_packs_in_and_says_what_an_ipad_cannot_hold() {
    let grant = Grant { small_page: true, ..Grant::default() };
    let (mut harness, script) = open(Stock { grant, ..Stock::default() });
    harness.get_by_label_contains("On an iPhone or iPad, a page gets too little memory");
    assert!(harness.query_by_label_contains("Get: Qwen").is_none());
    press(&mut harness, "From an address");
    press(&mut harness, "From a folder");
    assert_eq!(script.borrow().asked, ["address", "model"]);

    // What the platform brings.
    let address = "https://packs.school.test/three/".to_owned();
    script.borrow_mut().arrivals.push_back(Arrival::Pack(address.clone()));
    script.borrow_mut().arrivals.push_back(Arrival::Import("chosen:stick".to_owned()));
    harness.run();
    harness.get_by_label("three");
    harness.get_by_label("stick");
    assert!(chore(&script, &Chore::Get(Item::Pack(address))).is_some());
    let id = chore(&script, &Chore::Import("chosen:stick".to_owned())).unwrap();
    tell(&mut harness, &script, id, Tell::Got(Item::Pack("kept:stick".to_owned())));
    let choice = ModelChoice::Folder("kept:stick".to_owned());
    assert!(last(&script, |ask| *ask == Ask::Load(choice.clone())).is_some());
}

#[test]
fn what_goes_wrong_is_told_and_can_be_tried_again() {
    let (mut harness, script) = open(window(16 * GB, 0));
    press(&mut harness, "Get: Qwen2.5-VL 7B");
    let id = chore(&script, &Chore::Get(hub(Published::SevenB))).unwrap();
    let fault = Fault::new(FaultKind::Shelf, "not enough room in /hub: 9 bytes needed, 1 free");
    tell(&mut harness, &script, id, Tell::Failed(fault));
    harness.get_by_label("Something went wrong with a model's files.");
    harness.get_by_label("In detail: not enough room in /hub: 9 bytes needed, 1 free");
    press(&mut harness, "Get: Qwen2.5-VL 7B");
    assert!(harness.query_by_label_contains("Something went wrong").is_none());
    assert!(chore(&script, &Chore::Get(hub(Published::SevenB))).unwrap() > id);
}

#[test]
fn folders_that_were_used_are_remembered_and_forgotten() {
    let (mut harness, script) = open(window(16 * GB, 0));
    script.borrow_mut().arrivals.push_back(Arrival::Model("/models/mine".to_owned()));
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    press(&mut harness, "Get a real model");
    harness.get_by_label("mine");
    harness.get_by_label("From /models/mine");
    press(&mut harness, "Take off the list: mine");
    assert!(harness.query_by_label("mine").is_none());
    let saved = Settings::from_json(script.borrow().saved.as_deref().unwrap());
    assert!(saved.models.is_empty());
}

#[test]
fn the_keyboard_reaches_the_button_and_chinese_is_spoken() {
    let settings =
        Settings { reduced_motion: true, language: Some(Language::Zh), ..Settings::default() };
    let (mut harness, script) = harness([820.0, 1180.0], &settings);
    script.borrow_mut().stock = window(16 * GB, 0);
    for label in ["换用真正的模型", "下载: Qwen2.5-VL 7B"] {
        keyboard::press(&mut harness, label);
    }
    assert!(chore(&script, &Chore::Get(hub(Published::SevenB))).is_some());
}

#[test]
fn what_is_no_drawing_gets_a_remark_instead_of_praise() {
    for (seen, view, remark) in [
        ((None, true), View::Student, "the page looks blank. Try a photo with more light"),
        ((Some(0.2), false), View::Student, "I am not sure that this is a drawing"),
        ((None, true), View::Teacher, "This page looks blank. The scores below mean nothing"),
        ((Some(0.2), false), View::Teacher, "for something else than a drawing"),
    ] {
        let settings = Settings { reduced_motion: true, view, ..Settings::default() };
        let (mut harness, script) = harness([1280.0, 4000.0], &settings);
        script.borrow_mut().seen = seen;
        press(&mut harness, "Sample drawing 1");
        press(&mut harness, "Look at my drawing");
        harness.get_by_label("Is this a drawing?");
        harness.get_by_label_contains(remark);
        assert!(harness.query_by_label("This works well").is_none());
        assert!(harness.query_all_by_label_contains("quite sure of this level").next().is_none());
        if view == View::Teacher {
            let doubted = "See the remark above: this level may mean nothing.";
            assert_eq!(harness.get_all_by_label(doubted).count(), 9);
        }
    }
    // A drawing gets none.
    let settings = Settings { reduced_motion: true, ..Settings::default() };
    let (mut harness, script) = harness([1280.0, 1600.0], &settings);
    script.borrow_mut().seen = (Some(0.9), false);
    press(&mut harness, "Sample drawing 1");
    press(&mut harness, "Look at my drawing");
    assert!(harness.query_by_label("Is this a drawing?").is_none());
    harness.get_by_label("This works well");
}
