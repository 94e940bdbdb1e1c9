//! Whether what was begun is still wanted.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::{HubError, ModelId};

/// The longest pause between two questions.
const STEP: Duration = Duration::from_millis(50);

/// Asks whoever began it; without one it is wanted.
#[derive(Clone, Default)]
pub(super) struct GoOn(Option<Arc<dyn Fn() -> bool + Send + Sync>>);

impl GoOn {
    pub(super) fn new(ask: Arc<dyn Fn() -> bool + Send + Sync>) -> Self {
        Self(Some(ask))
    }

    /// # Errors
    /// [`HubError::Stopped`] where it is not.
    pub(super) fn check(&self, id: &ModelId) -> Result<(), HubError> {
        match &self.0 {
            Some(ask) if !ask() => Err(HubError::Stopped { model: id.to_string() }),
            _ => Ok(()),
        }
    }

    /// Waits as long as it is wanted.
    ///
    /// # Errors
    /// As [`GoOn::check`].
    pub(super) fn pause(&self, pause: Duration, id: &ModelId) -> Result<(), HubError> {
        let end = Instant::now() + pause;
        loop {
            self.check(id)?;
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(left.min(STEP));
        }
    }
}
