//! Bytes and times in words.

use super::text::{Table, fill};

/// Bytes as people read them, 1 GB being 1,000,000,000 of them.
#[must_use]
pub fn bytes(count: u64) -> String {
    let count = count as f64;
    match count {
        // Where it is rounded up to.
        9.95e9.. => format!("{:.0} GB", count / 1e9),
        999.5e6.. => format!("{:.1} GB", count / 1e9),
        999.5e3.. => format!("{:.0} MB", count / 1e6),
        _ => format!("{:.0} kB", count / 1e3),
    }
}

/// How long something still takes.
#[must_use]
pub fn left(t: &Table, seconds: f64) -> String {
    let (text, count) = match seconds {
        ..100.0 => (t.seconds_left, seconds),
        ..5400.0 => (t.minutes_left, seconds / 60.0),
        _ => (t.hours_left, seconds / 3600.0),
    };
    fill(text, &[&format!("{:.0}", count.max(2.0).ceil())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::text::table;
    use easel_core::prompt::Language;

    #[test]
    fn sizes_have_as_many_digits_as_they_need() {
        let told = [7_509_245_952, 16_584_333_312, 999_999_999, 32_000_000, 4100].map(bytes);
        assert_eq!(told, ["7.5 GB", "17 GB", "1.0 GB", "32 MB", "4 kB"]);
    }

    #[test]
    fn times_are_told_in_the_unit_that_fits() {
        let t = table(Language::En);
        let told = [0.2, 59.2, 61.0, 119.0, 7200.0].map(|seconds| left(t, seconds));
        let expected = ["2 seconds left", "60 seconds left", "61 seconds left", "2 minutes left"];
        assert_eq!(told[..4], expected);
        assert_eq!(told[4], "2 hours left");
        assert_eq!(left(table(Language::Zh), 30.0), "还要 30 秒");
    }
}
