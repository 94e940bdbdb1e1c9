//! The interface's state in a few words, for a page that mirrors it and for what drives the page.

use easel_core::prompt::Language;
use serde::Serialize;

use super::app::{EaselApp, Screen};
use super::protocol::Step;
use super::run::{Run, Writing};
use super::screens::sentence;
use super::settings::View;
use super::text::fill;

/// Where things stand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// `loading`, `ready`, `opening`, `preview`, `scoring`, `writing`, `done`, `stopped`,
    /// `portfolio`, `class` or `failed`; `empty` where there is no model.
    pub state: &'static str,
    /// The same as a sentence to be read out.
    pub text: String,
    /// `en` or `zh`.
    pub language: &'static str,
    /// `loading`, `ready` or `none`.
    pub model: &'static str,
    /// What computes, in words; empty until a model is loaded.
    pub device: String,
    /// Whether the demo speaks.
    pub demo: bool,
    /// Seconds from the question to the scores.
    pub seconds: Option<f64>,
    /// The scores, as far as whoever reads is shown numbers.
    pub scores: Option<Scores>,
    /// The comment so far.
    pub comment: String,
}

/// The scores as a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// Its title.
    pub caption: &'static str,
    /// Titles of its columns: attribute, score, spread.
    pub columns: [&'static str; 3],
    /// A row for each attribute.
    pub rows: Vec<Row>,
}

/// One attribute's scores.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The attribute.
    pub attribute: &'static str,
    /// Its name in the language that is spoken.
    pub name: &'static str,
    /// The expected value, from 1 to 5.
    pub score: f64,
    /// The standard deviation, in points.
    pub spread: f64,
    /// How likely each level is, 1 first.
    pub probabilities: [f64; 5],
}

impl EaselApp {
    /// Where things stand.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let (state, text) = self.standing();
        let info = self.model.info.as_ref();
        let scored = self.run.as_ref().and_then(|run| run.scored.as_ref().map(|s| (run, s)));
        Summary {
            state,
            text,
            language: if self.language() == Language::Zh { "zh" } else { "en" },
            model: match (self.model.loading, info) {
                (Some(_), _) => "loading",
                (None, Some(_)) => "ready",
                (None, None) => "none",
            },
            device: info.map(|info| info.device.clone()).unwrap_or_default(),
            demo: info.is_some_and(|info| info.demo),
            seconds: scored.map(|(run, (_, at))| at - run.started),
            scores: self.table(),
            comment: self.run.as_ref().map(|run| run.words.trim().to_owned()).unwrap_or_default(),
        }
    }

    fn standing(&self) -> (&'static str, String) {
        let t = self.words();
        if let Some(fault) = &self.notice {
            let details = fill(t.details, &[&fault.message]);
            let details = if fault.message.is_empty() { "" } else { &details };
            return ("failed", format!("{} {details}", sentence(t, fault)).trim().to_owned());
        }
        if self.opening.is_some() {
            return ("opening", t.opening.to_owned());
        }
        match (self.screen, &self.run) {
            (Screen::Preview { .. }, _) => ("preview", t.preview.to_owned()),
            (Screen::Working, run) => ("scoring", self.step(run.as_ref())),
            (Screen::Class, _) => ("class", t.class.classes.to_owned()),
            (Screen::Portfolio, _) => ("portfolio", t.portfolios.to_owned()),
            (Screen::Result, Some(run)) => match run.writing {
                Writing::Going => ("writing", t.step_writing.to_owned()),
                Writing::Done => ("done", fill(t.step_done, &[t.step_writing])),
                Writing::Stopped => ("stopped", t.comment_stopped.to_owned()),
            },
            _ => match (&self.model.info, self.model.loading) {
                (_, Some(part)) => ("loading", t.loading(part)),
                (Some(info), None) => {
                    let name = if info.demo { t.model_demo } else { &info.name };
                    ("ready", fill(t.model_ready, &[name]))
                }
                (None, None) => ("empty", t.fault_model.to_owned()),
            },
        }
    }

    fn step(&self, run: Option<&Run>) -> String {
        let t = self.words();
        let step = match run.and_then(|run| run.step) {
            Some(Step::Reading) => t.step_reading,
            Some(Step::Looking) => t.step_looking,
            Some(Step::Thinking) => t.step_thinking,
            Some(Step::Writing) => t.step_writing,
            None => match self.model.loading {
                Some(part) => return t.loading(part),
                None => t.step_model,
            },
        };
        step.to_owned()
    }

    fn table(&self) -> Option<Scores> {
        let (assessment, _) = self.run.as_ref()?.scored.as_ref()?;
        let shown = self.settings.view == View::Teacher || self.settings.numbers_released;
        if !shown || self.screen != Screen::Result || self.covered() {
            return None;
        }
        let t = self.words();
        let rows = assessment.iter().map(|(attribute, score)| Row {
            attribute: attribute.name(),
            name: t.of(attribute).name,
            score: score.expected(),
            spread: score.std(),
            probabilities: score.probs,
        });
        let columns = [t.column_attribute, t.column_score, t.column_spread];
        Some(Scores { caption: t.teacher_title, columns, rows: rows.collect() })
    }
}
