//! The interface: one [`EaselApp`] behind two doors, a window and a page.
//!
//! [`EaselApp::logic`] takes what the worker and the platform tell and carries out commands;
//! [`EaselApp::ui`] draws. Drawing functions end in `_ui`, borrow what they show and queue
//! [`Command`]s. Who meets which failure: a picture's reaches the person who chose it as a notice
//! above the screen; a model's too, with the demo as a way on; a worker that is gone is started
//! again by the platform and told as a notice. A drawing is never lost by any of them.
//!
//! Nothing here reads files, starts threads or asks for the time: that is the platform's.

mod app;
mod charts;
mod command;
mod drawing;
mod events;
mod looked;
mod mirror;
mod platform;
mod protocol;
mod run;
mod samples;
mod screens;
mod settings;
mod summary;
mod text;
mod theme;
mod widgets;

pub use app::{EaselApp, Screen};
pub use command::{Change, Command};
pub use drawing::{Edit, LEAST, PREVIEW_SIDE, Source};
pub use mirror::{Element, Kind, elements};
pub use platform::{Arrival, Platform};
pub use protocol::{
    Ask, Event, Fault, FaultKind, ModelChoice, ModelInfo, Preview, Request, RequestId, Step, Tell,
    Worker,
};
pub use run::{Run, Writing};
pub use settings::{Settings, TextSize, Theme, View};
pub use summary::{Row, Scores, Summary};
pub use text::{AttributeText, Table, fill, table};
pub use theme::install as install_fonts;
