//! Deformation: a smooth bend of a whole motif, none at level 1 and strong at level 5.

use std::f32::consts::TAU;

use super::dice::Dice;
use super::shape::Point;

/// Short waves across the unit square.
const RIPPLES: f32 = 5.0;

/// A bend of the unit square: waves, a swirl about the middle, a lean and a stretch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Warp {
    amplitude: f32,
    waves: [f32; 2],
    phases: [f32; 2],
    /// A short wave on top, which shows on straight edges.
    ripple: f32,
    swirl: f32,
    /// How far the top leans over, to the right as a hand that writes leans.
    lean: f32,
    stretch: f32,
    /// The slope of the whole scene: how far it falls to the right.
    pub(super) slope: f32,
}

impl Warp {
    /// A bend whose strength follows the level, 1 to 5, in a chance direction.
    pub(super) fn new(level: u8, dice: &mut Dice) -> Self {
        let t = (f32::from(level.clamp(1, 5)) - 1.0) / 4.0;
        let sign = |dice: &mut Dice| if dice.chance(0.5) { 1.0 } else { -1.0 };
        Self {
            ripple: 0.035 * t,
            amplitude: 0.11 * t * dice.between(0.92, 1.08),
            waves: [dice.between(1.25, 1.65), dice.between(1.15, 1.5)],
            phases: [dice.between(0.0, TAU), dice.between(0.0, TAU)],
            swirl: sign(dice) * t * dice.between(0.2, 0.35),
            lean: t * dice.between(0.45, 0.6),
            stretch: sign(dice) * t * dice.between(0.08, 0.2),
            slope: t * dice.between(0.16, 0.2),
        }
    }

    /// Where a point of the unit square goes.
    pub(super) fn apply(&self, [x, y]: Point) -> Point {
        let (u, v) = (x - 0.5, y - 0.5);
        let turn = self.swirl * (1.0 - u.hypot(v) * 1.3).max(-0.3);
        let (sin, cos) = turn.sin_cos();
        let (u, v) = (
            (u * cos - v * sin) * (1.0 + self.stretch),
            (u * sin + v * cos) * (1.0 - self.stretch),
        );
        let across = self.amplitude * (TAU * self.waves[0] * v + self.phases[0]).sin();
        let along = self.amplitude * 0.75 * (TAU * self.waves[1] * u + self.phases[1]).sin();
        let ripple = |at: f32, phase: f32| self.ripple * (TAU * RIPPLES * at + phase).sin();
        let [p, q] = self.phases;
        [0.5 + u - self.lean * v + across + ripple(v, q), 0.5 + v + along + ripple(u, p)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::dice::Purpose;
    use super::*;

    /// The mean way that points of the square go.
    fn way(level: u8, index: u64) -> f32 {
        let warp = Warp::new(level, &mut Dice::new(1, index, Purpose::Hand));
        let grid = (0..100).map(|i| [(i % 10) as f32 / 9.0, (i / 10) as f32 / 9.0]);
        grid.map(|p| (warp.apply(p)[0] - p[0]).hypot(warp.apply(p)[1] - p[1])).sum::<f32>() / 100.0
    }

    #[test]
    fn nothing_moves_at_the_first_level() {
        assert!(way(1, 0) < 1e-6);
    }

    #[test]
    fn each_level_bends_more() {
        for index in 0..10 {
            let ways: Vec<f32> = (1..=5).map(|level| way(level, index)).collect();
            assert!(ways.windows(2).all(|pair| pair[0] + 0.01 < pair[1]), "{ways:?}");
        }
    }
}
