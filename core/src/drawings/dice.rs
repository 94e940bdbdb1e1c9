//! Seeded chance: one independent stream for each purpose, the same on every machine.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng as _, SeedableRng as _};

/// What a stream of chance is for, so that one choice never shifts another.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    Levels = 1,
    Page,
    Palette,
    Layout,
    Lines,
    Hand,
    Ideas,
    Parts,
    Words,
}

/// A stream of chance.
pub(super) struct Dice(Xoshiro256PlusPlus);

impl Dice {
    /// The stream for one purpose of one drawing of one seed.
    pub(super) fn new(seed: u64, index: u64, purpose: Purpose) -> Self {
        let mixed = scramble(seed ^ scramble(index ^ scramble(purpose as u64)));
        Self(Xoshiro256PlusPlus::seed_from_u64(mixed))
    }

    /// A stream of its own that starts here, for a thing whose needs must not shift the next.
    pub(super) fn fork(&mut self) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(self.0.next_u64()))
    }

    /// From 0 up to, but without, 1, in steps of 2^-24.
    pub(super) fn unit(&mut self) -> f32 {
        (self.0.next_u64() >> 40) as f32 / 16_777_216.0
    }

    /// Between two values.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Within `reach` of zero.
    pub(super) fn around(&mut self, reach: f32) -> f32 {
        self.between(-reach, reach)
    }

    /// One of `0..count`; 0 where there is nothing to choose from.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let wide = u128::from(self.0.next_u64()) * count as u128;
        (wide >> 64) as usize
    }

    /// True with a probability.
    pub(super) fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// Puts the items in a random order.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// A bijection that spreads neighbouring numbers (the finaliser of SplitMix64).
fn scramble(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |seed, index, purpose| Dice::new(seed, index, purpose).0.next_u64();
        let first = draw(1, 2, Purpose::Page);
        assert_eq!(first, draw(1, 2, Purpose::Page));
        assert_ne!(first, draw(2, 1, Purpose::Page));
        assert_ne!(first, draw(1, 3, Purpose::Page));
        assert_ne!(first, draw(1, 2, Purpose::Words));
    }

    #[test]
    fn numbers_stay_in_range_and_reach_every_choice() {
        let mut dice = Dice::new(7, 7, Purpose::Hand);
        let mut seen = [0_u32; 5];
        for _ in 0..1000 {
            seen[dice.below(5)] += 1;
            let value = dice.between(-2.0, 3.0);
            assert!((-2.0..3.0).contains(&value));
        }
        assert!(seen.iter().all(|&count| (150..250).contains(&count)), "{seen:?}");
        assert_eq!(dice.below(0), 0);
    }

    #[test]
    fn shuffling_keeps_all_items() {
        let mut items = [0, 1, 2, 3, 4, 5, 6, 7];
        Dice::new(1, 1, Purpose::Ideas).shuffle(&mut items);
        assert_ne!(items, [0, 1, 2, 3, 4, 5, 6, 7]);
        items.sort_unstable();
        assert_eq!(items, [0, 1, 2, 3, 4, 5, 6, 7]);
    }
}
