//! The fonts that are embedded: Nunito, and a part of Noto Sans for Chinese (`assets/fonts`).

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily, FontId};

macro_rules! font {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/fonts/", $name)).as_slice()
    };
}

/// Name and file of each font.
const FONTS: [(&str, &[u8]); 4] = [
    ("nunito", font!("nunito-regular.ttf")),
    ("nunito bold", font!("nunito-bold.ttf")),
    ("noto", font!("noto-sans-sc-regular.otf")),
    ("noto bold", font!("noto-sans-sc-bold.otf")),
];

/// The family of titles and buttons.
const BOLD: &str = "bold";

/// Hands the fonts to egui. What one lacks is taken from the next.
pub fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::empty();
    for (name, bytes) in FONTS {
        let mut font = FontData::from_static(bytes);
        if name.starts_with("noto") {
            // On one line with Nunito, whose letters stand higher.
            font.tweak.y_offset_factor = -0.05;
        }
        fonts.font_data.insert(name.to_owned(), Arc::new(font));
    }
    let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let regular = list(&["nunito", "noto", "noto bold"]);
    fonts.families.insert(FontFamily::Proportional, regular.clone());
    fonts.families.insert(FontFamily::Monospace, regular);
    let bold = list(&["nunito bold", "noto bold", "noto"]);
    fonts.families.insert(FontFamily::Name(BOLD.into()), bold);
    ctx.set_fonts(fonts);
}

/// Name and file of each font: regular and bold, Latin before Chinese.
pub(crate) const fn font_files() -> [(&'static str, &'static [u8]); 4] {
    FONTS
}

/// The bold font at a size in points.
#[must_use]
pub fn bold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(BOLD.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::papers::Paper;
    use crate::ui::text::table;
    use easel_core::prompt::Language;

    #[test]
    fn every_character_that_is_shown_has_a_glyph() {
        let ctx = Context::default();
        install(&ctx);
        ctx.run_ui(egui::RawInput::default(), |_| {}).drop_without_applying_deltas();
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

    #[test]
    fn the_fonts_are_small() {
        for (name, bytes) in FONTS {
            assert!(bytes.len() < 400_000, "{name}: {}", bytes.len());
        }
    }
}
