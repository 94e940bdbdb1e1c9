//! What is kept.

use std::fmt;
use std::str::FromStr;

use easel_core::Assessment;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::StoreError;
use crate::class::Seat;

/// The most characters of a name.
pub const LONGEST_NAME: usize = 80;

/// The most characters of a note.
pub const LONGEST_NOTE: usize = 4000;

/// The number of a pupil or a drawing: random, so that portfolios of two devices can be joined.
/// Written as 16 hexadecimal digits, as JavaScript's numbers do not hold 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u64);

impl Id {
    /// A new one.
    ///
    /// # Errors
    /// Where the system gives no random numbers.
    pub fn random() -> Result<Self, StoreError> {
        let number = getrandom::u64();
        number.map(Self).map_err(|error| StoreError::refused("random numbers", error.to_string()))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Id {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let digits = text.len() == 16 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16).ok().filter(|_| digits);
        let what = || StoreError::damaged(text, "expected a number of 16 hexadecimal digits");
        number.map(Self).ok_or_else(what)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A moment, with the clock's place: a drawing keeps the day on which it was made wherever it is
/// looked at later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct When {
    /// Milliseconds since 1970 began, in universal time.
    pub ms: i64,
    /// Minutes that the clock on the wall is ahead of universal time.
    pub ahead: i16,
}

impl When {
    /// The day on the wall's calendar, as `2026-11-25`.
    #[must_use]
    pub fn date(&self) -> String {
        let minutes = self.ms.div_euclid(60_000).saturating_add(i64::from(self.ahead));
        let (year, month, day) = civil(minutes.div_euclid(24 * 60));
        format!("{year:04}-{month:02}-{day:02}")
    }
}

/// Year, month and day of a number of days since 1970 began, by the Gregorian calendar: years are
/// counted from March, so that a leap day ends one.
fn civil(days: i64) -> (i64, i64, i64) {
    // Since 1 March of the year 0; 400 years have 146 097 days.
    let days = days.saturating_add(719_468);
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next, month, day)
}

/// A pupil: a name that stays on the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pupil {
    /// The number.
    pub id: Id,
    /// The name, as somebody typed it.
    pub name: String,
}

/// A pupil among all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Who it is.
    pub pupil: Pupil,
    /// How many drawings there are.
    pub drawings: u64,
    /// When the newest of them was kept.
    pub last: Option<When>,
    /// How many more there are in classes, which no teacher approved yet.
    #[serde(default)]
    pub unseen: u64,
}

/// What is known of a drawing, besides the drawing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The number.
    pub id: Id,
    /// Whose it is.
    pub pupil: Id,
    /// When it was kept.
    pub when: When,
    /// The scores with their probabilities.
    #[serde(flatten)]
    pub assessment: Assessment,
    /// The model's comment.
    pub comment: String,
    /// The teacher's note.
    pub note: String,
    /// The model's name; empty for the demo.
    pub model: String,
    /// Its place in a class, where it came with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Box<Seat>>,
}

/// A drawing with all that is known of it.
#[derive(Clone, PartialEq)]
pub struct Entry {
    /// What is known of it.
    pub record: Record,
    /// A small copy: a JPEG file.
    pub thumbnail: Vec<u8>,
    /// The picture: a PNG or JPEG file, as [`kept`](super::kept) makes it.
    pub picture: Vec<u8>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({}, {} bytes)", self.record.id, self.picture.len())
    }
}

/// Some of a pupil's drawings, the newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// How many there are in all.
    pub total: u64,
    /// What is known of these, and the small copy of each.
    pub drawings: Vec<(Record, Vec<u8>)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_whole() {
        let id = Id(u64::MAX - 6);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, "\"fffffffffffffff9\"");
        assert_eq!(serde_json::from_str::<Id>(&json).unwrap(), id);
        for wrong in ["", "12", "+ffffffffffffff9", "gggggggggggggggg"] {
            assert!(wrong.parse::<Id>().is_err(), "{wrong}");
        }
        assert_ne!(Id::random().unwrap(), Id::random().unwrap());
    }

    #[test]
    fn days_are_those_of_the_wall() {
        let date = |ms, ahead| When { ms, ahead }.date();
        assert_eq!(date(0, 0), "1970-01-01");
        assert_eq!(date(-1, 0), "1969-12-31");
        // 29 February 2024, 20:30 in universal time: the next day in Beijing.
        let leap = 1_709_238_600_000;
        assert_eq!(date(leap, -300), "2024-02-29");
        assert_eq!(date(leap, 480), "2024-03-01");
        assert_eq!(date(4_107_542_399_000, 0), "2100-02-28");
        assert_eq!(date(4_107_542_400_000, 0), "2100-03-01");
        assert!(!date(i64::MAX, i16::MAX).is_empty());
    }
}
