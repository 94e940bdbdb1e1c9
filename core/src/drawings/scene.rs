//! A whole drawing: page, background, motifs and what they grow, from nine levels.

use super::alien::AlienPart;
use super::canvas::Canvas;
use super::dice::{Dice, Purpose};
use super::figure::{Hand, Place};
use super::layout::{Layout, Spot};
use super::lines::LineKind;
use super::motif::{Motif, Wonder};
use super::palette::{Hue, Palette};
use super::shape::{Part, Point, oval, path};
use super::texture::{Grain, Texture};
use super::warp::Warp;
use crate::image::Image;
use crate::rubric::Attribute;

/// Sides of pages: a few formats, in pixels.
const PAGES: [[u32; 2]; 6] =
    [[320, 240], [240, 320], [300, 300], [336, 252], [252, 336], [270, 270]];

/// What a drawing shows, as far as its words tell.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts {
    /// The main motif first, then its companions.
    pub motifs: Vec<Motif>,
    /// What fantastic things join them.
    pub wonders: Vec<Wonder>,
    /// The colours, at least one.
    pub hues: Vec<Hue>,
    /// The kinds of line in the background.
    pub lines: Vec<LineKind>,
    /// What fills surfaces; `None` for smooth ones.
    pub grain: Option<Grain>,
    /// The alien parts of the main motif.
    pub parts: Vec<AlienPart>,
}

impl Facts {
    /// How many kinds of things a drawing may hold.
    pub const KINDS: usize =
        Motif::ALL.len() + Wonder::ALL.len() + 10 + LineKind::ALL.len() + 3 + 8;

    /// Which of all kinds of things are there, [`Facts::KINDS`] of 0 or 1: motifs, wonders,
    /// colours, lines, grains, alien parts.
    #[must_use]
    pub fn present(&self) -> Vec<f32> {
        let mut all = vec![0.0; Self::KINDS];
        let mut first = 0;
        let mut mark = |kinds: usize, found: &mut dyn Iterator<Item = usize>| {
            found.for_each(|kind| all[first + kind] = 1.0);
            first += kinds;
        };
        mark(Motif::ALL.len(), &mut self.motifs.iter().map(|kind| *kind as usize));
        mark(Wonder::ALL.len(), &mut self.wonders.iter().map(|kind| *kind as usize));
        mark(10, &mut self.hues.iter().map(|kind| *kind as usize));
        mark(LineKind::ALL.len(), &mut self.lines.iter().map(|kind| *kind as usize));
        mark(3, &mut self.grain.iter().map(|kind| *kind as usize));
        mark(8, &mut self.parts.iter().map(|kind| *kind as usize));
        all
    }
}

/// The fields of a border, as many as the most kinds of line.
const FIELDS: usize = 5;

/// Draws the picture that a seed, an index and nine levels (in attribute order) stand for.
pub(super) fn draw(seed: u64, index: u64, levels: [u8; 9]) -> (Image, Facts) {
    let level = |attribute: Attribute| levels[attribute as usize];
    let dice = |purpose| Dice::new(seed, index, purpose);

    let mut page = dice(Purpose::Page);
    let [width, height] = PAGES[page.below(PAGES.len())];
    let size = [width as f32, height as f32];
    let unit = size[0].max(size[1]) / 224.0;

    let palette = Palette::new(
        level(Attribute::ColorRichness),
        level(Attribute::ColorContrast),
        &mut dice(Purpose::Palette),
    );
    let (motifs, wonders) = ideas(level(Attribute::Imagination), &mut dice(Purpose::Ideas));
    let parts = alien_parts(level(Attribute::Transformation), &mut dice(Purpose::Parts));
    let organisation = level(Attribute::PictureOrganization);
    let layout = Layout::new(size, organisation, motifs.len(), &mut dice(Purpose::Layout));

    let mut own = dice(Purpose::Hand);
    let warp = Warp::new(level(Attribute::Deformation), &mut own.fork());
    let texture = Texture::new(level(Attribute::LineTexture), unit, &mut own.fork());
    let hand = Hand {
        realism: level(Attribute::Realism),
        richness: level(Attribute::ColorRichness),
        texture,
        pen: own.between(1.2, 2.3) * unit,
        cover: own.between(0.82, 1.0),
    };
    let kinds = line_kinds(level(Attribute::LineCombination), &mut dice(Purpose::Lines));
    let mut scene = Scene {
        canvas: Canvas::new(width, height, palette.paper, warp.slope),
        palette,
        layout,
        hand,
        warp,
        unit,
        dice: own,
    };
    scene.ground(page.chance(0.6));
    scene.borders(&kinds, &mut dice(Purpose::Lines).fork());
    if wonders.contains(&Wonder::Rainbow) {
        scene.rainbow();
    }
    scene.companions(&motifs);
    scene.main(motifs[0], &parts);
    scene.wonders(&wonders);

    let grain = (level(Attribute::LineTexture) > 1).then_some(texture.grain);
    let hues = scene.palette.hues.clone();
    (scene.canvas.into_image(), Facts { motifs, wonders, hues, lines: kinds, grain, parts })
}

/// The motifs and wonders of a level of imagination.
fn ideas(level: u8, dice: &mut Dice) -> (Vec<Motif>, Vec<Wonder>) {
    let mut motifs = Motif::ALL.to_vec();
    dice.shuffle(&mut motifs);
    if motifs[0] == Motif::Cloud {
        motifs.swap(0, 1);
    }
    motifs.truncate(usize::from(level.clamp(1, 5)));
    let mut wonders = Wonder::ALL.to_vec();
    dice.shuffle(&mut wonders);
    wonders.truncate([0, 0, 1, 2, 4][usize::from(level.clamp(1, 5)) - 1]);
    (motifs, wonders)
}

/// The alien parts of a level of transformation, each at another place.
fn alien_parts(level: u8, dice: &mut Dice) -> Vec<AlienPart> {
    let mut groups = AlienPart::GROUPS;
    dice.shuffle(&mut groups);
    let count = usize::from(level.clamp(1, 5)) - 1;
    groups.iter().take(count).map(|group| group[dice.below(group.len())]).collect()
}

/// The kinds of line of a level of line combination.
fn line_kinds(level: u8, dice: &mut Dice) -> Vec<LineKind> {
    let mut kinds = LineKind::ALL.to_vec();
    dice.shuffle(&mut kinds);
    kinds.truncate(usize::from(level.clamp(1, 5)));
    kinds
}

/// A drawing in the making.
struct Scene {
    canvas: Canvas,
    palette: Palette,
    layout: Layout,
    hand: Hand,
    warp: Warp,
    unit: f32,
    dice: Dice,
}

impl Scene {
    /// Washes the sky, if wanted, and fills the ground, whose edge bends as motifs do.
    fn ground(&mut self, sky: bool) {
        let mut dice = self.dice.fork();
        let [left, top, right, bottom] = self.layout.frame;
        let horizon = self.layout.horizon;
        let rough = self.unit * (0.4 + 0.75 * f32::from(5 - self.hand.realism));
        let mut edge: Vec<Point> = path(&[[0.0, 0.5], [1.0, 0.5]])
            .into_iter()
            .map(|p| {
                let bent = (self.warp.apply(p)[1] - 0.5) * (bottom - top);
                let y = horizon + bent + dice.around(rough);
                [left + p[0] * (right - left), y.clamp(top, bottom)]
            })
            .collect();
        edge[0][0] = left;
        if sky {
            let mut outline = edge.clone();
            outline.extend([[right, top], [left, top]]);
            let wash = self.palette.wash(8, 0.28);
            self.canvas.fill(&outline, wash, 1.0);
        }
        edge.extend([[right, bottom], [left, bottom]]);
        let wash = self.palette.wash(7, 0.62);
        self.canvas.fill(&edge, wash, 1.0);
        let strokes = self.hand.texture.strokes(&edge, &mut dice);
        let grain = self.palette.line_on(wash);
        self.canvas.stroke_all(&strokes, false, grain, self.hand.texture.width);
        self.canvas.shade(&edge, self.hand.light() * 0.6);
        edge.truncate(edge.len() - 2);
        self.hand.outline(&mut self.canvas, &edge, false, &self.palette, &mut dice);
    }

    /// Fills fields of both borders with kinds of line, one kind a field; others stay empty.
    fn borders(&mut self, kinds: &[LineKind], dice: &mut Dice) {
        let mut fields: Vec<usize> = (0..FIELDS).collect();
        dice.shuffle(&mut fields);
        let first = dice.below(8);
        for [left, top, right, bottom] in self.layout.borders {
            let (w, h) = ((right - left) / FIELDS as f32, bottom - top);
            for (i, (kind, field)) in kinds.iter().zip(&fields).enumerate() {
                let x = left + *field as f32 * w;
                let field = [x + 0.04 * w, top + 0.06 * h, x + 0.96 * w, top + 0.94 * h];
                let lines = kind.fill(field, self.unit, dice);
                let colour = self.palette.line(first + i);
                self.canvas.stroke_all(&lines, false, colour, self.hand.pen * kind.weight());
            }
        }
    }

    /// A rainbow over the whole frame.
    fn rainbow(&mut self) {
        let [left, top, right, bottom] = self.layout.frame;
        let centre = [(left + right) * 0.5, top + (bottom - top) * 0.56];
        let size = ((right - left) * 0.98).min((bottom - top) * 1.08);
        self.thing(&Wonder::Rainbow.template().parts, Spot { centre, size }, 0, false);
    }

    /// The motifs beside the main one.
    fn companions(&mut self, motifs: &[Motif]) {
        let mut ground = vec![2, 0];
        let mut air = vec![3, 1];
        for (i, motif) in motifs.iter().enumerate().skip(1) {
            let (first, second) =
                if motif.flies() { (&mut air, &mut ground) } else { (&mut ground, &mut air) };
            let Some(at) = first.pop().or_else(|| second.pop()) else { break };
            let spot = self.layout.companions[at];
            self.thing(&motif.template().parts, spot, i * 3, !motif.flies());
        }
    }

    /// The main motif with what it grows.
    fn main(&mut self, motif: Motif, grown: &[AlienPart]) {
        let body = motif.template();
        let bounds = body.bounds();
        let mut parts: Vec<Part> = Vec::new();
        let (behind, before): (Vec<AlienPart>, Vec<AlienPart>) =
            grown.iter().partition(|part| part.is_behind());
        behind.iter().for_each(|part| parts.extend(part.template(bounds).parts));
        parts.extend(body.parts);
        before.iter().for_each(|part| parts.extend(part.template(bounds).parts));

        let room = grown.iter().map(|part| part.room());
        let [side, above, below] =
            room.fold([0.0_f32; 3], |a, b| [0, 1, 2].map(|k| a[k].max(b[k])));
        let (w, h) = (bounds[2] - bounds[0] + 2.0 * side, bounds[3] - bounds[1] + above + below);
        let shrink = 1.0 / w.max(h).max(1.0);
        let spot = self.layout.main;
        let size = spot.size * (shrink * 1.3).min(1.0);
        let middle = [(bounds[0] + bounds[2]) * 0.5, (bounds[1] + bounds[3] + below - above) * 0.5];
        let centre =
            [spot.centre[0] - (middle[0] - 0.5) * size, spot.centre[1] - (middle[1] - 0.5) * size];
        self.thing(&parts, Spot { centre, size }, 0, true);
    }

    /// Small things in the air.
    fn wonders(&mut self, wonders: &[Wonder]) {
        let mut spots = self.layout.small.clone().into_iter();
        for (i, wonder) in wonders.iter().enumerate() {
            let count = match wonder {
                Wonder::Rainbow => 0,
                Wonder::Stars => 2,
                _ => 1,
            };
            for spot in spots.by_ref().take(count) {
                self.thing(&wonder.template().parts, spot, i + 4, false);
            }
        }
    }

    /// Draws one thing, with its shadow where the hand draws them.
    fn thing(&mut self, parts: &[Part], spot: Spot, slot: usize, on_ground: bool) {
        let mut dice = self.dice.fork();
        let place =
            Place { centre: spot.centre, size: spot.size, mirrored: dice.chance(0.5), slot };
        if on_ground {
            let lowest = parts.iter().filter(|p| p.from == 1).flat_map(|p| &p.points);
            let foot = lowest.fold(0.0_f32, |low, p| low.max(p[1]));
            let [x, y] = [spot.centre[0], spot.centre[1] + (foot - 0.5) * spot.size];
            let shadow = oval(x + spot.size * 0.08, y, spot.size * 0.42, spot.size * 0.06);
            self.hand.shadow(&mut self.canvas, &shadow, self.palette.ink);
        }
        self.hand.draw(&mut self.canvas, parts, &self.warp, place, &self.palette, &mut dice);
    }
}
