//! What a run leaves on the disk: files that are whole or not there, a log of its steps, event
//! files for TensorBoard, curves, and a model card.

pub mod atomic;
pub mod curves;
mod error;
pub mod metrics_log;
pub mod model_card;
pub mod tensorboard;

pub use atomic::{clear_aside, recover_folder, replace_folder, write_atomic};
pub use curves::curves_svg;
pub use error::OutputError;
pub use metrics_log::{EvalRecord, MetricsLog, StepRecord};
pub use model_card::{DataCounts, ModelCard, Scores};
pub use tensorboard::EventWriter;
