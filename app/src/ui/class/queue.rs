//! The queue: pictures are taken in one after another, then looked at one after another. What ends a
//! drawing's turn is one change of the store; whatever was not told to the store waits still.

use std::collections::VecDeque;
use std::time::Duration;

use easel_core::Assessment;
use egui::Context;

use super::{Lesson, Wait};
use crate::class::{Ask, File, Outcome, State, Tell, new_files};
use crate::portfolio::{Id, Record};
use crate::ui::app::EaselApp;
use crate::ui::drawing::Edit;
use crate::ui::protocol::{self, Fault, FaultKind, RequestId};

/// How long it waits for other windows before it asks again, in seconds.
const MOMENT: f64 = 2.0;

/// The drawing that is looked at.
#[derive(Debug, Default)]
pub struct Present {
    /// Which.
    pub id: Option<Id>,
    request: Option<RequestId>,
    scored: Option<Assessment>,
    words: String,
}

/// What is still to be done for a class.
#[derive(Debug, Default)]
pub struct Queue {
    /// Of which class.
    pub class: Option<Id>,
    /// Pictures that are to be taken in.
    files: VecDeque<File>,
    /// How many there were.
    pub all: usize,
    /// Drawings that wait, the first one first.
    pub waiting: VecDeque<Id>,
    /// Whether other windows look at some of those that are left.
    pub elsewhere: bool,
    /// When it is asked what became of them, in egui's seconds.
    asks_at: Option<f64>,
    /// Whether it goes on.
    pub running: bool,
    pub present: Present,
}

impl Queue {
    /// How many pictures were taken in, while some are.
    pub fn taken_in(&self) -> Option<usize> {
        (!self.files.is_empty()).then(|| self.all - self.files.len())
    }

    /// Takes those that wait, where it is the class's.
    pub(super) fn take_up(&mut self, class: Id, waiting: Vec<Id>) {
        if self.class == Some(class) {
            let present = self.present.id;
            self.waiting = waiting.into_iter().filter(|id| Some(*id) != present).collect();
        }
    }

    /// Whether it is at work for a class.
    fn is_busy(&self) -> bool {
        self.running || !self.files.is_empty()
    }
}

/// The drawings that wait.
pub(super) fn waiting(records: &[Record]) -> Vec<Id> {
    let waits =
        |record: &&Record| record.class.as_ref().is_some_and(|seat| seat.state == State::Waiting);
    records.iter().filter(waits).map(|record| record.id).collect()
}

impl EaselApp {
    pub(super) fn ask_class(&mut self, wait: Wait, ask: Ask) -> RequestId {
        self.ask_about_class(wait, protocol::Ask::Portfolio(crate::portfolio::Ask::Class(ask)))
    }

    fn ask_about_class(&mut self, wait: Wait, ask: protocol::Ask) -> RequestId {
        let id = self.send(ask);
        self.class.waiting.insert(id, wait);
        id
    }

    /// Pictures were chosen for the open class.
    pub(in crate::ui) fn gathered(&mut self, files: Vec<File>) {
        let Some(class) = self.class.open.as_ref().map(|class| class.id) else { return };
        if !self.has_queue(class) {
            return;
        }
        let count = files.len();
        let mut files = new_files(self.class.records(), files);
        let waiting = &self.class.queue.files;
        files.retain(|file| !waiting.iter().any(|known| known.name == file.name));
        self.class.known = count - files.len();
        let queue = &mut self.class.queue;
        if queue.files.is_empty() {
            queue.all = 0;
        }
        queue.all += files.len();
        queue.files.extend(files);
        self.take_in();
    }

    /// Whether the queue is a class's from now on; says so where another has it.
    fn has_queue(&mut self, class: Id) -> bool {
        self.queue_for(class);
        let ours = self.class.queue.class == Some(class);
        if !ours {
            let busy = self.words().class.busy;
            self.notice = Some(Fault::new(FaultKind::Portfolio, busy));
        }
        ours
    }

    /// Makes the queue the open class's, unless it is at work for another.
    pub(super) fn queue_for(&mut self, class: Id) {
        let queue = &mut self.class.queue;
        if queue.class == Some(class) || queue.is_busy() {
            return;
        }
        *queue = Queue { class: Some(class), ..Queue::default() };
        self.queue_again();
    }

    /// Takes those that wait from the table, where it is the queue's.
    pub(super) fn queue_again(&mut self) {
        if let Some(class) = self.class.open.as_ref().map(|class| class.id) {
            let waiting = waiting(self.class.records());
            self.class.queue.take_up(class, waiting);
        }
    }

    /// Takes the next picture in.
    fn take_in(&mut self) {
        if self.class.is_waiting(Wait::Enter) {
            return;
        }
        let queue = &self.class.queue;
        let (Some(class), Some(file)) = (queue.class, queue.files.front().cloned()) else { return };
        let unnamed = self.words().class.unnamed.to_owned();
        self.ask_class(Wait::Enter, Ask::Enter { class, file, unnamed });
    }

    /// A picture was taken in, or could not be read at all.
    pub(super) fn entered(&mut self, told: Result<Tell, Fault>) {
        let queue = &mut self.class.queue;
        if let Some(file) = queue.files.pop_front()
            && let Err(fault) = told
        {
            let message = format!("{}: {}", file.name, fault.message);
            // A full disk or a store that is gone is no better with the next one.
            if fault.message.contains(&file.place) {
                self.notice = Some(Fault::new(FaultKind::File, message));
            } else {
                queue.files.clear();
                self.notice = Some(fault);
            }
        }
        if self.class.queue.files.is_empty() {
            // Pupils may be new.
            self.ask_pupils();
        }
        self.take_in();
    }

    /// Looks at the next one, where none is looked at.
    pub(super) fn look_on(&mut self) {
        let queue = &mut self.class.queue;
        if !queue.running || queue.present.id.is_some() {
            return;
        }
        let Some(id) = queue.waiting.pop_front() else {
            // More may be on their way, or left by a window that closes.
            queue.running = queue.elsewhere || queue.taken_in().is_some();
            return;
        };
        queue.present = Present { id: Some(id), ..Present::default() };
        self.ask_class(Wait::Take, Ask::Take(id));
    }

    pub(super) fn run_queue(&mut self, on: bool) {
        let Some(class) = self.class.open.as_ref().map(|class| class.id) else { return };
        if on {
            if self.has_queue(class) {
                self.class.queue.running = true;
                self.look_on();
            }
            return;
        }
        let queue = &mut self.class.queue;
        (queue.running, queue.elsewhere) = (false, false);
        // The one that is looked at waits again, for other windows, too.
        let present = std::mem::take(&mut queue.present);
        if let Some(id) = present.id {
            queue.waiting.push_front(id);
            self.ask_class(Wait::Leave, Ask::Leave(id));
        }
        if let Some(request) = present.request {
            self.class.waiting.remove(&request);
            self.send(protocol::Ask::Cancel(request));
        }
    }

    /// Another window looks at the drawing that was asked for.
    pub(super) fn is_elsewhere(&mut self, id: Id) {
        let queue = &mut self.class.queue;
        if queue.present.id == Some(id) {
            queue.present = Present::default();
            queue.elsewhere = true;
        }
        self.look_on();
    }

    /// Asks what became of the drawings that other windows look at, once no others are left.
    pub(in crate::ui) fn ask_elsewhere(&mut self, ctx: &Context) {
        let queue = &mut self.class.queue;
        let idle = queue.running && queue.present.id.is_none() && queue.waiting.is_empty();
        let Some(class) = queue.class.filter(|_| idle && queue.elsewhere) else {
            queue.asks_at = None;
            return;
        };
        let now = ctx.input(|input| input.time);
        let at = *queue.asks_at.get_or_insert(now + MOMENT);
        if now < at {
            ctx.request_repaint_after(Duration::from_secs_f64(at - now));
            return;
        }
        (queue.asks_at, queue.elsewhere) = (None, false);
        self.ask_class(Wait::Records, Ask::Records(class));
    }

    /// A picture is here, to be looked at.
    pub(super) fn taken(&mut self, id: Id, source: crate::ui::Source) {
        if self.class.queue.present.id != Some(id) {
            return;
        }
        let language = self.language();
        let ask = protocol::Ask::Assess { source, edit: Edit::default(), language, begun: None };
        let request = self.ask_about_class(Wait::Assess(id), ask);
        self.class.queue.present.request = Some(request);
    }

    /// What is told of the drawing that is looked at.
    pub(super) fn assess_tells(&mut self, request: RequestId, id: Id, tell: protocol::Tell) {
        let present = &mut self.class.queue.present;
        if present.id != Some(id) || present.request != Some(request) {
            return;
        }
        match tell {
            protocol::Tell::Scored(assessment) => present.scored = Some(assessment),
            protocol::Tell::Words { text, .. } => present.words.push_str(&text),
            protocol::Tell::Done => {
                let Some(assessment) = present.scored.take() else { return };
                let comment = present.words.trim().to_owned();
                let info = self.model.info.as_ref();
                let model = info.map(|info| info.name.clone()).unwrap_or_default();
                self.looked_at(id, Outcome::Found { assessment, comment, model });
            }
            protocol::Tell::Failed(fault) => match fault.kind {
                FaultKind::Picture | FaultKind::Format | FaultKind::TooLarge | FaultKind::Shape => {
                    self.looked_at(id, Outcome::Failed(fault.message));
                }
                // The next one would fail as well.
                _ => {
                    self.class.queue.present.request = None;
                    self.lesson(Lesson::Run(false));
                    self.notice = Some(fault);
                }
            },
            _ => {}
        }
    }

    fn looked_at(&mut self, id: Id, outcome: Outcome) {
        self.class.queue.present.request = None;
        self.ask_class(Wait::Looked, Ask::Looked(id, outcome));
    }
}
