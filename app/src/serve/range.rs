//! Parts of a file (RFC 9110, section 14).

use std::ops::Range;

/// What a `Range` header asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The whole file: there is no range, one in other units, or several at once.
    Whole,
    /// These bytes of it.
    Part(Range<u64>),
    /// Nothing that there is.
    Wrong,
}

/// Reads a `Range` header about a file of `size` bytes.
pub fn asked(header: &str, size: u64) -> Asked {
    let Some((unit, set)) = header.split_once('=') else { return Asked::Wrong };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Asked::Whole;
    }
    if set.contains(',') {
        return Asked::Whole;
    }
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // More than there are numbers for is behind every end.
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let part = match set.trim().split_once('-') {
        // The last so many bytes.
        Some(("", last)) => number(last).map(|last| size.saturating_sub(last)..size),
        Some((first, "")) => number(first).map(|first| first..size),
        Some((first, last)) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => {
                Some(first..last.saturating_add(1).min(size))
            }
            _ => None,
        },
        None => None,
    };
    match part {
        Some(part) if !part.is_empty() => Asked::Part(part),
        _ => Asked::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_of_the_standard() {
        for (header, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=2-5", 2..6),
            ("Bytes=2-", 2..10),
            ("bytes=-3", 7..10),
            ("bytes=-99", 0..10),
            ("bytes=4-99999999999999999999999", 4..10),
        ] {
            assert_eq!(asked(header, 10), Asked::Part(part), "{header}");
        }
    }

    #[test]
    fn other_units_and_several_parts_are_the_whole_file() {
        for header in ["lines=1-2", "bytes=0-1,3-4"] {
            assert_eq!(asked(header, 10), Asked::Whole, "{header}");
        }
    }

    #[test]
    fn what_is_not_there_or_no_range_is_refused() {
        for header in [
            "bytes=10-",
            "bytes=5-2",
            "bytes=-0",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes=1--2",
            "bytes",
            "",
            "bytes=99999999999999999999999-",
        ] {
            assert_eq!(asked(header, 10), Asked::Wrong, "{header}");
        }
        assert_eq!(asked("bytes=0-", 0), Asked::Wrong);
    }
}
