//! The page's side of the workers: requests go by the script, events come back by the page.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use easel::ui::{Ask, Event, Fault, FaultKind, ModelChoice, Request, RequestId, Tell, Worker};
use easel::wire::{pack_request, unpack_event};
use js_sys::Uint8Array;

use crate::hosts::PageHost;

/// What waits to be taken, and what is known of the workers.
#[derive(Default)]
pub(crate) struct Mail {
    events: VecDeque<Event>,
    /// Requests that were not answered to their end, and which worker has them.
    open: Vec<(RequestId, &'static str)>,
    /// What was loaded last, and by which request.
    load: Option<(RequestId, ModelChoice)>,
    /// Whether the model's worker is a new one, without a model.
    fresh: bool,
}

impl Mail {
    /// Takes an event from a worker.
    pub(crate) fn receive(&mut self, head: &str, body: Vec<u8>) {
        let Ok(event) = unpack_event(head, body) else { return };
        let goes_on = matches!(
            event.tell,
            Tell::Loading(_)
                | Tell::Step(_)
                | Tell::Scored(_)
                | Tell::Words { .. }
                | Tell::Moved(_)
        );
        if !goes_on {
            self.open.retain(|(id, _)| *id != event.id);
        }
        self.events.push_back(event);
    }

    /// A worker is gone, and another is in its place: what it had is told to have failed.
    pub(crate) fn stopped(&mut self, worker: &str, message: &str) {
        self.fresh |= worker == MODEL;
        let (lost, open): (Vec<_>, Vec<_>) =
            self.open.iter().copied().partition(|(_, whose)| *whose == worker);
        self.open = open;
        let fault = |id| {
            let loading = self.load.as_ref().is_some_and(|(load, _)| *load == id);
            let kind = if loading { FaultKind::Model } else { FaultKind::Stopped };
            Event { id, tell: Tell::Failed(Fault::new(kind, message)) }
        };
        self.events.extend(lost.into_iter().map(|(id, _)| fault(id)));
    }
}

/// The worker that holds the model.
const MODEL: &str = "model";

/// Which worker answers.
const fn worker(ask: &Ask) -> &'static str {
    match ask {
        Ask::Open(_) | Ask::Portfolio(_) => "pictures",
        Ask::Shelf(_) => "shelf",
        _ => MODEL,
    }
}

/// The workers as the interface sees them.
pub(crate) struct Post {
    pub host: PageHost,
    pub mail: Rc<RefCell<Mail>>,
}

impl Post {
    fn pass(&self, worker: &str, request: Request) {
        let (head, body) = pack_request(request);
        self.host.send(worker, &head, Uint8Array::from(body.as_slice()));
    }
}

impl Worker for Post {
    fn send(&mut self, request: Request) {
        let mut mail = self.mail.borrow_mut();
        let to = match &request.ask {
            // Whoever has it is to give it up.
            Ask::Cancel(id) => {
                mail.open.iter().find(|(open, _)| open == id).map_or(MODEL, |(_, whose)| *whose)
            }
            ask => worker(ask),
        };
        match &request.ask {
            Ask::Load(choice) => {
                mail.load = Some((request.id, choice.clone()));
                mail.fresh = false;
            }
            Ask::Assess { .. } | Ask::Occlude { .. } if mail.fresh => {
                // A new worker loads what the last one had, once somebody needs it.
                mail.fresh = false;
                if let Some((id, choice)) = mail.load.clone() {
                    mail.open.push((id, MODEL));
                    self.pass(MODEL, Request { id, ask: Ask::Load(choice) });
                }
            }
            _ => {}
        }
        if !matches!(request.ask, Ask::Cancel(_)) {
            mail.open.push((request.id, to));
        }
        drop(mail);
        self.pass(to, request);
    }

    fn poll(&mut self) -> Option<Event> {
        self.mail.borrow_mut().events.pop_front()
    }
}
