//! A pupil's drawings, of which only those near the ones on the screen are in memory.

use std::collections::{BTreeMap, VecDeque};

use egui::TextureHandle;

use crate::portfolio::{Card, Id, Record};

/// How many drawings are asked for at a time.
pub const AT_ONCE: u32 = 24;
/// How many such parts are held: some screens above and below.
const HELD: usize = 12;
/// How many pictures a frame takes up: a whole part would hold up a frame of somebody who scrolls.
const A_FRAME: usize = 6;

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
    /// What came and has not been taken up yet, with the first numbers of their parts.
    coming: VecDeque<(u64, Card)>,
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

    /// Whether enough has been taken up of what came that more can be asked for.
    pub fn has_room(&self) -> bool {
        self.coming.len() < AT_ONCE as usize
    }

    /// Takes a part, whose drawings [`Grid::take_up`] brings in; the parts farthest from it go.
    pub fn take(&mut self, from: u64, total: u64, part: Vec<Card>) {
        if self.total.is_some_and(|before| before != total) {
            // Another window kept or deleted something: all numbers are others now.
            self.parts.clear();
            self.coming.clear();
        }
        self.total = Some(total);
        self.parts.insert(from, Vec::with_capacity(part.len()));
        self.coming.extend(part.into_iter().map(|card| (from, card)));
        while self.parts.len() > HELD {
            let far = self.parts.keys().max_by_key(|known| known.abs_diff(from)).copied();
            far.and_then(|far| self.parts.remove(&far));
        }
        self.coming.retain(|(from, _)| self.parts.contains_key(from));
    }

    /// Takes up a frame's share of what came; whether there is more.
    pub fn take_up(&mut self, mut made: impl FnMut(Card) -> Option<Small>) -> bool {
        let share = self.coming.len().min(A_FRAME);
        for (from, card) in self.coming.drain(..share) {
            if let Some(part) = self.parts.get_mut(&from) {
                part.extend(made(card));
            }
        }
        !self.coming.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::When;
    use crate::ui::protocol::Preview;
    use easel_core::Assessment;
    use egui::{Color32, ColorImage, Context, TextureOptions};

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

    fn card(number: u64) -> Card {
        let record = Record {
            id: Id(number),
            pupil: Id(1),
            when: When { ms: 0, ahead: 0 },
            assessment: Assessment::new(BTreeMap::new()),
            comment: String::new(),
            note: String::new(),
            model: String::new(),
            class: None,
        };
        Card { record, small: Preview { width: 1, height: 1, rgb: vec![0; 3] } }
    }

    fn made(card: Card) -> Option<Small> {
        let picture = Context::default().load_texture(
            "small",
            ColorImage::filled([1, 1], Color32::WHITE),
            TextureOptions::LINEAR,
        );
        Some(Small { record: card.record, picture })
    }

    #[test]
    fn what_comes_is_taken_up_over_some_frames_each_at_its_number() {
        let mut grid = Grid::of(Id(1));
        grid.take(24, 100, (24..48).map(card).collect());
        assert!(grid.holds(24) && grid.get(24).is_none() && !grid.has_room());
        assert!(grid.take_up(made));
        assert!(grid.get(29).is_some() && grid.get(30).is_none());
        assert!(grid.has_room(), "the next part comes meanwhile");
        grid.take(0, 100, (0..24).map(card).collect());
        let frames = 2 + (0..99).take_while(|_| grid.take_up(made)).count();
        assert_eq!(frames, 8);
        let ids: Vec<_> =
            (0..48).filter_map(|number| Some(grid.get(number)?.record.id.0)).collect();
        assert_eq!(ids, (0..48).collect::<Vec<_>>());
    }

    #[test]
    fn what_came_of_a_part_that_went_is_not_taken_up() {
        let mut grid = Grid::of(Id(1));
        grid.take(0, 100_000, vec![card(0)]);
        for part in 100..100 + HELD as u64 {
            grid.take(part * 24, 100_000, Vec::new());
        }
        assert!(!grid.take_up(|_| panic!("it is far away")));
        grid.take(0, 100_000, vec![card(0)]);
        grid.take(24, 99_999, Vec::new());
        assert!(!grid.take_up(|_| panic!("its number is another's")));
    }
}
