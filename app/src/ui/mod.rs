//! The interface: one [`EaselApp`] behind two doors, a window and a page.
//!
//! [`EaselApp::logic`] takes what the worker and the platform tell and carries out commands;
//! [`EaselApp::ui`] draws. Drawing functions end in `_ui`, borrow what they show and queue
//! [`Command`]s. Who meets which failure: a picture's reaches the person who chose it as a notice
//! above the screen; a model's too, with the demo as a way on; a worker that is gone is started
//! again by the platform and told as a notice. A drawing is never lost by any of them.
//!
//! Nothing here reads files, starts threads or asks for the time: that is the platform's.

mod amounts;
mod app;
mod charts;
mod class;
mod command;
mod drawing;
mod events;
mod looked;
mod mirror;
mod offers;
mod platform;
mod portfolio;
mod protocol;
mod run;
mod samples;
mod screens;
mod settings;
mod shelf;
mod shelf_work;
mod straight;
mod summary;
mod text;
mod theme;
#[cfg(feature = "train")]
mod training;
mod typed;
mod widgets;

pub use app::{EaselApp, Screen};
pub use class::{Classes, Lesson, Only, Sort};
pub use command::{Change, Command, Deed};
pub use drawing::{Edit, LEAST, PREVIEW_SIDE, Source, preview};
pub use mirror::{Element, Kind, elements};
pub use offers::{Fit, OFFERS, Offer, Variant, fitting};
pub use platform::{Arrival, Place, Platform};
pub use portfolio::{Keeping, Portfolio, Question, Where};
pub use protocol::{
    Ask, Begun, Chore, Event, Fault, FaultKind, Grant, Item, Kept, ModelChoice, ModelInfo, Moved,
    Preview, Request, RequestId, Step, Stock, Tell, Worker,
};
pub use run::{Run, Writing};
pub use settings::{Settings, TextSize, Theme, View};
pub use summary::{Row, Scores, Summary};
pub use text::{AttributeText, ClassText, Table, fill, table};
pub(crate) use theme::{MORE, font_files, more_font, wants_more};
pub use theme::{
    add_more as add_more_fonts, install as install_fonts, on_missing as on_missing_glyph,
};
#[cfg(feature = "train")]
pub use training::{Act, Plot, Tab, Toggle, Training};
