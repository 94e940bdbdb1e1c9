//! What commands about classes do.

use super::rows::rows;
use super::{Lesson, MOST_SMALL, Place, Shown, Wait};
use crate::class::{Ask, Class, Judgement, Kind};
use crate::portfolio::{Id, Record};
use crate::ui::app::{EaselApp, Screen};

impl EaselApp {
    pub(in crate::ui) fn lesson(&mut self, lesson: Lesson) {
        match lesson {
            Lesson::Show => self.show_classes(),
            Lesson::Open(id) => self.show_class(id),
            Lesson::Name(name) => self.class.name = name,
            Lesson::Add => {
                if !self.class.is_waiting(Wait::List) {
                    let name = self.class.name.clone();
                    self.ask_class(Wait::List, Ask::Add(name));
                }
            }
            Lesson::Rename => {
                let Some(class) = self.class.open.as_ref().map(|class| class.id) else { return };
                let name = self.class.name.clone();
                self.ask_class(Wait::Renamed, Ask::Rename(class, name));
            }
            Lesson::Small(ids) => {
                // One at a time: where somebody scrolls past, the next are asked for where it ends.
                if !self.class.is_waiting(Wait::Small) {
                    let held = &mut self.class.small;
                    if held.len() + ids.len() > MOST_SMALL {
                        // Those that are seen are asked for again.
                        held.clear();
                    }
                    // What fails is not asked for again and again.
                    held.extend(ids.iter().map(|id| (*id, None)));
                    self.ask_class(Wait::Small, Ask::Small(ids));
                }
            }
            Lesson::Choose { folder } => self.platform.choose_pictures(folder),
            Lesson::Run(on) => self.run_queue(on),
            Lesson::Find(find) => self.class.find = find,
            Lesson::Sort(sort) => self.class.sort = sort,
            Lesson::Only(only) => self.class.only = only,
            Lesson::Drawing(id) => self.show_row(id),
            Lesson::Step { next } => {
                if let Some(id) = self.row_beside(next) {
                    self.show_row(id);
                }
            }
            Lesson::Words(words) => self.class.words = words,
            Lesson::SaveWords { reset } => {
                let words = (!reset).then(|| self.class.words.trim().to_owned());
                self.judge(|judgement| judgement.comment = words);
            }
            Lesson::Level(attribute, level) => self.judge(|judgement| match level {
                Some(level) => {
                    judgement.scores.insert(attribute, level);
                }
                None => {
                    judgement.scores.remove(&attribute);
                }
            }),
            Lesson::Accept(on) => self.judge(|judgement| judgement.accepted = on),
            Lesson::Approve(on) => {
                // What was typed and not kept is what the teacher sees.
                let words = self.typed_words();
                self.judge(|judgement| {
                    judgement.approved = on;
                    if let Some(words) = words {
                        judgement.comment = Some(words);
                    }
                });
            }
            Lesson::Whose(name) => self.class.whose = name,
            Lesson::SaveWhose => {
                let Some(id) = self.class.shown.as_ref().map(|shown| shown.id) else { return };
                let name = self.class.whose.clone();
                self.ask_class(Wait::Change, Ask::Whose(id, name));
            }
            Lesson::Again(id) => {
                self.ask_class(Wait::Change, Ask::Again(id));
            }
            Lesson::Write(kind, pupil) => self.choose_place(kind, pupil),
            Lesson::Ask => self.class.asking = true,
            Lesson::Answer(yes) => {
                self.class.asking = false;
                let class = self.class.open.as_ref().map(|class| class.id);
                if let (true, Some(class)) = (yes, class) {
                    if self.class.queue.class == Some(class) {
                        self.run_queue(false);
                        self.class.queue = super::Queue::default();
                    }
                    self.ask_class(Wait::Delete, Ask::Delete(class));
                }
            }
        }
    }

    pub(super) fn show_classes(&mut self) {
        self.screen = Screen::Class;
        let class = &mut self.class;
        (class.place, class.asking, class.written) = (Place::All, false, None);
        class.name.clear();
        if !self.class.is_waiting(Wait::List) {
            self.ask_class(Wait::List, Ask::List);
        }
    }

    pub(super) fn show_class(&mut self, id: Id) {
        let all = self.class.all.as_deref().unwrap_or_default();
        let Some(class) = all.iter().find(|class| class.id == id).cloned() else { return };
        let other = self.class.open.as_ref().map(|class| class.id) != Some(id);
        self.screen = Screen::Class;
        let state = &mut self.class;
        state.name.clone_from(&class.name);
        (state.place, state.open, state.asking, state.written) =
            (Place::Table, Some(class), false, None);
        if other {
            (state.records, state.known) = (None, 0);
            state.find.clear();
            state.small.clear();
        }
        self.ask_pupils();
        self.ask_class(Wait::Records, Ask::Records(id));
    }

    fn show_row(&mut self, id: Id) {
        self.keep_words();
        let state = &mut self.class;
        (state.place, state.written) = (Place::Drawing, None);
        state.shown = Some(Shown { id, picture: None });
        self.fill_fields();
        let ask = crate::portfolio::Ask::Open(id);
        let request = self.send(crate::ui::protocol::Ask::Portfolio(ask));
        self.class.waiting.insert(request, Wait::Picture);
    }

    /// The fields hold what is kept.
    pub(super) fn fill_fields(&mut self) {
        let Some(record) = self.class.drawing() else { return };
        let name = self.portfolio.name_of(record.pupil).to_owned();
        (self.class.words, self.class.whose) = (record.words().to_owned(), name);
    }

    fn row_beside(&self, next: bool) -> Option<Id> {
        let rows = self.class_rows();
        let id = self.class.shown.as_ref()?.id;
        let at = rows.iter().position(|record| record.id == id);
        let at = match (at, next) {
            (Some(at), true) => at + 1,
            (Some(at), false) => at.checked_sub(1)?,
            // It is none of the rows any more: by a filter, once it was approved.
            (None, _) => 0,
        };
        rows.get(at).map(|record| record.id)
    }

    /// The table's rows.
    pub(in crate::ui) fn class_rows(&self) -> Vec<&Record> {
        let state = &self.class;
        let wanted = (state.find.as_str(), state.only, state.sort);
        rows(state.records(), wanted, |record| self.portfolio.name_of(record.pupil))
    }

    /// The words that were typed, where they are not those that are kept.
    pub(in crate::ui) fn typed_words(&self) -> Option<String> {
        let record = self.class.drawing()?;
        let typed = self.class.words.trim();
        (typed != record.words().trim()).then(|| typed.to_owned())
    }

    /// Keeps the words that were typed, before something else is shown.
    fn keep_words(&mut self) {
        if self.class.place == Place::Drawing && self.typed_words().is_some() {
            self.lesson(Lesson::SaveWords { reset: false });
        }
    }

    /// Changes the teacher's part of the drawing that is shown.
    fn judge(&mut self, change: impl FnOnce(&mut Judgement)) {
        let Some(record) = self.class.drawing() else { return };
        let (id, Some(seat)) = (record.id, record.class.clone()) else { return };
        let mut judgement = Judgement {
            comment: seat.comment,
            scores: seat.scores,
            accepted: seat.accepted,
            approved: seat.approved,
        };
        change(&mut judgement);
        // Shown at once; the store tells it again.
        let records = self.class.records.as_mut().into_iter().flatten();
        for record in records.filter(|record| record.id == id) {
            if let Some(seat) = &mut record.class {
                (seat.comment, seat.scores) = (judgement.comment.clone(), judgement.scores.clone());
                (seat.accepted, seat.approved) = (judgement.accepted, judgement.approved);
            }
        }
        self.ask_class(Wait::Change, Ask::Judge(id, judgement));
    }

    fn choose_place(&mut self, kind: Kind, pupil: Option<Id>) {
        let Some(class) = &self.class.open else { return };
        let name = file_name(class, kind, pupil.map(|pupil| self.portfolio.name_of(pupil)));
        self.class.writing = Some((class.id, kind, pupil));
        self.class.written = None;
        self.platform.choose_export(&name);
    }

    /// Somebody chose where the file is written.
    pub(in crate::ui) fn write_class(&mut self, place: String) {
        let Some((class, kind, pupil)) = self.class.writing.take() else { return };
        let language = self.language();
        self.ask_class(Wait::Write, Ask::Write { class, pupil, kind, language, place });
    }

    /// One step back.
    pub(in crate::ui) fn leave_class(&mut self) {
        if std::mem::take(&mut self.class.asking) {
            return;
        }
        match self.class.place {
            Place::Drawing => {
                self.keep_words();
                (self.class.place, self.class.shown) = (Place::Table, None);
            }
            Place::Table => self.show_classes(),
            Place::All => self.screen = Screen::Welcome,
        }
    }
}

/// What a file is called: names without what file systems do not take.
fn file_name(class: &Class, kind: Kind, pupil: Option<&str>) -> String {
    let ending = match kind {
        Kind::Csv => "csv",
        Kind::Json => "json",
        Kind::Cards { .. } => "pdf",
    };
    let name = pupil.map_or_else(|| class.name.clone(), |pupil| format!("{} {pupil}", class.name));
    let plain = |c: char| if c.is_alphanumeric() || "-_ '".contains(c) { c } else { '_' };
    let name: String = name.chars().map(plain).take(80).collect();
    let name = if matches!(kind, Kind::Cards { scores: true }) { name + " scores" } else { name };
    format!("{}.{ending}", name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::When;

    #[test]
    fn files_have_names_that_any_system_takes() {
        let when = When { ms: 0, ahead: 0 };
        let class = Class { id: Id(1), name: "4b/Kunst: \"Häuser\"".to_owned(), when };
        assert_eq!(file_name(&class, Kind::Csv, None), "4b_Kunst_ _Häuser_.csv");
        let cards = Kind::Cards { scores: true };
        assert_eq!(file_name(&class, cards, Some("小明")), "4b_Kunst_ _Häuser_ 小明 scores.pdf");
    }
}
