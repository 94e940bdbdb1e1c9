//! How many steps, and the learning rate of each.

use super::TrainSettings;

impl TrainSettings {
    /// Optimiser steps in all: `max_steps` where it is set, else those of all epochs over this
    /// many rows, a last incomplete step of an epoch included.
    pub fn total_steps(&self, rows: usize) -> u64 {
        self.max_steps.unwrap_or_else(|| self.steps_per_epoch(rows).saturating_mul(self.epochs))
    }

    /// Optimiser steps in one pass over this many rows.
    pub fn steps_per_epoch(&self, rows: usize) -> u64 {
        rows.div_ceil(self.batch_size.max(1)).div_ceil(self.accumulation.max(1)) as u64
    }

    /// The learning rate of optimiser step `step`, counted from 0: up from 0 over the warm-up,
    /// then down to 0 at `total_steps`, both in a straight line (transformers' linear schedule).
    pub fn schedule(&self, step: u64, total_steps: u64) -> f64 {
        let warmup = self.warmup_steps;
        let share = if step < warmup {
            step as f64 / warmup as f64
        } else {
            let left = total_steps.saturating_sub(step);
            left as f64 / total_steps.saturating_sub(warmup).max(1) as f64
        };
        self.learning_rate * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls_in_straight_lines() {
        let settings =
            TrainSettings { learning_rate: 1.0, warmup_steps: 4, ..TrainSettings::default() };
        let rates: Vec<f64> = (0..=12).map(|step| settings.schedule(step, 10)).collect();
        let fall = |left: f64| left / 6.0;
        let expected = [
            0.0,
            0.25,
            0.5,
            0.75,
            1.0,
            fall(5.0),
            fall(4.0),
            fall(3.0),
            fall(2.0),
            fall(1.0),
            0.0,
            0.0,
            0.0,
        ];
        assert_eq!(rates, expected);
    }

    #[test]
    fn runs_without_warmup_or_shorter_than_it_have_rates_too() {
        let none = TrainSettings { warmup_steps: 0, ..TrainSettings::default() };
        assert_eq!(none.schedule(0, 10), 1e-5);
        let long = TrainSettings::default();
        assert_eq!(long.schedule(50, 60), 0.5e-5);
        assert_eq!(long.schedule(100, 60), 0.0);
    }

    #[test]
    fn steps_are_rounded_up_within_an_epoch() {
        let settings = TrainSettings::default();
        assert_eq!(settings.steps_per_epoch(851), 54);
        assert_eq!(settings.total_steps(851), 5400);
        assert_eq!(settings.total_steps(16), 100);
        assert_eq!(settings.total_steps(17), 200);
        let short = TrainSettings { max_steps: Some(12), ..settings };
        assert_eq!(short.total_steps(851), 12);
    }
}
