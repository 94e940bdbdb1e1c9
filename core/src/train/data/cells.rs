//! The meaning of single cells: labels, names of pictures, parts of the split.

use std::fmt;

use super::error::Shown;

/// Which part of the data a row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// Learned from.
    Train,
    /// Watched while learning, to stop and to choose the best.
    Valid,
    /// Kept for the end.
    Test,
}

impl Split {
    /// The name as sheets spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Reads a part's name, in any case and with its usual synonyms.
pub(super) fn read_split(text: &str) -> Result<Split, String> {
    match text.trim().to_lowercase().as_str() {
        "train" | "training" => Ok(Split::Train),
        "valid" | "validation" | "val" | "dev" => Ok(Split::Valid),
        "test" | "testing" => Ok(Split::Test),
        "" => Err("split is empty; expected train, valid or test".to_owned()),
        _ => Err(format!("split is {}; expected train, valid or test", Shown(text))),
    }
}

/// Reads a label from 1 to 5, whole or not; `None` for a blank.
pub(super) fn read_label(column: &str, text: &str) -> Result<Option<f64>, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.eq_ignore_ascii_case("null") {
        return Ok(None);
    }
    match trimmed.parse() {
        Ok(label) if is_label(label) => Ok(Some(label)),
        _ => Err(format!("{column} is {}; expected a number from 1 to 5", Shown(trimmed))),
    }
}

/// Whether a number lies on the scale; what is no number does not.
pub(super) fn is_label(number: f64) -> bool {
    (1.0..=5.0).contains(&number)
}

/// Refuses names that are empty or lead out of the pictures' folder, on any system.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let bytes = name.as_bytes();
    let drive = bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.get(1) == Some(&b':');
    let expected = "expected a picture's file name";
    if name.is_empty() {
        Err(format!("the name is empty; {expected}"))
    } else if name.contains(['\n', '\r']) {
        Err(format!("the name {} holds a line break; is a quotation mark missing?", Shown(name)))
    } else if name.contains(char::is_control) {
        Err(format!("the name {} holds a control character; {expected}", Shown(name)))
    } else if name.starts_with(['/', '\\']) || drive || name.split(['/', '\\']).any(|p| p == "..") {
        Err(format!("the name {} leads out of the pictures' folder; {expected}", Shown(name)))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_numbers_on_the_scale() {
        for (text, label) in [("1", 1.0), (" 5 ", 5.0), ("3.25", 3.25), ("4.0", 4.0)] {
            assert_eq!(read_label("realism", text), Ok(Some(label)));
        }
        for blank in ["", "  ", "\t", "null", "NULL"] {
            assert_eq!(read_label("realism", blank), Ok(None));
        }
        for wrong in ["0", "5.01", "7", "-1", "NaN", "inf", "three", "3,5", "1 2", "0x3"] {
            assert_eq!(
                read_label("realism", wrong).unwrap_err(),
                format!("realism is '{wrong}'; expected a number from 1 to 5")
            );
        }
    }

    #[test]
    fn parts_have_synonyms() {
        for (text, split) in [
            ("train", Split::Train),
            (" VAL ", Split::Valid),
            ("validation", Split::Valid),
            ("Test", Split::Test),
        ] {
            assert_eq!(read_split(text), Ok(split));
        }
        assert_eq!(
            read_split("holdout").unwrap_err(),
            "split is 'holdout'; expected train, valid or test"
        );
        assert_eq!(read_split(" ").unwrap_err(), "split is empty; expected train, valid or test");
    }

    #[test]
    fn names_stay_in_their_folder() {
        for name in ["0001.png", "class 3/0001.png", "a..b.png", "画.png", "..png"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in
            ["../a.png", "a/../../b", "/etc/passwd", "\\\\host\\a", "C:\\a.png", "c:a", ".."]
        {
            assert!(check_name(name).unwrap_err().contains("leads out"), "{name}");
        }
        assert!(check_name("").unwrap_err().contains("is empty"));
        assert!(check_name("a\nb").unwrap_err().contains("quotation mark"));
        assert!(check_name("a\0b").unwrap_err().contains("control"));
    }
}
