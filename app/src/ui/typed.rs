//! What is typed and not saved: it is kept once nothing more was typed for a moment, and when the
//! window closes.

use std::time::Duration;

use egui::Context;

use super::app::EaselApp;
use super::class::Lesson;
use crate::portfolio::Id;

/// How long nothing is typed before it is kept: a page may be closed without a word.
const MOMENT: f64 = 1.5;

/// Words about a drawing.
type Words = (Id, String);

/// What is typed.
#[derive(Debug, Default)]
pub struct Typed {
    /// Since when it is as it is, in egui's seconds.
    waits: Option<(Words, f64)>,
    /// What was to be kept last: where that failed, it is not tried again and again.
    tried: Option<Words>,
}

impl EaselApp {
    /// Keeps what is typed, at its time.
    pub(super) fn keep_typed(&mut self, ctx: &Context) {
        let before = self.typed.waits.take();
        let Some(words) = self.unsaved().filter(|words| self.typed.tried.as_ref() != Some(words))
        else {
            return;
        };
        let now = ctx.input(|input| input.time);
        let since = match before {
            Some((known, since)) if known == words => since,
            _ => now,
        };
        let left = MOMENT - (now - since);
        if left <= 0.0 {
            self.typed.tried = Some(words);
            self.save_typed();
        } else {
            self.typed.waits = Some((words, since));
            ctx.request_repaint_after(Duration::from_secs_f64(left));
        }
    }

    /// The note, or the words about a drawing of a class, where they are not as they are kept.
    fn unsaved(&self) -> Option<Words> {
        let portfolio = &self.portfolio;
        let opened = portfolio.opened.as_ref().filter(|_| portfolio.is_note_new());
        let note = opened.map(|opened| (opened.record.id, portfolio.note.clone()));
        note.or_else(|| Some((self.class.drawing()?.id, self.typed_words()?)))
    }

    /// Asks that what is typed is kept.
    fn save_typed(&mut self) {
        self.save_note();
        if self.typed_words().is_some() {
            self.lesson(Lesson::SaveWords { reset: false });
        }
    }

    /// The window closes: what is typed is to be kept now. It is once [`EaselApp::is_saved`].
    pub fn close(&mut self) {
        self.save_typed();
    }

    /// Takes what arrived; whether nothing that was typed is on its way any more.
    pub fn is_saved(&mut self, ctx: &Context) -> bool {
        self.take_events(ctx);
        !self.portfolio.is_noting() && !self.class.is_changing()
    }
}
