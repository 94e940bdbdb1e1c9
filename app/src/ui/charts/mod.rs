//! Charts for teachers and parents.

mod bars;
mod distribution;
mod radar;

pub use bars::bars;
pub use distribution::distribution;
pub use radar::radar;
