//! What things are called, in English and Chinese.

use super::alien::AlienPart;
use super::lines::LineKind;
use super::motif::{Motif, Wonder};
use super::palette::Hue;
use super::texture::Grain;
use crate::prompt::Language;

/// Joins names: "a, b and c" or "a、b和c".
pub(super) fn list(names: &[&str], language: Language) -> String {
    let (comma, and) = match language {
        Language::En => (", ", " and "),
        Language::Zh => ("、", "和"),
    };
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{}{and}{last}", first.join(comma)),
    }
}

/// Something that has a name in each language.
pub(super) trait Named {
    /// The name; a motif's comes with its article or measure word.
    fn names(&self) -> [&'static str; 2];

    /// The name in a language.
    fn name(&self, language: Language) -> &'static str {
        self.names()[language as usize]
    }
}

impl Named for Motif {
    fn names(&self) -> [&'static str; 2] {
        match self {
            Self::House => ["a house", "一座房子"],
            Self::Tree => ["a tree", "一棵树"],
            Self::Flower => ["a flower", "一朵花"],
            Self::Mushroom => ["a mushroom", "一个蘑菇"],
            Self::Mountain => ["a mountain", "一座山"],
            Self::Person => ["a person", "一个小人"],
            Self::Cat => ["a cat", "一只猫"],
            Self::Fish => ["a fish", "一条鱼"],
            Self::Bird => ["a bird", "一只鸟"],
            Self::Butterfly => ["a butterfly", "一只蝴蝶"],
            Self::Snail => ["a snail", "一只蜗牛"],
            Self::Boat => ["a boat", "一条船"],
            Self::Car => ["a car", "一辆小车"],
            Self::Rocket => ["a rocket", "一枚火箭"],
            Self::Balloon => ["a balloon", "一个气球"],
            Self::Sun => ["a sun", "一个太阳"],
            Self::Cloud => ["a cloud", "一朵云"],
        }
    }
}

/// The name of a motif without its article or measure word.
pub(super) fn bare(motif: Motif, language: Language) -> &'static str {
    let name = motif.name(language);
    match language {
        Language::En => name.strip_prefix("a ").unwrap_or(name),
        Language::Zh => name.char_indices().nth(2).map_or(name, |(at, _)| &name[at..]),
    }
}

impl Named for Wonder {
    fn names(&self) -> [&'static str; 2] {
        match self {
            Self::Stars => ["stars", "星星"],
            Self::Moon => ["a moon", "月亮"],
            Self::Rainbow => ["a rainbow", "彩虹"],
            Self::Planet => ["a planet", "行星"],
            Self::Heart => ["a heart", "爱心"],
        }
    }
}

impl Named for Hue {
    fn names(&self) -> [&'static str; 2] {
        match self {
            Self::Red => ["red", "红色"],
            Self::Orange => ["orange", "橙色"],
            Self::Yellow => ["yellow", "黄色"],
            Self::Lime => ["light green", "浅绿色"],
            Self::Green => ["green", "绿色"],
            Self::Turquoise => ["turquoise", "青色"],
            Self::Blue => ["blue", "蓝色"],
            Self::Violet => ["violet", "紫色"],
            Self::Pink => ["pink", "粉色"],
            Self::Brown => ["brown", "棕色"],
        }
    }
}

impl Named for AlienPart {
    fn names(&self) -> [&'static str; 2] {
        match self {
            Self::Legs => ["long legs", "长腿"],
            Self::Wheels => ["wheels", "车轮"],
            Self::Wings => ["wings", "翅膀"],
            Self::Arms => ["arms", "手臂"],
            Self::Antennae => ["springs", "弹簧"],
            Self::Crown => ["a crown", "王冠"],
            Self::Tail => ["a tail", "尾巴"],
            Self::Face => ["a big face", "大脸"],
        }
    }
}

impl Named for LineKind {
    fn names(&self) -> [&'static str; 2] {
        match self {
            Self::Straight => ["straight lines", "直线"],
            Self::Waves => ["waves", "波浪线"],
            Self::Zigzag => ["zigzags", "折线"],
            Self::Spiral => ["spirals", "螺线"],
            Self::Dots => ["dots", "点"],
            Self::Crossed => ["crossed lines", "格子"],
        }
    }
}

impl Named for Grain {
    fn names(&self) -> [&'static str; 2] {
        match self {
            Self::Hatching => ["short strokes", "短线"],
            Self::Fur => ["furry strokes", "绒毛"],
            Self::Scales => ["scales", "鳞片"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_joined_as_each_language_does() {
        assert_eq!(list(&["red", "blue", "pink"], Language::En), "red, blue and pink");
        assert_eq!(list(&["红色", "蓝色", "粉色"], Language::Zh), "红色、蓝色和粉色");
        assert_eq!(list(&["red"], Language::En), "red");
        assert_eq!(list(&[], Language::En), "");
    }

    #[test]
    fn bare_names_have_no_article() {
        assert_eq!(bare(Motif::House, Language::En), "house");
        assert_eq!(bare(Motif::House, Language::Zh), "房子");
        for motif in Motif::ALL {
            assert!(!bare(motif, Language::Zh).starts_with('一'));
        }
    }
}
