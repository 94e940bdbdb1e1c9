//! Both languages are whole, and children read no numbers.

use super::*;

#[test]
fn both_languages_are_complete_and_differ() {
    let (en, zh) = (table(Language::En).entries(), table(Language::Zh).entries());
    assert!(en.len() > 200, "{}", en.len());
    for ((name, english), (_, chinese)) in en.iter().zip(&zh) {
        assert!(!english.trim().is_empty() && !chinese.trim().is_empty(), "{name}");
        let places = |text: &str| text.matches("{}").count();
        assert_eq!(places(english), places(chinese), "{name}");
        if !matches!(
            name.as_str(),
            "app" | "drawing_by" | "model_device" | "named" | "of_five" | "class.of" | "class.row"
        ) {
            assert_ne!(english, chinese, "{name}");
            assert!(english.is_ascii() || name == "other_language", "{name}: {english}");
            let has_chinese = chinese.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert!(has_chinese || name == "other_language", "{name}: {chinese}");
        }
    }
}

#[test]
fn children_read_no_numbers_ranks_or_filler() {
    for language in [Language::En, Language::Zh] {
        for (name, text) in table(language).entries() {
            let ends = ["strength", "next", "thinking", "grown", "student_title"];
            let more = ["comment_title", "new_title", "new_first", "new_none"];
            let to_a_child = ends.iter().chain(&more).any(|end| name.ends_with(end));
            if to_a_child {
                let lower = text.to_lowercase();
                assert!(!text.chars().any(char::is_numeric), "{name}: {text}");
                for word in ["best", "perfect", "amazing", "great job", "well done", "最好", "真棒"]
                {
                    assert!(!lower.contains(word), "{name}: {text}");
                }
            }
        }
    }
}

#[test]
fn places_are_filled_in_order() {
    assert_eq!(fill("{} of {}", &["2", "5"]), "2 of 5");
    assert_eq!(fill("none", &["2"]), "none");
}
