use pollster::block_on;

use super::super::super::Memory;
use super::super::fixtures::{Draft, small_text, small_vision, text, texts, u32};
use super::*;

fn read(bytes: Vec<u8>) -> Result<Header, WeightsError> {
    let memory = Memory::new("mem", [("m.gguf".to_owned(), bytes)].into());
    block_on(Header::read(&memory, "m.gguf"))
}

fn message(bytes: Vec<u8>) -> String {
    let message = read(bytes).unwrap_err().to_string();
    assert!(message.starts_with("mem/m.gguf: "), "{message}");
    assert!(!message.contains('\n'), "{message}");
    message
}

/// The message for a draft, without the file's name.
fn refused(draft: &Draft) -> String {
    message(draft.write().0)["mem/m.gguf: ".len()..].to_owned()
}

#[test]
fn tensors_and_keys_are_found_where_they_lie() {
    let draft = Draft::new()
        .key("general.name", text("a model"))
        .key("general.alignment", u32(64))
        .key("other.key", texts(&["x", "y"]))
        .key("clip.sizes", texts(&["x", "yz"]))
        .tensor("b", &[2, 64], 2)
        .tensor("a", &[3], 0);
    let draft = Draft { alignment: 64, ..draft };
    let (bytes, _) = draft.write();
    let header = read(bytes.clone()).unwrap();
    let entry = header.tensor("b").unwrap();
    assert_eq!((&*entry.shape, entry.kind, entry.rows()), (&[2, 64][..], GgufType::Q4_0, 2));
    let start = (bytes.len() - 12 - 128) as u64;
    assert_eq!(entry.range, start..start + 72);
    let entry = header.tensor("a").unwrap();
    assert_eq!((entry.width(), entry.rows(), entry.row_bytes()), (3, 1, 12));
    assert_eq!(entry.range, start + 128..start + 140);
    assert_eq!(header.text("general.name").unwrap(), Some("a model"));
    assert_eq!(header.texts("clip.sizes").unwrap().unwrap().get(1), "yz");
    assert!(header.value("other.key").is_none());
    let error = header.tensor("c").unwrap_err().to_string();
    assert_eq!(error, "mem/m.gguf: tensor c is missing");
    let error = header.integer("general.name").unwrap_err().to_string();
    assert_eq!(error, "mem/m.gguf: general.name: expected a whole number, found 'a model'");
}

#[test]
fn versions_2_and_3_are_read_and_others_named() {
    let version = |version| Draft { version, ..small_text() };
    assert!(read(version(2).write().0).is_ok());
    let start = "expected GGUF version 2 or 3, found version ";
    assert_eq!(refused(&version(4)), format!("{start}4"));
    let hint = "1; convert the model again with a newer llama.cpp";
    assert_eq!(refused(&version(1)), format!("{start}{hint}"));
    assert!(refused(&version(3_u32.swap_bytes())).starts_with("a big-endian GGUF file"));
}

#[test]
fn other_files_are_no_gguf_files() {
    let start = |bytes: &[u8]| message(bytes.to_vec());
    assert!(start(b"").ends_with("expected it to start with GGUF, found no bytes"));
    assert!(start(b"GG").ends_with("found GG"));
    assert!(start(b"PK\x03\x04 zip").ends_with("found PK\\x03\\x04"));
    assert!(start(&[200; 9]).ends_with("found other bytes"));
}

#[test]
fn every_cut_is_an_error() {
    let (bytes, _) = small_vision().write();
    let tensors = read(bytes.clone()).unwrap().tensors.len();
    assert_eq!(tensors, small_vision().tensors.len());
    for length in 0..bytes.len() {
        assert!(read(bytes[..length].to_vec()).is_err(), "{length}");
    }
}

#[test]
fn keys_are_checked() {
    let twice = Draft { keys: vec![("clip.a".into(), u32(1)); 2], ..Draft::new() };
    assert!(refused(&twice).ends_with("the key clip.a stands twice"));
    let alignment = |value| refused(&Draft::new().key("general.alignment", u32(value)));
    assert_eq!(alignment(0), "general.alignment: expected a power of two, found 0");
    assert_eq!(alignment(33), "general.alignment: expected a power of two, found 33");
    let split = refused(&Draft::new().key("split.count", u32(3)));
    assert!(split.starts_with("split.count: expected 1: parts are joined"), "{split}");
    let unknown = Draft::new().key("x", vec![77, 0, 0, 0]);
    assert!(refused(&unknown).ends_with("a kind of value from 0 to 12 at byte 33, found 77"));
}

#[test]
fn each_field_of_a_tensor_is_checked() {
    let with = |shape: &[u64], kind| {
        let axes = shape.iter().rev().copied().collect();
        let tensors = vec![("t".to_owned(), axes, kind, vec![0; 64])];
        refused(&Draft { tensors, ..Draft::new() })
    };
    assert_eq!(with(&[], 0), "tensor t: expected 1 to 4 axes, found 0");
    assert_eq!(with(&[1; 5], 0), "tensor t: expected 1 to 4 axes, found 5");
    assert_eq!(with(&[2, 0], 0), "tensor t: no axis can have the length 0");
    assert!(with(&[1 << 40, 1 << 40], 0).starts_with("tensor t: no axis can have the length 1"));
    assert!(with(&[1, u64::MAX], 0).starts_with("tensor t: no axis can have the length 184"));
    assert!(
        with(&[4], 23).ends_with("Q4_K, Q5_K or Q6_K, found IQ4_XS".trim_start_matches("Q4_K, "))
    );
    assert!(with(&[4], 999).ends_with("found type 999"));
    let rows = "tensor t: expected rows of whole 256 values (Q4_K), found 32";
    assert_eq!(with(&[8, 32], 12), rows);
    let outside = "tensor t: 68 bytes at offset 0 lie outside of the data's 64 bytes";
    assert_eq!(with(&[17], 0), outside);
    let long = "a".repeat(5000);
    assert!(refused(&Draft::new().tensor(&long, &[1], 0)).ends_with("expected at most 256"));
    let lines = refused(&Draft::new().tensor("a\nb", &[1], 0));
    assert_eq!(lines, "tensor ab…: its name has control characters");
}

#[test]
fn overlaps_doubles_and_odd_offsets_are_refused() {
    let two = Draft::new().tensor("a", &[32], 0).tensor("b", &[32], 0);
    let offset = |offset: u64| {
        let (mut bytes, fields) = two.write();
        let (at, _) = fields[fields.len() - 1];
        bytes[at..at + 8].copy_from_slice(&offset.to_le_bytes());
        message(bytes)
    };
    assert!(offset(4).ends_with("b: expected an offset of whole 32 bytes, found 4"));
    assert!(offset(96).ends_with("b: overlaps a"));
    assert!(offset(0).contains("overlaps"));
    assert!(
        offset(160).ends_with("b: 128 bytes at offset 160 lie outside of the data's 256 bytes")
    );
    assert!(offset(u64::MAX - 31).contains("lie outside"));
    let twice = Draft::new().tensor("a", &[1], 0).tensor("a", &[2], 0);
    assert_eq!(refused(&twice), "tensor a: stands twice");
}

#[test]
fn counts_beyond_the_file_are_refused_at_once() {
    let (bytes, _) = Draft::new().write();
    let with = |at: usize, count: u64| {
        let mut bytes = bytes.clone();
        bytes[at..at + 8].copy_from_slice(&count.to_le_bytes());
        message(bytes)
    };
    assert!(
        with(8, 3).ends_with("3 tensors at byte 24 take at least 24 each, but 0 bytes are left")
    );
    assert!(with(16, 4097).ends_with("expected at most 4096 keys, found 4097"));
    assert!(with(8, u64::MAX).contains("expected at most 4096 tensors"));
    assert!(with(16, 3).ends_with("3 keys at byte 24 take at least 13 each, but 0 bytes are left"));
}
