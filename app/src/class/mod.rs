//! A class: many drawings at once, what a teacher makes of them, and report cards.
//!
//! A class's drawings are drawings of the portfolios that pupils do not see yet. Each is a row with a
//! [`Seat`]: it waits to be looked at, was looked at, or could not be; beside what the model said it
//! holds the teacher's own words and scores, which replace nothing. What is approved is in its pupil's
//! portfolio from then on. So one change of the store ends each drawing's turn: a program that is
//! killed goes on with the first one that still waits, and scores none twice.
//!
//! There is no order of pupils by what they were given, and no sum over attributes: neither means
//! anything.

mod desk;
mod names;
mod protocol;
mod report;
mod spread;
mod table;
mod types;

pub use names::{guess, new_files};
pub use protocol::{Ask, File, Judgement, Kind, Outcome, Tell};
pub use report::{Card, Report, pdf};
pub use spread::{Spread, spreads};
pub use table::{csv, json};
pub use types::{Class, Seat, State};
