//! Spoilt GGUF pairs.

use std::rc::Rc;
use std::sync::OnceLock;

use easel_core::image::Preprocessor;
use easel_core::model::ModelConfig;
use easel_core::prompt::Tokenizer;
use easel_core::weights::{GgufFolder, GgufPair, Memory, Source};
use pollster::block_on;

use crate::allocations::unwatched;
use crate::draft::small;
use crate::layout::{Kind, fields};
use crate::random::Random;
use crate::rounds::{Files, Spoilt, read_tensors, run, said};

/// Opens a pair and reads settings and tensors.
pub fn read(files: Files) -> Result<(), String> {
    let pair = Rc::new(open(files)?);
    let settings = ModelConfig::from_json(pair.config_json()).map_err(said).map(drop);
    let pictures = Preprocessor::from_json(pair.preprocessor_json()).map_err(said).map(drop);
    settings.and(pictures).and(read_tensors(Rc::new(GgufFolder::new(pair))))
}

/// Opens a pair and its tokenizer, whose own tables are another library's and not counted.
fn read_tokenizer(files: Files) -> Result<(), String> {
    let pair = open(files)?;
    let json = pair.tokenizer_json().ok_or("no tokenizer")?;
    unwatched(|| Tokenizer::from_bytes(json).map_err(said).map(drop))
}

fn open(files: Files) -> Result<GgufPair, String> {
    let source: Rc<dyn Source> = Rc::new(Memory::new("mem", files));
    let half = |name: &str| (Rc::clone(&source), name.to_owned());
    block_on(GgufPair::open(half("text.gguf"), half("v.gguf"))).map_err(said)
}

/// The fixture that gguf-py wrote.
fn fixture() -> Files {
    static FILES: OnceLock<Files> = OnceLock::new();
    let read = |from: &str, to: &str| {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/gguf/case3");
        (to.to_owned(), std::fs::read(format!("{root}/{from}")).unwrap())
    };
    let files = [("text.gguf", "text.gguf"), ("mmproj.gguf", "v.gguf")];
    FILES.get_or_init(|| files.map(|(from, to)| read(from, to)).into()).clone()
}

/// A pair, mostly the small one, and which of its files is to be spoilt.
fn base(random: &mut Random) -> (Files, &'static str) {
    let files = if random.below(16) == 0 { fixture() } else { small(random) };
    (files, *random.pick(&["text.gguf", "v.gguf"]))
}

/// Sets one field of this kind, and sometimes others of any kind.
fn spoil_fields(random: &mut Random, kind: Kind, (mut files, name): (Files, &str)) -> Spoilt {
    let file = files.get_mut(name).unwrap();
    let all = fields(file).0;
    let of_kind: Vec<_> = all.iter().filter(|field| field.kind == kind).collect();
    let mut change = name.to_owned();
    for round in 0..=[0, 0, 1, 2][random.below(4)] {
        let field = if round == 0 { *random.pick(&of_kind) } else { random.pick(&all) };
        let old = field.get(file);
        let new = match (field.kind, random.below(2)) {
            (Kind::Type, 0) => random.below(40) as u64,
            _ => random.number(old, file.len()),
        };
        field.set(file, new);
        change += &format!(", {:?} at {}: {old} to {new}", field.kind, field.at);
    }
    Spoilt { files, change }
}

/// Changes bytes between `start` and `end`.
pub fn spoil_bytes(random: &mut Random, file: &mut [u8], start: usize, end: usize) -> String {
    let mut change = String::new();
    for _ in 0..=random.below(4) {
        let at = start + random.below(end - start);
        match random.below(4) {
            0 => file[at] ^= 1 << random.below(8),
            1 => file[at] = [0, 1, 0x7f, 0xff][random.below(4)],
            2 => file[at] = random.next() as u8,
            _ => {
                let count = random.below(64).min(end - at);
                let from = start + random.below(end - start - count + 1);
                file.copy_within(from..from + count, at);
            }
        }
        change += &format!(", byte {at}");
    }
    change
}

/// Takes bytes from a file or puts some in.
pub fn spoil_length(random: &mut Random, file: &mut Vec<u8>) -> String {
    let at = random.below(file.len() + 1);
    let end = (at + random.below(40)).min(file.len());
    match random.below(4) {
        0 => file.truncate(at),
        1 => drop(file.drain(at..end)),
        2 => drop(file.splice(at..at, vec![random.next() as u8; random.below(40)])),
        _ => drop(file.splice(at..at, file[at..end].to_vec())),
    }
    format!(", from byte {at} on")
}

fn numbers(group: &str, kind: Kind) {
    let spoil = |random: &mut Random| {
        let base = base(random);
        spoil_fields(random, kind, base)
    };
    run(group, 1500, spoil, read);
}

#[test]
fn gguf_start() {
    numbers("gguf_start", Kind::Start);
}

#[test]
fn gguf_lengths() {
    numbers("gguf_lengths", Kind::Length);
}

#[test]
fn gguf_types() {
    numbers("gguf_types", Kind::Type);
}

#[test]
fn gguf_counts() {
    numbers("gguf_counts", Kind::Count);
}

#[test]
fn gguf_numbers() {
    numbers("gguf_numbers", Kind::Number);
}

#[test]
fn gguf_axes() {
    numbers("gguf_axes", Kind::Axis);
}

#[test]
fn gguf_offsets() {
    numbers("gguf_offsets", Kind::Offset);
}

#[test]
fn gguf_bytes() {
    let spoil = |random: &mut Random| {
        let (mut files, name) = base(random);
        let file = files.get_mut(name).unwrap();
        // Mostly the header: data can only hold infinities.
        let end = if random.below(5) == 0 { file.len() } else { fields(file).1 };
        let change = format!("{name}{}", spoil_bytes(random, file, 0, end));
        Spoilt { files, change }
    };
    run("gguf_bytes", 1500, spoil, read);
}

#[test]
fn gguf_cuts() {
    let spoil = |random: &mut Random| {
        let (mut files, name) = base(random);
        let change = format!("{name}{}", spoil_length(random, files.get_mut(name).unwrap()));
        Spoilt { files, change }
    };
    run("gguf_cuts", 1500, spoil, read);
}

#[test]
fn gguf_tokenizer() {
    let spoil = |random: &mut Random| {
        let mut files = fixture();
        let file = files.get_mut("text.gguf").unwrap();
        let start = file.windows(14).position(|part| part == b"tokenizer.ggml").unwrap();
        let end = fields(file).1;
        match random.below(2) {
            0 => {
                let change = spoil_bytes(random, file, start, end);
                Spoilt { files, change }
            }
            _ => {
                let kind = *random.pick(&[Kind::Number, Kind::Length, Kind::Count]);
                spoil_fields(random, kind, (files, "text.gguf"))
            }
        }
    };
    run("gguf_tokenizer", 60, spoil, read_tokenizer);
}

#[test]
fn good_pairs_are_read() {
    for seed in 0..9 {
        read(small(&mut Random::new(seed))).unwrap();
    }
    read(fixture()).unwrap();
    read_tokenizer(fixture()).unwrap();
}
