//! Words about a drawing: a friendly comment, and a plain description.

use super::dice::{Dice, Purpose};
use super::names::{Named, bare, list};
use super::words::{Both, LEVELS, MILD, NEXT, SEEN, STRONG, WONDERS};
use super::{Drawing, Facts};
use crate::prompt::Language;
use crate::rubric::Attribute;

/// How many things of a kind a sentence names.
const NAMED: usize = 3;

/// The level from which an attribute is praised in full words.
const HIGH: u8 = 4;

impl Drawing {
    /// One paragraph to the child: what is seen, one strength, one thing to try next.
    ///
    /// The strength is of an attribute with the highest level, the advice of one with the lowest;
    /// `variant` chooses among those and among wordings.
    #[must_use]
    pub fn comment(&self, language: Language, variant: u64) -> String {
        let mut dice = self.dice(variant);
        let strong = pick(&self.levels, u8::max, None, &mut dice);
        let weak = pick(&self.levels, u8::min, Some(strong), &mut dice);
        self.say(strong, weak, language, dice)
    }

    /// As [`Drawing::comment`], on a strength and a next step that were chosen.
    #[must_use]
    pub fn comment_on(
        &self,
        strength: Attribute,
        next: Attribute,
        language: Language,
        variant: u64,
    ) -> String {
        self.say(strength as usize, next as usize, language, self.dice(variant))
    }

    fn dice(&self, variant: u64) -> Dice {
        let (seed, index) = self.origin;
        Dice::new(seed.wrapping_add(variant), index, Purpose::Words)
    }

    fn say(&self, strong: usize, weak: usize, language: Language, mut dice: Dice) -> String {
        let facts = &self.facts;
        let mut sentences = vec![self.filled(&SEEN[dice.below(SEEN.len())], language)];
        if !facts.wonders.is_empty() {
            sentences.push(self.filled(&WONDERS[dice.below(WONDERS.len())], language));
        }
        let strength = if self.levels[strong] >= HIGH {
            &STRONG[strong][dice.below(STRONG[strong].len())]
        } else {
            &MILD[strong][dice.below(MILD[strong].len())]
        };
        sentences.push(self.filled(strength, language));
        sentences.push(self.filled(&NEXT[weak][dice.below(NEXT[weak].len())], language));
        sentences.join(if language == Language::En { " " } else { "" })
    }

    /// One plain sentence: the motifs, then for each attribute what is there of it and a word for
    /// its level.
    #[must_use]
    pub fn describe(&self, language: Language) -> String {
        let facts = &self.facts;
        let (comma, stop) = if language == Language::En { ("; ", ".") } else { ("；", "。") };
        let mut text = motifs(facts, language);
        if language == Language::En {
            text = text.replacen('a', "A", 1);
        }
        for (attribute, level) in Attribute::ALL.into_iter().zip(self.levels) {
            let seen = match attribute {
                Attribute::Imagination => all(&facts.wonders, language),
                Attribute::ColorRichness => all(&facts.hues, language),
                Attribute::LineCombination => all(&facts.lines, language),
                Attribute::LineTexture => all(facts.grain.as_slice(), language),
                Attribute::Transformation => all(&facts.parts, language),
                _ => String::new(),
            };
            let word = LEVELS[attribute as usize][usize::from(level - 1)][language as usize];
            let between = match (seen.is_empty(), language) {
                (true, _) => "",
                (false, Language::En) => ": ",
                (false, Language::Zh) => "：",
            };
            text.extend([comma, &seen, between, word]);
        }
        text + stop
    }

    /// A sentence with its places filled.
    fn filled(&self, sentence: &Both, language: Language) -> String {
        let facts = &self.facts;
        let mut text = sentence[language as usize].to_owned();
        let main = facts.motifs.first().map_or("", |motif| bare(*motif, language));
        // Only what a sentence asks for is put in: most places do not occur in most sentences.
        for (place, value) in [
            ("{motifs}", motifs(facts, language)),
            ("{motif}", main.to_owned()),
            ("{hues}", some(&facts.hues, language)),
            ("{lines}", some(&facts.lines, language)),
            ("{grain}", some(facts.grain.as_slice(), language)),
            ("{parts}", some(&facts.parts, language)),
            ("{wonders}", some(&facts.wonders, language)),
        ] {
            text = text.replace(place, &value);
        }
        text
    }
}

/// All motifs, the main one first.
fn motifs(facts: &Facts, language: Language) -> String {
    let names: Vec<&str> = facts.motifs.iter().map(|motif| motif.name(language)).collect();
    list(&names, language)
}

/// The first few of some things.
fn some<T: Named>(things: &[T], language: Language) -> String {
    all(&things[..things.len().min(NAMED)], language)
}

/// All of some things.
fn all<T: Named>(things: &[T], language: Language) -> String {
    let names: Vec<&str> = things.iter().map(|thing| thing.name(language)).collect();
    list(&names, language)
}

/// An attribute with the extreme level, by chance among equals, and not the one left out.
fn pick(levels: &[u8; 9], extreme: fn(u8, u8) -> u8, but: Option<usize>, dice: &mut Dice) -> usize {
    let others = || levels.iter().enumerate().filter(|(i, _)| Some(*i) != but);
    let wanted = others().map(|(_, level)| *level).reduce(extreme);
    let equal: Vec<usize> =
        others().filter(|(_, level)| Some(**level) == wanted).map(|(i, _)| i).collect();
    equal.get(dice.below(equal.len())).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The words of an English text.
    fn words(text: &str) -> impl Iterator<Item = String> {
        text.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()).map(str::to_lowercase)
    }

    fn texts(language: Language) -> impl Iterator<Item = String> {
        (0..300).map(|i| Drawing::generate(1, i)).flat_map(move |drawing| {
            [drawing.describe(language), drawing.comment(language, 0), drawing.comment(language, 1)]
        })
    }

    #[test]
    fn the_vocabularies_are_small() {
        let english: BTreeSet<String> =
            texts(Language::En).flat_map(|text| words(&text).collect::<Vec<_>>()).collect();
        let chinese: BTreeSet<char> =
            texts(Language::Zh).flat_map(|text| text.chars().collect::<Vec<_>>()).collect();
        assert!((150..=280).contains(&english.len()), "{}: {english:?}", english.len());
        assert!((120..=280).contains(&chinese.len()), "{}: {chinese:?}", chinese.len());
    }

    #[test]
    fn every_place_is_filled_and_no_number_is_named() {
        for language in [Language::En, Language::Zh] {
            for text in texts(language) {
                assert!(!text.contains(['{', '}']), "{text}");
                assert!(!text.chars().any(char::is_numeric), "{text}");
                assert!(!text.contains("  ") && !text.contains(" ."), "{text}");
                assert!(!text.contains("有。") && !text.contains("、。"), "{text}");
            }
        }
    }

    #[test]
    fn a_comment_follows_the_levels() {
        let drawing = Drawing::with_levels(1, 1, [2, 2, 2, 2, 2, 2, 2, 1, 5]);
        for variant in 0..20 {
            let text = drawing.comment(Language::En, variant);
            let part = drawing.facts.parts[0].name(Language::En);
            assert!(text.contains(part), "{text}");
            assert!(["page", "corner", "side"].iter().any(|word| text.contains(word)), "{text}");
        }
    }

    #[test]
    fn wordings_vary_and_repeat() {
        let drawing = Drawing::generate(4, 4);
        let all: BTreeSet<String> =
            (0..40).map(|variant| drawing.comment(Language::En, variant)).collect();
        assert!(all.len() > 8, "{}", all.len());
        assert_eq!(drawing.comment(Language::Zh, 3), drawing.comment(Language::Zh, 3));
    }

    #[test]
    fn a_description_names_each_level_and_what_is_there_of_it() {
        let drawing = Drawing::with_levels(1, 1, [1, 2, 1, 5, 5, 3, 1, 5, 2]);
        let text = drawing.describe(Language::En);
        let facts = &drawing.facts;
        let lines = all(&facts.lines, Language::En);
        let parts = all(&facts.parts, Language::En);
        assert!(text.contains("; rough shapes; slightly bent forms; a single idea; "), "{text}");
        assert!(text.contains(&format!("; {lines}: some kinds of line; smooth")), "{text}");
        assert!(text.ends_with(&format!("; balanced; {parts}: slightly changed.")), "{text}");
        let hues: Vec<&str> = facts.hues.iter().map(|hue| hue.name(Language::En)).collect();
        assert!(hues.iter().all(|hue| text.contains(hue)), "{text}");
        let words: BTreeSet<Both> = LEVELS.into_iter().flatten().collect();
        assert_eq!(words.len(), 45);
    }
}
