//! Charts for teachers and parents.

mod bars;
#[cfg(feature = "train")]
mod curves;
mod distribution;
mod growth;
#[cfg(feature = "train")]
mod judged;
mod radar;

pub use bars::bars;
#[cfg(feature = "train")]
pub use curves::{Course, colour, curves};
pub use distribution::distribution;
pub use growth::{Moment, growth};
#[cfg(feature = "train")]
pub use judged::{confusion, reliability, scatter};
pub use radar::radar;
