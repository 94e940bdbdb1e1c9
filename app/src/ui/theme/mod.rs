//! All colours and sizes, in one place.
//!
//! [`Look`] is what drawing functions ask: the colours of the theme in use and a few sizes. It is
//! set once a frame by [`Look::apply`] and found again by [`look`].

mod contrast;
mod fonts;
mod style;

use egui::{Color32, Context, Ui};

pub(crate) use fonts::{MORE, font_files, more_font, wants_more};
pub use fonts::{add_more, bold, install, on_missing, strong};

use super::settings::Settings;

/// Space between the parts of a screen, in points.
pub const GAP: f32 = 16.0;
/// Space within a card.
pub const PADDING: f32 = 20.0;
/// How round cards are.
pub const CARD_RADIUS: u8 = 20;
/// How round buttons are.
pub const BUTTON_RADIUS: u8 = 14;
/// The least height of what is touched: WCAG asks for 24, small fingers for more.
pub const TOUCH: f32 = 48.0;
/// The widest a page of text and cards becomes.
pub const PAGE: f32 = 1080.0;
/// From this width on, screens have two columns.
pub const TWO_COLUMNS: f32 = 720.0;
/// Height of the bar on top.
pub const TOP_BAR: f32 = 64.0;

/// Sizes of text at the middle setting, in points.
pub const SMALL: f32 = 14.0;
/// Running text.
pub const BODY: f32 = 17.0;
/// The comment to a child, and titles of cards.
pub const LARGE: f32 = 20.0;
/// Titles of screens.
pub const TITLE: f32 = 30.0;

/// The colours of a theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// Behind everything.
    pub paper: Color32,
    /// Cards.
    pub card: Color32,
    /// Fine lines around cards: they only decorate.
    pub line: Color32,
    /// Lines around what can be pressed.
    pub edge: Color32,
    /// Text.
    pub ink: Color32,
    /// Text of less weight.
    pub muted: Color32,
    /// The button that goes on, and bars.
    pub accent: Color32,
    /// Text on it.
    pub on_accent: Color32,
    /// A wash of it.
    pub accent_wash: Color32,
    /// What works well.
    pub leaf: Color32,
    /// A wash of it.
    pub leaf_wash: Color32,
    /// What to try next.
    pub sky: Color32,
    /// A wash of it.
    pub sky_wash: Color32,
    /// Notices.
    pub sun: Color32,
    /// A wash of it.
    pub sun_wash: Color32,
    /// The ring around what has the keyboard.
    pub focus: Color32,
}

const fn rgb(code: u32) -> Color32 {
    Color32::from_rgb((code >> 16) as u8, (code >> 8) as u8, code as u8)
}

/// Paper by day.
pub const LIGHT: Palette = Palette {
    paper: rgb(0xfbf6ee),
    card: rgb(0xffffff),
    line: rgb(0xeadfcf),
    edge: rgb(0x8f8272),
    ink: rgb(0x2e2924),
    muted: rgb(0x645b50),
    accent: rgb(0xab4a33),
    on_accent: rgb(0xffffff),
    accent_wash: rgb(0xfaeae2),
    leaf: rgb(0x33684b),
    leaf_wash: rgb(0xe6f1e8),
    sky: rgb(0x2a5f8a),
    sky_wash: rgb(0xe4eef6),
    sun: rgb(0x7c5000),
    sun_wash: rgb(0xfbefd2),
    focus: rgb(0x1f5fa8),
};

/// Paper by lamplight.
pub const DARK: Palette = Palette {
    paper: rgb(0x1d1a17),
    card: rgb(0x292521),
    line: rgb(0x3e3832),
    edge: rgb(0x8f8478),
    ink: rgb(0xf4ede3),
    muted: rgb(0xbfb4a7),
    accent: rgb(0xf0a58a),
    on_accent: rgb(0x2b130a),
    accent_wash: rgb(0x3a2b25),
    leaf: rgb(0x9dd4b4),
    leaf_wash: rgb(0x25382d),
    sky: rgb(0x9fcbef),
    sky_wash: rgb(0x233341),
    sun: rgb(0xf1cd80),
    sun_wash: rgb(0x3e331c),
    focus: rgb(0x8fc5ff),
};

#[cfg(test)]
impl Palette {
    /// Every text colour with the grounds it stands on.
    #[must_use]
    pub fn texts(&self) -> Vec<(&'static str, Color32, Color32)> {
        vec![
            ("ink on paper", self.ink, self.paper),
            ("ink on card", self.ink, self.card),
            ("ink on accent wash", self.ink, self.accent_wash),
            ("ink on leaf wash", self.ink, self.leaf_wash),
            ("ink on sky wash", self.ink, self.sky_wash),
            ("ink on sun wash", self.ink, self.sun_wash),
            ("muted on paper", self.muted, self.paper),
            ("muted on card", self.muted, self.card),
            ("muted on sun wash", self.muted, self.sun_wash),
            ("accent on card", self.accent, self.card),
            ("accent on paper", self.accent, self.paper),
            ("accent on its wash", self.accent, self.accent_wash),
            ("text on accent", self.on_accent, self.accent),
            ("leaf on its wash", self.leaf, self.leaf_wash),
            ("sky on its wash", self.sky, self.sky_wash),
            ("sun on its wash", self.sun, self.sun_wash),
        ]
    }

    /// Every mark that must be seen to use a screen, with the grounds it stands on.
    #[must_use]
    pub fn marks(&self) -> Vec<(&'static str, Color32, Color32)> {
        vec![
            ("edge on paper", self.edge, self.paper),
            ("edge on card", self.edge, self.card),
            ("focus on paper", self.focus, self.paper),
            ("focus on card", self.focus, self.card),
            ("focus on leaf wash", self.focus, self.leaf_wash),
            ("focus on sun wash", self.focus, self.sun_wash),
            ("accent on card", self.accent, self.card),
            ("leaf on card", self.leaf, self.card),
            ("sky on card", self.sky, self.card),
        ]
    }
}

/// What drawing functions ask.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// The colours.
    pub palette: Palette,
    /// Whether nothing glides.
    pub still: bool,
    /// By how much text is larger than designed.
    pub scale: f32,
}

impl Look {
    /// Sets egui's own style by the settings, and keeps the look for this frame.
    pub fn apply(ctx: &Context, settings: &Settings) {
        style::apply(ctx, settings);
        let palette = if ctx.theme() == egui::Theme::Dark { DARK } else { LIGHT };
        let look =
            Self { palette, still: settings.reduced_motion, scale: settings.text_size.factor() };
        ctx.data_mut(|data| data.insert_temp(egui::Id::NULL, look));
    }
}

/// The look of this frame.
#[must_use]
pub fn look(ui: &Ui) -> Look {
    let found = ui.ctx().data(|data| data.get_temp(egui::Id::NULL));
    found.unwrap_or(Look { palette: LIGHT, still: false, scale: 1.0 })
}

#[cfg(test)]
mod tests {
    use super::contrast::ratio;
    use super::*;

    #[test]
    fn every_pair_of_colours_meets_wcag_aa() {
        for (theme, palette) in [("light", LIGHT), ("dark", DARK)] {
            for (name, front, back) in palette.texts() {
                let ratio = ratio(front, back);
                assert!(ratio >= 4.5, "{theme}: {name}: {ratio:.2}");
            }
            for (name, front, back) in palette.marks() {
                let ratio = ratio(front, back);
                assert!(ratio >= 3.0, "{theme}: {name}: {ratio:.2}");
            }
        }
    }
}
