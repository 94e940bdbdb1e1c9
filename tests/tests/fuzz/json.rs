//! Spoiling the numbers and strings of JSON text.

use std::ops::Range;

use crate::random::Random;

/// Where numbers and strings (without their quotes) stand in a text.
pub fn values(text: &[u8]) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    let (mut numbers, mut strings) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < text.len() {
        let start = at;
        at += 1;
        let end_of = |from: usize, ends: fn(u8) -> bool| {
            let found = text[from..].iter().position(|&byte| ends(byte));
            found.map_or(text.len(), |count| from + count)
        };
        if text[start] == b'"' {
            let end = end_of(at, |byte| byte == b'"');
            strings.push(at..end);
            at = end + 1;
        } else if text[start].is_ascii_digit() {
            at = end_of(at, |byte| !byte.is_ascii_digit());
            numbers.push(start..at);
        }
    }
    (numbers, strings)
}

/// Puts something else in a number's place.
pub fn spoil_number(random: &mut Random, text: &mut Vec<u8>, size: usize) -> String {
    const ODD: [&str; 9] =
        ["-1", "1.5", "1e400", "18446744073709551616", "[]", "null", "\"7\"", "{}", "-0"];
    let place = random.pick(&values(text).0).clone();
    let old: u64 = str::from_utf8(&text[place.clone()]).unwrap().parse().unwrap_or(0);
    let number = random.number(old, size).to_string();
    let new = match random.below(12) {
        0 => (*random.pick(&ODD)).to_owned(),
        1 => vec![number; 1 << random.below(16)].join(","),
        _ => number,
    };
    replace(text, place, &new)
}

/// Puts something else in a string's place, which may be a name.
pub fn spoil_string(random: &mut Random, text: &mut Vec<u8>) -> String {
    const ODD: [&str; 16] = [
        "",
        "..",
        "../x",
        "/etc/passwd",
        "C:x",
        "\\n",
        "\\u0000",
        "\\ud800",
        "F16",
        "F4",
        "BF16",
        "U32",
        "q8",
        "f32",
        "manifest.json",
        "__metadata__",
    ];
    let strings = values(text).1;
    let place = random.pick(&strings).clone();
    let other = random.pick(&strings).clone();
    let other = String::from_utf8_lossy(&text[other]).into_owned();
    let new = match random.below(8) {
        0 => other + "x",
        1 => other.repeat(1 << random.below(12)),
        2 => "\\\"".repeat(1 << random.below(14)),
        3 | 4 => other,
        _ => (*random.pick(&ODD)).to_owned(),
    };
    replace(text, place, &new)
}

fn replace(text: &mut Vec<u8>, place: Range<usize>, new: &str) -> String {
    let old = String::from_utf8_lossy(&text[place.clone()]).into_owned();
    let change = format!(", at {}: {old:.40} to {new:.40} ({} bytes)", place.start, new.len());
    text.splice(place, new.bytes());
    change
}
