//! The models on this device: what is kept, and what goes on with it.

use std::collections::VecDeque;

use easel_core::Precision;
use easel_core::model::Published;

use super::protocol::{Item, Moved, RequestId, Stock};

/// All that the models' screen shows.
#[derive(Debug, Default)]
pub struct Shelf {
    /// What is kept, once the worker told.
    pub stock: Option<Stock>,
    /// The request that asked for it.
    pub listing: RequestId,
    /// What goes on.
    pub jobs: Vec<Job>,
    /// What is to be deleted, once the person says so a second time.
    pub asking: Option<Item>,
    /// How many damaged files the last check found.
    pub checked: Option<(Item, usize)>,
    /// The models of which 8 bits were chosen.
    careful: Vec<Published>,
}

/// Something that goes on.
#[derive(Debug)]
pub struct Job {
    /// Its request.
    pub id: RequestId,
    /// With which model.
    pub item: Item,
    /// What.
    pub kind: JobKind,
    /// Whether it was asked to stop.
    pub stopping: bool,
    /// How far and how fast.
    pub pace: Pace,
}

/// Kinds of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// It is fetched.
    Getting,
    /// Its files are checked.
    Checking,
    /// It is copied in.
    Importing,
    /// It is deleted.
    Deleting,
}

impl Shelf {
    /// What goes on with a model.
    #[must_use]
    pub fn job(&self, item: &Item) -> Option<&Job> {
        self.jobs.iter().find(|job| job.item == *item)
    }

    /// How a published model is to be kept.
    #[must_use]
    pub fn weights(&self, model: Published) -> Precision {
        if self.careful.contains(&model) { Precision::Q8 } else { Precision::Q4 }
    }

    /// Chooses that.
    pub fn set_weights(&mut self, model: Published, weights: Precision) {
        self.careful.retain(|careful| *careful != model);
        if weights == Precision::Q8 {
            self.careful.push(model);
        }
    }
}

/// Seconds over which a rate is the mean.
const OVER: f64 = 6.0;

/// How far something is, and how fast it goes on.
#[derive(Debug, Default, Clone)]
pub struct Pace {
    /// How far.
    pub moved: Option<Moved>,
    /// Times in seconds, and the bytes that were done by then.
    past: VecDeque<(f64, u64)>,
}

impl Pace {
    /// Takes how far it is at a time.
    pub fn push(&mut self, now: f64, moved: Moved) {
        if self.moved.is_some_and(|last| moved.done < last.done) {
            // A file begins anew.
            self.past.clear();
        }
        self.moved = Some(moved);
        self.past.push_back((now, moved.done));
        while self.past.front().is_some_and(|(at, _)| now - at > OVER) && self.past.len() > 2 {
            self.past.pop_front();
        }
    }

    /// Bytes a second, once that can be told.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        let (&(start, first), &(end, last)) = (self.past.front()?, self.past.back()?);
        let (seconds, bytes) = (end - start, last.saturating_sub(first));
        (seconds > 0.5 && bytes > 0).then(|| bytes as f64 / seconds)
    }

    /// Seconds that are left, once that can be told.
    #[must_use]
    pub fn left(&self) -> Option<f64> {
        let moved = self.moved?;
        Some(moved.total.saturating_sub(moved.done) as f64 / self.rate()?)
    }

    /// The part that is done, from 0 to 1.
    #[must_use]
    pub fn part(&self) -> f32 {
        self.moved.map_or(0.0, |moved| {
            (moved.done as f64 / moved.total.max(1) as f64).clamp(0.0, 1.0) as f32
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(done: u64) -> Moved {
        Moved { done, total: 1000 }
    }

    #[test]
    fn the_rate_is_of_the_last_seconds() {
        let mut pace = Pace::default();
        pace.push(0.0, at(0));
        assert_eq!((pace.rate(), pace.left()), (None, None));
        pace.push(1.0, at(100));
        assert_eq!((pace.rate(), pace.left()), (Some(100.0), Some(9.0)));
        // Then it becomes slower: what was long ago counts no more.
        for second in 2..=20 {
            pace.push(f64::from(second), at(100 + 10 * second as u64));
        }
        assert!((pace.rate().unwrap() - 10.0).abs() < 1e-9, "{:?}", pace.rate());
        assert!((pace.part() - 0.3).abs() < 1e-6);
    }

    #[test]
    fn a_file_that_begins_anew_has_no_rate_yet() {
        let mut pace = Pace::default();
        pace.push(0.0, at(0));
        pace.push(1.0, at(500));
        pace.push(2.0, at(100));
        assert_eq!(pace.rate(), None);
        pace.push(3.0, at(200));
        assert_eq!(pace.rate(), Some(100.0));
    }

    #[test]
    fn four_bits_are_chosen_until_eight_are() {
        let mut shelf = Shelf::default();
        assert_eq!(shelf.weights(Published::ThreeB), Precision::Q4);
        shelf.set_weights(Published::ThreeB, Precision::Q8);
        assert_eq!(shelf.weights(Published::ThreeB), Precision::Q8);
        assert_eq!(shelf.weights(Published::SevenB), Precision::Q4);
        shelf.set_weights(Published::ThreeB, Precision::Q4);
        assert_eq!(shelf.weights(Published::ThreeB), Precision::Q4);
    }
}
