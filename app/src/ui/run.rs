//! One assessment as it goes on.

use easel_core::{Assessment, Attribute};

use super::protocol::{RequestId, Step};

/// Seconds between one result that fills in and the next.
const STAGGER: f64 = 0.12;

/// One assessment.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its request.
    pub id: RequestId,
    /// The step it is at.
    pub step: Option<Step>,
    /// When it began, in egui's seconds.
    pub started: f64,
    /// The scores, and when they came.
    pub scored: Option<(Assessment, f64)>,
    /// The comment so far.
    pub words: String,
    /// How the comment stands.
    pub writing: Writing,
}

/// How a comment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// It is being written, or will be.
    Going,
    /// It is complete.
    Done,
    /// It was stopped, or failed.
    Stopped,
}

impl Run {
    /// One that begins.
    #[must_use]
    pub fn new(id: RequestId, now: f64) -> Self {
        Self {
            id,
            step: None,
            started: now,
            scored: None,
            words: String::new(),
            writing: Writing::Going,
        }
    }

    /// How far results have filled in at a time: 1 and more shows the first, 9 shows all.
    #[must_use]
    pub fn shown(&self, now: f64) -> f32 {
        let since = self.scored.as_ref().map_or(0.0, |(_, at)| now - at);
        (since / STAGGER) as f32
    }

    /// What is thought of at a time: the nine take turns, as all are asked at once.
    #[must_use]
    pub fn thinking_of(&self, now: f64, still: bool) -> Attribute {
        let turn = if still { 0 } else { ((now - self.started).max(0.0) / 1.2) as usize };
        Attribute::ALL[turn % Attribute::ALL.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nine_take_turns_and_stand_still_where_nothing_may_move() {
        let run = Run::new(1, 10.0);
        assert_eq!(run.thinking_of(10.0, false), Attribute::ALL[0]);
        assert_eq!(run.thinking_of(11.3, false), Attribute::ALL[1]);
        assert_eq!(run.thinking_of(10.0 + 1.2 * 9.5, false), Attribute::ALL[0]);
        assert_eq!(run.thinking_of(99.0, true), Attribute::ALL[0]);
    }

    #[test]
    fn results_fill_in_one_after_another() {
        let mut run = Run::new(1, 0.0);
        assert_eq!(run.shown(5.0), 0.0);
        run.scored = Some((Assessment::default(), 5.0));
        assert_eq!(run.shown(5.0), 0.0);
        assert!(run.shown(5.0 + 9.5 * STAGGER) > 9.0);
    }
}
