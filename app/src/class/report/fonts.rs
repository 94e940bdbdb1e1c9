//! The window's own fonts, cut to what a card says.
//!
//! Characters that they lack are left to the viewer's fonts as far as the character set GB 18030 goes
//! (Adobe-GB1: rare Chinese characters, kana, Greek, Cyrillic); any other is spelled as its number,
//! `[U+0634]`, so that nothing is lost without a trace.

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Dict, Name, Pdf, Rect, Ref, Str};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use subsetter::{GlyphRemapper, subset};

use crate::ui::font_files;

/// How codes and glyphs are told apart where they are the same.
const IDENTITY: SystemInfo<'_> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// The character set of the viewer's own Chinese font.
const GB1: SystemInfo<'_> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"GB1"), supplement: 5 };
/// The viewer's own font, behind ours.
const VIEWERS: usize = 4;
/// In each font, for regular text and for bold.
const ORDER: [[usize; 3]; 2] = [[0, 2, 3], [1, 3, 2]];

/// One of our fonts, and what is said in it.
struct Face {
    name: &'static str,
    bytes: &'static [u8],
    font: FontRef<'static>,
    glyphs: GlyphRemapper,
    /// By its number in the part: the character and its width in thousandths of the size.
    said: BTreeMap<u16, (char, f32)>,
}

/// All fonts of a document.
pub(super) struct Fonts {
    faces: Vec<Face>,
    /// Characters that were looked up: in which font, as which code, how wide in parts of the size.
    known: BTreeMap<(bool, char), (usize, u16, f32)>,
    viewers: bool,
}

/// A piece of text in one font.
#[derive(Debug, PartialEq)]
pub(super) struct Run {
    /// The font's number.
    pub font: usize,
    /// What is shown, two bytes a character.
    pub codes: Vec<u8>,
}

impl Fonts {
    pub(super) fn new() -> Self {
        let face = |(name, bytes): (&'static str, &'static [u8])| {
            // They are part of the program.
            let font = FontRef::new(bytes).ok()?;
            let (glyphs, said) = (GlyphRemapper::new(), BTreeMap::new());
            Some(Face { name, bytes, font, glyphs, said })
        };
        let faces = font_files().into_iter().filter_map(face).collect();
        Self { faces, known: BTreeMap::new(), viewers: false }
    }

    /// The same text, with the characters spelled that no font has.
    pub(super) fn spelled(&mut self, text: &str) -> String {
        let mut spelled = String::new();
        for c in text.chars() {
            match c {
                '\n' => spelled.push(c),
                c if c.is_control() || is_silent(c) => {}
                c if self.find(false, c).is_some() => spelled.push(c),
                c => spelled.push_str(&format!("[U+{:04X}]", u32::from(c))),
            }
        }
        spelled
    }

    /// How wide a text is, in parts of its size.
    pub(super) fn width(&mut self, text: &str, bold: bool) -> f32 {
        text.chars().filter_map(|c| self.find(bold, c)).map(|(_, _, width)| width).sum()
    }

    /// A text as codes, font by font.
    pub(super) fn runs(&mut self, text: &str, bold: bool) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for c in text.chars() {
            let Some((font, code, _)) = self.find(bold, c) else { continue };
            match runs.last_mut() {
                Some(run) if run.font == font => run.codes.extend(code.to_be_bytes()),
                _ => runs.push(Run { font, codes: code.to_be_bytes().into() }),
            }
        }
        runs
    }

    fn find(&mut self, bold: bool, c: char) -> Option<(usize, u16, f32)> {
        if let Some(found) = self.known.get(&(bold, c)) {
            return Some(*found);
        }
        let ours = ORDER[usize::from(bold)].into_iter().find_map(|at| {
            let face = self.faces.get_mut(at)?;
            let glyph = face.font.charmap().map(c)?;
            let metrics = face.font.glyph_metrics(Size::new(1.0), LocationRef::default());
            let width = metrics.advance_width(glyph)?;
            let code = face.glyphs.remap(u16::try_from(glyph.to_u32()).ok()?);
            face.said.insert(code, (c, width * 1000.0));
            Some((at, code, width))
        });
        let theirs = || is_gb1(c).then_some((VIEWERS, u32::from(c) as u16, 1.0));
        let found = ours.or_else(theirs)?;
        self.viewers |= found.0 == VIEWERS;
        self.known.insert((bold, c), found);
        Some(found)
    }

    /// How a page calls a font.
    pub(super) const fn name(font: usize) -> Name<'static> {
        Name([b"F0", b"F1", b"F2", b"F3", b"F4"][if font > VIEWERS { VIEWERS } else { font }])
    }

    /// Writes the fonts that were used, and what a page's resources say of them.
    pub(super) fn write(&self, pdf: &mut Pdf, next: &mut dyn FnMut() -> Ref) -> Vec<(usize, Ref)> {
        let mut written = Vec::new();
        for (at, face) in self.faces.iter().enumerate().filter(|(_, face)| !face.said.is_empty()) {
            if let Some(font) = face.write(pdf, next) {
                written.push((at, font));
            }
        }
        if self.viewers {
            written.push((VIEWERS, viewers_font(pdf, next)));
        }
        written
    }

    /// Names the fonts to a page.
    pub(super) fn list(written: &[(usize, Ref)], mut fonts: Dict<'_>) {
        for (at, font) in written {
            fonts.pair(Self::name(*at), *font);
        }
    }
}

impl Face {
    fn write(&self, pdf: &mut Pdf, next: &mut dyn FnMut() -> Ref) -> Option<Ref> {
        let part = subset(self.bytes, 0, &self.glyphs).ok()?;
        let [font, descendant, descriptor, file, to_unicode] = std::array::from_fn(|_| next());
        // A part has a name that says so (PDF 2.0, 9.9.2).
        let base = format!("EASELA+{}", self.name.replace(' ', "-"));
        let base = Name(base.as_bytes());
        let outlines = table(&part, *b"CFF ");
        pdf.type0_font(font)
            .base_font(base)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(descendant)
            .to_unicode(to_unicode);
        let mut cid = pdf.cid_font(descendant);
        cid.base_font(base).system_info(IDENTITY).font_descriptor(descriptor).default_width(0.0);
        cid.subtype(if outlines.is_some() { CidFontType::Type0 } else { CidFontType::Type2 });
        if outlines.is_none() {
            cid.cid_to_gid_map_predefined(Name(b"Identity"));
        }
        let mut widths = cid.widths();
        for (code, (_, width)) in &self.said {
            widths.consecutive(*code, [*width]);
        }
        drop(widths);
        drop(cid);
        let metrics = self.font.metrics(Size::new(1000.0), LocationRef::default());
        let bounds = metrics.bounds.unwrap_or_default();
        let mut described = pdf.font_descriptor(descriptor);
        described
            .name(base)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max))
            .italic_angle(0.0)
            .ascent(metrics.ascent)
            .descent(metrics.descent)
            .cap_height(metrics.cap_height.unwrap_or(metrics.ascent))
            .stem_v(if self.name.contains("bold") { 140.0 } else { 80.0 });
        match outlines {
            Some(_) => described.font_file3(file),
            None => described.font_file2(file),
        };
        drop(described);
        match outlines {
            Some(outlines) => {
                pdf.stream(file, outlines).pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
            }
            None => {
                pdf.stream(file, &part).pair(Name(b"Length1"), part.len() as i32);
            }
        }
        let mut cmap = UnicodeCmap::new(Name(b"Easel"), IDENTITY);
        for (code, (c, _)) in &self.said {
            cmap.pair(*code, *c);
        }
        pdf.stream(to_unicode, &cmap.finish());
        Some(font)
    }
}

/// A font that is not in the document: a viewer takes one of its own for it.
fn viewers_font(pdf: &mut Pdf, next: &mut dyn FnMut() -> Ref) -> Ref {
    let [font, descendant, descriptor] = std::array::from_fn(|_| next());
    let base = Name(b"STSong-Light");
    pdf.type0_font(font)
        .base_font(base)
        .encoding_predefined(Name(b"UniGB-UTF16-H"))
        .descendant_font(descendant);
    let mut cid = pdf.cid_font(descendant);
    cid.subtype(CidFontType::Type0).base_font(base).system_info(GB1).font_descriptor(descriptor);
    cid.default_width(1000.0);
    drop(cid);
    pdf.font_descriptor(descriptor)
        .name(base)
        .flags(FontFlags::SYMBOLIC | FontFlags::SERIF)
        .bbox(Rect::new(-25.0, -254.0, 1000.0, 880.0))
        .italic_angle(0.0)
        .ascent(880.0)
        .descent(-120.0)
        .cap_height(880.0)
        .stem_v(93.0);
    font
}

/// A table of a font file (OpenType 1.9, "Organization of an OpenType Font").
fn table(file: &[u8], tag: [u8; 4]) -> Option<&[u8]> {
    let count = u16::from_be_bytes(file.get(4..6)?.try_into().ok()?);
    let number = |bytes: &[u8]| bytes.try_into().map(u32::from_be_bytes).ok();
    let mut rows = file.get(12..)?.chunks_exact(16).take(usize::from(count));
    let row = rows.find(|row| row[..4] == tag)?;
    let (from, length) = (number(&row[8..12])? as usize, number(&row[12..])? as usize);
    file.get(from..from.checked_add(length)?)
}

/// Whether the viewer's Chinese font has a character: blocks that GB 18030 covers as a whole, or
/// nearly.
const fn is_gb1(c: char) -> bool {
    matches!(c,
        '\u{391}'..='\u{3c9}' | '\u{410}'..='\u{44f}' | '\u{401}' | '\u{451}' | '\u{3041}'..='\u{3093}'
        | '\u{30a1}'..='\u{30f6}' | '\u{3400}'..='\u{4db5}' | '\u{4e00}'..='\u{9fa5}')
}

/// What is not seen by itself: joiners, marks of direction, selectors of variants.
const fn is_silent(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_is_in_a_font_left_to_the_viewer_or_spelled() {
        let mut fonts = Fonts::new();
        assert_eq!(fonts.faces.len(), 4);
        assert_eq!(fonts.spelled("Amélie 小明"), "Amélie 小明");
        assert!(!fonts.viewers);
        // A rare character, and Cyrillic.
        assert_eq!(fonts.spelled("龘 Ж"), "龘 Ж");
        assert!(fonts.viewers);
        assert_eq!(fonts.spelled("ش😀\u{200d}\u{7}"), "[U+0634][U+1F600]");
        let runs = fonts.runs("A小B", false);
        let numbers: Vec<_> = runs.iter().map(|run| (run.font, run.codes.len())).collect();
        assert_eq!(numbers, [(0, 2), (2, 2), (0, 2)]);
        assert!((fonts.width("小", false) - 1.0).abs() < 0.01);
        assert!(fonts.width("W", true) > fonts.width("i", true));
    }
}
