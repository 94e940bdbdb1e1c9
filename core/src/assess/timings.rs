//! What an assessor did, and how long it took.

use std::time::Duration;

use burn::tensor::Device;
use web_time::Instant;

/// How long the stages of the last assessment took. Without
/// [`LoadOptions::timings`](crate::LoadOptions::timings) the device runs behind the host, and a
/// stage's work may be counted in a later one; the sum is right all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timings {
    /// Bringing the picture to the model's shape.
    pub prepare: Duration,
    /// The vision tower.
    pub vision: Duration,
    /// The decoder over all prompts.
    pub language: Duration,
    /// The head and reading the result back.
    pub head: Duration,
}

/// How often the parts of the model ran since loading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Pictures through the vision tower.
    pub vision_passes: usize,
    /// Batches through the decoder, generated tokens included.
    pub language_passes: usize,
    /// Rows of those batches.
    pub language_rows: usize,
    /// Passes through the head, or its five rows.
    pub head_passes: usize,
}

/// Measures one stage after another.
pub(crate) struct Stopwatch<'a> {
    device: &'a Device,
    wait: bool,
    start: Instant,
}

impl<'a> Stopwatch<'a> {
    /// Starts; with `wait`, every lap waits for the device.
    pub(crate) fn start(device: &'a Device, wait: bool) -> Self {
        Self { device, wait, start: Instant::now() }
    }

    /// The time since the last lap.
    pub(crate) fn lap(&mut self) -> Duration {
        if self.wait {
            crate::device::settle(self.device);
        }
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut self.start, now))
    }
}
