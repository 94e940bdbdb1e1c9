//! Colours: how many hues a drawing has, and how strongly they stand against each other.

use super::dice::Dice;

/// Red, green, blue.
pub(super) type Rgb = [f32; 3];

/// A colour that a child would name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hue {
    /// Red.
    Red,
    /// Orange.
    Orange,
    /// Yellow.
    Yellow,
    /// A light yellowish green.
    Lime,
    /// Green.
    Green,
    /// Turquoise.
    Turquoise,
    /// Blue.
    Blue,
    /// Violet.
    Violet,
    /// Pink.
    Pink,
    /// Brown.
    Brown,
}

impl Hue {
    /// All hues, so that neighbours look alike.
    pub const ALL: [Self; 10] = [
        Self::Red,
        Self::Orange,
        Self::Yellow,
        Self::Lime,
        Self::Green,
        Self::Turquoise,
        Self::Blue,
        Self::Violet,
        Self::Pink,
        Self::Brown,
    ];

    /// The colour at its strongest, 0 to 255.
    fn deep(self) -> Rgb {
        match self {
            Self::Red => [212.0, 32.0, 38.0],
            Self::Orange => [238.0, 118.0, 20.0],
            Self::Yellow => [246.0, 204.0, 24.0],
            Self::Lime => [146.0, 196.0, 36.0],
            Self::Green => [28.0, 128.0, 58.0],
            Self::Turquoise => [18.0, 164.0, 166.0],
            Self::Blue => [30.0, 80.0, 198.0],
            Self::Violet => [114.0, 52.0, 172.0],
            Self::Pink => [234.0, 88.0, 156.0],
            Self::Brown => [122.0, 72.0, 38.0],
        }
    }
}

/// The colours of one drawing.
pub(super) struct Palette {
    /// The hues, one to ten.
    pub(super) hues: Vec<Hue>,
    /// The paper's colour.
    pub(super) paper: Rgb,
    /// The colour of outlines.
    pub(super) ink: Rgb,
    /// How far fills leave the paper's colour, 0 to 1.
    strength: f32,
    /// How far neighbours differ in lightness, 0 to 1.
    spread: f32,
}

impl Palette {
    /// Chooses the hues for a richness and the strengths for a contrast, both 1 to 5.
    pub(super) fn new(richness: u8, contrast: u8, dice: &mut Dice) -> Self {
        let mut hues = Hue::ALL.to_vec();
        dice.shuffle(&mut hues);
        let more = dice.below(2);
        let count = match richness {
            1 => 1 + more,
            2 => 3,
            3 => 4 + more,
            4 => 6 + more,
            _ => 9 + more,
        };
        hues.truncate(count);
        if let [first, second] = &mut hues[..] {
            // One colour family still: the second hue is a neighbour of the first.
            let place = Hue::ALL.iter().position(|hue| hue == first).unwrap_or(0);
            *second = Hue::ALL[(place + 1) % Hue::ALL.len()];
        }
        let t = ((f32::from(contrast) - 1.0 + dice.around(0.2)) / 4.0).clamp(0.0, 1.0);
        let shade = dice.between(0.0, 8.0);
        let paper = [253.0 - shade * 0.4, 251.0 - shade * 0.8, 246.0 - shade * 1.6];
        let ink = mix(paper, [22.0, 20.0, 30.0], 0.42 + 0.58 * t);
        Self { hues, paper, ink, strength: 0.30 + 0.70 * t, spread: 0.06 + 0.30 * t }
    }

    /// The hue of a slot.
    pub(super) fn hue(&self, slot: usize) -> Hue {
        self.hues[slot % self.hues.len()]
    }

    /// The fill of a slot; odd slots are lighter than even ones.
    pub(super) fn fill(&self, slot: usize) -> Rgb {
        let deep = self.hue(slot).deep();
        // Every turn through the hues swaps light and dark, so that one hue still varies.
        let light = (slot + slot / self.hues.len()) % 2 == 1;
        let colour = mix(self.paper, deep, self.strength);
        if light {
            mix(colour, self.paper, self.spread)
        } else {
            scale(colour, 1.0 - self.spread * 0.4)
        }
    }

    /// A wash for large surfaces: a part of the fill's strength.
    pub(super) fn wash(&self, slot: usize, part: f32) -> Rgb {
        mix(self.paper, self.hue(slot).deep(), self.strength * part)
    }

    /// A line on a surface of this colour: darker, and never lost on it.
    pub(super) fn line_on(&self, surface: Rgb) -> Rgb {
        let dark = mix(surface, self.ink, 0.8);
        let light: f32 = surface.iter().sum::<f32>() / 3.0;
        if light < 70.0 { mix(surface, self.paper, 0.5) } else { scale(dark, 0.94) }
    }

    /// A coloured line on the paper.
    pub(super) fn line(&self, slot: usize) -> Rgb {
        let deep = scale(self.hue(slot).deep(), 0.72);
        mix(self.paper, deep, (self.strength * 1.1).clamp(0.6, 1.0))
    }
}

/// Between two colours.
pub(super) fn mix(a: Rgb, b: Rgb, t: f32) -> Rgb {
    [0, 1, 2].map(|k| a[k] + (b[k] - a[k]) * t)
}

/// Lighter or darker by a factor.
pub(super) fn scale(colour: Rgb, factor: f32) -> Rgb {
    colour.map(|value| (value * factor).clamp(0.0, 255.0))
}

#[cfg(test)]
mod tests {
    use super::super::dice::Purpose;
    use super::*;

    fn palette(richness: u8, contrast: u8, index: u64) -> Palette {
        Palette::new(richness, contrast, &mut Dice::new(3, index, Purpose::Palette))
    }

    #[test]
    fn richness_is_the_number_of_hues() {
        for (richness, expected) in [(1, 1..=2), (2, 3..=3), (3, 4..=5), (4, 6..=7), (5, 9..=10)] {
            for index in 0..20 {
                let hues = palette(richness, 3, index).hues;
                assert!(expected.contains(&hues.len()), "{richness}: {hues:?}");
                assert!(hues.iter().all(|h| hues.iter().filter(|o| *o == h).count() == 1));
            }
        }
    }

    #[test]
    fn contrast_is_the_distance_from_the_paper() {
        let distance = |contrast| {
            let p = palette(3, contrast, 1);
            (p.paper[0] - p.ink[0]) + (p.paper[1] - p.fill(0)[1]) + (p.paper[2] - p.fill(1)[2])
        };
        let all: Vec<f32> = (1..=5).map(distance).collect();
        assert!(all.windows(2).all(|pair| pair[0] + 20.0 < pair[1]), "{all:?}");
    }
}
