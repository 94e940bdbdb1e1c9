//! What is shown of an evaluation, for the command line and the window alike: numbers in words, and
//! what the three kinds of plots draw.

mod confusion;
mod reliability;
mod scatter;
mod words;

pub use confusion::{Confusion, confusions};
pub use reliability::{Reliability, reliabilities};
pub use scatter::{RANGE, Scatter, scatters};
pub use words::{NONE, cells, measure_heads, number, with_interval};
