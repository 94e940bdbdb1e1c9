//! Sheets of A4 that are filled from top to bottom.

use super::file::{File, Number, hex, text};
use super::fonts::Fonts;

/// A4, in points.
const PAPER: [f32; 2] = [595.0, 842.0];
/// The margin on all sides.
const MARGIN: f32 = 48.0;
/// Where the foot begins, from below.
const FOOT: f32 = 62.0;
/// The width that is filled.
pub(super) const WIDTH: f32 = PAPER[0] - 2.0 * MARGIN;

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// In points.
    pub size: f32,
    pub bold: bool,
    /// From black to white, 0 to 1.
    pub gray: f32,
}

pub(super) const TITLE: Style = Style { size: 20.0, bold: true, gray: 0.1 };
pub(super) const HEAD: Style = Style { size: 12.5, bold: true, gray: 0.1 };
pub(super) const BODY: Style = Style { size: 11.0, bold: false, gray: 0.1 };
pub(super) const SMALL: Style = Style { size: 9.0, bold: false, gray: 0.35 };
pub(super) const STRONG: Style = Style { size: 9.0, bold: true, gray: 0.1 };

/// A picture: a JPEG file and its size in pixels.
struct Picture {
    jpeg: Vec<u8>,
    size: [u32; 2],
}

/// A document on its way.
pub(super) struct Sheets<'a> {
    fonts: Fonts<'a>,
    pages: Vec<String>,
    /// The picture of each page that has one.
    pictures: Vec<(usize, Picture)>,
    /// Where the next line begins, from below.
    y: f32,
    foot: String,
}

impl<'a> Sheets<'a> {
    /// In the window's fonts, and the one with more characters, where it is there.
    pub(super) fn new(more: Option<&'a [u8]>) -> Self {
        let (fonts, foot) = (Fonts::new(more), String::new());
        Self { fonts, pages: Vec::new(), pictures: Vec::new(), y: 0.0, foot }
    }

    /// Begins a new sheet, with what stands at the foot of it and of those that follow from it.
    pub(super) fn sheet(&mut self, foot: &str) {
        self.foot = self.fonts.spelled(foot);
        self.turn();
    }

    fn turn(&mut self) {
        self.pages.push(String::new());
        self.y = FOOT - 12.0;
        let foot = self.foot.clone();
        for line in self.wrapped(&foot, SMALL, WIDTH - 40.0).into_iter().take(2) {
            self.put(&line, SMALL, MARGIN, self.y - SMALL.size);
            self.y -= SMALL.size * 1.3;
        }
        let number = self.pages.len().to_string();
        let left = PAPER[0] - MARGIN - self.fonts.width(&number, false) * SMALL.size;
        self.put(&number, SMALL, left, FOOT - 12.0 - SMALL.size);
        self.y = PAPER[1] - MARGIN;
    }

    /// Space before what follows.
    pub(super) fn space(&mut self, points: f32) {
        self.y -= points;
    }

    /// Goes on on another sheet, where less room is left.
    pub(super) fn room(&mut self, points: f32) {
        if self.y - points < FOOT {
            self.turn();
        }
    }

    /// A text over the whole width.
    pub(super) fn text(&mut self, text: &str, style: Style) {
        self.cells(&[(text, WIDTH, style)]);
    }

    /// Texts side by side, of these widths; the next line begins below the longest.
    pub(super) fn cells(&mut self, cells: &[(&str, f32, Style)]) {
        let mut columns = Vec::new();
        for (text, width, style) in cells {
            let text = self.fonts.spelled(text);
            columns.push(self.wrapped(&text, *style, width - 8.0));
        }
        let tall = |style: Style| style.size * 1.4;
        let most = columns.iter().map(Vec::len).max().unwrap_or(0);
        let line = cells.iter().map(|(_, _, style)| tall(*style)).fold(0.0, f32::max);
        // A long text may go over several sheets.
        for at in 0..most {
            self.room(line);
            let mut left = MARGIN;
            for (lines, (_, width, style)) in columns.iter().zip(cells) {
                if let Some(text) = lines.get(at) {
                    self.put(text, *style, left, self.y - style.size);
                }
                left += width;
            }
            self.y -= line;
        }
    }

    /// A fine line.
    pub(super) fn rule(&mut self) {
        self.y -= 3.0;
        let y = self.y;
        if let Some(page) = self.pages.last_mut() {
            let right = PAPER[0] - MARGIN;
            page.push_str(&format!("0.8 G 0.5 w {MARGIN} {y:.1} m {right} {y:.1} l S\n"));
        }
        self.y -= 5.0;
    }

    /// A picture in the middle, at most so high.
    pub(super) fn picture(&mut self, jpeg: &[u8], most: f32) {
        let Some(size) = pixels(jpeg) else { return };
        let [width, height] = size.map(|side| side as f32);
        let scale = (WIDTH / width).min(most / height);
        let (width, height) = (width * scale, height * scale);
        self.room(height + 8.0);
        let (left, bottom) = ((PAPER[0] - width) / 2.0, self.y - height);
        let Some(page) = self.pages.last_mut() else { return };
        let place = format!("{left:.1} {bottom:.1}");
        page.push_str(&format!("q {width:.1} 0 0 {height:.1} {place} cm /P Do Q\n"));
        page.push_str(&format!("0.8 G 0.5 w {place} {width:.1} {height:.1} re S\n"));
        self.pictures.push((self.pages.len() - 1, Picture { jpeg: jpeg.to_vec(), size }));
        self.y = bottom - 8.0;
    }

    fn put(&mut self, text: &str, style: Style, x: f32, y: f32) {
        let runs = self.fonts.runs(text, style.bold);
        let Some(page) = self.pages.last_mut() else { return };
        page.push_str(&format!("BT {} g {x:.1} {y:.1} Td\n", style.gray));
        for run in runs {
            // Filled, or with a line around each glyph, too (ISO 32000-1, 9.3.6).
            page.push_str(&match run.thick {
                true => format!("{} G {:.2} w 2 Tr ", style.gray, style.size * 0.03),
                false => "0 Tr ".to_owned(),
            });
            page.push_str(&format!("/F{} {} Tf {} Tj\n", run.font, style.size, hex(&run.codes)));
        }
        page.push_str("ET\n");
    }

    /// Lines of at most a width: broken at spaces and between Chinese characters, and within a word
    /// that is wider than a line.
    fn wrapped(&mut self, text: &str, style: Style, width: f32) -> Vec<String> {
        let most = width / style.size;
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let (mut line, mut used) = (String::new(), 0.0);
            for piece in pieces(paragraph) {
                let wide = self.fonts.width(piece.trim_end(), style.bold);
                if used + wide > most && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                if wide <= most {
                    line.push_str(piece);
                    used += self.fonts.width(piece, style.bold);
                    continue;
                }
                for c in piece.chars() {
                    let wide = self.fonts.width(c.encode_utf8(&mut [0; 4]), style.bold);
                    if used + wide > most {
                        lines.push(std::mem::take(&mut line));
                        used = 0.0;
                    }
                    line.push(c);
                    used += wide;
                }
            }
            lines.push(line);
        }
        lines
    }

    /// The document's bytes.
    pub(super) fn finish(self, title: &str) -> Vec<u8> {
        let mut file = File::new();
        let [catalog, tree, info] = std::array::from_fn(|_| file.number());
        let show = "/ViewerPreferences << /DisplayDocTitle true >>";
        file.object(catalog, &format!("<< /Type /Catalog /Pages {tree} 0 R {show} >>"));
        file.object(info, &format!("<< /Title {} /Creator (Easel) >>", text(title)));
        let fonts = self.fonts.write(&mut file);
        let pages: Vec<Number> = self.pages.iter().map(|_| file.number()).collect();
        let kids: String = pages.iter().map(|page| format!("{page} 0 R ")).collect();
        let count = pages.len();
        file.object(tree, &format!("<< /Type /Pages /Count {count} /Kids [{kids}] >>"));
        let [wide, high] = PAPER;
        let mut pictures = self.pictures.into_iter().peekable();
        for (at, content) in self.pages.into_iter().enumerate() {
            let body = file.number();
            let picture = pictures.next_if(|(page, _)| *page == at).map(|(_, picture)| picture);
            let image = picture.as_ref().map(|_| file.number());
            let image_named = image.map(|image| format!("/XObject << /P {image} 0 R >>"));
            let named = image_named.unwrap_or_default();
            file.object(
                pages[at],
                &format!(
                    "<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {wide} {high}] \
                     /Contents {body} 0 R /Resources << /Font << {fonts}>> {named} >> >>"
                ),
            );
            file.stream(body, "", content.as_bytes());
            if let (Some(image), Some(Picture { jpeg, size: [width, height] })) = (image, picture) {
                let fields = format!(
                    "/Type /XObject /Subtype /Image /Width {width} /Height {height} \
                     /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode"
                );
                file.stream(image, &fields, &jpeg);
            }
        }
        file.finish(catalog, info)
    }
}

/// Parts of a line that stay together: a word with the spaces behind it, a Chinese character with
/// what must not begin a line.
fn pieces(text: &str) -> Vec<&str> {
    let wide = |c: char| c >= '\u{2e80}';
    let closes = |c: char| "。，、！？：；）」』》”’…".contains(c);
    let mut ends = Vec::new();
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        if let Some(last) = before
            && !c.is_whitespace()
            && !closes(c)
            && (last.is_whitespace() || wide(c) || wide(last))
            && !"（「『《“‘".contains(last)
        {
            ends.push(at);
        }
        before = Some(c);
    }
    ends.push(text.len());
    let mut from = 0;
    ends.into_iter().map(|end| &text[std::mem::replace(&mut from, end)..end]).collect()
}

/// Width and height of a JPEG file in pixels, as its frame's header tells (ITU-T T.81, B.2.2).
fn pixels(jpeg: &[u8]) -> Option<[u32; 2]> {
    let mut rest = jpeg.strip_prefix(b"\xff\xd8")?;
    loop {
        let &[0xff, marker, high, low, ..] = rest else { return None };
        if matches!(marker, 0xc0..=0xc2) {
            let &[_, _, _, _, _, h1, h0, w1, w0, ..] = rest else { return None };
            return Some([[w1, w0], [h1, h0]].map(|side| u32::from(u16::from_be_bytes(side))));
        }
        rest = rest.get(2 + usize::from(u16::from_be_bytes([high, low]))..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_between_chinese_characters() {
        assert_eq!(pieces("a bc  d"), ["a ", "bc  ", "d"]);
        assert_eq!(pieces("画，“好”a b。"), ["画，", "“好”a ", "b。"]);
        assert_eq!(pieces(""), [""]);
        let mut sheets = Sheets::new(None);
        let lines = sheets.wrapped("one two three\n\nfour", BODY, 60.0);
        assert_eq!(lines, ["one two ", "three", "", "four"]);
        let lines = sheets.wrapped(&"w".repeat(40), BODY, 60.0);
        assert!(lines.len() > 4 && lines.concat() == "w".repeat(40), "{lines:?}");
        let lines = sheets.wrapped("画画画画画，画", BODY, 56.0);
        assert_eq!(lines, ["画画画画", "画，画"]);
    }
}
