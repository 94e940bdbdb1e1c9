//! What is told of classes.

use egui::Context;

use super::queue::{Present, waiting};
use super::{Place, Wait};
use crate::class::{Ask, State, Tell};
use crate::portfolio::{self, Record};
use crate::ui::app::EaselApp;
use crate::ui::portfolio::pixels;
use crate::ui::protocol::{self, Fault, RequestId};
use crate::ui::screens::texture;

impl EaselApp {
    pub(in crate::ui) fn class_tells(
        &mut self,
        ctx: &Context,
        id: RequestId,
        tell: protocol::Tell,
    ) {
        let Some(wait) = self.class.waiting.get(&id).copied() else { return };
        if let Wait::Assess(drawing) = wait {
            use protocol::Tell::{Cancelled, Done, Failed};
            if matches!(tell, Done | Failed(_) | Cancelled) {
                self.class.waiting.remove(&id);
            }
            self.assess_tells(id, drawing, tell);
            return;
        }
        self.class.waiting.remove(&id);
        match tell {
            protocol::Tell::Portfolio(portfolio::Tell::Class(Tell::Small(all))) => {
                let shown = all.into_iter().map(|(id, small)| {
                    let image = small.and_then(|small| pixels(&small));
                    (id, image.map(|image| texture(ctx, "class", &image)))
                });
                self.class.small.extend(shown);
            }
            protocol::Tell::Portfolio(portfolio::Tell::Class(tell)) => self.take_class(wait, tell),
            protocol::Tell::Portfolio(portfolio::Tell::Opened { record, picture, .. }) => {
                let picture = pixels(&picture).map(|image| texture(ctx, "row", &image));
                let shown = self.class.shown.as_mut().filter(|shown| shown.id == record.id);
                if let Some(shown) = shown {
                    shown.picture = picture;
                }
            }
            protocol::Tell::Failed(fault) => self.class_failed(wait, fault),
            _ => {}
        }
    }

    fn take_class(&mut self, wait: Wait, tell: Tell) {
        let state = &mut self.class;
        match tell {
            Tell::List(all) => {
                let open = state.open.as_ref().map(|class| class.id);
                if let Some(class) = all.iter().find(|class| Some(class.id) == open) {
                    // It may have another name.
                    state.open = Some(class.clone());
                }
                state.all = Some(all);
            }
            Tell::Added(class) => {
                let id = class.id;
                state.name.clear();
                state.all.get_or_insert_default().insert(0, class);
                self.show_class(id);
            }
            Tell::Deleted => {
                (state.open, state.records) = (None, None);
                self.show_classes();
            }
            Tell::Records { class, records } => {
                state.queue.take_up(class, waiting(&records));
                if state.open.as_ref().is_some_and(|open| open.id == class) {
                    state.records = Some(records);
                    self.queue_for(class);
                }
                self.look_on();
            }
            Tell::Busy(id) => self.is_elsewhere(id),
            Tell::Left => {}
            // Taken where textures can be made.
            Tell::Small(_) => {}
            Tell::Taken { id, picture } => self.taken(id, picture),
            Tell::Written(drawings) => {
                state.written = Some(drawings);
                self.platform.written();
            }
            Tell::Record(record) => {
                self.take_record(record.clone());
                match wait {
                    Wait::Enter => self.entered(Ok(Tell::Record(record))),
                    // Looked at here, or elsewhere before it was taken.
                    Wait::Looked | Wait::Take => {
                        let present = &mut self.class.queue.present;
                        if present.id == Some(record.id) {
                            *present = Present::default();
                        }
                    }
                    // A pupil may be new.
                    _ => self.ask_pupils(),
                }
                self.look_on();
            }
        }
    }

    /// Puts a drawing in its row.
    fn take_record(&mut self, record: Record) {
        let Some(seat) = &record.class else { return };
        let (id, class, waits) = (record.id, seat.class, seat.state == State::Waiting);
        let state = &mut self.class;
        if state.open.as_ref().is_some_and(|open| open.id == class)
            && let Some(records) = &mut state.records
        {
            match records.iter_mut().find(|known| known.id == id) {
                Some(known) => *known = record,
                None => records.push(record),
            }
        }
        let queue = &mut state.queue;
        if waits && queue.class == Some(class) && !queue.waiting.contains(&id) {
            queue.waiting.push_back(id);
        }
        // A field that is being typed into keeps what is typed.
    }

    fn class_failed(&mut self, wait: Wait, fault: Fault) {
        match wait {
            Wait::Enter => {
                self.entered(Err(fault));
                self.look_on();
                return;
            }
            // It may have been deleted in another window; the next one is another matter, but a store
            // that is gone is not.
            Wait::Take | Wait::Looked => {
                let present = std::mem::take(&mut self.class.queue.present);
                self.class.queue.running = false;
                if let Some(id) = present.id {
                    self.ask_class(Wait::Leave, Ask::Leave(id));
                }
            }
            Wait::Leave => return,
            Wait::List if self.class.all.is_none() => self.class.all = Some(Vec::new()),
            Wait::Records if self.class.records.is_none() => self.class.records = Some(Vec::new()),
            // One that was no picture when it came has none.
            Wait::Picture if self.class.drawing().is_some_and(is_failed) => return,
            Wait::Picture => self.class.place = Place::Table,
            // What the screen shows is not what is kept.
            Wait::Change => {
                if let Some(class) = self.class.open.as_ref().map(|class| class.id) {
                    self.ask_class(Wait::Records, Ask::Records(class));
                }
            }
            _ => {}
        }
        self.notice = Some(fault);
    }
}

fn is_failed(record: &Record) -> bool {
    matches!(record.class.as_ref().map(|seat| &seat.state), Some(State::Failed(_)))
}
