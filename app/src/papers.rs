//! What is to be read about the program, on paper and on the screen (`app/papers`).

use std::str::FromStr;

use easel_core::prompt::Language;

/// One paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// In a child's words.
    Child,
    /// For parents.
    Parent,
    /// A data protection impact assessment for schools, to be filled in.
    School,
    /// The model card.
    Model,
}

/// A part of a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block<'a> {
    /// Its title.
    Title(&'a str),
    /// The title of a section.
    Section(&'a str),
    /// Running text.
    Paragraph(&'a str),
    /// One item of a list.
    Item(&'a str),
}

macro_rules! paper {
    ($name:literal, $language:expr) => {
        match $language {
            Language::En => include_str!(concat!("../papers/", $name, ".en.md")),
            Language::Zh => include_str!(concat!("../papers/", $name, ".zh.md")),
        }
    };
}

impl Paper {
    /// All.
    pub const ALL: [Self; 4] = [Self::Child, Self::Parent, Self::School, Self::Model];

    /// What the command line calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Child => "child",
            Self::Parent => "parent",
            Self::School => "school",
            Self::Model => "model",
        }
    }

    /// Its text, as Markdown: a title, sections, paragraphs of one line and lists.
    #[must_use]
    pub const fn text(self, language: Language) -> &'static str {
        match self {
            Self::Child => paper!("child", language),
            Self::Parent => paper!("parent", language),
            Self::School => paper!("school", language),
            Self::Model => paper!("model", language),
        }
    }

    /// Its parts in order.
    pub fn blocks(self, language: Language) -> impl Iterator<Item = Block<'static>> {
        let lines = self.text(language).lines().filter(|line| !line.is_empty());
        lines.map(|line| match line.split_once(' ') {
            Some(("#", rest)) => Block::Title(rest),
            Some(("##", rest)) => Block::Section(rest),
            Some(("-", rest)) => Block::Item(rest),
            _ => Block::Paragraph(line),
        })
    }

    /// Its title.
    #[must_use]
    pub fn title(self, language: Language) -> &'static str {
        self.text(language).lines().next().unwrap_or_default().trim_start_matches("# ")
    }
}

impl FromStr for Paper {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name).join(", ");
        let found = Self::ALL.into_iter().find(|paper| paper.name() == text);
        found.ok_or_else(|| format!("'{text}' is no paper; there are {names}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(paper: Paper, language: Language) -> Vec<&'static str> {
        let shape = |block| match block {
            Block::Title(_) => "title",
            Block::Section(_) => "section",
            Block::Paragraph(_) => "paragraph",
            Block::Item(_) => "item",
        };
        paper.blocks(language).map(shape).collect()
    }

    #[test]
    fn both_languages_say_the_same_in_the_same_order() {
        for paper in Paper::ALL {
            let (en, zh) = (shape(paper, Language::En), shape(paper, Language::Zh));
            assert_eq!(en, zh, "{paper:?}");
            assert_eq!(en.iter().filter(|&&shape| shape == "title").count(), 1);
            assert!(en.starts_with(&["title", "paragraph"]) && en.contains(&"section"));
            for block in paper.blocks(Language::Zh) {
                let (Block::Title(text)
                | Block::Section(text)
                | Block::Paragraph(text)
                | Block::Item(text)) = block;
                assert!(text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{text}");
            }
            assert!(paper.text(Language::En).is_ascii(), "{paper:?}");
        }
    }

    #[test]
    fn limits_are_told_where_they_must_be() {
        for language in [Language::En, Language::Zh] {
            for paper in [Paper::Parent, Paper::School, Paper::Model] {
                assert!(paper.text(language).contains("0.653"), "{paper:?}");
            }
            // A child reads no numbers.
            let child = Paper::Child.text(language);
            assert!(!child.chars().any(char::is_numeric), "{child}");
        }
    }

    #[test]
    fn names_are_read_and_others_refused() {
        for paper in Paper::ALL {
            assert_eq!(paper.name().parse(), Ok(paper));
        }
        let refused = "teacher".parse::<Paper>().unwrap_err();
        assert_eq!(refused, "'teacher' is no paper; there are child, parent, school, model");
    }
}
