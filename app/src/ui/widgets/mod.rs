//! What screens are made of.

mod button;
mod check;
mod choice;
mod field;
mod frame;
mod icon;
mod layout;
mod question;
mod slider;
mod words;

pub use button::{Button, ring};
pub use check::check;
pub use choice::choice;
pub use field::{field, lines};
pub use frame::crop_frame;
pub use icon::{Icon, paint as paint_icon};
pub use layout::{Column, card, centered, page, row, split, wash};
pub use question::question;
pub use slider::slider;
pub use words::{body, heading, icon_section, large, muted, section, small};
