//! The page: filled outlines, strokes and many small marks, with smooth edges.

use tiny_skia::{
    Color, FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Paint, Path, PathBuilder,
    Pixmap, Point as SkiaPoint, Shader, SpreadMode, Stroke, Transform,
};

use super::palette::Rgb;
use super::shape::Point;
use crate::image::Image;

/// A page to draw on, in pixels from the top left.
pub(super) struct Canvas {
    pixmap: Option<Pixmap>,
    width: u32,
    height: u32,
    /// From where things are drawn to where they appear.
    transform: Transform,
}

impl Canvas {
    /// An empty page of one colour. What is drawn on it falls to the right by `slope` pixels a
    /// pixel, and is flattened so that all of it stays on the page.
    pub(super) fn new(width: u32, height: u32, paper: Rgb, slope: f32) -> Self {
        let mut pixmap = Pixmap::new(width, height);
        if let Some(page) = &mut pixmap {
            page.fill(color(paper, 1.0));
        }
        let (w, h) = (width as f32, height as f32);
        let flat = 1.0 - slope.abs() * w / h;
        let middle = h * 0.5 * (1.0 - flat) - slope * w * 0.5;
        let transform = Transform::from_row(1.0, slope, 0.0, flat, 0.0, middle);
        Self { pixmap, width, height, transform }
    }

    /// Fills a closed outline with one colour.
    pub(super) fn fill(&mut self, outline: &[Point], rgb: Rgb, opacity: f32) {
        self.fill_with(outline, Shader::SolidColor(color(rgb, opacity)));
    }

    /// Shades a closed outline from light at the upper left to dark at the lower right.
    pub(super) fn shade(&mut self, outline: &[Point], strength: f32) {
        let Some([left, top, right, bottom]) = extent(outline) else { return };
        let (start, end) = (SkiaPoint::from_xy(left, top), SkiaPoint::from_xy(right, bottom));
        let stops = vec![
            GradientStop::new(0.0, color([255.0; 3], strength)),
            GradientStop::new(0.38, color([255.0; 3], 0.0)),
            GradientStop::new(0.5, color([10.0, 8.0, 30.0], 0.0)),
            GradientStop::new(1.0, color([10.0, 8.0, 30.0], strength)),
        ];
        let spread = SpreadMode::Pad;
        if let Some(shader) = LinearGradient::new(start, end, stops, spread, Transform::identity())
        {
            self.fill_with(outline, shader);
        }
    }

    fn fill_with(&mut self, outline: &[Point], shader: Shader<'_>) {
        let Some(path) = path_of(&[outline], true) else { return };
        let paint = Paint { shader, anti_alias: true, ..Paint::default() };
        if let Some(page) = &mut self.pixmap {
            page.fill_path(&path, &paint, FillRule::Winding, self.transform, None);
        }
    }

    /// Draws a line through the points, closed or not.
    pub(super) fn stroke(&mut self, points: &[Point], closed: bool, rgb: Rgb, width: f32) {
        self.stroke_all(&[points], closed, rgb, width);
    }

    /// Draws several lines with one pen.
    pub(super) fn stroke_all<P>(&mut self, lines: &[P], closed: bool, rgb: Rgb, width: f32)
    where
        P: AsRef<[Point]>,
    {
        let Some(path) = path_of(lines, closed) else { return };
        let shader = Shader::SolidColor(color(rgb, 1.0));
        let paint = Paint { shader, anti_alias: true, ..Paint::default() };
        let stroke = Stroke {
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        if let Some(page) = &mut self.pixmap {
            page.stroke_path(&path, &paint, &stroke, self.transform, None);
        }
    }

    /// The finished picture.
    pub(super) fn into_image(self) -> Image {
        let rgb = match &self.pixmap {
            Some(page) => page.data().chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect(),
            None => vec![255; self.width as usize * self.height as usize * 3],
        };
        Image::from_rgb(self.width, self.height, rgb).expect("a page has three samples a pixel")
    }
}

/// The colour as the rasteriser wants it.
fn color(rgb: Rgb, opacity: f32) -> Color {
    let [r, g, b] = rgb.map(|value| value.round().clamp(0.0, 255.0) as u8);
    Color::from_rgba8(r, g, b, (opacity * 255.0).round().clamp(0.0, 255.0) as u8)
}

/// The box around the points: left, top, right, bottom; nothing for no points.
pub(super) fn extent(points: &[Point]) -> Option<[f32; 4]> {
    let [x, y] = *points.first()?;
    let grow =
        |b: [f32; 4], p: &Point| [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])];
    Some(points.iter().fold([x, y, x, y], grow))
}

fn path_of<P: AsRef<[Point]>>(lines: &[P], closed: bool) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for line in lines {
        let mut points = line.as_ref().iter();
        let Some(first) = points.next() else { continue };
        builder.move_to(first[0], first[1]);
        points.for_each(|point| builder.line_to(point[0], point[1]));
        if closed {
            builder.close();
        }
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHITE: Rgb = [255.0; 3];
    const BOX: [Point; 4] = [[2.0, 2.0], [6.0, 2.0], [6.0, 6.0], [2.0, 6.0]];

    fn pixel(image: &Image, x: usize, y: usize) -> [u8; 3] {
        let at = (y * image.width() as usize + x) * 3;
        [image.rgb()[at], image.rgb()[at + 1], image.rgb()[at + 2]]
    }

    #[test]
    fn a_filled_box_covers_its_pixels_only() {
        let mut canvas = Canvas::new(8, 8, WHITE, 0.0);
        canvas.fill(&BOX, [10.0, 20.0, 30.0], 1.0);
        let image = canvas.into_image();
        assert_eq!(pixel(&image, 4, 4), [10, 20, 30]);
        assert_eq!(pixel(&image, 1, 4), [255, 255, 255]);
    }

    #[test]
    fn shading_is_lighter_above_than_below() {
        let mut canvas = Canvas::new(8, 8, WHITE, 0.0);
        canvas.fill(&BOX, [100.0; 3], 1.0);
        canvas.shade(&BOX, 0.5);
        let image = canvas.into_image();
        assert!(pixel(&image, 2, 2)[0] > 130 && pixel(&image, 5, 5)[0] < 80);
    }

    #[test]
    fn strokes_follow_their_points() {
        let mut canvas = Canvas::new(8, 8, WHITE, 0.0);
        canvas.stroke(&[[0.0, 4.0], [8.0, 4.0]], false, [0.0; 3], 2.0);
        canvas.stroke(&[], false, [0.0; 3], 2.0);
        let image = canvas.into_image();
        assert_eq!(pixel(&image, 4, 4), [0, 0, 0]);
        assert_eq!(pixel(&image, 4, 1), [255, 255, 255]);
    }
}
