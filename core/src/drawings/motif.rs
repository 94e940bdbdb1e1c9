//! What can be drawn: motifs, and the fantastic things that join them.

use super::creatures::{bird, butterfly, cat, fish, person, snail};
use super::shape::{Template, arc, blob, oval, rosette};
use super::things::{
    balloon, boat, car, cloud, flower, house, mountain, mushroom, rocket, sun, tree,
};

/// A motif that a drawing is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motif {
    /// A house with a roof.
    House,
    /// A tree.
    Tree,
    /// A flower.
    Flower,
    /// A mushroom.
    Mushroom,
    /// Two mountains.
    Mountain,
    /// A person.
    Person,
    /// A sitting cat.
    Cat,
    /// A fish.
    Fish,
    /// A bird.
    Bird,
    /// A butterfly.
    Butterfly,
    /// A snail.
    Snail,
    /// A sailing boat.
    Boat,
    /// A car.
    Car,
    /// A rocket.
    Rocket,
    /// A hot-air balloon.
    Balloon,
    /// The sun.
    Sun,
    /// A cloud.
    Cloud,
}

impl Motif {
    /// All motifs.
    pub const ALL: [Self; 17] = [
        Self::House,
        Self::Tree,
        Self::Flower,
        Self::Mushroom,
        Self::Mountain,
        Self::Person,
        Self::Cat,
        Self::Fish,
        Self::Bird,
        Self::Butterfly,
        Self::Snail,
        Self::Boat,
        Self::Car,
        Self::Rocket,
        Self::Balloon,
        Self::Sun,
        Self::Cloud,
    ];

    /// Its parts, in a unit square.
    pub(super) fn template(self) -> Template {
        match self {
            Self::House => house(),
            Self::Tree => tree(),
            Self::Flower => flower(),
            Self::Mushroom => mushroom(),
            Self::Mountain => mountain(),
            Self::Person => person(),
            Self::Cat => cat(),
            Self::Fish => fish(),
            Self::Bird => bird(),
            Self::Butterfly => butterfly(),
            Self::Snail => snail(),
            Self::Boat => boat(),
            Self::Car => car(),
            Self::Rocket => rocket(),
            Self::Balloon => balloon(),
            Self::Sun => sun(),
            Self::Cloud => cloud(),
        }
    }

    /// Whether its place is in the upper half of a page.
    pub(super) fn flies(self) -> bool {
        matches!(
            self,
            Self::Bird
                | Self::Butterfly
                | Self::Rocket
                | Self::Balloon
                | Self::Sun
                | Self::Cloud
                | Self::Fish
        )
    }
}

/// A fantastic thing that joins the motifs of a drawing rich in ideas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wonder {
    /// Stars in the sky.
    Stars,
    /// The moon.
    Moon,
    /// A rainbow over all.
    Rainbow,
    /// A planet with a ring.
    Planet,
    /// A heart.
    Heart,
}

impl Wonder {
    /// All of them.
    pub(super) const ALL: [Self; 5] =
        [Self::Stars, Self::Moon, Self::Rainbow, Self::Planet, Self::Heart];

    /// Its parts, in a unit square.
    pub(super) fn template(self) -> Template {
        let empty = Template::default();
        match self {
            Self::Stars => empty.fill(1, 0, rosette(0.5, 0.5, 0.20, 0.50, 5)),
            Self::Moon => empty
                .fill(1, 0, blob(&MOON))
                .ink(3, oval(0.36, 0.42, 0.03, 0.03))
                .line(4, arc(0.36, 0.58, 0.08, 0.06, 0.0, 0.4)),
            Self::Rainbow => {
                let band = |template: Template, slot: u8| {
                    let outer = 0.5 - 0.045 * f32::from(slot);
                    let mut ring = arc(0.5, 0.5, outer, outer * 0.95, 0.5, 1.0);
                    let inner = outer - 0.045;
                    ring.extend(arc(0.5, 0.5, inner, inner * 0.95, 1.0, 0.5));
                    template.fill(1, slot, ring)
                };
                (0..4).fold(empty, band)
            }
            Self::Planet => empty
                .fill(1, 0, oval(0.5, 0.5, 0.30, 0.30))
                .fill(1, 1, blob(&RING))
                .line(3, arc(0.5, 0.38, 0.2, 0.06, 0.05, 0.45)),
            Self::Heart => empty.fill(1, 0, blob(&HEART)),
        }
    }
}

const MOON: [[f32; 2]; 8] = [
    [0.62, 0.04],
    [0.26, 0.16],
    [0.12, 0.50],
    [0.26, 0.84],
    [0.62, 0.96],
    [0.50, 0.78],
    [0.44, 0.50],
    [0.50, 0.22],
];

const RING: [[f32; 2]; 6] =
    [[0.02, 0.64], [0.30, 0.56], [0.98, 0.32], [0.99, 0.38], [0.70, 0.60], [0.05, 0.70]];

const HEART: [[f32; 2]; 8] = [
    [0.50, 0.94],
    [0.10, 0.52],
    [0.06, 0.24],
    [0.28, 0.08],
    [0.50, 0.28],
    [0.72, 0.08],
    [0.94, 0.24],
    [0.90, 0.52],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_motif_fills_the_unit_square_and_has_details_for_each_level() {
        for motif in Motif::ALL {
            let template = motif.template();
            let [left, top, right, bottom] = template.bounds();
            assert!(left > -0.05 && top > -0.05 && right < 1.05 && bottom < 1.05, "{motif:?}");
            assert!((right - left).max(bottom - top) > 0.8, "{motif:?}");
            for level in [3, 4, 5] {
                assert!(template.parts.iter().any(|part| part.from == level), "{motif:?} {level}");
            }
            assert!(template.parts.iter().all(|part| part.points.len() >= 2), "{motif:?}");
        }
    }

    #[test]
    fn wonders_are_drawn_at_any_level() {
        for wonder in Wonder::ALL {
            assert!(wonder.template().parts.iter().any(|part| part.from == 1), "{wonder:?}");
        }
    }
}
