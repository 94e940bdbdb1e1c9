//! Drawings made by a computer, whose nine attributes are controlled by construction.
//!
//! They stand in for a child's drawings where a model or a test needs many with known levels: the
//! demo model learns from them. They are not drawings of children and no measure of any.

mod alien;
mod canvas;
mod comment;
mod creatures;
mod dataset;
mod dice;
mod figure;
mod layout;
mod lines;
mod motif;
mod names;
mod palette;
mod scene;
mod shape;
mod texture;
mod things;
mod warp;
mod words;

pub use alien::AlienPart;
pub use dataset::{DrawingsError, write_dataset};
pub use lines::LineKind;
pub use motif::{Motif, Wonder};
pub use palette::Hue;
pub use scene::Facts;
pub use texture::Grain;

use crate::image::Image;
use dice::{Dice, Purpose};

/// A drawing, the levels it was made for and what it shows.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Drawing {
    /// The picture, 240 to 336 pixels a side.
    pub image: Image,
    /// The level of each attribute, 1 to 5, in the order of
    /// [`Attribute::ALL`](crate::rubric::Attribute::ALL).
    pub levels: [u8; 9],
    /// What the picture shows.
    pub facts: Facts,
    /// The seed and the index it was made from.
    origin: (u64, u64),
}

impl Drawing {
    /// The drawing of an index under a seed; its nine levels are drawn evenly and independently.
    #[must_use]
    pub fn generate(seed: u64, index: u64) -> Self {
        let mut dice = Dice::new(seed, index, Purpose::Levels);
        let levels = [(); 9].map(|()| 1 + dice.below(5) as u8);
        Self::with_levels(seed, index, levels)
    }

    /// The drawing of an index under a seed at chosen levels, which are clamped to 1..=5.
    ///
    /// Drawings that differ in one level only differ in what that attribute controls.
    #[must_use]
    pub fn with_levels(seed: u64, index: u64, levels: [u8; 9]) -> Self {
        let levels = levels.map(|level| level.clamp(1, 5));
        let (image, facts) = scene::draw(seed, index, levels);
        Self { image, levels, facts, origin: (seed, index) }
    }
}
