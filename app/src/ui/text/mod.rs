//! Every word that the interface shows, in one table of two languages.
//!
//! A text is a field of [`Table`], so that a language that lacks one does not compile. Places to
//! be filled are written `{}`, and [`fill`] fills them in order.

mod en;
mod rubric_en;
mod rubric_zh;
mod zh;

use easel_core::Attribute;
use easel_core::prompt::Language;

macro_rules! table {
    ($($(#[$doc:meta])* $field:ident),+ $(,)?) => {
        /// The words of one language.
        #[derive(Debug)]
        pub struct Table {
            $($(#[$doc])* pub $field: &'static str,)+
            /// The nine attributes, in the rubric's order.
            pub attributes: [AttributeText; 9],
            /// How far each level of the scale is, 1 first, in a word or two.
            pub levels: [&'static str; 5],
        }

        impl Table {
            /// All texts with their names, for tests and for the fonts' script.
            pub fn entries(&self) -> Vec<(String, &'static str)> {
                let mut entries = vec![$((stringify!($field).to_owned(), self.$field),)+];
                for (attribute, text) in Attribute::ALL.into_iter().zip(&self.attributes) {
                    let mut add = |name: &str, text| entries.push((format!("{attribute}.{name}"), text));
                    add("name", text.name);
                    add("short", text.short);
                    add("about", text.about);
                    add("thinking", text.thinking);
                    add("strength", text.strength);
                    add("next", text.next);
                    text.levels.iter().for_each(|level| add("level", level));
                }
                entries.extend(self.levels.iter().map(|level| ("level".to_owned(), *level)));
                entries
            }
        }
    };
}

table! {
    /// The program's name.
    app,
    /// The other language's name, in that language.
    other_language,
    /// What the button of the other language is called.
    switch_language,
    /// Heading of the first screen.
    welcome,
    /// Below it.
    welcome_more,
    /// Within the drop area.
    drop_here,
    /// Within the drop area while a file hovers over the window.
    drop_now,
    /// Button: a file dialog.
    choose,
    /// Button: the clipboard.
    paste,
    /// Button: the camera.
    camera,
    /// Button: what the camera sees now.
    camera_take,
    /// What pasting wants.
    paste_hint,
    /// Above the sample drawings.
    samples,
    /// Where the samples come from.
    samples_note,
    /// One sample drawing: its number.
    sample,
    /// Above the files that were opened before.
    recent,
    /// That nothing leaves the device.
    private,
    /// Heading of the picture's screen.
    preview,
    /// Below it.
    preview_more,
    /// Button: ask for an assessment.
    look,
    /// Button: a quarter turn to the left.
    turn_left,
    /// Button: a quarter turn to the right.
    turn_right,
    /// Button: cut the edges off.
    crop,
    /// Button: the cut is right.
    crop_done,
    /// Button: no cut.
    crop_reset,
    /// How to cut, by finger, mouse or keys.
    crop_hint,
    /// The frame's name for screen readers.
    crop_frame,
    /// Button: back.
    back,
    /// Button: take another picture.
    another,
    /// Button: stop what goes on.
    cancel,
    /// Button: stop writing.
    stop_writing,
    /// The picture's name for screen readers.
    your_picture,
    /// A picture is being opened.
    opening,
    /// Heading while the program works.
    working,
    /// A step: the model is made ready.
    step_model,
    /// A step: the file is read.
    step_reading,
    /// A step: the picture is looked at.
    step_looking,
    /// A step: the nine attributes.
    step_thinking,
    /// That step with what is thought of.
    thinking_of,
    /// A step: the comment.
    step_writing,
    /// A step that is done, for screen readers.
    step_done,
    /// A step that is going on, for screen readers.
    step_now,
    /// A step that is to come, for screen readers.
    step_later,
    /// Heading of the pupil's result.
    student_title,
    /// Above the comment.
    comment_title,
    /// While nothing of it is there yet.
    comment_wait,
    /// Where it was stopped.
    comment_stopped,
    /// Where there is none.
    comment_none,
    /// Above the strength.
    strength_title,
    /// Above the idea.
    next_title,
    /// That a program made this and that it is no grade.
    by_program,
    /// Above numbers that a teacher released.
    released_title,
    /// Heading of the teacher's result.
    teacher_title,
    /// Below it.
    teacher_more,
    /// Above radar and bars.
    overview,
    /// Above the nine cards.
    attributes_title,
    /// Above the five bars.
    distribution,
    /// A bar for screen readers: level and share.
    share,
    /// A score for screen readers: attribute and points.
    score_of,
    /// A score of five.
    of_five,
    /// The radar's name for screen readers.
    radar,
    /// Title of a table's column.
    column_attribute,
    /// Title of a table's column.
    column_score,
    /// Title of a table's column.
    column_spread,
    /// A narrow distribution.
    sure,
    /// A middling one.
    fairly_sure,
    /// A wide one.
    unsure,
    /// Button: all levels of one attribute.
    all_levels,
    /// Button: the nearest level only.
    fewer_levels,
    /// Button: where one attribute's score comes from.
    where_look,
    /// While it is found out.
    where_wait,
    /// The picture with squares, for screen readers.
    where_picture,
    /// Which square matters most, where the score is lower without it: row, column, points.
    where_lower,
    /// The same where it is higher.
    where_higher,
    /// What the squares mean.
    where_legend,
    /// Where none matters.
    where_nothing,
    /// What they do not mean.
    where_caution,
    /// Above model and limits.
    model_title,
    /// The model's name.
    model_name,
    /// The device.
    model_device,
    /// That the processor computes, because the browser has nothing better.
    no_webgpu,
    /// What the demo is.
    demo_limits,
    /// What any model is.
    limits,
    /// Without adapters.
    bare_limits,
    /// Checkbox: the pupil sees numbers.
    release,
    /// What that does.
    release_more,
    /// Short word for the demo, in a badge.
    demo_badge,
    /// One line about it.
    demo_note,
    /// The pupil's view.
    view_student,
    /// The teacher's view.
    view_teacher,
    /// Name of that choice.
    view,
    /// The settings.
    settings,
    /// Name of a choice.
    language,
    /// Name of a choice.
    theme,
    /// A theme.
    theme_system,
    /// A theme.
    theme_light,
    /// A theme.
    theme_dark,
    /// Name of a choice.
    text_size,
    /// A text size.
    size_small,
    /// A text size.
    size_medium,
    /// A text size.
    size_large,
    /// A text size.
    size_huge,
    /// Checkbox.
    reduced_motion,
    /// What it does.
    reduced_motion_more,
    /// Which model.
    model,
    /// The demo within.
    model_demo,
    /// A folder.
    model_folder,
    /// What a folder holds.
    model_folder_more,
    /// The model is loading: how far.
    model_loading,
    /// The model is ready.
    model_ready,
    /// Button: close the settings.
    done,
    /// Keys that work.
    keys,
    /// The papers about the program, and their screen.
    about,
    /// The paper in a child's words.
    paper_child,
    /// The paper for parents.
    paper_parent,
    /// The paper for schools.
    paper_school,
    /// The paper about the models.
    paper_model,
    /// Button: close a message.
    dismiss,
    /// Button: try again.
    again,
    /// Button: take the demo.
    use_demo,
    /// Before the library's own words.
    details,
    /// The picture cannot be read.
    fault_picture,
    /// The picture is of a kind that is not read.
    fault_format,
    /// The picture is too large.
    fault_too_large,
    /// The picture is too narrow.
    fault_shape,
    /// The file cannot be read.
    fault_file,
    /// The model cannot be loaded.
    fault_model,
    /// No device.
    fault_device,
    /// The device failed while computing.
    fault_computing,
    /// The worker is gone.
    fault_stopped,
    /// Nothing to paste.
    fault_clipboard,
    /// No camera, or it is not allowed.
    fault_camera,
    /// After a fault: nothing is lost.
    kept,
}

/// What is said about one attribute.
#[derive(Debug)]
pub struct AttributeText {
    /// Its name.
    pub name: &'static str,
    /// Its name where there is little room.
    pub short: &'static str,
    /// What it means, to a teacher.
    pub about: &'static str,
    /// What is thought of, to a child.
    pub thinking: &'static str,
    /// To a child, where it is the drawing's strength.
    pub strength: &'static str,
    /// To a child, where it is what to try next.
    pub next: &'static str,
    /// What each level looks like, 1 first.
    pub levels: [&'static str; 5],
}

impl Table {
    /// The words about one attribute.
    #[must_use]
    pub fn of(&self, attribute: Attribute) -> &AttributeText {
        &self.attributes[attribute as usize]
    }

    /// That a model loads, and how far it is, from 0 to 1.
    #[must_use]
    pub fn loading(&self, part: f32) -> String {
        fill(self.model_loading, &[&format!("{:.0}", part * 100.0)])
    }
}

/// The words of a language.
#[must_use]
pub const fn table(language: Language) -> &'static Table {
    match language {
        Language::En => &en::TABLE,
        Language::Zh => &zh::TABLE,
    }
}

/// Fills the places of a text, in order.
#[must_use]
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut parts = text.split("{}");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for (at, part) in parts.enumerate() {
        filled.push_str(values.get(at).copied().unwrap_or_default());
        filled.push_str(part);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_are_complete_and_differ() {
        let (en, zh) = (table(Language::En).entries(), table(Language::Zh).entries());
        assert!(en.len() > 200, "{}", en.len());
        for ((name, english), (_, chinese)) in en.iter().zip(&zh) {
            assert!(!english.trim().is_empty() && !chinese.trim().is_empty(), "{name}");
            let places = |text: &str| text.matches("{}").count();
            assert_eq!(places(english), places(chinese), "{name}");
            if !matches!(name.as_str(), "app" | "model_device" | "of_five") {
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
                let to_a_child = ["strength", "next", "thinking", "student_title", "comment_title"]
                    .iter()
                    .any(|end| name.ends_with(end));
                if to_a_child {
                    let lower = text.to_lowercase();
                    assert!(!text.chars().any(char::is_numeric), "{name}: {text}");
                    for word in
                        ["best", "perfect", "amazing", "great job", "well done", "最好", "真棒"]
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
}
