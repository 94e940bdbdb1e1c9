//! A class on the screen: the queue, the table, the teacher's part, files.

use easel::class::{Ask, File, Judgement, Kind, Outcome, Tell as Told};
use easel::portfolio::{self, Id, Store};
use easel::ui::{
    Arrival, Command, EaselApp, Fault, FaultKind, Lesson, Only, Screen, Settings, Sort, Step, Tell,
    View,
};
use easel_core::Attribute;
use easel_core::prompt::Language;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use pollster::block_on;

use crate::fake::{COMMENT, COMMENT_ZH, Shared, assessment, harness, last};
use crate::portfolios::Portfolios;

const SIZE: [f32; 2] = [1280.0, 3200.0];

/// Files whose names hold names of all lengths, one of no pupil, and one that is no picture.
fn files() -> Vec<File> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/samples");
    let long = "Christopher Alexander Maximilian Montgomery-Fitzgerald von der Hohenheim-Brunn";
    let names =
        ["Amélie.png", &format!("{long}.png"), "小明 2.png", "Mia.png", "IMG_0003.png", "Noa.png"];
    let mut files: Vec<File> = names
        .iter()
        .enumerate()
        .map(|(at, name)| File {
            place: format!("{folder}/{}.png", at + 1),
            name: format!("4b/{name}"),
        })
        .collect();
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").to_owned();
    files.push(File { place, name: "4b/Zoe.png".to_owned() });
    files
}

fn ask(script: &Shared, ask: Ask) -> Told {
    let mut script = script.borrow_mut();
    let portfolios = script.portfolios.get_or_insert_with(Portfolios::new);
    match portfolios.answer(portfolio::Ask::Class(ask)) {
        Tell::Portfolio(portfolio::Tell::Class(told)) => told,
        other => panic!("{other:?}"),
    }
}

/// A class of which four drawings were looked at, one was approved and one changed.
fn fill(script: &Shared, comment: &str) -> (Id, Vec<Id>) {
    let name = "4b, Häuser 房子".to_owned();
    let Told::Added(class) = ask(script, Ask::Add(name)) else { panic!() };
    let enter = |file: File| {
        let unnamed = "No name yet".to_owned();
        match ask(script, Ask::Enter { class: class.id, file, unnamed }) {
            Told::Record(record) => record.id,
            other => panic!("{other:?}"),
        }
    };
    let ids: Vec<Id> = files().into_iter().map(enter).collect();
    for (at, id) in ids.iter().take(4).enumerate() {
        let assessment = assessment().seen_as((at == 3).then_some(0.1), false);
        let (comment, model) = (comment.to_owned(), String::new());
        ask(script, Ask::Looked(*id, Outcome::Found { assessment, comment, model }));
    }
    let approved = Judgement { approved: true, accepted: true, ..Judgement::default() };
    ask(script, Ask::Judge(ids[0], approved));
    let scores = [(Attribute::Realism, 5), (Attribute::ColorContrast, 2)].into();
    let words = Some(comment.chars().take(24).collect());
    ask(script, Ask::Judge(ids[1], Judgement { scores, comment: words, ..Judgement::default() }));
    (class.id, ids)
}

fn lessons(harness: &mut Harness<'_, EaselApp>, lessons: Vec<Lesson>) {
    for lesson in lessons {
        harness.state_mut().command(Command::Class(lesson));
        harness.run();
    }
}

/// Brings the interface to one of the classes' screens.
pub fn go(screen: &str, harness: &mut Harness<'static, EaselApp>, script: &Shared) {
    let zh = harness.state().settings().language == Some(Language::Zh);
    let (class, ids) = fill(script, if zh { COMMENT_ZH } else { COMMENT });
    let open = [Lesson::Show, Lesson::Open(class)];
    lessons(harness, open[..if screen == "classes" { 1 } else { 2 }].to_vec());
    match screen {
        "class-running" => {
            script.borrow_mut().stop_at = Some(Tell::Step(Step::Thinking));
            let sort = Lesson::Sort(Sort::Attribute(Attribute::Realism));
            lessons(harness, vec![sort, Lesson::Run(true)]);
        }
        "class-delete" => lessons(harness, vec![Lesson::Only(Only::Scored), Lesson::Ask]),
        "class-drawing" => lessons(harness, vec![Lesson::Drawing(ids[1])]),
        "class-failed" => lessons(harness, vec![Lesson::Drawing(ids[6])]),
        _ => {}
    }
}

fn start(view: View) -> (Harness<'static, EaselApp>, Shared) {
    harness(SIZE, &Settings { reduced_motion: true, view, ..Settings::default() })
}

fn press(harness: &mut Harness<'_, EaselApp>, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    harness.run();
}

fn type_into(harness: &mut Harness<'_, EaselApp>, label: &str, text: &str) {
    let typed = [Role::TextInput, Role::MultilineTextInput];
    let field = |harness: &Harness<'_, EaselApp>, text: Option<&str>| {
        let mut all = harness.query_all_by_label(label);
        let node = all.find(|node| typed.contains(&node.accesskit_node().role())).unwrap();
        match text {
            Some(text) => node.type_text(text),
            None => node.focus(),
        }
    };
    field(harness, None);
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    harness.run();
    field(harness, Some(text));
    harness.run();
}

/// The names of the rows that are shown, in their order.
fn shown(harness: &Harness<'_, EaselApp>) -> Vec<String> {
    let mut rows: Vec<_> = harness
        .query_all_by_role(Role::Button)
        .filter_map(|node| {
            let label = node.accesskit_node().label()?;
            label.contains("4b/").then(|| (node.rect().top(), label))
        })
        .collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().map(|(_, label)| label).collect()
}

fn standing(script: &Shared, class: Id) -> Vec<(Id, String)> {
    let Told::Records { records, .. } = ask(script, Ask::Records(class)) else { panic!() };
    records.into_iter().map(|one| (one.id, format!("{:?}", one.class.unwrap().state))).collect()
}

#[test]
fn pictures_are_taken_in_and_looked_at_until_somebody_pauses() {
    let (mut harness, script) = start(View::Teacher);
    harness.run();
    press(&mut harness, "Classes");
    assert_eq!(harness.state().screen(), Screen::Class);
    harness.get_by_label("No class yet. Give one a name to begin.");
    type_into(&mut harness, "Name of the class or lesson", "4b");
    press(&mut harness, "Begin a class");
    press(&mut harness, "Add a folder");
    assert_eq!(script.borrow().asked.last().unwrap(), "pictures true");
    script.borrow_mut().arrivals.push_back(Arrival::Class(files()));
    harness.run_steps(30);
    assert_eq!(harness.state().classes().records().len(), 7);
    harness.get_by_label("Looked at: 0 of 7");
    harness.get_by_label("Could not be looked at: 1");
    // The same folder again brings nothing.
    script.borrow_mut().arrivals.push_back(Arrival::Class(files()));
    harness.run_steps(10);
    assert_eq!(harness.state().classes().records().len(), 7);
    harness.get_by_label("Pictures that were here before: 7");
    // It stops within the first one: nothing of that is kept.
    script.borrow_mut().stop_at = Some(Tell::Step(Step::Thinking));
    press(&mut harness, "Look at them");
    assert!(harness.state().classes().is_running());
    harness.get_by_label("Looking at a drawing: Amélie");
    let class = harness.state().classes().records()[0].class.clone().unwrap().class;
    press(&mut harness, "Pause");
    assert!(!harness.state().classes().is_running());
    let assess = last(&script, |ask| matches!(ask, easel::ui::Ask::Assess { .. })).unwrap();
    let cancel = last(&script, |ask| matches!(ask, easel::ui::Ask::Cancel(_))).unwrap();
    assert!(cancel > assess, "what goes on is given up");
    assert_eq!(standing(&script, class).iter().filter(|(_, state)| state == "Waiting").count(), 6);
    script.borrow_mut().stop_at = None;
    press(&mut harness, "Look at them");
    harness.run_steps(60);
    assert!(!harness.state().classes().is_running());
    harness.get_by_label("Looked at: 6 of 7");
    harness.get_by_label("All drawings were looked at.");
    assert_eq!(standing(&script, class).iter().filter(|(_, state)| state == "Scored").count(), 6);
    let asked = script
        .borrow()
        .requests
        .iter()
        .filter(|request| matches!(request.ask, easel::ui::Ask::Assess { .. }))
        .count();
    assert_eq!(asked, 7, "each once, and once more the one that was given up");
}

#[test]
fn a_model_that_fails_pauses_and_a_picture_that_fails_is_passed_over() {
    let (mut harness, script) = start(View::Teacher);
    let (class, ids) = fill(&script, COMMENT);
    lessons(&mut harness, vec![Lesson::Show, Lesson::Open(class)]);
    script.borrow_mut().stop_at = Some(Tell::Step(Step::Reading));
    press(&mut harness, "Go on");
    let fail = |harness: &mut Harness<'_, EaselApp>, kind| {
        let id = last(&script, |ask| matches!(ask, easel::ui::Ask::Assess { .. })).unwrap();
        let tell = Tell::Failed(Fault::new(kind, "it broke"));
        script.borrow_mut().events.push_back(easel::ui::Event { id, tell });
        harness.run_steps(10);
    };
    fail(&mut harness, FaultKind::Shape);
    assert!(standing(&script, class).contains(&(ids[4], "Failed(\"it broke\")".to_owned())));
    assert!(harness.state().classes().is_running(), "the next one has its turn");
    fail(&mut harness, FaultKind::Computing);
    assert!(!harness.state().classes().is_running());
    assert!(standing(&script, class).contains(&(ids[5], "Waiting".to_owned())));
    harness.get_by_label("Something went wrong while computing.");
}

#[test]
fn rows_are_sorted_filtered_and_found() {
    let (mut harness, script) = start(View::Teacher);
    let (class, _) = fill(&script, COMMENT);
    lessons(&mut harness, vec![Lesson::Show, Lesson::Open(class)]);
    let rows = shown(&harness);
    assert_eq!(rows.len(), 7);
    assert!(rows[0].starts_with("Amélie, 4b/Amélie.png: approved"), "{rows:?}");
    assert!(rows[0].contains("Realism: 3.7 of 5"), "{rows:?}");
    assert!(
        rows[1].contains("changed by you") && rows[1].contains("Realism: 5.0 of 5"),
        "{rows:?}"
    );
    assert!(rows[3].contains("is it a drawing?"), "{rows:?}");
    harness.get_by_role_and_label(Role::RadioButton, "Name").click();
    harness.run();
    let rows = shown(&harness);
    let begins = |at: usize, name: &str| assert!(rows[at].starts_with(name), "{rows:?}");
    begins(2, "Mia,");
    begins(3, "No name yet,");
    harness.get_by_role_and_label(Role::RadioButton, "Attribute").click();
    harness.run();
    harness.get_by_role_and_label(Role::RadioButton, "Realism").accesskit_node();
    assert!(shown(&harness)[3].contains("changed by you"), "the highest of four levels");
    harness.get_by_role_and_label(Role::RadioButton, "Not possible").click();
    harness.run();
    assert_eq!(shown(&harness).len(), 1);
    harness.get_by_role_and_label(Role::RadioButton, "All").click();
    harness.run();
    type_into(&mut harness, "Find a name or words", "mia");
    assert_eq!(shown(&harness).len(), 1);
    harness.get_by_label_contains("Realism: mean 4.05, deviation 0.6");
}

#[test]
fn what_a_teacher_says_stands_beside_the_model_and_pupils_see_what_was_approved() {
    let (mut harness, script) = start(View::Teacher);
    let (class, ids) = fill(&script, COMMENT);
    lessons(&mut harness, vec![Lesson::Show, Lesson::Open(class), Lesson::Drawing(ids[2])]);
    harness.get_by_label("Realism: 3.7, spread 0.9");
    harness.get_by_label("Realism: teacher's level 2").click();
    harness.run();
    type_into(&mut harness, "What the pupil reads", "You drew a house.");
    harness.get_by_label("The pupil may see the picture with these words").click();
    harness.run();
    let Told::Records { records, .. } = ask(&script, Ask::Records(class)) else { panic!() };
    let record = records.iter().find(|record| record.id == ids[2]).unwrap();
    let seat = record.class.as_ref().unwrap();
    assert_eq!(record.comment, COMMENT);
    assert_eq!(seat.comment.as_deref(), Some("You drew a house."));
    assert_eq!(seat.scores.get(&Attribute::Realism), Some(&2));
    assert!(seat.approved && !seat.accepted);
    assert_eq!(record.assessment, assessment().seen_as(None, false));
    harness.get_by_label(&format!("The program's words: {COMMENT}"));
    press(&mut harness, "Next drawing");
    harness.get_by_label("Mia, 2027-01-26");
    // The name is another's.
    type_into(&mut harness, "Whose drawing is it?", "Lea");
    press(&mut harness, "Change the name");
    harness.get_by_label("Lea, 2027-01-26");
    // In the pupil's portfolio: the teacher's words and nothing that was not approved.
    let view = easel::ui::Change::View(View::Student);
    harness.state_mut().command(Command::Set(view));
    harness.run();
    assert_eq!(harness.state().screen(), Screen::Welcome, "classes are for teachers");
    assert!(harness.query_by_label("Classes").is_none());
    let of = |name: &str| {
        let script = script.borrow();
        let Tell::Portfolio(portfolio::Tell::Pupils(groups)) =
            script.portfolios.as_ref().unwrap().answer(portfolio::Ask::Pupils)
        else {
            panic!()
        };
        groups.into_iter().find(|group| group.pupil.name == name).unwrap()
    };
    assert_eq!((of("小明").drawings, of("Lea").drawings, of("Lea").unseen), (1, 0, 1));
    for keeping in [easel::ui::Keeping::Show, easel::ui::Keeping::Pupil(of("小明").pupil.id)] {
        harness.state_mut().command(Command::Portfolio(keeping));
        harness.run();
    }
    harness.state_mut().command(Command::Portfolio(easel::ui::Keeping::Drawing(ids[2])));
    harness.run();
    harness.get_by_label("You drew a house.");
    harness.get_by_label("These words were changed by the teacher.");
    assert!(harness.query_by_label(COMMENT).is_none());
}

#[test]
fn a_class_has_small_copies_in_its_rows_and_another_name_when_somebody_types_it() {
    let (mut harness, script) = start(View::Teacher);
    let (class, ids) = fill(&script, COMMENT);
    lessons(&mut harness, vec![Lesson::Show, Lesson::Open(class)]);
    harness.run_steps(20);
    let asked: Vec<_> = script
        .borrow()
        .requests
        .iter()
        .filter_map(|request| match &request.ask {
            easel::ui::Ask::Portfolio(portfolio::Ask::Class(Ask::Small(ids))) => Some(ids.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(asked, [ids], "those that are seen, and each once");
    type_into(&mut harness, "Name of the class or lesson", "5c");
    press(&mut harness, "Rename the class");
    harness.get_by_label_contains("5c, ");
    let Told::List(all) = ask(&script, Ask::List) else { panic!() };
    assert_eq!((all.len(), all[0].name.as_str()), (1, "5c"));
    press(&mut harness, "Back");
    harness.get_by_label_contains("5c, ");
}

#[test]
fn words_are_kept_when_the_window_closes() {
    let (mut harness, script) = start(View::Teacher);
    let (class, ids) = fill(&script, COMMENT);
    lessons(&mut harness, vec![Lesson::Show, Lesson::Open(class), Lesson::Drawing(ids[2])]);
    type_into(&mut harness, "What the pupil reads", "You drew a house.");
    let ctx = harness.ctx.clone();
    harness.state_mut().close();
    assert!(harness.state_mut().is_saved(&ctx));
    let Told::Records { records, .. } = ask(&script, Ask::Records(class)) else { panic!() };
    assert_eq!(records[2].words(), "You drew a house.");
}

#[test]
fn files_are_written_where_somebody_chose_and_a_class_is_deleted_after_one_question() {
    let (mut harness, script) = start(View::Teacher);
    let (class, ids) = fill(&script, COMMENT);
    lessons(&mut harness, vec![Lesson::Show, Lesson::Open(class)]);
    press(&mut harness, "Cards for pupils (PDF)");
    assert_eq!(script.borrow().asked.last().unwrap(), "export 4b_ Häuser 房子.pdf");
    script.borrow_mut().arrivals.push_back(Arrival::Export("cards.pdf".to_owned()));
    harness.run();
    harness.get_by_label("Drawings in the file: 1");
    lessons(&mut harness, vec![Lesson::Drawing(ids[1])]);
    press(&mut harness, "Cards for parents (PDF)");
    script.borrow_mut().arrivals.push_back(Arrival::Export("one.pdf".to_owned()));
    harness.run();
    let written = last(&script, |ask| {
        matches!(
            ask,
            easel::ui::Ask::Portfolio(portfolio::Ask::Class(Ask::Write {
                pupil: Some(_),
                kind: Kind::Cards { scores: true },
                ..
            }))
        )
    });
    assert!(written.is_some());
    press(&mut harness, "Back");
    press(&mut harness, "Delete this class");
    press(&mut harness, "Do not delete");
    press(&mut harness, "Delete this class");
    press(&mut harness, "Delete for good");
    harness.get_by_label("No class yet. Give one a name to begin.");
    let Told::List(all) = ask(&script, Ask::List) else { panic!() };
    assert!(all.is_empty());
}

#[test]
fn what_another_window_looks_at_is_left_to_it_and_taken_up_once_that_is_gone() {
    let (mut harness, script) = start(View::Teacher);
    let (class, ids) = fill(&script, COMMENT);
    let other = script.borrow().portfolios.as_ref().unwrap().other();
    assert!(block_on(other.claim(ids[4])).unwrap());
    lessons(&mut harness, vec![Lesson::Show, Lesson::Open(class)]);
    press(&mut harness, "Go on");
    harness.get_by_label("Another window is looking at the drawings that are left.");
    let states = standing(&script, class);
    assert!(states[4].1.contains("Waiting") && states[5].1.contains("Scored"), "{states:?}");
    assert!(harness.state().classes().is_running());
    drop(other);
    for _ in 0..60 {
        harness.step();
    }
    harness.get_by_label("All drawings were looked at.");
    assert!(!harness.state().classes().is_running());
    assert!(standing(&script, class)[4].1.contains("Scored"));
}
