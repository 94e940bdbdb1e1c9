//! The fonts (`assets/fonts`): Nunito, Noto Sans for letters that it lacks, and a part of Noto Sans for
//! Chinese. Names and notes hold characters beyond that: most are in a larger part, which is in a
//! window's program, and which a page fetches once it meets one of them.

use std::sync::Arc;

use egui::{
    Context, FallbackRequest, FontData, FontDefinitions, FontFamily, FontId, FontInsert,
    FontPriority, InsertFontFamily,
};
use skrifa::{FontRef, MetadataProvider};

macro_rules! font {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/fonts/", $name)).as_slice()
    };
}

/// Name and file of each font.
const FONTS: [(&str, &[u8]); 6] = [
    ("nunito", font!("nunito-regular.ttf")),
    ("nunito bold", font!("nunito-bold.ttf")),
    ("noto", font!("noto-sans-regular.ttf")),
    ("noto bold", font!("noto-sans-bold.ttf")),
    ("noto sc", font!("noto-sans-sc-regular.otf")),
    ("noto sc bold", font!("noto-sans-sc-bold.otf")),
];

/// The name of the larger part.
pub(crate) const MORE: &str = "noto more";

/// The larger part, where the program holds it.
#[must_use]
pub(crate) const fn more_font() -> Option<&'static [u8]> {
    #[cfg(not(target_family = "wasm"))]
    return Some(font!("noto-sans-more.otf"));
    #[cfg(target_family = "wasm")]
    None
}

/// The family of titles and buttons.
const BOLD: &str = "bold";

/// Hands the fonts to egui. What one lacks is taken from the next.
pub fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::empty();
    let more = more_font().map(|bytes| (MORE, bytes));
    for (name, bytes) in FONTS.into_iter().chain(more) {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(tweaked(name, FontData::from_static(bytes))));
    }
    let list = |names: &[&str]| {
        let names = names.iter().copied().chain(more.map(|(name, _)| name));
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    let regular = list(&["nunito", "noto", "noto sc", "noto sc bold"]);
    fonts.families.insert(FontFamily::Proportional, regular.clone());
    fonts.families.insert(FontFamily::Monospace, regular);
    let bold = list(&["nunito bold", "noto bold", "noto sc bold", "noto sc"]);
    fonts.families.insert(FontFamily::Name(BOLD.into()), bold);
    ctx.set_fonts(fonts);
}

/// Chinese on one line with Nunito, whose letters stand higher.
fn tweaked(name: &str, mut font: FontData) -> FontData {
    if name.starts_with("noto sc") || name == MORE {
        font.tweak.y_offset_factor = -0.05;
    }
    font
}

/// Adds the larger part, once a page has fetched it; false where the bytes are no font.
pub fn add_more(ctx: &Context, bytes: Vec<u8>) -> bool {
    if FontRef::new(&bytes).is_err() {
        return false;
    }
    let families = [FontFamily::Proportional, FontFamily::Monospace, FontFamily::Name(BOLD.into())];
    let last = |family| InsertFontFamily { family, priority: FontPriority::Lowest };
    let font = tweaked(MORE, FontData::from_owned(bytes));
    ctx.add_font(FontInsert::new(MORE, font, families.map(last).into()));
    true
}

/// Has a page told of characters that no font has and the larger part may have.
pub fn on_missing(ctx: &Context, tell: impl Fn() + Send + Sync + 'static) {
    ctx.add_font_provider(Arc::new(move |request: &FallbackRequest<'_>| {
        if request.cluster.starts_with(may_have) {
            tell();
        }
        None
    }));
}

/// Whether the larger part may have a character: it is Chinese, Japanese or Korean.
const fn may_have(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{312f}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{ff01}'..='\u{ffee}' | '\u{20000}'..='\u{323af}')
}

/// Whether a text wants the larger part.
pub(crate) fn wants_more<'a>(texts: impl IntoIterator<Item = &'a str>) -> bool {
    let fonts = FONTS.map(|(_, bytes)| FontRef::new(bytes).map(|font| font.charmap()));
    let has = |c| fonts.iter().flatten().any(|font| font.map(c).is_some());
    texts.into_iter().flat_map(str::chars).any(|c| may_have(c) && !has(c))
}

/// Name and file of each font: regular and bold, Latin before Chinese.
pub(crate) const fn font_files() -> [(&'static str, &'static [u8]); 6] {
    FONTS
}

/// The bold font at a size in points.
#[must_use]
pub fn bold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(BOLD.into()))
}

/// The bold font for a text that somebody typed, or the regular one: the bold Chinese is the interface's,
/// and a name is not to be set in both.
#[must_use]
pub fn strong(text: &str, size: f32) -> FontId {
    let font = FontRef::new(FONTS[5].1).map(|font| font.charmap());
    let has = |c| font.as_ref().is_ok_and(|font| font.map(c).is_some());
    match text.chars().all(|c| !may_have(c) || has(c)) {
        true => bold(size),
        false => FontId::proportional(size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::papers::Paper;
    use crate::ui::text::table;
    use easel_core::prompt::Language;

    /// Fonts as a page has them at first.
    fn page() -> Context {
        let ctx = Context::default();
        install(&ctx);
        let pass = || ctx.run_ui(egui::RawInput::default(), |_| {}).drop_without_applying_deltas();
        pass();
        let mut fonts = ctx.fonts(|fonts| fonts.definitions().clone());
        fonts.font_data.remove(MORE);
        fonts.families.values_mut().for_each(|list| list.retain(|name| name != MORE));
        ctx.set_fonts(fonts);
        pass();
        ctx
    }

    #[test]
    fn every_character_that_is_shown_has_a_glyph() {
        let ctx = page();
        for language in [Language::En, Language::Zh] {
            for (name, text) in table(language).entries() {
                for font in [FontId::proportional(16.0), bold(16.0)] {
                    let all = ctx.fonts_mut(|fonts| fonts.has_glyphs(&font, text));
                    assert!(all, "{name}: {text}: {font:?}");
                }
            }
            for line in Paper::ALL.into_iter().flat_map(|paper| paper.text(language).lines()) {
                for font in [FontId::proportional(16.0), bold(16.0)] {
                    let all = ctx.fonts_mut(|fonts| fonts.has_glyphs(&font, line));
                    assert!(all, "{line}: {font:?}");
                }
            }
        }
    }

    /// Every character that names hold in Europe and in China, also those that no program names.
    fn names() -> String {
        let letters = |range: std::ops::RangeInclusive<u32>| {
            let letters = range.filter_map(char::from_u32);
            letters.filter(|c| c.is_alphabetic()).filter(|c| !('\u{3e2}'..='\u{3ef}').contains(c))
        };
        let europe = [0xc0..=0x24f, 0x370..=0x52f, 0x1e00..=0x1fff].into_iter().flat_map(letters);
        let more = include_str!("../../../assets/fonts/more.txt");
        assert!(more.chars().count() > 12_000, "{}", more.chars().count());
        europe.chain(more.chars()).collect()
    }

    /// Lays a text out in both weights where a box in place of a glyph panics.
    fn draw(ctx: &Context, text: &str) {
        ctx.set_missing_glyph_policy(egui::MissingGlyphPolicy::Panic);
        // What was added is there from the next pass on.
        for _ in 0..2 {
            ctx.run_ui(egui::RawInput::default(), |ui| {
                ui.label(text);
                ui.label(egui::RichText::new(text).font(bold(16.0)));
            })
            .drop_without_applying_deltas();
        }
    }

    #[test]
    fn names_of_all_of_china_and_europe_are_drawn() {
        let ctx = Context::default();
        install(&ctx);
        draw(&ctx, &names());
        // An accent behind its letter, as some systems write it.
        draw(&ctx, "Zoe\u{308} Ko\u{30c}r");
    }

    #[test]
    fn a_page_is_told_once_it_meets_a_character_that_the_larger_part_has() {
        use std::sync::atomic::{AtomicU32, Ordering};
        let ctx = page();
        let told = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&told);
        on_missing(&ctx, move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        let shown = |text: &str| {
            ctx.run_ui(egui::RawInput::default(), |ui| {
                ui.label(text);
            })
            .drop_without_applying_deltas();
            told.swap(0, Ordering::Relaxed)
        };
        assert_eq!(shown("Zoë Ω 小明 \u{1f600}"), 0);
        assert_eq!((shown("赵翀"), shown("赵翀")), (2, 0));
        assert!(wants_more(["Zoë", "赵翀"]) && !wants_more(["Zoë", "小明", "\u{1f600}"]));
        assert!(!add_more(&ctx, b"<!doctype html>".to_vec()));
        assert!(add_more(&ctx, more_font().unwrap().to_vec()));
        draw(&ctx, &names());
    }

    #[test]
    fn a_name_is_set_in_one_weight() {
        for text in ["Mia Müller", "开始看", "Жанна"] {
            assert_eq!(strong(text, 16.0), bold(16.0), "{text}");
        }
        assert_eq!(strong("赵翀", 16.0), FontId::proportional(16.0));
        for language in [Language::En, Language::Zh] {
            for (name, text) in table(language).entries() {
                assert_eq!(strong(text, 16.0), bold(16.0), "{name}: {text}");
            }
        }
    }

    #[test]
    fn the_fonts_are_small() {
        for (name, bytes) in FONTS {
            assert!(bytes.len() < 400_000, "{name}: {}", bytes.len());
        }
        let more = more_font().unwrap().len();
        assert!(more < 3_000_000, "{more}");
    }
}
