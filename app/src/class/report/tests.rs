//! Cards are read back: their pages, their text by the maps that a viewer copies by.

use std::collections::BTreeMap;

use easel_core::prompt::Language;
use easel_core::{Assessment, Attribute, Image, Score};

use super::*;
use crate::class::{Seat, State};
use crate::portfolio::{Id, When, printed};
use crate::ui::more_font;

/// The bytes of all objects of a document, by number.
fn objects(pdf: &[u8]) -> BTreeMap<u32, &[u8]> {
    let find = |from: usize, what: &[u8]| {
        pdf[from..].windows(what.len()).position(|window| window == what).map(|at| from + at)
    };
    let mut found = BTreeMap::new();
    // The list of objects at the end says where each begins.
    let list = find(0, b"\nxref\n").unwrap();
    let text = std::str::from_utf8(&pdf[list + 6..]).unwrap();
    let mut lines = text.lines();
    let count: u32 = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    for number in 0..count {
        let line = lines.next().unwrap();
        if line.contains('n') {
            let from: usize = line[..10].parse().unwrap();
            let head = format!("{number} 0 obj");
            assert!(pdf[from..].starts_with(head.as_bytes()), "{number}: {line}");
            found.insert(number, &pdf[from..find(from, b"\nendobj").unwrap()]);
        }
    }
    found
}

fn reference(object: &str, key: &str) -> Option<u32> {
    let rest = &object[object.find(&format!("/{key} "))? + key.len() + 2..];
    rest.trim_start_matches('[').split_whitespace().next()?.parse().ok()
}

/// The text of each page: codes of its fonts, by the maps beside them.
fn pages(pdf: &[u8]) -> Vec<String> {
    let objects = objects(pdf);
    let text = |number: u32| String::from_utf8_lossy(objects[&number]).into_owned();
    let pages = objects.values().filter(|object| {
        let object = String::from_utf8_lossy(object);
        object.contains("/Type /Page ")
    });
    let page = |object: &&[u8]| {
        let object = String::from_utf8_lossy(object);
        let mut maps: BTreeMap<String, BTreeMap<u16, String>> = BTreeMap::new();
        for name in ["F0", "F1", "F2", "F3", "F4", "F5", "F6"] {
            let Some(font) = reference(&object, name) else { continue };
            let map = text(reference(&text(font), "ToUnicode").unwrap());
            let pairs = map.lines().filter_map(|line| {
                let (code, c) = line.strip_prefix('<')?.split_once("> <")?;
                let units = c.trim_end_matches('>').as_bytes().chunks(4).map(|digits| {
                    u16::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap()
                });
                let c = String::from_utf16(&units.collect::<Vec<_>>()).ok()?;
                Some((u16::from_str_radix(code, 16).ok()?, c))
            });
            maps.insert(name.to_owned(), pairs.collect());
        }
        said(objects[&reference(&object, "Contents").unwrap()], &maps)
    };
    pages.map(page).collect()
}

/// What a page's content shows, line by line.
fn said(content: &[u8], maps: &BTreeMap<String, BTreeMap<u16, String>>) -> String {
    let text = String::from_utf8_lossy(content);
    let (mut font, mut said) = (String::new(), String::new());
    for word in text.split_whitespace() {
        if let Some(name) = word.strip_prefix('/') {
            name.clone_into(&mut font);
        } else if let Some(digits) = word.strip_prefix('<').and_then(|word| word.strip_suffix('>'))
        {
            let codes: Vec<u8> = (0..digits.len() / 2)
                .filter_map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok())
                .collect();
            show(&codes, &font, maps, &mut said);
        } else if word == "ET" {
            said.push('\n');
        }
    }
    said
}

fn show(
    codes: &[u8],
    font: &str,
    maps: &BTreeMap<String, BTreeMap<u16, String>>,
    said: &mut String,
) {
    for code in codes.chunks(2) {
        let code = u16::from_be_bytes([code[0], code[1]]);
        match maps.get(font) {
            Some(map) => said.push_str(map.get(&code).map_or("?", String::as_str)),
            // The viewer's own font is read by Unicode.
            None => said.push(char::from_u32(u32::from(code)).unwrap()),
        }
    }
}

const LONG: &str = "Christopher Alexander Maximilian Montgomery-Fitzgerald von der Hohenheim-Brunn";

/// Rare characters of the larger font, and letters of all of Europe.
const RARE: &str = "欧阳珺璟 赵翀 Şükrü Łukasz Жанна Γιώργος 민준 さくら";

fn record(id: u64, comment: &str) -> Record {
    let shapes = [[0.0, 0.1, 0.2, 0.5, 0.2], [0.3, 0.4, 0.2, 0.1, 0.0], [0.2; 5]];
    let scores = Attribute::ALL.into_iter().zip(shapes.into_iter().cycle());
    let scores = scores.map(|(attribute, probs)| (attribute, Score { probs }));
    let class = Seat { state: State::Scored, ..Seat::new(Id(3), "a.png".to_owned()) };
    Record {
        id: Id(id),
        pupil: Id(id),
        when: When { ms: 1_790_000_000_000, ahead: 0 },
        assessment: Assessment::new(scores.collect()),
        comment: comment.to_owned(),
        note: String::new(),
        model: "Qwen2.5-VL-3B".to_owned(),
        class: Some(Box::new(class)),
    }
}

fn class() -> Class {
    let when = When { ms: 1_790_000_000_000, ahead: 0 };
    Class { id: Id(3), name: "4b (Tuesday)".to_owned(), when }
}

fn picture() -> Vec<u8> {
    let rgb = (0..90 * 60 * 3_u32).map(|at| (at * 7 % 251) as u8).collect();
    printed(&Image::from_rgb(90, 60, rgb).unwrap(), 1000).unwrap()
}

/// For eyes, too: `EASEL_CARDS=FOLDER` keeps the files.
fn keep(name: &str, pdf: &[u8]) {
    if let Ok(folder) = std::env::var("EASEL_CARDS") {
        std::fs::write(format!("{folder}/{name}.pdf"), pdf).unwrap();
    }
}

/// A long text is one again, without the breaks of its lines.
fn joined(text: &str) -> String {
    text.replace(['\n', ' '], "")
}

fn has(page: &str, text: &str) {
    assert!(joined(page).contains(&joined(text)), "{text}: {page}");
}

#[test]
fn a_class_is_a_sheet_of_means_and_one_a_drawing() {
    let mut first = record(1, "I see a house (with a sun) and \\ two birds.");
    let seat = first.class.as_mut().unwrap();
    seat.scores = [(Attribute::Realism, 5)].into();
    seat.comment = Some("The teacher's own words.".to_owned());
    first.note = "Ask about the birds.".to_owned();
    let mut waiting = record(2, "");
    waiting.assessment = Assessment::default();
    waiting.class = Some(Box::new(Seat::new(Id(3), "b.png".to_owned())));
    let mut few = record(3, "");
    few.assessment = Assessment::new(
        [(Attribute::Imagination, Score { probs: [0.0, 0.0, 0.0, 1.0, 0.0] })].into(),
    );
    let cards = [
        Card { name: LONG, record: &first, picture: Some(picture()) },
        Card { name: RARE, record: &waiting, picture: Some(picture()) },
        Card { name: "龘 ش", record: &few, picture: None },
    ];
    let class = class();
    for (language, name) in [(Language::En, "class-en"), (Language::Zh, "class-zh")] {
        let report = Report {
            class: &class,
            whose: None,
            scores: true,
            language,
            cards: &cards,
            more: more_font(),
        };
        let bytes = pdf(&report);
        keep(name, &bytes);
        let t = crate::ui::table(language);
        let pages = pages(&bytes);
        assert_eq!(pages.len(), 4);
        has(&pages[0], "4b (Tuesday)");
        has(&pages[0], &crate::ui::fill(t.class.looked_at, &["2", "3"]));
        // The teacher's 5 in place of the model's 3.8.
        has(&pages[0], &format!("{} 1 5.00 {}", t.of(Attribute::Realism).name, t.class.none));
        has(&pages[0], &format!("{} 2 3.50", t.of(Attribute::Imagination).name));
        has(&pages[1], LONG);
        has(&pages[1], "The teacher's own words.");
        has(&pages[1], t.class.edited);
        assert!(!joined(&pages[1]).contains("ahouse"), "the model's words were replaced");
        // The model's score, the teacher's beside it, and what that level means.
        has(&pages[1], &format!("{} 3.8 ± 0.9 5", t.of(Attribute::Realism).name));
        has(&pages[1], t.of(Attribute::Realism).levels[4]);
        has(&pages[1], "Ask about the birds.");
        has(&pages[1], t.by_program);
        has(&pages[1], "Qwen2.5-VL-3B");
        has(&pages[2], RARE);
        has(&pages[2], t.class.waiting);
        has(&pages[3], "龘 [U+0634]");
        has(&pages[3], &format!("{} {}", t.of(Attribute::Realism).name, t.class.none));
        has(&pages[3], t.class.not_scored);
        let pictures = bytes.windows(9).filter(|window| window == b"DCTDecode").count();
        assert_eq!(pictures, 2);
    }
}

#[test]
fn a_pupil_reads_words_and_no_numbers() {
    let one = record(1, "I see a house.");
    let cards = [Card { name: "Mia", record: &one, picture: Some(picture()) }];
    let class = class();
    for (language, name) in [(Language::En, "pupil-en"), (Language::Zh, "pupil-zh")] {
        let report = Report {
            class: &class,
            whose: Some("Mia"),
            scores: false,
            language,
            cards: &cards,
            more: more_font(),
        };
        let bytes = pdf(&report);
        keep(name, &bytes);
        let t = crate::ui::table(language);
        let pages = pages(&bytes);
        assert_eq!(pages.len(), 1);
        for text in ["Mia", "I see a house.", t.strength_title, t.next_title, t.by_program] {
            has(&pages[0], text);
        }
        for text in [t.class.column_teacher, t.attributes_title, "±", "3.8"] {
            assert!(!joined(&pages[0]).contains(&joined(text)), "{text}: {}", pages[0]);
        }
    }
}

#[test]
fn long_words_go_on_on_another_sheet_and_none_are_lost() {
    let words: Vec<_> = (0..900).map(|at| format!("word{at}")).collect();
    let one = record(1, &words.join(" "));
    let cards = [Card { name: "Mia", record: &one, picture: Some(picture()) }];
    let class = class();
    let language = Language::En;
    let report = Report {
        class: &class,
        whose: Some("Mia"),
        scores: true,
        language,
        cards: &cards,
        more: more_font(),
    };
    let bytes = pdf(&report);
    keep("long", &bytes);
    let pages = pages(&bytes);
    assert!(pages.len() >= 2, "{}", pages.len());
    let all = pages.concat();
    assert!(words.iter().all(|word| all.contains(word.as_str())));
}

#[test]
fn nothing_to_print_is_a_sheet_that_says_so() {
    let class = class();
    let (language, cards) = (Language::Zh, &[]);
    let report = Report { class: &class, whose: None, scores: false, language, cards, more: None };
    let pages = pages(&pdf(&report));
    assert_eq!(pages.len(), 1);
    has(&pages[0], &crate::ui::fill(crate::ui::table(language).class.looked_at, &["0", "0"]));
}

#[test]
fn a_card_takes_no_more_than_its_picture_and_a_part_of_the_fonts() {
    let one = record(1, "我看到一座房子，有太阳和两只小鸟。");
    let cards = [Card { name: "小明", record: &one, picture: None }];
    let class = class();
    let language = Language::Zh;
    let report = Report {
        class: &class,
        whose: Some("小明"),
        scores: true,
        language,
        cards: &cards,
        more: more_font(),
    };
    let length = pdf(&report).len();
    assert!(length < 150_000, "{length}");
}
