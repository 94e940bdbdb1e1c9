//! One assessment as it goes on.

use easel_core::prompt::Language;
use easel_core::{Assessment, Attribute};

use super::protocol::{Begun, RequestId, Step};

/// Seconds between one result that fills in and the next.
const STAGGER: f64 = 0.12;

/// One assessment.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its request.
    pub id: RequestId,
    /// By which model, as the request that loaded it, and in which language.
    pub by: (RequestId, Language),
    /// The step it is at.
    pub step: Option<Step>,
    /// When it began, in egui's seconds.
    pub started: f64,
    /// The scores, and when they came.
    pub scored: Option<(Assessment, f64)>,
    /// The comment so far.
    pub words: String,
    /// Its tokens.
    pub tokens: Vec<u32>,
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
    pub fn new(id: RequestId, by: (RequestId, Language), now: f64) -> Self {
        Self {
            id,
            by,
            step: None,
            started: now,
            scored: None,
            words: String::new(),
            tokens: Vec::new(),
            writing: Writing::Going,
        }
    }

    /// What there is to go on with, where it was broken off after the scores.
    #[must_use]
    pub fn begun(&self) -> Option<Begun> {
        let (assessment, _) = self.scored.as_ref()?;
        let broken = self.writing == Writing::Stopped;
        broken.then(|| Begun { assessment: assessment.clone(), written: self.tokens.clone() })
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
        let run = Run::new(2, (1, Language::En), 10.0);
        assert_eq!(run.thinking_of(10.0, false), Attribute::ALL[0]);
        assert_eq!(run.thinking_of(11.3, false), Attribute::ALL[1]);
        assert_eq!(run.thinking_of(10.0 + 1.2 * 9.5, false), Attribute::ALL[0]);
        assert_eq!(run.thinking_of(99.0, true), Attribute::ALL[0]);
    }

    #[test]
    fn results_fill_in_one_after_another() {
        let mut run = Run::new(2, (1, Language::En), 0.0);
        assert_eq!(run.shown(5.0), 0.0);
        run.scored = Some((Assessment::default(), 5.0));
        assert_eq!(run.shown(5.0), 0.0);
        assert!(run.shown(5.0 + 9.5 * STAGGER) > 9.0);
    }

    #[test]
    fn what_was_broken_off_goes_on_after_its_tokens() {
        let mut run = Run::new(2, (1, Language::En), 0.0);
        run.tokens = vec![4, 5];
        (run.scored, run.writing) = (Some((Assessment::default(), 1.0)), Writing::Done);
        assert_eq!(run.begun(), None);
        run.writing = Writing::Stopped;
        assert_eq!(run.begun().unwrap().written, [4, 5]);
        run.scored = None;
        assert_eq!(run.begun(), None);
    }
}
