//! Chance that is the same on every machine: each use has its own stream, named by numbers.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

/// The generator that belongs to a seed and the numbers that name its use (epoch, row, purpose).
///
/// Nothing is carried from one use to the next, so a resumed run draws what an unbroken one does.
pub(crate) fn stream(seed: u64, names: &[u64]) -> Xoshiro256PlusPlus {
    let mix = |state: u64, name: &u64| {
        // The odd factor keeps neighbouring names far apart before the generator mixes them.
        let named = state ^ name.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Xoshiro256PlusPlus::seed_from_u64(named).next_u64()
    };
    Xoshiro256PlusPlus::seed_from_u64(names.iter().fold(seed, mix))
}

/// A number from 0 to just below 1, in steps of 2⁻⁵³.
pub(crate) fn unit(rng: &mut impl Rng) -> f64 {
    const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
    (rng.next_u64() >> 11) as f64 * STEP
}

/// A number from `low` to just below `high`.
pub(crate) fn between(rng: &mut impl Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * unit(rng)
}

/// An index below `count`, which is at least 1.
pub(crate) fn below(rng: &mut impl Rng, count: usize) -> usize {
    // The high half of a wide product; for counts of rows its bias is below 2⁻³⁰.
    ((u128::from(rng.next_u64()) * count as u128) >> 64) as usize
}

/// Puts items into a random order (Fisher and Yates, from the end).
pub(crate) fn shuffle<T>(items: &mut [T], rng: &mut impl Rng) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(rng, last + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        // SplitMix64 from 0 gives these four words, and xoshiro256++ starts from them.
        let words = [
            0xe220_a839_7b1d_cdaf_u64,
            0x6e78_9e6a_a1b9_65f4,
            0x06c4_5d18_8009_454f,
            0xf88b_b8a8_724c_81ec,
        ];
        let first = words[0].wrapping_add(words[3]).rotate_left(23).wrapping_add(words[0]);
        assert_eq!(stream(0, &[]).next_u64(), first);
    }

    #[test]
    fn every_name_has_its_own_stream() {
        let mut firsts: Vec<u64> = (0..10)
            .flat_map(|a| (0..10).map(move |b| stream(7, &[a, b]).next_u64()))
            .chain([stream(8, &[0, 0]).next_u64(), stream(7, &[0]).next_u64()])
            .collect();
        firsts.sort_unstable();
        firsts.dedup();
        assert_eq!(firsts.len(), 102);
        assert_eq!(stream(7, &[3, 4]).next_u64(), stream(7, &[3, 4]).next_u64());
    }

    #[test]
    fn a_shuffle_is_fair_and_keeps_every_item() {
        let mut firsts = [0; 5];
        for seed in 0..5000 {
            let mut items = [0, 1, 2, 3, 4];
            shuffle(&mut items, &mut stream(seed, &[]));
            firsts[items[0]] += 1;
            items.sort_unstable();
            assert_eq!(items, [0, 1, 2, 3, 4]);
        }
        // 1000 each, give or take four standard deviations.
        assert!(firsts.iter().all(|&n| (887..1113).contains(&n)), "{firsts:?}");
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut rng = stream(1, &[]);
        for _ in 0..1000 {
            assert!((0.0..1.0).contains(&unit(&mut rng)));
            assert!((-15.0..15.0).contains(&between(&mut rng, -15.0, 15.0)));
            assert!(below(&mut rng, 3) < 3);
            assert_eq!(below(&mut rng, 1), 0);
        }
    }
}
