//! Charts for teachers and parents.

mod bars;
mod distribution;
mod growth;
mod radar;

pub use bars::bars;
pub use distribution::distribution;
pub use growth::{Moment, growth};
pub use radar::radar;
