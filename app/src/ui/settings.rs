//! What a person chose, kept from one day to the next.

use easel_core::prompt::Language;
use serde::{Deserialize, Serialize};

use super::protocol::ModelChoice;

/// The most files that are remembered.
const MOST_RECENT: usize = 4;

/// All that is saved.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The language; the device's until one is chosen.
    pub language: Option<Language>,
    /// Who is reading.
    pub view: View,
    /// Light or dark.
    pub theme: Theme,
    /// How large text is.
    pub text_size: TextSize,
    /// Nothing glides.
    pub reduced_motion: bool,
    /// Whether a teacher shows numbers to the pupil.
    pub numbers_released: bool,
    /// Which model is loaded at the start.
    pub model: ModelChoice,
    /// Files that were opened, the last one first; only where the platform has paths.
    pub recent: Vec<String>,
    /// Folders and addresses of models that were used, the last one first.
    pub models: Vec<String>,
}

/// Who is reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The child who drew.
    #[default]
    Student,
    /// Teachers and parents.
    Teacher,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the device says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How large text is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextSize {
    /// Small.
    Small,
    /// As designed.
    #[default]
    Medium,
    /// Large.
    Large,
    /// Very large.
    Huge,
}

impl TextSize {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Small, Self::Medium, Self::Large, Self::Huge];

    /// By how much text is larger than designed.
    #[must_use]
    pub const fn factor(self) -> f32 {
        match self {
            Self::Small => 0.9,
            Self::Medium => 1.0,
            Self::Large => 1.2,
            Self::Huge => 1.45,
        }
    }
}

impl Settings {
    /// Remembers a file as the last one opened.
    pub fn remember(&mut self, path: &str) {
        remember(&mut self.recent, path);
    }

    /// Remembers a model's folder or address as the last one used; not what a page has for one visit,
    /// nor what it keeps and lists itself.
    pub fn remember_model(&mut self, folder: &str) {
        if !folder.starts_with("chosen:") && !folder.starts_with("kept:") {
            remember(&mut self.models, folder);
        }
    }

    /// Reads what was saved; what cannot be understood is as at first.
    #[must_use]
    pub fn from_json(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// As it is saved.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Strings, flags and names only: this cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// Puts one first, once.
fn remember(list: &mut Vec<String>, path: &str) {
    list.retain(|known| known != path);
    list.insert(0, path.to_owned());
    list.truncate(MOST_RECENT);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_broken_is_as_at_first() {
        let some = Settings::from_json(r#"{"theme": "dark", "new_in_a_later_version": 1}"#);
        assert_eq!(some, Settings { theme: Theme::Dark, ..Settings::default() });
        assert_eq!(Settings::from_json("{"), Settings::default());
        assert_eq!(Settings::from_json(&some.to_json()), some);
    }

    #[test]
    fn the_last_file_comes_first_and_once() {
        let mut settings = Settings::default();
        for path in ["a", "b", "c", "a", "d", "e"] {
            settings.remember(path);
        }
        assert_eq!(settings.recent, ["e", "d", "a", "c"]);
        for folder in ["/m", "chosen:x", "kept:y", "https://a.test/p/", "/m"] {
            settings.remember_model(folder);
        }
        assert_eq!(settings.models, ["/m", "https://a.test/p/"]);
    }
}
