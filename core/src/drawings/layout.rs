//! Picture organisation: where things go on the page, from lopsided to balanced.

use super::dice::Dice;
use super::shape::Point;

/// The height of a border, as a share of what is drawn on.
const BORDER: f32 = 0.115;

/// The part of the page that is drawn on, and where things stand in it; all in pixels.
pub(super) struct Layout {
    /// Left, top, right, bottom of the scene.
    pub(super) frame: [f32; 4],
    /// The borders above and below the scene, likewise.
    pub(super) borders: [[f32; 4]; 2],
    /// The height of the horizon.
    pub(super) horizon: f32,
    /// The main motif's middle and the room it has.
    pub(super) main: Spot,
    /// Spots for companions, two on the ground and two in the air, in turn.
    pub(super) companions: Vec<Spot>,
    /// Spots for small things.
    pub(super) small: Vec<Spot>,
}

/// A place with room for a thing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    /// The middle, in pixels.
    pub(super) centre: Point,
    /// The side of the room, in pixels.
    pub(super) size: f32,
}

impl Layout {
    /// Lays out a page of this size (width, height) for an organisation, 1 to 5, and a number of
    /// motifs.
    pub(super) fn new(size: Point, organisation: u8, motifs: usize, dice: &mut Dice) -> Self {
        let level = usize::from(organisation.clamp(1, 5)) - 1;
        let share = [0.62, 0.71, 0.80, 0.90, 1.0][level] + dice.around(0.02);
        let share = share.min(1.0);
        let (w, h) = (size[0] * share, size[1] * share);
        let corner = [dice.below(2) as f32, dice.below(2) as f32];
        let margin = 0.015 * size[0].min(size[1]) * (5 - organisation.min(5)).min(1) as f32;
        let free = [size[0] - w, size[1] - h];
        let left = (free[0] * corner[0]).clamp(margin.min(free[0]), (free[0] - margin).max(0.0));
        let top = (free[1] * corner[1]).clamp(margin.min(free[1]), (free[1] - margin).max(0.0));
        let right = left + w;
        let border = BORDER * h;
        let borders = [top, top + h - border].map(|top| [left, top, right, top + border]);
        let (top, h) = (top + border, h - 2.0 * border);
        let unrest = [0.09, 0.07, 0.05, 0.025, 0.0][level];
        let short = w.min(h);
        let mut spot = |x: f32, y: f32, part: f32| {
            let (dx, dy) = (dice.around(unrest), dice.around(unrest));
            let uneven = 1.0 + dice.around(unrest * 3.0);
            Spot { centre: [left + (x + dx) * w, top + (y + dy) * h], size: part * short * uneven }
        };
        let main = match motifs {
            0 | 1 => spot(0.5, 0.5, 0.86),
            2 => spot(0.5, 0.52, 0.76),
            3 => spot(0.5, 0.53, 0.68),
            _ => spot(0.5, 0.53, 0.58),
        };
        let companions = vec![
            spot(0.17, 0.76, 0.33),
            spot(0.83, 0.20, 0.31),
            spot(0.83, 0.76, 0.33),
            spot(0.17, 0.20, 0.31),
        ];
        let small = vec![
            spot(0.5, 0.13, 0.15),
            spot(0.35, 0.10, 0.12),
            spot(0.65, 0.10, 0.12),
            spot(0.08, 0.45, 0.14),
            spot(0.92, 0.45, 0.14),
        ];
        Self {
            frame: [left, top, right, top + h],
            borders,
            horizon: top + h * 0.74,
            main,
            companions,
            small,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::dice::Purpose;
    use super::*;

    fn layout(organisation: u8, index: u64) -> Layout {
        Layout::new([300.0, 240.0], organisation, 1, &mut Dice::new(2, index, Purpose::Layout))
    }

    #[test]
    fn the_main_motif_moves_to_the_middle_as_organisation_grows() {
        let off = |organisation| {
            let far = (0..30).map(|index| {
                let [x, y] = layout(organisation, index).main.centre;
                (x - 150.0).hypot(y - 120.0)
            });
            far.sum::<f32>() / 30.0
        };
        let all: Vec<f32> = (1..=5).map(off).collect();
        assert!(all.windows(2).all(|pair| pair[0] > pair[1]), "{all:?}");
        assert!(all[4] < 1.0 && all[0] > 50.0, "{all:?}");
    }

    #[test]
    fn the_frame_stays_on_the_page() {
        for organisation in 1..=5 {
            for index in 0..20 {
                let layout = layout(organisation, index);
                for [left, top, right, bottom] in
                    [layout.frame, layout.borders[0], layout.borders[1]]
                {
                    assert!(left >= 0.0 && top >= 0.0 && right <= 300.01 && bottom <= 240.01);
                }
            }
        }
    }
}
