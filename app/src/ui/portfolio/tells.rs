//! What is told of the portfolios.

use easel_core::Image;
use egui::Context;

use super::{Grid, Keeping, Kept, Opened, Small, Told, Wait, Where};
use crate::portfolio::{Card, Tell};
use crate::ui::app::EaselApp;
use crate::ui::protocol::{self, Fault, Preview, RequestId};
use crate::ui::screens::texture;

impl EaselApp {
    pub(in crate::ui) fn portfolio_tells(
        &mut self,
        ctx: &Context,
        id: RequestId,
        tell: protocol::Tell,
    ) {
        let Some(wait) = self.portfolio.waiting.remove(&id) else { return };
        match tell {
            protocol::Tell::Portfolio(tell) => self.take_portfolio(ctx, wait, tell),
            protocol::Tell::Failed(fault) => self.portfolio_failed(wait, fault),
            _ => {}
        }
    }

    fn take_portfolio(&mut self, ctx: &Context, wait: Wait, tell: Tell) {
        let portfolio = &mut self.portfolio;
        match tell {
            Tell::Pupils(groups) => portfolio.groups = Some(groups),
            Tell::Added(pupil) => {
                portfolio.name.clear();
                self.ask_pupils();
                if self.portfolio.choosing {
                    self.keeping(Keeping::Keep(pupil));
                }
            }
            Tell::Kept { record, before } => {
                if let Wait::Keep(run) = wait {
                    portfolio.kept = Some(Kept { run, record, before });
                    portfolio.choosing = false;
                }
                // Numbers of drawings, for when the pupils are shown next.
                self.ask_pupils();
            }
            Tell::Page { pupil, from, total, cards } => {
                if portfolio.grid.pupil == Some(pupil) {
                    portfolio.grid.take(from, total, cards);
                }
            }
            Tell::Opened { record, picture, before } => {
                let Some(picture) = pixels(&picture).map(|image| texture(ctx, "kept", &image))
                else {
                    return;
                };
                let note = record.note.clone();
                let opened = Some(Opened { record: *record, picture, before });
                match wait {
                    Wait::Open { second: true } => portfolio.second = opened,
                    _ => (portfolio.opened, portfolio.note) = (opened, note),
                }
            }
            Tell::Records { pupil, records } => {
                if portfolio.grid.pupil == Some(pupil) {
                    portfolio.records = Some(records);
                }
            }
            Tell::Exported { drawings } => {
                portfolio.told = Some(Told::Exported(drawings));
                self.platform.written();
            }
            Tell::Imported { drawings, known } => {
                portfolio.told = Some(Told::Imported(drawings, known));
                self.ask_pupils();
            }
            Tell::Done => self.portfolio_done(wait),
            // Its own requests are told apart.
            Tell::Class(_) => {}
        }
    }

    /// Makes pictures for the screen of drawings that came, some in each frame.
    pub(in crate::ui) fn take_up_drawings(&mut self, ctx: &Context) {
        if self.portfolio.grid.take_up(|card| small(ctx, card)) {
            ctx.request_repaint();
        }
    }

    fn portfolio_done(&mut self, wait: Wait) {
        match wait {
            Wait::Note => self.portfolio.told = Some(Told::Noted),
            Wait::Renamed => self.ask_pupils(),
            Wait::Deleted => {
                if let Some(pupil) = self.portfolio.grid.pupil {
                    self.keeping(Keeping::Pupil(pupil));
                }
            }
            Wait::PupilDeleted => {
                self.portfolio.grid = Grid::default();
                self.keeping(Keeping::Show);
            }
            _ => {}
        }
    }

    fn portfolio_failed(&mut self, wait: Wait, fault: Fault) {
        self.notice = Some(fault);
        match wait {
            // Nothing to show: back to where there is something.
            Wait::Open { .. } if self.portfolio.grid.pupil.is_some() => {
                self.portfolio.place = Where::Drawings;
            }
            // An empty list, rather than one that is asked for again and again.
            Wait::Page => self.portfolio.grid.total = self.portfolio.grid.total.or(Some(0)),
            Wait::Pupils if self.portfolio.groups.is_none() => {
                self.portfolio.groups = Some(Vec::new());
            }
            Wait::Records => self.portfolio.records = Some(Vec::new()),
            _ => {}
        }
    }
}

fn small(ctx: &Context, card: Card) -> Option<Small> {
    let picture = texture(ctx, "small", &pixels(&card.small)?);
    Some(Small { record: card.record, picture })
}

/// What a worker sends fits; were it not to, there is nothing to show.
pub(in crate::ui) fn pixels(preview: &Preview) -> Option<Image> {
    Image::from_rgb(preview.width, preview.height, preview.rgb.clone()).ok()
}
