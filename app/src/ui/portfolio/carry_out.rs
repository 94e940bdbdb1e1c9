//! What commands about the portfolios do.

use super::{AT_ONCE, Grid, Keeping, MOST_OF_CHART, Question, Wait, Where};
use crate::portfolio::{Ask, Id};
use crate::ui::app::{EaselApp, Screen};
use crate::ui::protocol;

/// What a zip with everything is called.
const EXPORT: &str = "easel-portfolios.zip";

impl EaselApp {
    fn ask_portfolio(&mut self, wait: Wait, ask: Ask) {
        let id = self.send(protocol::Ask::Portfolio(ask));
        self.portfolio.waiting.insert(id, wait);
    }

    pub(in crate::ui) fn keeping(&mut self, keeping: Keeping) {
        match keeping {
            Keeping::Show => self.show_portfolio(Where::Pupils),
            Keeping::Pupil(pupil) => self.show_pupil(pupil),
            Keeping::Drawing(id) => {
                self.show_portfolio(Where::Drawing);
                self.portfolio.opened = None;
                self.ask_portfolio(Wait::Open { second: false }, Ask::Open(id));
            }
            Keeping::Growth => {
                let Some(pupil) = self.portfolio.grid.pupil else { return };
                self.show_portfolio(Where::Growth);
                self.portfolio.records = None;
                self.ask_portfolio(Wait::Records, Ask::Records { pupil, count: MOST_OF_CHART });
            }
            Keeping::Pick(on) => self.portfolio.picking = on.then(Vec::new),
            Keeping::Picked(id) => self.pick(id),
            Keeping::Compare(two) => self.compare(two),
            Keeping::Need(from) => self.need(from),
            Keeping::Choose(on) => {
                self.portfolio.choosing = on;
                if on {
                    self.ask_pupils();
                }
            }
            Keeping::Keep(pupil) => self.keep(pupil),
            Keeping::Name(name) => self.portfolio.name = name,
            Keeping::Add => {
                if !self.portfolio.is_waiting(Wait::Add) {
                    let name = self.portfolio.name.clone();
                    self.ask_portfolio(Wait::Add, Ask::Add(name));
                }
            }
            Keeping::Rename => {
                let Some(pupil) = self.portfolio.grid.pupil else { return };
                let name = self.portfolio.name.clone();
                self.ask_portfolio(Wait::Renamed, Ask::Rename(pupil, name));
            }
            Keeping::Note(note) => {
                (self.portfolio.note, self.portfolio.told) = (note, None);
            }
            Keeping::SaveNote => self.save_note(),
            Keeping::Ask(question) => self.portfolio.asking = Some(question),
            Keeping::Answer(yes) => self.answer(yes),
            Keeping::Export => {
                self.class.forget_place();
                self.platform.choose_export(EXPORT);
            }
            Keeping::Import => self.platform.choose_import(),
        }
    }

    fn show_portfolio(&mut self, place: Where) {
        self.save_note();
        if self.screen != Screen::Portfolio {
            self.portfolio.from = Some(self.screen);
            self.screen = Screen::Portfolio;
        }
        let portfolio = &mut self.portfolio;
        (portfolio.asking, portfolio.picking, portfolio.told) = (None, None, None);
        portfolio.place = place;
        if place == Where::Pupils {
            portfolio.name.clear();
            self.ask_pupils();
        }
    }

    pub(in crate::ui) fn ask_pupils(&mut self) {
        if !self.portfolio.is_waiting(Wait::Pupils) {
            self.ask_portfolio(Wait::Pupils, Ask::Pupils);
        }
    }

    fn show_pupil(&mut self, pupil: Id) {
        self.show_portfolio(Where::Drawings);
        self.portfolio.grid = Grid::of(pupil);
        self.ask_pupils();
        let name = self.portfolio.name_of(pupil).to_owned();
        self.portfolio.name = name;
        self.need(0);
    }

    fn need(&mut self, from: u64) {
        let Some(pupil) = self.portfolio.grid.pupil else { return };
        // One at a time: where somebody scrolls past, the next is asked for where it ends. It may
        // have come since the screen was drawn.
        let grid = &self.portfolio.grid;
        if !self.portfolio.is_waiting(Wait::Page) && grid.has_room() && !grid.holds(from) {
            self.ask_portfolio(Wait::Page, Ask::Page { pupil, from, count: AT_ONCE });
        }
    }

    fn pick(&mut self, id: Id) {
        let Some(picked) = &mut self.portfolio.picking else { return };
        match picked.iter().position(|known| *known == id) {
            Some(at) => {
                picked.remove(at);
            }
            None => picked.push(id),
        }
        if let [one, two] = **picked {
            self.compare([one, two]);
        }
    }

    fn compare(&mut self, [one, two]: [Id; 2]) {
        self.show_portfolio(Where::Compare);
        (self.portfolio.opened, self.portfolio.second) = (None, None);
        self.ask_portfolio(Wait::Open { second: false }, Ask::Open(one));
        self.ask_portfolio(Wait::Open { second: true }, Ask::Open(two));
    }

    fn keep(&mut self, pupil: Id) {
        let (Some(drawing), Some(run)) = (&self.drawing, &self.run) else { return };
        let Some((assessment, _)) = &run.scored else { return };
        if self.portfolio.is_keeping() {
            return;
        }
        let model = self.model.info.as_ref().map(|info| info.name.clone()).unwrap_or_default();
        let ask = Ask::Keep {
            pupil,
            source: drawing.source.clone(),
            edit: drawing.edit,
            assessment: assessment.clone(),
            comment: run.words.trim().to_owned(),
            model,
        };
        let wait = Wait::Keep(run.id);
        self.ask_portfolio(wait, ask);
    }

    pub(in crate::ui) fn save_note(&mut self) {
        let portfolio = &self.portfolio;
        if portfolio.place != Where::Drawing || !portfolio.is_note_new() {
            return;
        }
        let note = portfolio.note.clone();
        if let Some(opened) = &mut self.portfolio.opened {
            opened.record.note.clone_from(&note);
            let id = opened.record.id;
            self.ask_portfolio(Wait::Note, Ask::Note(id, note));
        }
    }

    fn answer(&mut self, yes: bool) {
        let Some(question) = self.portfolio.asking.take().filter(|_| yes) else { return };
        match question {
            Question::Drawing(id) => {
                // A note on what is gone need not be kept.
                self.portfolio.opened = None;
                self.ask_portfolio(Wait::Deleted, Ask::Delete(id));
            }
            Question::Pupil(id) => self.ask_portfolio(Wait::PupilDeleted, Ask::DeletePupil(id)),
        }
    }

    pub(in crate::ui) fn export_to(&mut self, place: String) {
        self.portfolio.told = None;
        self.ask_portfolio(Wait::Exchange, Ask::Export(place));
    }

    pub(in crate::ui) fn import_from(&mut self, place: String) {
        self.portfolio.told = None;
        self.ask_portfolio(Wait::Exchange, Ask::Import(place));
    }

    /// One step back.
    pub(in crate::ui) fn leave_portfolio(&mut self) {
        if self.portfolio.asking.take().is_some() || self.portfolio.picking.take().is_some() {
            return;
        }
        match (self.portfolio.place, self.portfolio.grid.pupil) {
            (Where::Pupils, _) => {
                self.screen = self.portfolio.from.take().unwrap_or(Screen::Welcome);
            }
            (Where::Drawings, _) | (_, None) => self.show_portfolio(Where::Pupils),
            (Where::Drawing | Where::Compare | Where::Growth, _) => {
                self.show_portfolio(Where::Drawings);
            }
        }
    }
}
