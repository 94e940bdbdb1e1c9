//! From a picture to scores and a comment.

mod assessor;
mod drawing;
mod generate;
mod load;
mod occlusion;
mod picture;
mod sampling;
mod score;
mod sequence;
mod step;
mod timings;

pub use assessor::Assessor;
pub use drawing::Doubt;
pub use generate::{CommentOptions, Stop, TextOptions, TextStream};
#[cfg(feature = "train")]
pub(crate) use load::HEAD;
pub use load::read_config;
pub use occlusion::{CELLS, Occlusion};
pub use picture::{Framing, Picture};
pub use sampling::Sampling;
pub use score::{Assessment, Score};
pub use timings::{Counters, Timings};
