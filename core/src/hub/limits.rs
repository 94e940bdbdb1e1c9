//! How long to wait and how often to try again.

use std::time::Duration;

use super::go_on::GoOn;
use super::{HubError, ModelId};

/// Bounds on waiting and retrying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Retries in a row without a new byte before giving up.
    pub retries: u32,
    /// Pause before the first retry; it doubles with each further one.
    pub backoff: Duration,
    /// Longest pause, also where the server's `Retry-After` asks for more.
    pub longest_pause: Duration,
    /// Longest wait for a connection, and for a host name's address.
    pub connect: Duration,
    /// Longest wait for the next bytes of an answer.
    pub stall: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            retries: 5,
            backoff: Duration::from_millis(500),
            longest_pause: Duration::from_secs(60),
            connect: Duration::from_secs(10),
            stall: Duration::from_secs(30),
        }
    }
}

impl Limits {
    /// The pause after so many failures in a row before this one, or the one that the server asks for.
    fn pause(&self, failures: u32, asked: Option<Duration>) -> Duration {
        let own = self.backoff.saturating_mul(2_u32.saturating_pow(failures));
        asked.unwrap_or(own).min(self.longest_pause)
    }
}

/// A failed attempt.
pub(super) enum Failure {
    /// Worth another try, after the pause that the server asks for, if it does.
    Again(HubError, Option<Duration>),
    /// Another try would meet the same.
    Final(HubError),
}

impl From<HubError> for Failure {
    fn from(error: HubError) -> Self {
        Self::Final(error)
    }
}

/// Counts failures in a row and pauses between attempts.
pub(super) struct Patience<'a> {
    limits: Limits,
    go_on: &'a GoOn,
    id: &'a ModelId,
    failures: u32,
}

impl<'a> Patience<'a> {
    pub(super) const fn new(limits: Limits, go_on: &'a GoOn, id: &'a ModelId) -> Self {
        Self { limits, go_on, id, failures: 0 }
    }

    /// Starts counting anew: something was gained.
    pub(super) fn renew(&mut self) {
        self.failures = 0;
    }

    /// Pauses before the next attempt.
    ///
    /// # Errors
    /// The failure itself when it is final or the retries are used up, or that nobody waits any more.
    pub(super) fn pause_after(&mut self, failure: Failure) -> Result<(), HubError> {
        let (error, asked) = match failure {
            Failure::Final(error) => return Err(error),
            Failure::Again(error, _) if self.failures >= self.limits.retries => return Err(error),
            Failure::Again(error, asked) => (error, asked),
        };
        let pause = self.limits.pause(self.failures, asked);
        self.failures += 1;
        log::warn!("{error}; attempt {} in {pause:.1?}", self.failures + 1);
        self.go_on.pause(pause, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let limits = Limits::default();
        assert_eq!(limits.pause(0, None), Duration::from_millis(500));
        assert_eq!(limits.pause(3, None), Duration::from_secs(4));
        assert_eq!(limits.pause(40, None), Duration::from_secs(60));
    }

    #[test]
    fn the_servers_wish_counts_within_bounds() {
        let pause = |seconds| Limits::default().pause(0, Some(Duration::from_secs(seconds)));
        assert_eq!(pause(7), Duration::from_secs(7));
        assert_eq!(pause(9999), Duration::from_secs(60));
    }

    #[test]
    fn patience_ends_after_the_retries_and_is_renewed_by_gains() {
        let limits = Limits { retries: 1, backoff: Duration::ZERO, ..Limits::default() };
        let (go_on, id) = (GoOn::default(), "owner/name".parse().unwrap());
        let mut patience = Patience::new(limits, &go_on, &id);
        let failure = || Failure::Again(HubError::NoHome, None);
        assert!(patience.pause_after(failure()).is_ok());
        assert!(patience.pause_after(failure()).is_err());
        patience.renew();
        assert!(patience.pause_after(failure()).is_ok());
        assert!(patience.pause_after(Failure::Final(HubError::NoHome)).is_err());
        let go_on = GoOn::new(std::sync::Arc::new(|| false));
        let stopped = Patience::new(limits, &go_on, &id).pause_after(failure());
        assert!(matches!(stopped, Err(HubError::Stopped { .. })));
    }
}
