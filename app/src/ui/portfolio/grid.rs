//! A pupil's drawings, of which only those near the ones on the screen are in memory.

use std::collections::BTreeMap;

use egui::TextureHandle;

use crate::portfolio::{Id, Record};

/// How many drawings are asked for at a time.
pub const AT_ONCE: u32 = 24;
/// How many such parts are held: some screens above and below.
const HELD: usize = 12;

/// A small drawing.
pub struct Small {
    /// What is known of it.
    pub record: Record,
    /// The small copy.
    pub picture: TextureHandle,
}

/// The drawings of one pupil, the newest first.
#[derive(Default)]
pub struct Grid {
    /// Whose.
    pub pupil: Option<Id>,
    /// How many there are, once it is told.
    pub total: Option<u64>,
    /// Parts of [`AT_ONCE`], by the number of their first drawing.
    parts: BTreeMap<u64, Vec<Small>>,
}

impl Grid {
    /// An empty one for a pupil.
    pub fn of(pupil: Id) -> Self {
        Self { pupil: Some(pupil), ..Self::default() }
    }

    /// The drawing of a number.
    pub fn get(&self, number: u64) -> Option<&Small> {
        let (first, part) = self.parts.range(..=number).next_back()?;
        part.get((number - first) as usize)
    }

    /// Whether the part that begins there is in memory.
    pub fn holds(&self, from: u64) -> bool {
        self.parts.contains_key(&from)
    }

    /// The first part that is missing of the drawings from `first` to before `last`, or else of
    /// those after and before them.
    pub fn missing(&self, first: u64, last: u64) -> Option<u64> {
        let Some(total) = self.total else { return Some(0) };
        let part = |number: u64| number / u64::from(AT_ONCE);
        let (low, high) = (part(first), part(last.max(first + 1) - 1));
        let around = [high + 1, low.saturating_sub(1)];
        let wanted = (low..=high).chain(around).map(|part| part * u64::from(AT_ONCE));
        wanted.into_iter().find(|from| *from < total && !self.parts.contains_key(from))
    }

    /// Takes a part; those farthest from it go.
    pub fn take(&mut self, from: u64, total: u64, part: Vec<Small>) {
        if self.total.is_some_and(|before| before != total) {
            // Another window kept or deleted something: all numbers are others now.
            self.parts.clear();
        }
        self.total = Some(total);
        self.parts.insert(from, part);
        while self.parts.len() > HELD {
            let far = self.parts.keys().max_by_key(|known| known.abs_diff(from)).copied();
            far.and_then(|far| self.parts.remove(&far));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_the_screen_is_asked_for_first_and_then_what_lies_around() {
        let mut grid = Grid::of(Id(1));
        assert_eq!(grid.missing(0, 12), Some(0), "how many there are is not known yet");
        grid.take(0, 100_000, Vec::new());
        assert_eq!(grid.missing(0, 12), Some(24), "the next screen");
        grid.take(24, 100_000, Vec::new());
        assert_eq!(grid.missing(0, 12), None);
        assert_eq!(grid.missing(50_000, 50_012), Some(49_992));
        grid.take(49_992, 100_000, Vec::new());
        assert_eq!(grid.missing(50_000, 50_012), Some(50_016));
        assert_eq!(grid.missing(99_990, 100_008), Some(99_984));
    }

    #[test]
    fn few_parts_are_held_whatever_is_looked_at() {
        let mut grid = Grid::of(Id(1));
        for part in 0..500 {
            grid.take(part * 24, 100_000, Vec::new());
        }
        assert_eq!(grid.parts.len(), HELD);
        assert!(grid.parts.contains_key(&(499 * 24)) && !grid.parts.contains_key(&0));
        grid.take(0, 99_999, Vec::new());
        assert_eq!(grid.parts.len(), 1, "after a change elsewhere all are asked for anew");
    }
}
