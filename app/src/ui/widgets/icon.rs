//! Icons, drawn as lines on a square of 24 units.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

/// An icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// A picture with a hill and a sun.
    Picture,
    /// A sheet on a clipboard.
    Paste,
    /// A camera.
    Camera,
    /// An arrow that turns to the left.
    TurnLeft,
    /// An arrow that turns to the right.
    TurnRight,
    /// Two corners that overlap.
    Crop,
    /// A tick.
    Check,
    /// An arrow to the left.
    Back,
    /// An arrow to the right.
    Forward,
    /// Three sliders.
    Settings,
    /// A cross.
    Close,
    /// A leaf.
    Leaf,
    /// A bulb.
    Bulb,
    /// A speech bubble.
    Speech,
    /// A lock.
    Lock,
    /// An i in a circle.
    Info,
    /// An eye.
    Eye,
    /// A drawing on an easel: the program's sign.
    Easel,
    /// An arrow down into a tray.
    Get,
    /// Two bars.
    Pause,
    /// A bin.
    Bin,
    /// A folder.
    Folder,
    /// A folder with sheets.
    Portfolio,
    /// Two sheets side by side.
    Compare,
    /// A line that goes up and down.
    Growth,
}

/// Draws an icon into a square.
pub fn paint(painter: &Painter, square: Rect, icon: Icon, color: Color32) {
    let unit = square.width() / 24.0;
    let at = |x: f32, y: f32| pos2(square.left() + x * unit, square.top() + y * unit);
    let stroke = Stroke::new(2.0 * unit, color);
    let line = |points: &[(f32, f32)]| {
        let points: Vec<Pos2> = points.iter().map(|&(x, y)| at(x, y)).collect();
        painter.add(Shape::line(points, stroke));
    };
    let circle = |x: f32, y: f32, radius: f32| {
        painter.circle_stroke(at(x, y), radius * unit, stroke);
    };
    let dot = |x: f32, y: f32, radius: f32| {
        painter.circle_filled(at(x, y), radius * unit, color);
    };
    let frame = |x: f32, y: f32, w: f32, h: f32, radius: f32| {
        let rect = Rect::from_min_size(at(x, y), vec2(w, h) * unit);
        painter.rect_stroke(rect, radius * unit, stroke, StrokeKind::Middle);
    };
    // From an angle over a sweep, both in quarter turns, clockwise from the right.
    let arc = |x: f32, y: f32, radius: f32, from: f32, sweep: f32| {
        let point = |step: i16| {
            let angle = (from + sweep * f32::from(step) / 24.0) * std::f32::consts::FRAC_PI_2;
            at(x + radius * angle.cos(), y + radius * angle.sin())
        };
        painter.add(Shape::line((0..=24).map(point).collect(), stroke));
    };
    match icon {
        Icon::Picture => {
            frame(3.0, 4.0, 18.0, 16.0, 3.0);
            line(&[(4.0, 18.0), (9.5, 11.5), (14.0, 16.0), (16.5, 13.5), (20.0, 17.0)]);
            dot(15.5, 8.7, 1.7);
        }
        Icon::Paste => {
            frame(5.0, 5.0, 14.0, 16.0, 2.5);
            line(&[(9.0, 5.0), (9.0, 3.0), (15.0, 3.0), (15.0, 5.0)]);
            line(&[(8.5, 11.0), (15.5, 11.0)]);
            line(&[(8.5, 15.5), (13.5, 15.5)]);
        }
        Icon::Camera => {
            frame(2.5, 7.0, 19.0, 13.0, 3.0);
            line(&[(8.0, 7.0), (9.5, 4.0), (14.5, 4.0), (16.0, 7.0)]);
            circle(12.0, 13.3, 3.6);
        }
        Icon::TurnLeft => {
            arc(12.5, 13.0, 7.0, -2.0, 3.2);
            line(&[(2.0, 10.0), (5.4, 13.6), (9.0, 10.2)]);
        }
        Icon::TurnRight => {
            arc(11.5, 13.0, 7.0, 0.0, -3.2);
            line(&[(22.0, 10.0), (18.6, 13.6), (15.0, 10.2)]);
        }
        Icon::Crop => {
            line(&[(7.0, 2.5), (7.0, 17.0), (21.5, 17.0)]);
            line(&[(2.5, 7.0), (17.0, 7.0), (17.0, 21.5)]);
        }
        Icon::Get => {
            line(&[(12.0, 3.0), (12.0, 15.0)]);
            line(&[(7.0, 10.5), (12.0, 15.5), (17.0, 10.5)]);
            line(&[(4.0, 16.0), (4.0, 20.5), (20.0, 20.5), (20.0, 16.0)]);
        }
        Icon::Pause => {
            line(&[(8.5, 5.0), (8.5, 19.0)]);
            line(&[(15.5, 5.0), (15.5, 19.0)]);
        }
        Icon::Bin => {
            line(&[(4.0, 6.5), (20.0, 6.5)]);
            line(&[(9.0, 6.5), (9.0, 3.5), (15.0, 3.5), (15.0, 6.5)]);
            line(&[(6.0, 6.5), (7.0, 21.0), (17.0, 21.0), (18.0, 6.5)]);
            line(&[(10.0, 10.5), (10.5, 17.0)]);
            line(&[(14.0, 10.5), (13.5, 17.0)]);
        }
        Icon::Folder => {
            line(&[(3.0, 19.5), (3.0, 4.5), (9.5, 4.5), (11.5, 7.0), (21.0, 7.0), (21.0, 19.5)]);
            line(&[(3.0, 19.5), (21.0, 19.5)]);
        }
        Icon::Check => line(&[(4.5, 12.5), (10.0, 18.0), (19.5, 7.0)]),
        Icon::Back => {
            line(&[(20.0, 12.0), (4.5, 12.0)]);
            line(&[(11.0, 5.0), (4.0, 12.0), (11.0, 19.0)]);
        }
        Icon::Forward => {
            line(&[(4.0, 12.0), (19.5, 12.0)]);
            line(&[(13.0, 5.0), (20.0, 12.0), (13.0, 19.0)]);
        }
        Icon::Settings => {
            for (y, x) in [(6.0, 15.5), (12.0, 8.0), (18.0, 14.0)] {
                line(&[(3.0, y), (x - 2.6, y)]);
                line(&[(x + 2.6, y), (21.0, y)]);
                circle(x, y, 2.4);
            }
        }
        Icon::Close => {
            line(&[(6.0, 6.0), (18.0, 18.0)]);
            line(&[(18.0, 6.0), (6.0, 18.0)]);
        }
        Icon::Leaf => {
            arc(19.5, 19.5, 15.0, 2.0, 1.0);
            arc(4.5, 4.5, 15.0, 0.0, 1.0);
            line(&[(3.0, 21.0), (14.5, 9.5)]);
        }
        Icon::Bulb => {
            arc(12.0, 10.0, 6.5, 1.45, 3.1);
            line(&[(9.2, 15.6), (9.2, 18.0), (14.8, 18.0), (14.8, 15.6)]);
            line(&[(10.2, 21.2), (13.8, 21.2)]);
        }
        Icon::Speech => {
            frame(3.0, 4.0, 18.0, 13.0, 4.0);
            line(&[(7.5, 17.0), (7.5, 21.0), (12.0, 17.0)]);
        }
        Icon::Lock => {
            frame(5.0, 10.5, 14.0, 10.0, 2.5);
            arc(12.0, 9.0, 4.2, 2.0, 2.0);
            line(&[(7.8, 9.0), (7.8, 10.5)]);
            line(&[(16.2, 9.0), (16.2, 10.5)]);
        }
        Icon::Info => {
            circle(12.0, 12.0, 9.0);
            line(&[(12.0, 11.0), (12.0, 16.5)]);
            dot(12.0, 7.6, 1.4);
        }
        Icon::Eye => {
            arc(12.0, 18.5, 11.2, 2.4, 1.2);
            arc(12.0, 5.5, 11.2, 0.4, 1.2);
            dot(12.0, 12.0, 2.8);
        }
        Icon::Easel => {
            frame(4.0, 4.0, 16.0, 11.5, 1.5);
            line(&[(12.0, 1.5), (12.0, 4.0)]);
            line(&[(8.0, 15.5), (5.5, 22.5)]);
            line(&[(16.0, 15.5), (18.5, 22.5)]);
            line(&[(12.0, 15.5), (12.0, 19.0)]);
            line(&[(6.5, 13.0), (10.0, 9.0), (13.0, 12.0), (15.0, 10.3), (17.5, 13.0)]);
            dot(15.8, 7.2, 1.2);
        }
        Icon::Portfolio => {
            frame(3.0, 9.0, 18.0, 11.5, 2.5);
            line(&[(6.0, 9.0), (6.0, 6.2), (18.0, 6.2), (18.0, 9.0)]);
            line(&[(8.5, 6.2), (8.5, 3.5), (15.5, 3.5), (15.5, 6.2)]);
        }
        Icon::Compare => {
            frame(2.5, 5.0, 8.5, 14.0, 2.0);
            frame(13.0, 5.0, 8.5, 14.0, 2.0);
        }
        Icon::Growth => {
            line(&[(3.0, 3.5), (3.0, 20.5), (21.0, 20.5)]);
            line(&[(6.5, 15.5), (11.0, 10.5), (14.5, 13.5), (20.0, 6.0)]);
        }
    }
}
