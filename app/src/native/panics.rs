//! What a panic said.

use std::any::Any;

/// The first line of it; `None` where it said no words.
#[must_use]
pub fn panic_line(panic: &(dyn Any + Send)) -> Option<&str> {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied())?;
    Some(words.lines().next().unwrap_or_default())
}
