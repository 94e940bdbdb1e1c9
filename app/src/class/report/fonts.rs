//! The window's own fonts, cut to what a card says.
//!
//! Characters that they lack are left to the viewer's fonts as far as the character set GB 18030 goes
//! (Adobe-GB1: the rarest Chinese characters); any other is spelled as its number, `[U+0634]`, so that
//! nothing is lost without a trace.

use std::collections::BTreeMap;

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use subsetter::{GlyphRemapper, subset};

use super::file::{File, Number, hex};
use crate::ui::{MORE, font_files};

/// The viewer's own font, behind ours.
const VIEWERS: usize = 7;
/// The fonts that are bold by themselves.
const BOLD: [usize; 3] = [1, 3, 5];
/// In which fonts a character is looked for, in regular text and in bold.
const ORDER: [[usize; 5]; 2] = [[0, 2, 4, 5, 6], [1, 3, 5, 4, 6]];

/// One of our fonts, and what is said in it.
struct Face<'a> {
    name: &'static str,
    bytes: &'a [u8],
    font: FontRef<'a>,
    glyphs: GlyphRemapper,
    /// By its number in the part: the character and its width in thousandths of the size.
    said: BTreeMap<u16, (char, f32)>,
}

/// All fonts of a document.
pub(super) struct Fonts<'a> {
    faces: Vec<Face<'a>>,
    /// Characters that were looked up: in which font, as which code, how wide in parts of the size.
    known: BTreeMap<(bool, char), (usize, u16, f32)>,
    viewers: bool,
}

/// A piece of text in one font.
#[derive(Debug, PartialEq)]
pub(super) struct Run {
    /// The font's number.
    pub font: usize,
    /// Whether it is to be bold, and its font is not: names have characters that only regular fonts have.
    pub thick: bool,
    /// What is shown, two bytes a character.
    pub codes: Vec<u8>,
}

impl<'a> Fonts<'a> {
    /// The window's fonts, and the one with more characters, where it is there.
    pub(super) fn new(more: Option<&'a [u8]>) -> Self {
        let face = |(name, bytes): (&'static str, &'a [u8])| {
            let font = FontRef::new(bytes).ok()?;
            let (glyphs, said) = (GlyphRemapper::new(), BTreeMap::new());
            Some(Face { name, bytes, font, glyphs, said })
        };
        let more = more.map(|bytes| (MORE, bytes));
        let faces = font_files().into_iter().chain(more).filter_map(face).collect();
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
                _ => {
                    let thick = bold && !BOLD.contains(&font);
                    runs.push(Run { font, thick, codes: code.to_be_bytes().into() });
                }
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

    /// Writes the fonts that were used, and returns what a page's resources say of them: each is
    /// called `F` and its number.
    pub(super) fn write(&self, file: &mut File) -> String {
        let mut list = String::new();
        for (at, face) in self.faces.iter().enumerate().filter(|(_, face)| !face.said.is_empty()) {
            if let Some(font) = face.write(file) {
                list.push_str(&format!("/F{at} {font} 0 R "));
            }
        }
        if self.viewers {
            list.push_str(&format!("/F{VIEWERS} {} 0 R ", viewers_font(file)));
        }
        list
    }
}

impl Face<'_> {
    /// A font by the numbers of its glyphs (ISO 32000-1, 9.7).
    fn write(&self, file: &mut File) -> Option<Number> {
        let part = subset(self.bytes, 0, &self.glyphs).ok()?;
        let [font, descendant, descriptor, outlines, unicode] =
            std::array::from_fn(|_| file.number());
        // A part has a name that says so (9.9.2).
        let name = format!("EASELA+{}", self.name.replace(' ', "-"));
        file.object(
            font,
            &format!(
                "<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H \
                 /DescendantFonts [{descendant} 0 R] /ToUnicode {unicode} 0 R >>"
            ),
        );
        let widths = self.said.iter().map(|(code, (_, width))| format!("{code} [{width:.1}] "));
        // The outlines of an OpenType font of PostScript's kind are a table of it.
        let compact = table(&part, *b"CFF ");
        let (kind, key) = match compact {
            Some(_) => ("/CIDFontType0", "/FontFile3"),
            None => ("/CIDFontType2 /CIDToGIDMap /Identity", "/FontFile2"),
        };
        file.object(
            descendant,
            &format!(
                "<< /Type /Font /Subtype {kind} /BaseFont /{name} /FontDescriptor {descriptor} 0 R \
                 /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> \
                 /DW 0 /W [{}] >>",
                widths.collect::<String>()
            ),
        );
        let metrics = self.font.metrics(Size::new(1000.0), LocationRef::default());
        let bounds = metrics.bounds.unwrap_or_default();
        let bounds = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max];
        let described = described(&name, bounds, [metrics.ascent, metrics.descent], key, outlines);
        file.object(descriptor, &described);
        match compact {
            Some(bytes) => file.stream(outlines, "/Subtype /CIDFontType0C", bytes),
            None => file.stream(outlines, &format!("/Length1 {}", part.len()), &part),
        }
        file.stream(unicode, "", self.meanings().as_bytes());
        Some(font)
    }

    /// What codes mean, by which text is copied and read out (9.10.3).
    fn meanings(&self) -> String {
        let mut map = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
            /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n\
            /CMapName /Easel def\n/CMapType 2 def\n\
            1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
            .to_owned();
        let all: Vec<_> = self.said.iter().collect();
        // At most a hundred at a time.
        for some in all.chunks(100) {
            map.push_str(&format!("{} beginbfchar\n", some.len()));
            for (code, (c, _)) in some {
                let units: Vec<u8> = c
                    .encode_utf16(&mut [0; 2])
                    .iter()
                    .flat_map(|unit| unit.to_be_bytes())
                    .collect();
                map.push_str(&format!("<{code:04X}> {}\n", hex(&units)));
            }
            map.push_str("endbfchar\n");
        }
        map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
        map
    }
}

/// A font's measures in thousandths of its size; its glyphs are in an object, where it has any.
fn described(
    name: &str,
    bounds: [f32; 4],
    [ascent, descent]: [f32; 2],
    key: &str,
    outlines: Number,
) -> String {
    let [left, bottom, right, top] = bounds;
    let glyphs = if outlines > 0 { format!("{key} {outlines} 0 R") } else { String::new() };
    // 4: its characters are its own.
    format!(
        "<< /Type /FontDescriptor /FontName /{name} /Flags 4 /ItalicAngle 0 /StemV 80 \
         /FontBBox [{left:.0} {bottom:.0} {right:.0} {top:.0}] \
         /Ascent {ascent:.0} /Descent {descent:.0} /CapHeight {ascent:.0} {glyphs} >>"
    )
}

/// A font that is not in the document: a viewer takes one of its own for it.
fn viewers_font(file: &mut File) -> Number {
    let [font, descendant, descriptor] = std::array::from_fn(|_| file.number());
    let name = "STSong-Light";
    file.object(
        font,
        &format!(
            "<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /UniGB-UTF16-H \
             /DescendantFonts [{descendant} 0 R] >>"
        ),
    );
    file.object(
        descendant,
        &format!(
            "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /{name} /DW 1000 \
             /FontDescriptor {descriptor} 0 R \
             /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 5 >> >>"
        ),
    );
    let bounds = [-25.0, -254.0, 1000.0, 880.0];
    file.object(descriptor, &described(name, bounds, [880.0, -120.0], "", 0));
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
    use crate::ui::more_font;

    #[test]
    fn each_character_is_in_a_font_left_to_the_viewer_or_spelled() {
        let mut fonts = Fonts::new(more_font());
        assert_eq!(fonts.faces.len(), VIEWERS);
        let names = "Amélie 小明 Şükrü Жанна Γιώργος 赵翀 さくら 민준";
        assert_eq!(fonts.spelled(names), names);
        assert!(!fonts.viewers);
        // A character that hardly any name has, and a rare one where the larger part is not there.
        assert_eq!(fonts.spelled("龘"), "龘");
        assert!(fonts.viewers);
        let mut without = Fonts::new(None);
        assert_eq!(without.spelled("赵翀"), "赵翀");
        assert!(without.viewers);
        assert_eq!(fonts.spelled("ش😀\u{200d}\u{7}"), "[U+0634][U+1F600]");
        let runs = fonts.runs("A小B", false);
        let numbers: Vec<_> = runs.iter().map(|run| (run.font, run.codes.len())).collect();
        assert_eq!(numbers, [(0, 2), (4, 2), (0, 2)]);
        // What only a regular font has is made bold.
        let thick: Vec<_> = fonts.runs("A珺小", true).iter().map(|run| run.thick).collect();
        assert_eq!(thick, [false, true, false]);
        assert!((fonts.width("小", false) - 1.0).abs() < 0.01);
        assert!(fonts.width("W", true) > fonts.width("i", true));
    }
}
