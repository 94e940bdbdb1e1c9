//! Training as the command line and the window share it: [`run`] is what `easel train` and the Train
//! tab both call, so that either goes on with what the other began.

mod card;
mod curves;
mod data;
mod memory;
mod place;
mod predict;
mod protocol;
mod run;

pub use curves::{Curve, Tail};
pub use data::{DataFiles, Sheets, dataset};
pub use memory::{Planned, planned};
pub use place::{remember, remembered};
pub(crate) use predict::only;
pub use predict::predict;
pub use protocol::{
    Ask, Base, Checked, Desk, Found, Jobs, Judged, Memory, PickedRow, Scores, State, Tell, Wanted,
};
pub use run::{Order, Told, run};
