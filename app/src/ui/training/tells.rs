//! What the threads behind the tab told.

use egui::{ColorImage, Context, TextureOptions};

use super::{Going, Training};
use crate::training::{State, Tell};
use crate::ui::platform::Place;

impl Training {
    /// Takes what the threads told.
    pub(in crate::ui) fn take(&mut self, ctx: &Context) {
        while let Some(tell) = self.desk.poll() {
            self.told(ctx, tell);
        }
    }

    fn told(&mut self, ctx: &Context, tell: Tell) {
        match tell {
            Tell::Checked(checked) => {
                (self.checking, self.checked) = (false, Some(checked));
                self.want_small();
            }
            Tell::Small(path, small) => {
                let texture = small.map(|small| {
                    let size = [small.width as usize, small.height as usize];
                    let image = ColorImage::from_rgb(size, &small.rgb);
                    ctx.load_texture(path.to_string_lossy(), image, TextureOptions::LINEAR)
                });
                self.small.insert(path, texture);
            }
            Tell::Memory(memory) => (self.planning, self.memory) = (false, Some(memory)),
            Tell::State(state) => match &mut self.going {
                Some(going) => going.hears(state),
                None => self.state = Some(state),
            },
            Tell::Ended(end) => {
                let ending = self.going.take().and_then(|going| going.ending);
                self.ended = Some((end, ending));
                self.find();
            }
            Tell::Followed(found) => {
                if !self.is_other(&found) {
                    self.take_places(found.files.clone());
                    self.followed = Some(*found);
                }
            }
            Tell::Found(found) => {
                self.picked.retain(|path| found.iter().any(|run| run.look.path == *path));
                let before = self.next_run();
                self.found = Some(found);
                // A name that the person typed stays.
                let out = self.place(Place::Out);
                let untouched = out.is_empty() || Some(out) == before.as_deref();
                if let Some(next) = self.next_run().filter(|_| untouched) {
                    self.places.insert(Place::Out, next);
                }
            }
            Tell::Judged(judged) => {
                (self.judging, self.judged, self.state) = (false, Some(judged), None);
            }
            Tell::Scored(scored) => {
                (self.scoring, self.scored, self.state) = (false, Some(scored), None);
            }
        }
    }

    /// Whether what is told is of another run than the one that goes on here.
    fn is_other(&self, found: &crate::training::Found) -> bool {
        self.going.as_ref().is_some_and(|going| going.wanted.out != found.look.path)
    }
}

impl Going {
    fn hears(&mut self, state: State) {
        match state {
            State::Begins(job) => (self.job, self.step, self.state) = (Some(job), None, None),
            State::Step(record, total) => (self.step, self.state) = (Some((*record, total)), None),
            State::Saved(step) => (self.saved, self.not_saved) = (Some(step), None),
            State::NotSaved(why) => self.not_saved = Some(why),
            other => self.state = Some(other),
        }
    }
}
